// Built once and linked into every kernel module: what the calls that -fsanitize=thread and -fsanitize=undefined put
// into a kernel lead to. Checks bounds, lifetime, alignment, initialisation and races of one access.
#include "runtime.h"

#define GL_LIKELY(x) __builtin_expect(!!(x), 1)
#define GL_EXPORT extern "C" __attribute__((visibility("default")))

static GlRuntime *R;
// Constant to kernels; the library writes it whenever another thread goes on.
extern "C" {
__attribute__((visibility("default"))) GlIds gl_ids;
}
GL_EXPORT void gl_bind(GlRuntime *runtime) { R = runtime; }

static inline gl_u64 threadOf(gl_u64 tag) { return (tag & glThreadMask) >> glThreadAt; }
static inline gl_u64 warpOf(gl_u64 thread) { return thread & 0x400 ? thread & 31 : thread >> 5; }

// Whether nothing orders an earlier access of this launch before the present one.
static bool unordered(gl_u64 before, gl_u64 now, bool isShared) {
  if ((before ^ now) & glLaunchMask) {
    return !isShared && R->unordered && R->unordered[before & glLaunchMask];
  }
  if (!((before ^ now) & (glBlockMask | glThreadMask))) return false;
  if ((before ^ now) & glBlockMask) return !isShared;
  if ((before ^ now) & glEpochMask) return false;
  gl_u64 was = threadOf(before);
  if (was == glManyThreads || warpOf(was) != threadOf(now) >> 5) return true;
  return !((before ^ now) & glWarpEpochMask);
}

// One tag for two accesses of the same kind.
static gl_u64 merged(gl_u64 before, gl_u64 now) {
  if ((before ^ now) & glLaunchMask) return now;
  if (!((before ^ now) & (glBlockMask | glThreadMask))) return now;
  if ((before ^ now) & glBlockMask) return now | glBlockMask | glThreadMask;
  if ((before ^ now) & glEpochMask) return now;
  gl_u64 was = threadOf(before), warp = threadOf(now) >> 5, thread = glManyThreads;
  if (was != glManyThreads && warpOf(was) == warp) {
    if ((before ^ now) & glWarpEpochMask) return now;
    thread = 0x400 | warp;
  }
  return (now & ~(gl_u64)glThreadMask) | thread << glThreadAt;
}

enum Kind { isRead, isWrite, isAtomic };

static void checkRecord(GlRecord *record, Kind kind, const void *address, int size, bool isShared) {
  gl_u64 now = R->tag;
  bool bothAtomic = kind == isAtomic && (record->write & glAtomicBit);
  if (!bothAtomic && unordered(record->write, now, isShared)) R->fault(glRace, address, size, kind);
  if (kind == isRead) {
    record->read = merged(record->read, now);
    return;
  }
  if (unordered(record->read, now, isShared)) R->fault(glRace, address, size, kind);
  // A thread's own plain write stays on record when its atomic follows: another's atomic is not ordered after it.
  if (kind == isAtomic && record->write == now) return;
  if (kind == isWrite) record->write = now;
  else record->write = (bothAtomic ? merged(record->write, now) : now) | glAtomicBit;
}

static __attribute__((noinline)) void checkSlowly(const void *address, int size, Kind kind) {
  gl_u64 at = (gl_u64)((char *)address - R->heap);
  gl_u8 *shadow;
  GlRecord *records;
  int count = size < 4 ? size : size / 4;
  bool isShared = false;
  if (at < R->heapSize) {
    shadow = R->heapShadow + at;
    records = size < 4 ? R->heapByteRecords + at : R->heapRecords + (at >> 2);
  } else if ((at = (gl_u64)((char *)address - R->shared)) < R->sharedSize) {
    shadow = R->sharedShadow + at;
    records = R->sharedRecords + (at >> 2);
    if (size < 4) count = 0;
    isShared = true;
  } else {
    bool own = ((char *)address >= R->stackLow && (char *)address < R->stackHigh) ||
               ((char *)address >= R->moduleLow && (char *)address < R->moduleHigh);
    if (!own) R->fault(glOutOfBounds, address, size, kind);
    return;
  }
  for (int i = 0; i < size; i++) {
    if (!(shadow[i] & glAddressable)) R->fault(isShared ? glSharedOutOfBounds : glOutOfBounds, address, size, kind);
    if (kind != isWrite && !(shadow[i] & glInitialised) && R->uninitialised) R->fault(glUninitialised, address, size, kind);
  }
  if ((gl_u64)address & (size - 1)) R->fault(glMisaligned, address, size, kind);
  if (kind != isRead) for (int i = 0; i < size; i++) shadow[i] |= glInitialised;
  for (int i = 0; R->races && i < count; i++) checkRecord(records + i, kind, address, size, isShared);
}

