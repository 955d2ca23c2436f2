import { assert, assertEquals, assertThrows } from "@std/assert";
import { debug, jit, np, type Tensor } from "../../mod.ts";
import { currentDevice, useDevice } from "../../src/core/mod.ts";
import type { Storage } from "../../src/device/heap.ts";
import { createReference } from "../../src/device/reference/mod.ts";

/** Runs `f` with a tensor that lies on another device; how many copies were made there, and given up. */
function copies(f: (bound: Tensor) => void): { made: number; left: number } {
  const before = currentDevice();
  const there = createReference("reference there");
  try {
    useDevice(there);
    const bound = np.ones([200, 200]);
    useDevice(before);
    const { heap } = there;
    const { fromBytes, dispose } = heap;
    const living = new Set<Storage>();
    let made = 0;
    heap.fromBytes = (source) => {
      const s = fromBytes.call(heap, source);
      living.add(s);
      made++;
      return s;
    };
    heap.dispose = (s, donatedTo) => {
      living.delete(s);
      dispose.call(heap, s, donatedTo);
    };
    f(bound);
    return { made, left: living.size };
  } finally {
    useDevice(before);
  }
}

Deno.test("copies for a callback outside of jit are given up when it has been called", () => {
  const seen: number[] = [];
  const count = copies((bound) => {
    debug.callback((x, y) => void seen.push(x.values[0]!, y.values[0]!), bound, np.array([7]));
    assertThrows(
      () => debug.callback(() => {}, np.array([7]), disposed(), bound),
      Error,
      "disposed",
    );
  });
  assertEquals(seen, [1, 7]);
  assertEquals(count, { made: 2, left: 0 });
});

Deno.test("copies for an operation whose next argument cannot be used are given up", () => {
  const count = copies((bound) => {
    assertEquals(np.where(np.array([true]), np.array([3]), bound).shape, [200, 200]);
    assertThrows(() => np.where(np.array([true]), disposed(), bound), Error, "disposed");
  });
  assert(count.made >= 3);
  assertEquals(count.left, 0);
});

function disposed(): Tensor {
  const x = np.array([1]);
  x.dispose();
  return x;
}

Deno.test("zeros are zeros in memory that was used before, of every size and type", () => {
  const sizes = [1, 63, 1000, 4096, 20_000, 300_000, 1_000_000];
  for (let round = 0; round < 3; round++) {
    for (const n of sizes) np.full([n], 7).add(1).dispose();
    for (const n of sizes) {
      for (const dtype of ["float32", "float64", "int32", "uint8", "bool"] as const) {
        const zeros = np.zeros([n], { dtype });
        assertEquals([zeros.shape, zeros.dtype], [[n], dtype]);
        assert(zeros.data().every((x) => Object.is(x, 0)), `${dtype}[${n}]`);
        zeros.dispose();
      }
    }
  }
});

Deno.test("a negative zero keeps its sign when it is broadcast", () => {
  assert(np.full([5], -0).data().every((x) => Object.is(x, -0)));
  assert(np.array(-0).broadcastTo([20_000]).data().every((x) => Object.is(x, -0)));
});

Deno.test("zeros that were never written can be computed with, donated and moved out", () => {
  const n = 500_000;
  const step = jit((x: Tensor) => x.add(1), { donate: [0] });
  const zeros = np.zeros([n]);
  const kept = np.zeros([n]);
  assertEquals(zeros.sum().item(), 0);
  let x = step(zeros);
  x = step(x);
  assertEquals([x.min().item(), x.max().item()], [2, 2]);
  const { heap } = currentDevice();
  heap.budget = 0;
  try {
    np.ones([n]).dispose();
    assertEquals([kept.at(0).item(), kept.add(3).sum().item()], [0, 3 * n]);
  } finally {
    heap.budget = null;
  }
});
