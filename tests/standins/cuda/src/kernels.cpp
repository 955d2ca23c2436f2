// Runs a kernel: block after block, a fiber for each thread that waits, barriers, warp operations, and what faults say.
#include "fibers.h"
#include "state.h"

#include <algorithm>

enum LaneState : u8 { fresh, ready, atBarrier, atWarp, left };
struct Lane {
  LaneState state;
  int line, kind, argument, width, predicate, reduction;
  u32 mask;
  u64 value;
  Fiber *fiber;
};
struct Warp {
  u32 alive, arrived;
  u64 epoch;
};
static struct {
  Function *function;
  void **arguments;
  int threads, alive, waiting, next, failed;
  u32 block;
  u64 launch, epoch;
  vector<Lane> lanes;
  vector<gl_uint3> ids;
  vector<int> shuffled, shuffledBlocks;
  Warp warps[32];
} now;

static void tagThread(int thread) {
  runtime.tag = now.launch | (now.warps[thread >> 5].epoch << glWarpEpochAt & glWarpEpochMask) |
                (now.epoch << glEpochAt & glEpochMask) | (u64)thread << glThreadAt | (u64)now.block << glBlockAt;
}
static void becomeThread(int thread) {
  now.function->module->ids->thread = now.ids[thread];
  runtime.stackLow = currentFiber->low;
  runtime.stackHigh = currentFiber->high;
  tagThread(thread);
}
static void wait() {
  leaveFiber();
  becomeThread(currentFiber->thread);
}

// ---- faults
static const char *faultText(int kind) {
  switch (kind) {
    case glOutOfBounds: return "out-of-bounds";
    case glMisaligned: return "misaligned";
    case glUninitialised: return "uninitialised";
    case glRace: return "data race";
    case glSharedOutOfBounds: return "out-of-bounds in shared memory";
    case glTrap: return "__trap()";
    case glDivision: return "integer division by zero, or of the least integer by -1";
    case glShift: return "shift count out of range: CUDA clamps, x86 wraps";
    case glCast: return "float to integer conversion out of range: CUDA saturates, print __float2int_rz";
    default: return "more than 48 kB of static shared memory";
  }
}
static void fault(int kind, const void *address, int size, int isWrite) {
  const GlIds &ids = *now.function->module->ids;
  string text = faultText(kind);
  if (address) {
    u64 place = (u64)((char *)address - runtime.heap);
    text += format(": %s of %d bytes at %p%s%s", isWrite == 2 ? "atomic" : isWrite ? "write" : "read", size, address,
                   place < runtime.heapSize ? ", " : "", place < runtime.heapSize ? describe(place).c_str() : "");
  }
  say(format("%s, by thread (%u,%u,%u) of block (%u,%u,%u) of kernel %s", text.c_str(), ids.thread.x, ids.thread.y,
             ids.thread.z, ids.block.x, ids.block.y, ids.block.z, now.function->name.c_str()));
  now.failed = kind == glMisaligned ? misalignedAddress : kind == glOutOfBounds ? illegalAddress : launchFailed;
  leaveFiber();
  abort();
}
static void failTogether(const string &text) {
  say(format("synchronisation error: %s, in block %u of kernel %s", text.c_str(), now.block, now.function->name.c_str()));
  now.failed = launchFailed;
}

// ---- barriers
static void releaseBarrier() {
  now.epoch++;
  now.waiting = 0;
  int sum = 0, all = 1, any = 0;
  for (int i = 0; i < now.threads; i++) {
    if (now.lanes[i].state != atBarrier) continue;
    sum += now.lanes[i].predicate;
    all &= now.lanes[i].predicate;
    any |= now.lanes[i].predicate;
  }
  for (int i = 0; i < now.threads; i++) {
    Lane &lane = now.lanes[i];
    if (lane.state != atBarrier) continue;
    lane.state = ready;
    lane.value = lane.reduction == 0 ? sum : lane.reduction == 1 ? all : any;
  }
}
static int barrier(int line, int reduction, int predicate) {
  int thread = currentFiber->thread;
  Lane &lane = now.lanes[thread];
  lane.state = atBarrier;
  lane.line = line;
  lane.reduction = reduction;
  lane.predicate = predicate != 0;
  if (++now.waiting < now.alive) {
    wait();
    return (int)lane.value;
  }
  for (int i = 0; i < now.threads; i++) {
    const Lane &other = now.lanes[i];
    if (other.state != atBarrier || (other.line == line && other.reduction == reduction)) continue;
    failTogether(format("threads wait at different barriers, lines %d and %d", other.line, line));
    wait();
  }
  releaseBarrier();
  tagThread(thread);
  return (int)lane.value;
}

// ---- warp operations
static const u64 absentValue = 0x7ff7dead7fbadbadull;  // NaN as a double and, in its low half, as a float

