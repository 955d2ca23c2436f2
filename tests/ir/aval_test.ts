/**
 * Avals: what many tensors share, so that nobody may write to it.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { makeAval } from "../../src/ir/aval.ts";
import * as np from "../../src/numpy/mod.ts";

Deno.test("the shape of an aval is frozen, and the list it was made from is not", () => {
  const own = [2, 3];
  const aval = makeAval(own, "float32");
  own[0] = 9;
  assertEquals(aval.shape, [2, 3]);
  assertThrows(() => (aval.shape as number[]).push(1), TypeError);
});

Deno.test("nothing that is done to the shape of one tensor reaches another", () => {
  assertThrows(() => (np.zeros([2, 2]).shape as number[]).reverse().pop(), TypeError);
  assertThrows(() => (np.zeros([2, 2]).add(1).shape as number[])[0] = 9, TypeError);
  assertEquals(np.zeros([2, 2]).add(1).shape, [2, 2]);
});
