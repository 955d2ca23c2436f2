// Work waits in its stream until something needs it, so what nobody waits for has not happened. Clocks tell what is
// ordered before what; work on one word that nothing orders is a race.
#include "state.h"

#include <algorithm>

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
void orderAfter(Stream *stream, const Clock &clock) { join(stream->clock, clock); }

// The least number that no stream has; what an earlier one of that number did is over.
void numberStream(Stream *stream) {
  std::set<int> taken;
  for (Stream *other : state.streams) taken.insert(other->number);
  stream->number = settings.devices;
  while (taken.count(stream->number)) stream->number++;
  set(stream->clock, stream->number, at(executed, stream->number));
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
    abandonCapture(stream);
    hostWaits(stream->clock);
  }
  for (Event *event : state.events) {
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
