// What tests see and steer; product code knows none of these names.
#include <algorithm>

#include "state.h"

#define CONTROL std::lock_guard<std::recursive_mutex> lock(state.mutex); readSettings()

static int copyText(const string &text, char *out, int size) {
  snprintf(out, size, "%s", text.c_str());
  return (int)text.size();
}

STANDIN_API void standin_fail(const char *plan) {
  CONTROL;
  planFailures(plan);
}
// Puts the machine back on its feet: no error, no work, no capture, no plan, no report. Objects stay as they are.
STANDIN_API void standin_revive() {
  CONTROL;
  state.sticky = 0;
  state.failures.clear();
  dropAllWork();
  state.report.clear();
}
STANDIN_API int standin_report(char *out, int size) {
  CONTROL;
  return copyText(state.report, out, size);
}
STANDIN_API void standin_forget_report() {
  CONTROL;
  state.report.clear();
}
STANDIN_API void standin_counts(u64 *out) {
  CONTROL;
  u64 pending = 0, retained = 0;
  for (Stream *stream : state.legacy) pending += stream->queue.size();
  for (Stream *stream : state.streams) pending += stream->queue.size();
  for (int count : state.retained) retained += count;
  u64 counts[] = {state.allInUse, state.blocks.size(), state.peak, state.allocations, state.pinned.size(), state.streams.size(),
                  state.events.size(), state.modules.size(), state.graphs.size(), state.executables.size(),
                  state.programs.size(), state.handles.size(), retained, pending, state.kernels, state.threads,
                  state.allCalls, (u64)state.sticky};
  memcpy(out, counts, sizeof counts);
}
STANDIN_API u64 standin_calls(const char *name) {
  CONTROL;
  auto found = state.calls.find(name);
  return found == state.calls.end() ? 0 : found->second;
}
STANDIN_API void standin_order(int order) {
  CONTROL;
  state.order = order;
  dice.seed(order);
}
STANDIN_API void standin_trace(int on) {
  CONTROL;
  state.tracing = on;
  state.trace.clear();
}
STANDIN_API int standin_trace_text(char *out, int size) {
  CONTROL;
  string text;
  for (const string &name : state.trace) text += name + "\n";
  return copyText(text, out, size);
}
// Without checks programs are compiled without hooks, and modules that have them only look at bounds.
STANDIN_API void standin_checks(int on) {
  CONTROL;
  settings.checked = on;
  runtime.races = runtime.uninitialised = on;
}
// Says what a range within a block is from now on: 0 out of bounds, 1 never written, 3 written. For tests whose own heap
// divides one large block.
STANDIN_API int standin_mark(Address at, u64 bytes, int shadow) {
  CONTROL;
  u64 place = at - (Address)runtime.heap;
  auto next = state.blocks.upper_bound(place);
  if (next == state.blocks.begin()) return invalidValue;
  auto block = std::prev(next);
  if (place + bytes > block->first + block->second.bytes) return invalidValue;
  memset(runtime.heapShadow + place, shadow & 3, bytes);
  return success;
}
