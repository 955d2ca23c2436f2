/**
 * Computed indices: what lies outside stays outside, whatever type the index has.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import * as np from "../../src/numpy/mod.ts";
import { jit } from "../../src/transform/mod.ts";

Deno.test("indices beyond int32 lie outside of every axis", () => {
  const x = np.array([1, 2, 3]);
  const uint32 = new Uint32Array([2, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]);
  const list = [2, 2 ** 31, 2 ** 32 - 1, -(2 ** 31) - 1];
  // jax.numpy.take(x, uint32)
  const want = [3, NaN, NaN, NaN];
  assertEquals(np.take(x, uint32).toArray(), want);
  assertEquals(jit((i) => np.take(x, i))(uint32).toArray(), want);
  assertEquals(np.take(x, list).toArray(), want);
  assertEquals(np.takeAlongAxis(x, uint32.subarray(1), 0).toArray(), want.slice(1));
  assertEquals(np.take(x, uint32, { mode: "clip" }).toArray(), [3, 3, 3, 3]);
});