template <int size> static inline bool all(const gl_u8 *shadow, gl_u64 pattern) {
  if (size == 1) return *shadow == (gl_u8)pattern;
  if (size == 2) return *(const unsigned short *)shadow == (unsigned short)pattern;
  if (size == 4) return *(const gl_u32 *)shadow == (gl_u32)pattern;
  const gl_u64 *wide = (const gl_u64 *)shadow;
  return wide[0] == pattern && (size == 8 || wide[1] == pattern);
}

// The short way: heap memory that is initialised already and that nobody else touched during this launch.
template <int size, bool write> static inline void check(const void *address) {
  GlRuntime *runtime = R;
  gl_u64 at = (gl_u64)((char *)address - runtime->heap), now = runtime->tag;
  const gl_u64 ready = 0x0303030303030303ull;
  bool fine = at < runtime->heapSize && !((gl_u64)address & (size - 1));
  if (GL_LIKELY(fine) && GL_LIKELY(all<size>(runtime->heapShadow + at, ready))) {
    if (!runtime->races) return;
    GlRecord *record = size < 4 ? runtime->heapByteRecords + at : runtime->heapRecords + (at >> 2);
    for (int i = 0; i < (size < 4 ? size : size / 4); i++, record++) {
      if (((record->write ^ now) & glLaunchMask) && ((record->read ^ now) & glLaunchMask) && !runtime->unordered) {
        (write ? record->write : record->read) = now;
      } else if ((write ? record->write : record->read) != now) {
        checkRecord(record, write ? isWrite : isRead, address, size, false);
      }
    }
    return;
  }
  checkSlowly(address, size, write ? isWrite : isRead);
}

#define GL_HOOK(symbol, name, parameters, body)                                   \
  extern "C" __attribute__((used)) void name parameters __asm__(#symbol);        \
  extern "C" void name parameters { body; }
#define GL_HOOKS(n)                                                                    \
  GL_HOOK(__tsan_read##n, glRead##n, (void *p), (check<n, false>(p)))                  \
  GL_HOOK(__tsan_write##n, glWrite##n, (void *p), (check<n, true>(p)))                 \
  GL_HOOK(__tsan_unaligned_read##n, glUnalignedRead##n, (void *p), (check<n, false>(p))) \
  GL_HOOK(__tsan_unaligned_write##n, glUnalignedWrite##n, (void *p), (check<n, true>(p)))
GL_HOOKS(1)
GL_HOOKS(2)
GL_HOOKS(4)
GL_HOOKS(8)
GL_HOOKS(16)
static void checkRange(char *address, gl_u64 size, Kind kind) {
  while (size && ((gl_u64)address & 3 || size < 4)) checkSlowly(address++, 1, kind), size--;
  for (; size >= 4; address += 4, size -= 4) checkSlowly(address, 4, kind);
  while (size--) checkSlowly(address++, 1, kind);
}
GL_HOOK(__tsan_read_range, glReadRange, (char *p, gl_u64 n), checkRange(p, n, isRead))
GL_HOOK(__tsan_write_range, glWriteRange, (char *p, gl_u64 n), checkRange(p, n, isWrite))
GL_HOOK(__tsan_init, glInit, (), )
GL_HOOK(__tsan_func_entry, glEntry, (void *), )
GL_HOOK(__tsan_func_exit, glExit, (), )

extern "C" {
void gl_check_atomic(void *address, int size) { checkSlowly(address, size, isAtomic); }
int gl_barrier(int line, int reduction, int value) { return R->barrier(line, reduction, value); }
gl_u64 gl_warp(int kind, int line, gl_u32 mask, gl_u64 value, int argument, int width) {
  return R->warp(kind, line, mask, value, argument, width);
}
char *gl_shared(int index, gl_u64 bytes, gl_u64 alignment) { return R->sharedVariable(index, bytes, alignment); }
char *gl_dynamic() { return R->dynamicShared; }
void gl_trap() { R->fault(glTrap, 0, 0, 0); }
// Where CUDA and this processor differ.
void __ubsan_handle_divrem_overflow(void *, void *, void *) { R->fault(glDivision, 0, 0, 0); }
void __ubsan_handle_shift_out_of_bounds(void *, void *, void *) { R->fault(glShift, 0, 0, 0); }
void __ubsan_handle_float_cast_overflow(void *, void *) { R->fault(glCast, 0, 0, 0); }
// Vectors are taken apart before accesses are checked, so their alignment is checked where the text has them.
struct GlMismatch {
  const char *file;
  gl_u32 line, column;
  const void *type;
  gl_u8 logAlignment, access;
};
void __ubsan_handle_type_mismatch_v1(GlMismatch *data, void *address) {
  R->fault(glMisaligned, address, 1 << data->logAlignment, data->access == 1);
}
}
