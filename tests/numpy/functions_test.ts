import { assertEquals } from "@std/assert";
import type { Tensor } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { jit } from "../../src/transform/mod.ts";

Deno.test("piecewise: the last condition that holds decides, then the function for the rest", () => {
  const x = np.array([-2, -1, 0, 1, 2]);
  const f = (x: Tensor): Tensor =>
    np.piecewise(x, [x.lt(0), x.lt(-1)], [(t) => t.neg(), 7, (t) => t.mul(10)]);
  assertEquals(f(x).toArray(), [7, 1, 0, 10, 20]);
  assertEquals(jit(f)(x).toArray(), [7, 1, 0, 10, 20]);
  assertEquals(np.piecewise(x, [x.gt(0)], [1]).toArray(), [0, 0, 0, 1, 1]);
});

Deno.test("fromfunction sees the indices of all elements, and a constant fills the shape", () => {
  assertEquals(np.fromfunction((i, j) => i.mul(10).add(j), [2, 3]).toArray(), [
    [0, 1, 2],
    [10, 11, 12],
  ]);
  const counts = np.fromfunction((i) => i, [3], "int32");
  assertEquals([counts.dtype, counts.toArray()], ["int32", [0, 1, 2]]);
  assertEquals(np.fromfunction(() => np.array(4), [2]).toArray(), [4, 4]);
});

Deno.test("maskIndices names what a function leaves of a matrix of ones", () => {
  const at = np.maskIndices(3, np.tril, -1).map((t) => t.toArray());
  assertEquals(at, [[1, 2, 2], [0, 0, 1]]);
  assertEquals(np.maskIndices(2, (m) => m.mul(0)).map((t) => t.shape), [[0], [0]]);
});
