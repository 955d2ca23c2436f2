// What the library and every kernel module that it builds agree on. No includes: it is read with each program.
#pragma once
typedef unsigned char gl_u8;
typedef unsigned int gl_u32;
typedef unsigned long long gl_u64;

struct gl_uint3 {
  gl_u32 x, y, z;
};

// The four built-in variables of the thread that runs; each module has one of these.
struct GlIds {
  gl_uint3 thread, block, blockSize, gridSize;
};

// A tag says who touched a 4-byte word, and when:
//   launch 13 bits | atomic 1 | warp epoch 7 | block epoch 12 | thread 11 | block 20
// A thread number with bit 10 set stands for several threads of one warp, manyThreads for several warps.
enum : gl_u64 {
  glLaunchMask = 0x1fff,
  glAtomicBit = 1ull << 13,
  glWarpEpochAt = 14,
  glWarpEpochMask = 0x7full << 14,
  glEpochAt = 21,
  glEpochMask = 0xfffull << 21,
  glThreadAt = 33,
  glThreadMask = 0x7ffull << 33,
  glBlockAt = 44,
  glBlockMask = 0xfffffull << 44,
  glManyThreads = 0x7ff,
  glManyBlocks = 0xfffff,
};

struct GlRecord {
  gl_u64 write, read;
};

// Bits of a shadow byte.
enum { glAddressable = 1, glInitialised = 2 };

enum GlFault {
  glOutOfBounds = 1,
  glMisaligned,
  glUninitialised,
  glRace,
  glSharedOutOfBounds,
  glTrap,
  glDivision,
  glShift,
  glCast,
  glSharedTooLarge,
};

enum GlWarpKind { glShuffle = 1, glShuffleUp, glShuffleDown, glShuffleXor, glBallot, glWarpSync };

struct GlRuntime {
  gl_u64 tag;
  char *heap;
  gl_u64 heapSize;
  gl_u8 *heapShadow;
  GlRecord *heapRecords;      // one for each word
  GlRecord *heapByteRecords;  // one for each byte, for accesses of less than a word
  char *shared;
  gl_u64 sharedSize;
  gl_u8 *sharedShadow;
  GlRecord *sharedRecords;
  char *dynamicShared;
  char *stackLow, *stackHigh, *moduleLow, *moduleHigh;
  int races, uninitialised;
  const gl_u8 *unordered;  // by launch: 1 where another stream's work is not ordered before this one; or null
  void (*fault)(int kind, const void *address, int size, int isWrite);  // does not return
  int (*barrier)(int line, int reduction, int value);
  gl_u64 (*warp)(int kind, int line, gl_u32 mask, gl_u64 value, int argument, int width);
  char *(*sharedVariable)(int index, gl_u64 bytes, gl_u64 alignment);
};