static int sourceLane(const Lane &lane, int i) {
  int base = i & ~(lane.width - 1), end = base + lane.width, from;
  switch (lane.kind) {
    case glShuffle: return base + (lane.argument & (lane.width - 1));
    case glShuffleUp: from = i - lane.argument; return from < base ? i : from;
    case glShuffleDown: from = i + lane.argument; return from >= end ? i : from;
    default: from = i ^ lane.argument; return from >= end ? i : from;
  }
}
// Completes the operation that a lane waits in when every lane of its mask that has not left is there.
static bool completeWarp(int thread) {
  Warp &warp = now.warps[thread >> 5];
  Lane *lanes = &now.lanes[thread & ~31];
  const Lane &first = now.lanes[thread];
  u32 wanted = first.mask & warp.alive;
  if (wanted & ~warp.arrived) return false;
  u64 values[32], ballot = 0;
  for (int i = 0; i < 32; i++) {
    if (!(wanted >> i & 1)) continue;
    const Lane &lane = lanes[i];
    if (lane.mask != first.mask || lane.kind != first.kind || lane.line != first.line) {
      failTogether(format("lanes %d and %d of a warp meet in different warp operations, lines %d and %d, masks %08x and %08x",
                          thread & 31, i, first.line, lane.line, first.mask, lane.mask));
      return true;
    }
    values[i] = lane.value;
    ballot |= (u64)(lane.value != 0) << i;
  }
  for (int i = 0; i < 32; i++) {
    if (!(wanted >> i & 1)) continue;
    Lane &lane = lanes[i];
    lane.state = ready;
    if (lane.kind == glBallot) lane.value = ballot;
    else if (lane.kind != glWarpSync) {
      int from = sourceLane(lane, i);
      lane.value = from >= 0 && from < 32 && (wanted >> from & 1) ? values[from] : absentValue;
    }
  }
  warp.arrived &= ~wanted;
  warp.epoch++;
  return true;
}
static u64 warpOperation(int kind, int line, gl_u32 mask, gl_u64 value, int argument, int width) {
  int thread = currentFiber->thread;
  if (!(mask >> (thread & 31) & 1)) {
    failTogether(format("lane %d calls a warp operation, line %d, whose mask %08x does not name it", thread & 31, line, mask));
    wait();
  }
  Lane &lane = now.lanes[thread];
  lane = {atWarp, line, kind, argument, width, 0, 0, mask, value, lane.fiber};
  now.warps[thread >> 5].arrived |= 1u << (thread & 31);
  if (completeWarp(thread) && !now.failed) tagThread(thread);
  else wait();
  return lane.value;
}

// ---- shared memory
static void freshShared(u64 place, u64 bytes) {
  memset(runtime.shared + place, 0xff, bytes);
  memset(runtime.sharedShadow + place, glAddressable, bytes);
  memset(runtime.sharedRecords + place / 4, 0, (bytes + 3) / 4 * sizeof(GlRecord));
}
static char *sharedVariable(int index, gl_u64 bytes, gl_u64 alignment) {
  Function *function = now.function;
  if (function->sharedAt.size() <= (size_t)index) function->sharedAt.resize(index + 1);
  char *&at = function->sharedAt[index];
  if (at) return at;
  function->sharedSum += bytes;
  if (function->sharedSum > 48 << 10) fault(glSharedTooLarge, nullptr, 0, 0);
  u64 place = (function->sharedTop + alignment - 1) & ~(alignment - 1);
  function->sharedTop = (place + bytes + 31) & ~15ull;  // at least 16 bytes that belong to nobody lie behind
  function->shared.push_back({place, bytes});
  freshShared(place, bytes);
  return at = runtime.shared + place;
}

