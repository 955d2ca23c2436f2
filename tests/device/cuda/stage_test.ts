import { assert, assertEquals, assertThrows } from "@std/assert";
import { HostArray, jit, np, OutOfMemoryError, type Tensor } from "../../../mod.ts";
import { CudaError } from "../../../src/device/cuda/errors.ts";
import type { Heap, Storage } from "../../../src/device/heap.ts";
import { onStandIn, type Rig } from "./stand_in.ts";

const MIB = 1 << 20;
const MACHINE = { MEMORY: `${256 * MIB}` };
/** What a call may stage there. */
const LIMIT = 4 * MIB;

/** The sum of the first and last elements of all inputs, that times two, and more launches. */
const ends = (xs: Tensor[]): Tensor[] => {
  const sums = xs.map((x) => x.slice([0, 1]).add(x.slice([-1])).sum());
  const sum = sums.reduce((a, b) => a.add(b));
  const few = xs[0]!.slice([0, 4]).reshape([2, 2]);
  return [sum, sum.mul(2), np.cumsum(few.matmul(few).add(sum), 0).max()];
};

/** Inputs of so many bytes each, the i-th full of i. */
const inputs = (...sizes: number[]): HostArray[] =>
  sizes.map((bytes, i) => new HostArray(new Float32Array(bytes / 4).fill(i), [bytes / 4]));

const runner = (): (xs: HostArray[]) => number => {
  const f = jit(ends) as unknown as (xs: HostArray[]) => Tensor[];
  return (xs) => {
    const [sum, double] = f(xs) as [Tensor, Tensor];
    assertEquals(double.item(), 2 * sum.item());
    return sum.item();
  };
};

/** The calls of `f`, by how often they are made. */
function counted(r: Rig, f: () => void): Map<string, number> {
  r.standIn.trace(true);
  f();
  const count = new Map<string, number>();
  for (const name of r.standIn.traced()) count.set(name, (count.get(name) ?? 0) + 1);
  r.standIn.trace(false);
  return count;
}

onStandIn("a call reserves once what all of its inputs need", (r) => {
  r.device();
  const run = runner();
  const xs = inputs(...new Array<number>(8).fill(LIMIT / 8));
  const calls = counted(r, () => assertEquals(run(xs), 56));
  // three for calls ahead, and two that results are read by
  assertEquals(calls.get("cuMemHostAlloc"), 5);
  assertEquals(calls.get("cuMemFreeHost") ?? 0, 0);
  assertEquals(calls.get("cuMemcpyHtoDAsync_v2"), 1);
}, MACHINE);

onStandIn(
  "a call stages as much as it may, the smallest first, and the rest goes before it",
  (r) => {
    const { heap } = r.device();
    const { reserve } = heap;
    let most = 0;
    heap.reserve = (bytes) => {
      most = Math.max(most, bytes);
      return reserve.call(heap, bytes);
    };
    const run = runner();
    const xs = inputs(2 * MIB, 64, LIMIT - 65_536, 8192, LIMIT, 16 * MIB, 128, LIMIT);
    for (let i = 0; i < 4; i++) assertEquals(run(xs), 56);
    assert(most > LIMIT / 2 && most <= LIMIT + 65_536, `${most} bytes`);
    // what was too much is an argument like others, and what fits is staged as ever
    const few = inputs(64, 64, 64, 64, 64, 64, 64, 64);
    for (let i = 0; i < 4; i++) assertEquals(run(few), 56);
    const calls = counted(r, () => run(few));
    assertEquals([calls.get("cuMemcpyHtoDAsync_v2"), calls.get("cuGraphLaunch")], [1, 1]);
  },
  MACHINE,
);

onStandIn("where memory is missing the staging block is given back, and made anew", (r) => {
  const { heap } = r.device();
  const run = runner();
  const xs = inputs(LIMIT / 2, LIMIT / 4);
  for (let i = 0; i < 4; i++) assertEquals(run(xs), 2);
  const { pinned } = r.standIn.counts();
  const before = heap.stats().pinned;
  const { give, pieces } = fill(heap);
  assert(r.standIn.counts().pinned < pinned);
  assertEquals(heap.stats().pinned - pieces, before - 2);
  give(pieces);
  for (let i = 0; i < 4; i++) assertEquals(run(xs), 2);
  assertEquals(r.standIn.counts().pinned, pinned);
}, MACHINE);

/** Takes the memory of a heap, piece by piece; all of it is free again when it is given back. */
function fill(heap: Heap): { give: (pieces: number) => void; pieces: number } {
  const filled: Storage[] = [];
  assertThrows(() => {
    for (;;) heap.pin(filled[filled.push(heap.reserve(MIB)) - 1]!);
  }, OutOfMemoryError);
  const give = (pieces: number): void => {
    for (const s of filled.splice(-pieces)) {
      heap.unpin(s);
      heap.dispose(s);
    }
  };
  return { give, pieces: filled.length };
}

for (const kind of ["the host", "the device"]) {
  onStandIn(`a call that finds no room on ${kind} for staging does without`, (r) => {
    const { heap } = r.device();
    const run = runner();
    const small = inputs(64, 64);
    for (let i = 0; i < 4; i++) assertEquals(run(small), 2);
    const xs = inputs(LIMIT / 2, LIMIT / 4);
    let give = (): void => r.standIn.fail("");
    if (kind === "the host") r.standIn.fail("cuMemHostAlloc:1=2;cuMemHostAlloc:2=2");
    else {
      const filled = fill(heap);
      // enough for the inputs, and not for two places for them
      filled.give(5);
      give = () => filled.give(filled.pieces - 5);
    }
    const without = counted(r, () => assertEquals(run(xs), 2));
    give();
    assert(without.get("cuMemcpyHtoDAsync_v2")! > 1);
    for (let i = 0; i < 80; i++) assertEquals(run(xs), 2);
    const calls = counted(r, () => run(xs));
    assertEquals([calls.get("cuMemcpyHtoDAsync_v2"), calls.get("cuGraphLaunch")], [1, 1]);
  }, MACHINE);
}

onStandIn("a staging block that cannot grow stays what it was", (r) => {
  r.device();
  const [run, other] = [runner(), runner()];
  const xs = inputs(MIB, MIB);
  for (let i = 0; i < 5; i++) assertEquals(run(xs), 2);
  const more = inputs(LIMIT / 2, LIMIT / 2);
  other(inputs(64, 64));
  for (const plan of ["cuStreamWaitEvent:1=1", "cuMemHostAlloc:2=1"]) {
    r.standIn.fail(plan);
    assertThrows(() => other(more), CudaError, undefined, plan);
    r.standIn.fail("");
  }
  for (let i = 0; i < 2; i++) {
    const calls = counted(r, () => assertEquals(run(xs), 2));
    assertEquals([calls.get("cuLaunchKernel") ?? 0, calls.get("cuGraphLaunch")], [0, 1]);
  }
  for (let i = 0; i < 4; i++) assertEquals(other(more), 2);
}, MACHINE);
