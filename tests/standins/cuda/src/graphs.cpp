// Capture of streams into graphs, and graphs that run. A graph keeps what each node comes after.
#include <algorithm>

#include "state.h"

static void forgetGraph(Graph *graph) {
  for (auto &node : graph->nodes) state.nodes.erase(node.get());
  delete graph;
}

// Takes every stream and event out of a capture.
static void leaveCapture(const std::shared_ptr<Capture> &capture) {
  for (Stream *stream : state.streams) {
    if (stream->capture != capture) continue;
    stream->capture = nullptr;
    stream->frontier.clear();
  }
  for (Event *event : state.events) {
    if (event->capture != capture) continue;
    event->capture = nullptr;
    event->frontier.clear();
    event->mark = nullptr;
  }
}
void abandonCapture(Stream *stream) {
  auto capture = stream->capture;
  if (!capture) return;
  if (capture->origin != stream) {
    capture->broken = true;
    return;
  }
  leaveCapture(capture);
  forgetGraph(capture->graph);
}

STANDIN_API int cuStreamBeginCapture_v2(void *handle, int mode) {
  DRIVER(cuStreamBeginCapture_v2, needContext);
  Stream *stream = streamOf(handle);
  if (!stream) return invalidHandle;
  if (mode < 0 || mode > 2) return invalidValue;
  if (stream == state.legacy[stream->device]) {
    say("cuStreamBeginCapture: the legacy stream cannot be captured");
    return captureUnsupported;
  }
  if (stream->capture) return illegalState;
  stream->capture = std::make_shared<Capture>();
  stream->capture->graph = new Graph;
  stream->capture->origin = stream;
  stream->capture->mode = mode;
  stream->capture->owner = std::this_thread::get_id();
  stream->frontier.clear();
  return success;
}

// Whether every node leads to where the capture ends.
static bool allJoined(const Graph &graph, const std::set<Node *> &end) {
  std::set<Node *> reached;
  vector<Node *> open(end.begin(), end.end());
  while (!open.empty()) {
    Node *node = open.back();
    open.pop_back();
    if (!reached.insert(node).second) continue;
    open.insert(open.end(), node->after.begin(), node->after.end());
  }
  return reached.size() == graph.nodes.size();
}

STANDIN_API int cuStreamEndCapture(void *handle, void **out) {
  DRIVER_FREES(cuStreamEndCapture, needContext);
  Stream *stream = streamOf(handle);
  if (!stream) return invalidHandle;
  *out = nullptr;
  auto capture = stream->capture;
  if (!capture) return injected ? injected : (int)illegalState;
  if (capture->origin != stream) return captureUnmatched;
  if (capture->mode != 2 && capture->owner != std::this_thread::get_id()) return captureWrongThread;
  bool joined = allJoined(*capture->graph, stream->frontier), broken = capture->broken;
  leaveCapture(capture);
  if (broken || !joined || injected || state.sticky) {
    forgetGraph(capture->graph);
    return injected ? injected : state.sticky ? state.sticky : broken ? captureInvalidated : captureUnjoined;
  }
  state.graphs.insert(capture->graph);
  *out = capture->graph;
  return success;
}
STANDIN_API int cuStreamIsCapturing(void *handle, int *status) {
  DRIVER(cuStreamIsCapturing, needContext);
  Stream *stream = streamOf(handle);
  if (!stream) return invalidHandle;
  *status = !stream->capture ? 0 : stream->capture->broken ? 2 : 1;
  return success;
}
STANDIN_API int cuThreadExchangeStreamCaptureMode(int *mode) {
  DRIVER(cuThreadExchangeStreamCaptureMode, needNothing);
  static thread_local int mine = 0;
  if (*mode < 0 || *mode > 2) return invalidValue;
  std::swap(mine, *mode);
  return success;
}

