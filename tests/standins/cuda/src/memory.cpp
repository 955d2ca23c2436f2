// Device memory: one reserved range with a shadow byte per byte and records of accesses. Addresses are given
// out in rising order, so that freed ones stay dead for long; fresh memory is NaN.
#include "state.h"

#include <sys/mman.h>
#include <algorithm>

static const u64 grain = 512;
static u64 nextPlace = grain;

static void *reserve(u64 bytes) {
  void *at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return at == MAP_FAILED ? nullptr : at;
}

bool reserveMemory() {
  if (runtime.heap) return true;
  for (u64 size = 16ull << 30; size >= 2 * settings.memory && size >= 1ull << 30; size /= 2) {
    void *heap = reserve(size), *shadow = reserve(size), *records = reserve(size * 4);
    void *byteRecords = reserve(size * sizeof(GlRecord));
    if (heap && shadow && records && byteRecords) {
      runtime.heap = (char *)heap;
      runtime.heapSize = size;
      runtime.heapShadow = (u8 *)shadow;
      runtime.heapRecords = (GlRecord *)records;
      runtime.heapByteRecords = (GlRecord *)byteRecords;
      break;
    }
    if (heap) munmap(heap, size);
    if (shadow) munmap(shadow, size);
    if (records) munmap(records, size * 4);
    if (byteRecords) munmap(byteRecords, size * sizeof(GlRecord));
  }
  char *shared = (char *)reserve(sharedBytes), *shadow = (char *)reserve(sharedBytes);
  char *records = (char *)reserve(sharedBytes * 4);
  if (!runtime.heap || !shared || !shadow || !records) return false;
  runtime.shared = shared;
  runtime.sharedSize = sharedBytes;
  runtime.sharedShadow = (u8 *)shadow;
  runtime.sharedRecords = (GlRecord *)records;
  runtime.races = runtime.uninitialised = settings.checked;
  return true;
}

static u64 placeOf(Address at) { return at - (Address)runtime.heap; }

string describe(u64 place) {
  auto next = state.blocks.upper_bound(place);
  if (next == state.blocks.begin()) return "before every live block";
  auto block = std::prev(next);
  u64 inside = place - block->first, bytes = block->second.bytes;
  return format("%llu bytes into a live block of %llu bytes%s", inside, bytes, inside >= bytes ? " (past its end)" : "");
}

// Whole pages of a range go back to the system and read as zero from then on; the rest stays as it is.
static void release(void *from, u64 bytes) {
  u64 low = ((u64)from + 4095) & ~4095ull, high = ((u64)from + bytes) & ~4095ull;
  if (high > low) madvise((void *)low, high - low, MADV_DONTNEED);
}
static void releasePlaces(u64 place, u64 bytes) {
  release(runtime.heap + place, bytes);
  release(runtime.heapShadow + place, bytes);
  release(runtime.heapRecords + place / 4, bytes / 4 * sizeof(GlRecord));
  release(runtime.heapByteRecords + place, bytes * sizeof(GlRecord));
}
// Since freed places are not used again, their pages are given back, now and then and together.
static void sweep() {
  u64 from = 0;
  auto gap = [&](u64 to) {
    if (to >= from + (16 << 10)) releasePlaces(from, to - from);
  };
  for (auto &[place, block] : state.blocks) {
    gap(place);
    from = place + block.bytes;
  }
  gap(nextPlace);
}

static u64 roundUp(u64 bytes) { return (bytes + grain - 1) & ~(grain - 1); }

