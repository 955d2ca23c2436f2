import { assert, assertEquals, assertThrows } from "@std/assert";
import { debug, np, type Tensor } from "../../mod.ts";
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