// ---- threads
static void finishThread(int thread) {
  now.lanes[thread].state = left;
  now.alive--;
  Warp &warp = now.warps[thread >> 5];
  warp.alive &= ~(1u << (thread & 31));
  if (now.alive && now.waiting == now.alive) releaseBarrier();
  if (!warp.arrived) return;
  for (int i = 0; i < 32; i++) {
    if ((warp.arrived >> i & 1) && completeWarp((thread & ~31) + i)) return;
  }
}
// A fiber that finishes a thread begins the next one that has not started: threads that never wait share one fiber.
static void runThreads() {
  for (;;) {
    now.function->run(now.arguments);
    finishThread(currentFiber->thread);
    int thread = -1;
    while (!now.failed && thread < 0 && now.next < now.threads) {
      int candidate = inOrder(now.shuffled, now.next++, now.threads);
      if (now.lanes[candidate].state == fresh) thread = candidate;
    }
    if (thread >= 0) {
      currentFiber->thread = thread;
      now.lanes[thread].fiber = currentFiber;
      now.lanes[thread].state = ready;
      becomeThread(thread);
      continue;
    }
    returnFiber(currentFiber);
    leaveFiber();
  }
}
static void reportDeadlock() {
  int barriers = 0, operations = 0, barrierLine = 0, operationLine = 0;
  for (const Lane &lane : now.lanes) {
    if (lane.state == atBarrier) barriers++, barrierLine = lane.line;
    if (lane.state == atWarp) operations++, operationLine = lane.line;
  }
  failTogether(format("deadlock: %d threads wait at __syncthreads (line %d), %d in warp operations (line %d), %d have left",
                      barriers, barrierLine, operations, operationLine, now.threads - now.alive));
}
static void runBlock() {
  now.alive = now.threads;
  now.waiting = now.next = 0;
  now.epoch = 0;
  for (int i = 0; i * 32 < now.threads; i++) {
    int lanes = std::min(32, now.threads - i * 32);
    now.warps[i] = {lanes == 32 ? 0xffffffffu : (1u << lanes) - 1, 0, 0};
  }
  for (Lane &lane : now.lanes) lane.state = fresh;
  while (now.alive && !now.failed) {
    bool ran = false;
    for (int i = 0; i < now.threads && !now.failed; i++) {
      int thread = inOrder(now.shuffled, i, now.threads);
      Lane &lane = now.lanes[thread];
      if (lane.state == fresh) {
        lane.fiber = takeFiber();
        lane.fiber->thread = thread;
        lane.state = ready;
      } else if (lane.state != ready) {
        continue;
      }
      ran = true;
      currentFiber = lane.fiber;
      becomeThread(thread);
      enterFiber(lane.fiber);
    }
    if (!ran && now.alive && !now.failed) reportDeadlock();
  }
}

void shuffle(vector<int> &shuffled, int count) {
  if (state.order <= 0) return;
  shuffled.resize(count);
  for (int i = 0; i < count; i++) shuffled[i] = i;
  std::shuffle(shuffled.begin(), shuffled.end(), dice);
}
int inOrder(const vector<int> &shuffled, int i, int count) {
  return state.order == 0 ? i : state.order < 0 ? count - 1 - i : shuffled[i];
}

int runKernel(const Node &node) {
  Function *function = node.function;
  Module *module = function->module;
  int threads = node.block[0] * node.block[1] * node.block[2];
  u64 blocks = (u64)node.grid[0] * node.grid[1] * node.grid[2];
  state.kernels++;
  state.threads += blocks * threads;
  vector<void *> arguments;
  for (u32 offset : node.offsets) arguments.push_back((void *)(node.arguments.data() + offset));
  fiberMain = runThreads;
  runtime.fault = fault;
  runtime.barrier = barrier;
  runtime.warp = warpOperation;
  runtime.sharedVariable = sharedVariable;
  runtime.moduleLow = module->low;
  runtime.moduleHigh = module->high;
  runtime.dynamicShared = runtime.shared + sharedDynamic;
  module->bind(&runtime);
  module->ids->blockSize = {node.block[0], node.block[1], node.block[2]};
  module->ids->gridSize = {node.grid[0], node.grid[1], node.grid[2]};
  now.function = function;
  now.arguments = arguments.data();
  now.threads = threads;
  now.failed = 0;
  now.launch = runtime.tag & glLaunchMask;
  now.lanes.assign(threads, Lane());
  now.ids.resize(threads);
  for (u32 z = 0, i = 0; z < node.block[2]; z++)
    for (u32 y = 0; y < node.block[1]; y++)
      for (u32 x = 0; x < node.block[0]; x++) now.ids[i++] = {x, y, z};
  if (!function->sharedTop) function->sharedTop = sharedVariables;
  static u64 variablesEnd = sharedVariables, dynamicEnd = sharedDynamic;
  memset(runtime.sharedShadow + sharedVariables, 0, variablesEnd - sharedVariables);
  memset(runtime.sharedShadow + sharedDynamic, 0, dynamicEnd - sharedDynamic);
  dynamicEnd = sharedDynamic + node.sharedBytes;
  shuffle(now.shuffledBlocks, (int)blocks);
  for (u64 i = 0; i < blocks && !now.failed; i++) {
    u32 block = (u32)inOrder(now.shuffledBlocks, (int)i, (int)blocks);
    now.block = block & 0xfffff;
    module->ids->block = {block % node.grid[0], block / node.grid[0] % node.grid[1], block / (node.grid[0] * node.grid[1])};
    for (auto &variable : function->shared) freshShared(variable.place, variable.bytes);
    if (node.sharedBytes) freshShared(sharedDynamic, node.sharedBytes);
    shuffle(now.shuffled, threads);
    runBlock();
  }
  variablesEnd = std::max(sharedVariables, function->sharedTop);
  if (now.failed) for (Lane &lane : now.lanes) if (lane.fiber) resetFiber(lane.fiber);
  return now.failed;
}

