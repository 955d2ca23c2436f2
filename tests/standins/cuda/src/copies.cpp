// Copies and fills. Pinned memory is read when the copy runs and poisoned until it was written; other host memory is
// staged at the call, or waited for.
#include "state.h"

static int copyIn(Address to, const void *from, u64 bytes, const char *name) {
  if (int wrong = touchSpan(to, bytes, name, toWrite)) return wrong;
  memcpy((void *)to, from, bytes);
  return success;
}
static int copyOut(void *to, Address from, u64 bytes, const char *name) {
  if (int wrong = touchSpan(from, bytes, name, toCopy)) return wrong;
  memcpy(to, (void *)from, bytes);
  return success;
}

STANDIN_API int cuMemcpyHtoD_v2(Address to, const void *from, size_t bytes) {
  DRIVER(cuMemcpyHtoD_v2, needContext);
  if (int refused = refuseInCapture("cuMemcpyHtoD")) return refused;
  if (int wrong = checkSpan(to, bytes, "cuMemcpyHtoD", false)) return wrong;
  return runNow("cuMemcpyHtoD", [=] { return copyIn(to, from, bytes, "cuMemcpyHtoD"); });
}
STANDIN_API int cuMemcpyDtoH_v2(void *to, Address from, size_t bytes) {
  DRIVER(cuMemcpyDtoH_v2, needContext);
  if (int refused = refuseInCapture("cuMemcpyDtoH")) return refused;
  if (int wrong = checkSpan(from, bytes, "cuMemcpyDtoH", false)) return wrong;
  return runNow("cuMemcpyDtoH", [=] { return copyOut(to, from, bytes, "cuMemcpyDtoH"); });
}
STANDIN_API int cuMemcpyHtoDAsync_v2(Address to, const void *from, size_t bytes, void *handle) {
  DRIVER(cuMemcpyHtoDAsync_v2, needContext);
  const char *name = "cuMemcpyHtoDAsync";
  Stream *stream = streamOf(handle);
  if (!stream) return invalidHandle;
  if (int wrong = checkSpan(to, bytes, name, false)) return wrong;
  if (isPinned(from, bytes)) return submit(stream, name, [=] { return copyIn(to, from, bytes, name); });
  if (stream->capture) {
    say("cuMemcpyHtoDAsync: a pageable host address was captured; a graph reads it again at every launch");
    return submit(stream, name, [=] { return copyIn(to, from, bytes, name); });
  }
  auto staged = std::make_shared<vector<char>>((const char *)from, (const char *)from + bytes);
  return submit(stream, name, [=] { return copyIn(to, staged->data(), bytes, name); });
}
STANDIN_API int cuMemcpyDtoHAsync_v2(void *to, Address from, size_t bytes, void *handle) {
  DRIVER(cuMemcpyDtoHAsync_v2, needContext);
  const char *name = "cuMemcpyDtoHAsync";
  Stream *stream = streamOf(handle);
  if (!stream) return invalidHandle;
  if (int wrong = checkSpan(from, bytes, name, false)) return wrong;
  bool pinned = isPinned(to, bytes), captured = stream->capture != nullptr;
  if (pinned && !captured) memset(to, 0xff, bytes);
  if (!pinned && captured) say("cuMemcpyDtoHAsync: a pageable host address was captured");
  std::unique_ptr<Node> node(new Node());
  if (pinned) node->hostTo = to, node->hostBytes = bytes;
  if (int wrong = submit(stream, name, [=] { return copyOut(to, from, bytes, name); }, std::move(node))) return wrong;
  if (pinned || captured) return success;
  hostWaits(stream->clock);
  return runStream(stream);
}
STANDIN_API int cuMemcpyDtoDAsync_v2(Address to, Address from, size_t bytes, void *handle) {
  DRIVER(cuMemcpyDtoDAsync_v2, needContext);
  const char *name = "cuMemcpyDtoDAsync";
  Stream *stream = streamOf(handle);
  if (!stream) return invalidHandle;
  if (int wrong = checkSpan(to, bytes, "cuMemcpyDtoDAsync, destination", false)) return wrong;
  if (int wrong = checkSpan(from, bytes, "cuMemcpyDtoDAsync, source", false)) return wrong;
  if (from < to + bytes && to < from + bytes) say("cuMemcpyDtoDAsync: the ranges overlap, which has no defined result");
  return submit(stream, name, [=] {
    if (int wrong = touchSpan(from, bytes, "cuMemcpyDtoDAsync, source", toCopy)) return wrong;
    u8 *shadow = runtime.heapShadow - (Address)runtime.heap;
    vector<u8> initialised(shadow + from, shadow + from + bytes);
    if (int wrong = touchSpan(to, bytes, "cuMemcpyDtoDAsync, destination", toWrite)) return wrong;
    memmove((void *)to, (void *)from, bytes);
    memcpy(shadow + to, initialised.data(), bytes);
    return (int)success;
  });
}

static int fill(const char *name, Address to, u64 bytes, void *handle, std::function<void()> write) {
  Stream *stream = streamOf(handle);
  if (!stream) return invalidHandle;
  if (int wrong = checkSpan(to, bytes, name, false)) return wrong;
  return submit(stream, name, [=] {
    if (int wrong = touchSpan(to, bytes, name, toWrite)) return wrong;
    write();
    return (int)success;
  });
}
STANDIN_API int cuMemsetD8Async(Address to, u8 value, size_t count, void *handle) {
  DRIVER(cuMemsetD8Async, needContext);
  return fill("cuMemsetD8Async", to, count, handle, [=] { memset((void *)to, value, count); });
}
STANDIN_API int cuMemsetD32Async(Address to, u32 value, size_t count, void *handle) {
  DRIVER(cuMemsetD32Async, needContext);
  if (to & 3) return invalidValue;
  return fill("cuMemsetD32Async", to, count * 4, handle, [=] {
    for (size_t i = 0; i < count; i++) ((u32 *)to)[i] = value;
  });
}
