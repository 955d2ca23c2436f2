// Streams and events. Work waits in its stream until something needs it, so what nobody waits for has not happened.
// Clocks tell what is ordered before what; work on one word that nothing orders is a race.
#include "state.h"

#include <algorithm>
#include <chrono>

static Clock hostClock;
struct Launch {
  int stream;
  u64 position;
};
static Launch launches[glLaunchMask + 1];
static u8 unorderedLaunches[glLaunchMask + 1];
static u32 lastLaunch = 0;
static Clock executed;              // by stream number: the position of the last work that ran
static const Work *running = nullptr;
static int runningStream = 0;

static void join(Clock &into, const Clock &other) {
  if (into.size() < other.size()) into.resize(other.size());
  for (size_t i = 0; i < other.size(); i++) into[i] = std::max(into[i], other[i]);
}
static u64 at(const Clock &clock, int number) { return (size_t)number < clock.size() ? clock[number] : 0; }
static void set(Clock &clock, int number, u64 value) {
  if (clock.size() <= (size_t)number) clock.resize(number + 1);
  clock[number] = value;
}
void hostWaits(const Clock &clock) { join(hostClock, clock); }

int numberForStream() {
  std::set<int> taken;
  for (Stream *stream : state.streams) taken.insert(stream->number);
  int number = settings.devices;
  while (taken.count(number)) number++;
  return number;
}

void clearRecords();

void beginLaunch() {
  if (++lastLaunch > glLaunchMask) {
    clearRecords();
    memset(launches, 0, sizeof launches);
    lastLaunch = 1;
  }
  u64 position = running ? at(running->clock, runningStream) : 0;
  launches[lastLaunch] = {runningStream, position};
  runtime.tag = lastLaunch;
  runtime.unordered = nullptr;
  if (!running || !runtime.races) return;
  for (size_t other = 0; other < executed.size(); other++) {
    if ((int)other == runningStream || at(running->clock, other) >= executed[other]) continue;
    for (u32 i = 0; i <= glLaunchMask; i++) {
      unorderedLaunches[i] = launches[i].stream != runningStream && launches[i].position > at(running->clock, launches[i].stream);
    }
    runtime.unordered = unorderedLaunches;
    return;
  }
}

void setConcurrent(u32 launch) {
  if (!runtime.races) return;
  if (!runtime.unordered) memset(unorderedLaunches, 0, sizeof unorderedLaunches);
  runtime.unordered = unorderedLaunches;
  unorderedLaunches[launch] = 1;
}

static int runOne(Stream *stream) {
  Work work = std::move(stream->queue.front());
  stream->queue.pop_front();
  if (state.sticky) return state.sticky;
  const Work *outer = running;
  int outerStream = runningStream;
  running = &work;
  runningStream = stream->number;
  beginLaunch();
  int failed = work.run();
  set(executed, stream->number, std::max(at(executed, stream->number), at(work.clock, stream->number)));
  running = outer;
  runningStream = outerStream;
  if (failed && !state.sticky) {
    state.sticky = failed;
    say(format("%s failed with %d; the context is dead from here on", work.name, failed));
  }
  return state.sticky;
}
int runStream(Stream *stream, size_t keep) {
  while (stream->queue.size() > keep) runOne(stream);
  return state.sticky;
}
int runUntil(const std::shared_ptr<Mark> &mark) {
  while (!mark->done && mark->stream && mark->stream->queue.size()) runOne(mark->stream);
  return state.sticky;
}
int runAll() {
  for (Stream *stream : state.legacy) {
    runStream(stream);
    hostWaits(stream->clock);
  }
  for (Stream *stream : state.streams) {
    runStream(stream);
    hostWaits(stream->clock);
  }
  return state.sticky;
}
// What the legacy stream waits for: itself and every stream that was not made non-blocking.
int runBlocking() {
  runStream(state.legacy[currentDevice]);
  for (Stream *stream : state.streams) if (stream->blocking) runStream(stream);
  return state.sticky;
}
void dropAllWork() {
  for (Stream *stream : state.legacy) stream->queue.clear();
  for (Stream *stream : state.streams) {
    stream->queue.clear();
    if (stream->capture && stream->capture->origin == stream) delete stream->capture->graph;
    stream->capture = nullptr;
    stream->frontier.clear();
    hostWaits(stream->clock);
  }
  for (Event *event : state.events) {
    event->capture = nullptr;
    if (event->mark) event->mark->done = true;
  }
}

Stream *streamOf(void *handle) {
  if (!handle || handle == (void *)1) return state.legacy[currentDevice];
  auto found = state.streams.find((Stream *)handle);
  return found == state.streams.end() ? nullptr : *found;
}

static void enqueue(Stream *stream, const char *name, std::function<int()> run) {
  join(stream->clock, hostClock);
  set(stream->clock, stream->number, at(stream->clock, stream->number) + 1);
  stream->queue.push_back({name, std::move(run), stream->clock});
  if (stream->queue.size() > 1024) runStream(stream, 512);
}

int submit(Stream *stream, const char *name, std::function<int()> run, std::unique_ptr<Node> node) {
  if (stream->capture) {
    if (stream->capture->broken) return captureInvalidated;
    if (!node) node.reset(new Node());
    if (!node->function) {
      node->type = !strncmp(name, "cuMemset", 8) ? 2 : !strncmp(name, "cuMemcpy", 8) ? 1 : !strncmp(name, "cuGraph", 7) ? 4 : 0;
      node->work = std::move(run);
    }
    node->name = name;
    node->after.assign(stream->frontier.begin(), stream->frontier.end());
    stream->frontier = {node.get()};
    state.nodes.insert(node.get());
    stream->capture->graph->nodes.push_back(std::move(node));
    return success;
  }
  if (stream == state.legacy[stream->device]) {
    for (Stream *other : state.streams) {
      if (!other->blocking) continue;
      if (other->capture) {
        other->capture->broken = true;
        return captureImplicit;
      }
      runStream(other);
      join(stream->clock, other->clock);
    }
  } else if (stream->blocking) {
    runStream(state.legacy[stream->device]);
    join(stream->clock, state.legacy[stream->device]->clock);
  }
  enqueue(stream, name, std::move(run));
  return state.sticky;
}

int runNow(const char *name, std::function<int()> run) {
  if (int failed = runBlocking()) return failed;
  Stream *legacy = state.legacy[currentDevice];
  if (int failed = submit(legacy, name, std::move(run))) return failed;
  hostWaits(legacy->clock);
  return runStream(legacy);
}

int refuseInCapture(const char *what) {
  bool refused = false;
  for (Stream *stream : state.streams) {
    Capture *capture = stream->capture.get();
    if (!capture || capture->mode == 2) continue;
    if (capture->mode == 1 && capture->owner != std::this_thread::get_id()) continue;
    capture->broken = true;
    refused = true;
  }
  if (refused) say(format("%s is not allowed while a stream is captured; the capture is lost", what));
  return refused ? captureUnsupported : success;
}
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
  stream->number = numberForStream();
  set(stream->clock, stream->number, at(executed, stream->number));
  state.streams.insert(stream);
  *out = stream;
  return success;
}
STANDIN_API int cuStreamDestroy_v2(void *handle) {
  DRIVER_FREES(cuStreamDestroy_v2, needContext);
  auto found = state.streams.find((Stream *)handle);
  if (found == state.streams.end()) return invalidHandle;
  Stream *stream = *found;
  if (stream->capture) {
    stream->capture->broken = true;
    say("cuStreamDestroy: the stream is captured");
  }
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
  join(stream->clock, mark->clock);
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
