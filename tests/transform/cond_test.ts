/**
 * cond and switchCase: JAX's values and derivatives, and what they refuse.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import type { Tensor } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { cond, jit, switchCase } from "../../src/transform/mod.ts";
import { assertCases } from "./control_goldens.ts";

Deno.test("cond gives JAX's values, gradients and tangents, eager and jitted", () => {
  assertCases("cond", "cond grad", "cond jvp", "cond captures", "cond nested");
});

Deno.test("switchCase clamps its index and gives JAX's values and gradients, batched too", () => {
  assertCases("switch");
});

Deno.test("one branch runs, chosen at each call of one program", () => {
  const f = jit((x: Tensor) => cond(x.sum().gt(0), (x) => x.mul(2), (x) => x.neg(), x));
  assertEquals(f(np.array([1, 2])).toArray(), [2, 4]);
  assertEquals(f(np.array([-1, -2])).toArray(), [1, 2]);
  assertEquals(f.compiles, 1);
});

Deno.test("branches may return trees, null, operands as they are, and plain numbers", () => {
  const f = jit((p: Tensor, x: Tensor) =>
    cond(p.gt(0), (x) => ({ a: x, b: null, c: [0] }), (x) => ({ a: x.add(1), b: null, c: [x] }), x)
  );
  const shown = (p: number) => {
    const { a, b, c } = f(p, np.array(5, { dtype: "float64" }));
    return [
      a.item(),
      b,
      (c as unknown as Tensor[])[0]!.item(),
      (c as unknown as Tensor[])[0]!.dtype,
    ];
  };
  assertEquals(shown(1), [5, null, 0, "float64"]);
  assertEquals(shown(-1), [6, null, 5, "float64"]);
});

Deno.test("JavaScript booleans and numbers choose as well", () => {
  assertEquals(cond(true, () => np.array(1), () => np.array(2)).item(), 1);
  assertEquals(cond(false, () => np.array(1), () => np.array(2)).item(), 2);
  assertEquals(switchCase(1, [() => np.array(1), () => np.array(2)]).item(), 2);
  const far = np.array(4294967295, { dtype: "uint32" });
  assertEquals(switchCase(far, [() => np.array(1), () => np.array(2)]).item(), 2);
});

Deno.test("a condition that is no scalar of dtype bool is refused", () => {
  const id = (x: Tensor) => x;
  const x = np.array([1, 2]);
  assertThrows(() => cond(x, id, id, x), TypeError, "Cannot cond by a float32[2]: the condition");
  assertThrows(() => cond(x.gt(0), id, id, x), TypeError, "reduce it with all() or any()");
  assertThrows(() => cond(np.array(1), id, id, x), TypeError, "compare it, as x.gt(0)");
  assertThrows(() => cond(1, id, id, x), TypeError, "by a float32[]");
  assertThrows(
    () => cond(true, id, 3 as unknown as typeof id, x),
    TypeError,
    "Cannot cond: falseFn is 3; give a function",
  );
});

Deno.test("branches that disagree are refused, with the leaf, what it is and must be", () => {
  const x = np.array([1, 2]);
  assertThrows(
    () => cond(true, (x) => ({ h: x }), (x) => ({ h: x.sum() }), x),
    TypeError,
    "Cannot cond: result.h is float32[] from falseFn and float32[2] from trueFn",
  );
  assertThrows(
    () => cond(true, (x) => x, (x) => x.astype("int32"), x),
    TypeError,
    "result is int32[2] from falseFn and float32[2] from trueFn",
  );
  assertThrows(
    () => cond(true, (x) => [x] as unknown, (x) => [x, x] as unknown, x),
    TypeError,
    "what falseFn and trueFn return differs in structure: the root is an array of 2 in one and an " +
      "array of 1",
  );
  assertThrows(
    () => switchCase(0, [(x) => x, (x) => x, (x) => x.reshape([2, 1])], x),
    TypeError,
    "result is float32[2] from branches[0] and float32[2,1] from branches[2]",
  );
  assertThrows(
    () => cond(true, () => "a", () => "b"),
    TypeError,
    'Cannot return from falseFn of cond: result is "b"',
  );
});

Deno.test("an index that is no integer scalar is refused, and no branches", () => {
  const id = (x: Tensor) => x;
  const x = np.array([1, 2]);
  assertThrows(() => switchCase(0.5, [id], x), TypeError, "an index 0.5: it must be an integer");
  assertThrows(() => switchCase(x, [id], x), TypeError, "an index of float32[2]");
  assertThrows(
    () => switchCase(np.array(1), [id], x),
    TypeError,
    'must be an integer scalar; convert with astype("int32")',
  );
  assertThrows(() => switchCase(0, []), RangeError, "between no branches");
  assertThrows(
    () => switchCase(0, id as unknown as (typeof id)[], x),
    TypeError,
    "branches are",
  );
});
