// Events, which order streams and capture forks, and tell times.
#include <chrono>

#include "state.h"

STANDIN_API int cuEventCreate(void **out, u32 flags) {
  DRIVER(cuEventCreate, needContext);
  Event *event = new Event;
  event->timed = !(flags & 2);
  state.events.insert(event);
  *out = event;
  return success;
}
STANDIN_API int cuEventDestroy_v2(void *handle) {
  DRIVER_FREES(cuEventDestroy_v2, needContext);
  if (!state.events.count((Event *)handle)) return invalidHandle;
  state.events.erase((Event *)handle);
  delete (Event *)handle;
  return injected;
}
static Event *eventOf(void *handle) { return state.events.count((Event *)handle) ? (Event *)handle : nullptr; }

STANDIN_API int cuEventRecord(void *handle, void *streamHandle) {
  DRIVER(cuEventRecord, needContext);
  Event *event = eventOf(handle);
  Stream *stream = streamOf(streamHandle);
  if (!event || !stream) return invalidHandle;
  if (stream->capture) {
    if (stream->capture->broken) return captureInvalidated;
    event->capture = stream->capture;
    event->frontier = stream->frontier;
    return success;
  }
  auto mark = std::make_shared<Mark>();
  mark->stream = stream;
  event->capture = nullptr;
  event->mark = mark;
  int failed = submit(stream, "cuEventRecord", [mark] {
    mark->done = true;
    auto now = std::chrono::steady_clock::now().time_since_epoch();
    mark->milliseconds = std::chrono::duration<double, std::milli>(now).count();
    return (int)success;
  });
  mark->clock = stream->clock;
  return failed;
}
STANDIN_API int cuStreamWaitEvent(void *streamHandle, void *handle, u32) {
  DRIVER(cuStreamWaitEvent, needContext);
  Event *event = eventOf(handle);
  Stream *stream = streamOf(streamHandle);
  if (!event || !stream) return invalidHandle;
  if (event->capture) {
    if (stream->capture && stream->capture != event->capture) {
      stream->capture->broken = event->capture->broken = true;
      return captureMerge;
    }
    stream->capture = event->capture;
    stream->frontier.insert(event->frontier.begin(), event->frontier.end());
    return success;
  }
  if (stream->capture) {
    stream->capture->broken = true;
    return captureIsolation;
  }
  auto mark = event->mark;
  if (!mark) return success;
  orderAfter(stream, mark->clock);
  return submit(stream, "cuStreamWaitEvent", [mark] { return runUntil(mark); });
}
static int refuseCaptured(Event *event) {
  if (!event->capture) return success;
  event->capture->broken = true;
  return capturedEvent;
}
STANDIN_API int cuEventSynchronize(void *handle) {
  DRIVER(cuEventSynchronize, needContext);
  Event *event = eventOf(handle);
  if (!event) return invalidHandle;
  if (int refused = refuseCaptured(event)) return refused;
  if (!event->mark) return success;
  runUntil(event->mark);
  hostWaits(event->mark->clock);
  return state.sticky;
}
STANDIN_API int cuEventQuery(void *handle) {
  DRIVER(cuEventQuery, needContext);
  Event *event = eventOf(handle);
  if (!event) return invalidHandle;
  if (int refused = refuseCaptured(event)) return refused;
  if (!event->mark) return success;
  if (event->mark->done) {
    hostWaits(event->mark->clock);
    return success;
  }
  int failed = runUntil(event->mark);
  return failed ? failed : notReady;
}
static int elapsed(float *milliseconds, void *from, void *to) {
  Event *start = eventOf(from), *end = eventOf(to);
  if (!start || !end || !start->mark || !end->mark || !start->timed || !end->timed) return invalidHandle;
  if (!start->mark->done || !end->mark->done) return notReady;
  *milliseconds = (float)(end->mark->milliseconds - start->mark->milliseconds);
  return success;
}
STANDIN_API int cuEventElapsedTime(float *milliseconds, void *from, void *to) {
  DRIVER(cuEventElapsedTime, needContext);
  return elapsed(milliseconds, from, to);
}
STANDIN_API int cuEventElapsedTime_v2(float *milliseconds, void *from, void *to) {
  DRIVER(cuEventElapsedTime_v2, needContext);
  return elapsed(milliseconds, from, to);
}