static int allocateBlock(Address *out, u64 bytes) {
  if (!bytes) return invalidValue;
  u64 &inUse = state.inUse[currentDevice];
  if (bytes > settings.memory || inUse + bytes > settings.memory) return outOfMemory;
  u64 step = roundUp(bytes + grain), place = nextPlace;
  if (place + step > runtime.heapSize) {
    place = grain;
    for (auto &[start, block] : state.blocks) {
      if (place + step <= start) break;
      place = roundUp(start + block.bytes + grain);
    }
    if (place + step > runtime.heapSize) return outOfMemory;
  }
  // A second time round, what is on record there is of others.
  static bool around = false;
  around |= place < nextPlace;
  if (around) {
    memset(runtime.heapRecords + place / 4, 0, (bytes + 3) / 4 * sizeof(GlRecord));
    memset(runtime.heapByteRecords + place, 0, bytes * sizeof(GlRecord));
  }
  nextPlace = place + step;
  static u64 sinceSweep = 0;
  if ((sinceSweep += step) > 16 << 20) {
    sinceSweep = 0;
    sweep();
  }
  state.blocks[place] = {bytes, currentDevice};
  inUse += bytes;
  state.allInUse += bytes;
  state.peak = std::max(state.peak, state.allInUse);
  state.allocations++;
  memset(runtime.heapShadow + place, glAddressable, bytes);
  if (bytes <= 64 << 20) memset(runtime.heap + place, 0xff, bytes);
  *out = (Address)runtime.heap + place;
  return success;
}

static void dropBlock(std::map<u64, Block>::iterator block) {
  auto [place, what] = *block;
  memset(runtime.heapShadow + place, 0, what.bytes);
  if (what.bytes >= 1 << 20) releasePlaces(place, what.bytes);
  state.inUse[what.device] -= what.bytes;
  state.allInUse -= what.bytes;
  state.blocks.erase(block);
}

int freeBlock(Address at) {
  if (!at) return success;
  auto block = state.blocks.find(placeOf(at));
  if (block == state.blocks.end()) {
    say("free of an address that is not the start of a live block (freed before?)");
    return invalidValue;
  }
  dropBlock(block);
  return success;
}

void forgetMemory(int device) {
  for (auto block = state.blocks.begin(); block != state.blocks.end();) {
    auto now = block++;
    if (now->second.device == device) dropBlock(now);
  }
  for (int count : state.retained) {
    if (count) return;
  }
  // Page-locked memory goes with the last context.
  for (auto &[at, range] : state.pinned) {
    if (range.second) free(at);
  }
  state.pinned.clear();
}

int checkSpan(Address at, u64 bytes, const char *what, bool initialised) {
  if (!bytes) return success;
  u64 place = placeOf(at);
  if (place >= runtime.heapSize || bytes > runtime.heapSize - place) {
    say(format("%s: %p is not device memory", what, (void *)at));
    return invalidValue;
  }
  bool deep = initialised && runtime.uninitialised;
  const u64 wanted = 0x0101010101010101ull * (deep ? 3 : 1);
  const u8 *shadow = runtime.heapShadow + place;
  u64 i = 0, word;
  for (; i + 8 <= bytes; i += 8) {
    memcpy(&word, shadow + i, 8);
    if ((word & wanted) != wanted) break;
  }
  for (; i < bytes; i++) {
    if (!(shadow[i] & glAddressable)) {
      say(format("%s: byte %llu of %llu is outside every live block: %s", what, i, bytes, describe(place + i).c_str()));
      return invalidValue;
    }
    if (deep && !(shadow[i] & glInitialised)) {
      say(format("%s: byte %llu of %llu was never written: %s", what, i, bytes, describe(place + i).c_str()));
      return launchFailed;
    }
  }
  return success;
}

static bool anyInitialised(const u8 *shadow, u64 bytes) {
  return !bytes || std::any_of(shadow, shadow + bytes, [](u8 byte) { return byte & glInitialised; });
}

int touchSpan(Address at, u64 bytes, const char *what, Access access) {
  if (int wrong = checkSpan(at, bytes, what, access == toRead)) return wrong == invalidValue ? illegalAddress : wrong;
  u64 place = placeOf(at);
  if (access == toCopy && runtime.uninitialised && !anyInitialised(runtime.heapShadow + place, bytes)) {
    say(format("%s: none of the %llu bytes was ever written: %s", what, bytes, describe(place).c_str()));
    return launchFailed;
  }
  if (access == toWrite) memset(runtime.heapShadow + place, glAddressable | glInitialised, bytes);
  if (!runtime.races || bytes > 16 << 20) return success;
  GlRecord *record = runtime.heapRecords + place / 4, *end = runtime.heapRecords + (place + bytes + 3) / 4;
  for (; record < end; record++) {
    if (runtime.unordered) {
      bool race = runtime.unordered[record->write & glLaunchMask] ||
                  (access == toWrite && runtime.unordered[record->read & glLaunchMask]);
      if (race) {
        say(format("data race: %s touches what another stream works on, and nothing orders them: %s", what,
                   describe((u64)(record - runtime.heapRecords) * 4).c_str()));
        return launchFailed;
      }
    }
    (access == toWrite ? record->write : record->read) = runtime.tag;
  }
  return success;
}

