// Streams: made, destroyed, waited for and asked.
#include "state.h"

static int refuseCapturing(Stream *stream, const char *what) {
  if (!stream->capture) return success;
  stream->capture->broken = true;
  say(format("%s is not allowed on a stream that is captured; the capture is lost", what));
  return captureUnsupported;
}

STANDIN_API int cuStreamCreate(void **out, u32 flags) {
  DRIVER(cuStreamCreate, needContext);
  if (flags > 1) return invalidValue;
  Stream *stream = new Stream;
  stream->blocking = !(flags & 1);
  stream->device = currentDevice;
  numberStream(stream);
  state.streams.insert(stream);
  *out = stream;
  return success;
}
STANDIN_API int cuStreamDestroy_v2(void *handle) {
  DRIVER_FREES(cuStreamDestroy_v2, needContext);
  auto found = state.streams.find((Stream *)handle);
  if (found == state.streams.end()) return invalidHandle;
  Stream *stream = *found;
  if (stream->capture) say("cuStreamDestroy: the stream is captured");
  abandonCapture(stream);
  runStream(stream);
  for (Event *event : state.events) if (event->mark && event->mark->stream == stream) event->mark->stream = nullptr;
  for (Blas *blas : state.handles) if (blas->stream == stream) blas->stream = (Stream *)-1;
  state.streams.erase(found);
  delete stream;
  return injected;
}
STANDIN_API int cuStreamSynchronize(void *handle) {
  DRIVER(cuStreamSynchronize, needContext);
  Stream *stream = streamOf(handle);
  if (!stream) return invalidHandle;
  if (int refused = refuseCapturing(stream, "cuStreamSynchronize")) return refused;
  if (stream == state.legacy[stream->device]) {
    runBlocking();
    for (Stream *other : state.streams) if (other->blocking) hostWaits(other->clock);
  }
  runStream(stream);
  hostWaits(stream->clock);
  return state.sticky;
}
// The first question finds the work unfinished, the second one done.
STANDIN_API int cuStreamQuery(void *handle) {
  DRIVER(cuStreamQuery, needContext);
  Stream *stream = streamOf(handle);
  if (!stream) return invalidHandle;
  if (int refused = refuseCapturing(stream, "cuStreamQuery")) return refused;
  if (stream->queue.empty()) {
    hostWaits(stream->clock);
    return success;
  }
  int failed = runStream(stream);
  return failed ? failed : notReady;
}