static void copyNodes(const Graph &graph, Executable &executable) {
  executable.nodes = std::make_shared<vector<Node>>();
  executable.after.clear();
  executable.origins.clear();
  std::map<const Node *, int> places;
  for (auto &node : graph.nodes) {
    places[node.get()] = (int)executable.nodes->size();
    executable.nodes->push_back(*node);
    executable.origins.push_back(node.get());
    vector<int> after;
    for (Node *before : node->after) after.push_back(places[before]);
    executable.after.push_back(after);
  }
}
STANDIN_API int cuGraphInstantiateWithFlags(void **out, void *handle, u64) {
  DRIVER(cuGraphInstantiateWithFlags, needContext);
  Graph *graph = (Graph *)handle;
  if (!state.graphs.count(graph)) return invalidHandle;
  Executable *executable = new Executable;
  copyNodes(*graph, *executable);
  state.executables.insert(executable);
  *out = executable;
  return success;
}
STANDIN_API int cuGraphUpload(void *handle, void *streamHandle) {
  DRIVER(cuGraphUpload, needContext);
  return state.executables.count((Executable *)handle) && streamOf(streamHandle) ? success : invalidHandle;
}
STANDIN_API int cuGraphLaunch(void *handle, void *streamHandle) {
  DRIVER(cuGraphLaunch, needContext);
  Executable *executable = (Executable *)handle;
  Stream *stream = streamOf(streamHandle);
  if (!state.executables.count(executable) || !stream) return invalidHandle;
  auto nodes = executable->nodes;
  if (!stream->capture) {
    for (const Node &node : *nodes) if (node.hostTo) memset(node.hostTo, 0xff, node.hostBytes);
  }
  auto after = std::make_shared<vector<vector<int>>>(executable->after);
  return submit(stream, "cuGraphLaunch", [nodes, after] { return runNodes(*nodes, *after); });
}
STANDIN_API int cuGraphExecDestroy(void *handle) {
  DRIVER_FREES(cuGraphExecDestroy, needContext);
  if (!state.executables.erase((Executable *)handle)) return invalidHandle;
  delete (Executable *)handle;
  return injected;
}
STANDIN_API int cuGraphDestroy(void *handle) {
  DRIVER_FREES(cuGraphDestroy, needContext);
  if (!state.graphs.erase((Graph *)handle)) return invalidHandle;
  forgetGraph((Graph *)handle);
  return injected;
}
STANDIN_API int cuGraphGetNodes(void *handle, void **out, size_t *count) {
  DRIVER(cuGraphGetNodes, needContext);
  Graph *graph = (Graph *)handle;
  if (!state.graphs.count(graph)) return invalidHandle;
  size_t room = out ? *count : 0;
  *count = graph->nodes.size();
  for (size_t i = 0; i < std::min(room, *count); i++) out[i] = graph->nodes[i].get();
  return success;
}
STANDIN_API int cuGraphNodeGetType(void *node, int *type) {
  DRIVER(cuGraphNodeGetType, needContext);
  if (!state.nodes.count((Node *)node)) return invalidHandle;
  *type = ((Node *)node)->type;
  return success;
}

struct KernelParameters {
  void *function;
  u32 grid[3], block[3], sharedBytes;
  void **parameters, **extra;
};
static int setParameters(void *handle, void *node, const KernelParameters &given) {
  Executable *executable = (Executable *)handle;
  Function *function = (Function *)given.function;
  if (!state.executables.count(executable) || !state.functions.count(function)) return invalidHandle;
  auto found = std::find(executable->origins.begin(), executable->origins.end(), (const Node *)node);
  if (found == executable->origins.end()) return invalidValue;
  size_t place = found - executable->origins.begin();
  if (!(*executable->nodes)[place].function) return invalidValue;
  Node changed = (*executable->nodes)[place];
  changed.function = function;
  memcpy(changed.grid, given.grid, 12);
  memcpy(changed.block, given.block, 12);
  changed.sharedBytes = given.sharedBytes;
  if (int wrong = checkLaunch(changed)) return wrong;
  if (int wrong = packArguments(changed, given.parameters, given.extra)) return wrong;
  executable->nodes = std::make_shared<vector<Node>>(*executable->nodes);  // launches that wait keep the old ones
  (*executable->nodes)[place] = changed;
  return success;
}
STANDIN_API int cuGraphExecKernelNodeSetParams(void *executable, void *node, const KernelParameters *given) {
  DRIVER(cuGraphExecKernelNodeSetParams, needContext);
  return setParameters(executable, node, *given);
}
STANDIN_API int cuGraphExecKernelNodeSetParams_v2(void *executable, void *node, const KernelParameters *given) {
  DRIVER(cuGraphExecKernelNodeSetParams_v2, needContext);
  return setParameters(executable, node, *given);
}

struct UpdateInfo {
  int result;
  void *node, *from;
};
STANDIN_API int cuGraphExecUpdate_v2(void *handle, void *graphHandle, UpdateInfo *info) {
  DRIVER(cuGraphExecUpdate_v2, needContext);
  Executable *executable = (Executable *)handle;
  Graph *graph = (Graph *)graphHandle;
  if (!state.executables.count(executable) || !state.graphs.count(graph)) return invalidHandle;
  const int topologyChanged = 2, typeChanged = 3;
  Executable updated;
  copyNodes(*graph, updated);
  *info = {0, nullptr, nullptr};
  if (updated.after != executable->after) info->result = topologyChanged;
  for (size_t i = 0; !info->result && i < updated.nodes->size(); i++) {
    if ((*updated.nodes)[i].type == (*executable->nodes)[i].type) continue;
    *info = {typeChanged, nullptr, graph->nodes[i].get()};
  }
  if (info->result) return graphUpdateFailed;
  executable->nodes = updated.nodes;
  return success;
}