bool isPinned(const void *at, u64 bytes) {
  auto next = state.pinned.upper_bound((char *)at);
  if (next == state.pinned.begin()) return false;
  auto range = std::prev(next);
  return (char *)at + bytes <= range->first + range->second.first;
}

// ---- allocation
STANDIN_API int cuMemAlloc_v2(Address *out, size_t bytes) {
  DRIVER(cuMemAlloc_v2, needContext);
  if (int refused = refuseInCapture("cuMemAlloc")) return refused;
  return allocateBlock(out, bytes);
}
STANDIN_API int cuMemFree_v2(Address at) {
  DRIVER_FREES(cuMemFree_v2, needContext);
  if (int refused = refuseInCapture("cuMemFree")) return refused;
  int failed = runAll(), wrong = freeBlock(at);
  return injected ? injected : failed ? failed : wrong;
}
STANDIN_API int cuMemAllocAsync(Address *out, size_t bytes, void *handle) {
  DRIVER(cuMemAllocAsync, needContext);
  Stream *stream = streamOf(handle);
  if (!stream) return invalidHandle;
  if (stream->capture) {
    say("cuMemAllocAsync: the stand-in knows no memory nodes in graphs");
    return captureUnsupported;
  }
  return allocateBlock(out, bytes);
}
STANDIN_API int cuMemFreeAsync(Address at, void *handle) {
  DRIVER(cuMemFreeAsync, needContext);
  Stream *stream = streamOf(handle);
  if (!stream) return invalidHandle;
  if (stream->capture) return captureUnsupported;
  return submit(stream, "cuMemFreeAsync", [=] { return freeBlock(at); });
}
STANDIN_API int cuMemGetInfo_v2(size_t *free, size_t *total) {
  DRIVER(cuMemGetInfo_v2, needContext);
  *total = settings.memory;
  *free = settings.memory - state.inUse[currentDevice];
  return success;
}
STANDIN_API int cuMemHostAlloc(void **out, size_t bytes, u32) {
  DRIVER(cuMemHostAlloc, needContext);
  if (int refused = refuseInCapture("cuMemHostAlloc")) return refused;
  if (!bytes) return invalidValue;
  void *at = nullptr;
  if (posix_memalign(&at, 4096, bytes)) return outOfMemory;
  memset(at, 0xff, bytes);
  state.pinned[(char *)at] = {bytes, true};
  *out = at;
  return success;
}
STANDIN_API int cuMemFreeHost(void *at) {
  DRIVER_FREES(cuMemFreeHost, needContext);
  auto range = state.pinned.find((char *)at);
  if (range == state.pinned.end() || !range->second.second) return invalidValue;
  runAll();
  state.pinned.erase(range);
  free(at);
  return injected;
}
STANDIN_API int cuMemHostRegister_v2(void *at, size_t bytes, u32) {
  DRIVER(cuMemHostRegister_v2, needContext);
  if (!at || !bytes) return invalidValue;
  if (isPinned(at, 1)) return 712;
  state.pinned[(char *)at] = {bytes, false};
  return success;
}
STANDIN_API int cuMemHostUnregister(void *at) {
  DRIVER_FREES(cuMemHostUnregister, needContext);
  auto range = state.pinned.find((char *)at);
  if (range == state.pinned.end() || range->second.second) return notRegistered;
  runAll();
  state.pinned.erase(range);
  return injected;
}

// Forgets who touched what, when the numbers of launches begin anew.
void clearRecords() {
  madvise(runtime.heapRecords, runtime.heapSize * 4, MADV_DONTNEED);
  madvise(runtime.heapByteRecords, runtime.heapSize * sizeof(GlRecord), MADV_DONTNEED);
  madvise(runtime.sharedRecords, sharedBytes * 4, MADV_DONTNEED);
}
