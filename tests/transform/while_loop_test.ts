/**
 * whileLoop and foriLoop: JAX's values and derivatives, and what they refuse.
 *
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Tensor } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { foriLoop, grad, jit, jvp, whileLoop } from "../../src/transform/mod.ts";
import { assertCases } from "./control_goldens.ts";

Deno.test("whileLoop gives JAX's values and tangents, batched too, eager and jitted", () => {
  assertCases("while", "while jvp", "while vmap", "while count");
});

Deno.test("foriLoop gives JAX's values and gradients, also with bounds that are tensors", () => {
  assertCases("fori");
});

Deno.test("one program serves every number of turns", () => {
  const f = jit((n: Tensor) => foriLoop(0, n, (i, s) => s.add(i), np.array(0, { dtype: "int32" })));
  const sums = [0, 1, 10, 100000].map((n) => f(np.array(n, { dtype: "int32" })).item());
  assertEquals(sums, [0, 0, 45, 704982704]);
  assertEquals(f.compiles, 1);
});

Deno.test("a carry is a tree of any dtypes; what does not change stays", () => {
  const out = jit((x: Tensor) =>
    whileLoop(
      (c) => c.n.lt(5),
      (c) => ({
        n: c.n.add(1),
        flag: c.flag.logicalNot(),
        kept: c.kept,
        list: [c.list[0]!.mul(2)],
      }),
      { n: np.array(0, { dtype: "int32" }), flag: np.array(true), kept: x, list: [x] },
    )
  )(np.array([1, 2]));
  assertEquals(out.n.item(), 5);
  assertEquals(out.flag.toArray(), false);
  assertEquals(out.kept.toArray(), [1, 2]);
  assertEquals(out.list[0]!.toArray(), [32, 64]);
});

Deno.test("weak numbers of the first carry take the dtype that they meet", () => {
  const w = np.array(0.5, { dtype: "float64" });
  const out = foriLoop(0, 3, (_i, x) => x.add(w), 1);
  assertEquals([out.dtype, out.item()], ["float64", 2.5]);
  const reset = foriLoop(0, 2, (_i, _x) => 0, np.array([1], { dtype: "int32" }).at(0));
  assertEquals([reset.dtype, reset.item()], ["int32", 0]);
});

Deno.test("reverse mode is refused where the length is not known, and works where it is", () => {
  const f = (x: Tensor) => whileLoop((y) => y.lt(100), (y) => y.mul(x), x);
  assertThrows(
    () => grad(f)(2),
    TypeError,
    "Cannot differentiate a whileLoop in reverse, nor a foriLoop whose bounds are tensors",
  );
  assertThrows(() => jit(grad(f))(2), TypeError, "use scan");
  assertEquals(jvp(f, [2], [1]).map((t) => t.item()), [128, 448]);
  // nothing flows through what does not depend on the input
  const g = (x: Tensor) => x.mul(whileLoop((y) => y.lt(100), (y) => y.mul(2), 1));
  assertEquals(grad(g)(2).item(), 128);
});

Deno.test("a carry that changes is refused, with the leaf, what it was and becomes", () => {
  const x = { h: np.zeros([3]), n: np.array(0) };
  const run = (body: (c: typeof x) => unknown) => () =>
    whileLoop((c) => c.n.lt(1), body as (c: typeof x) => typeof x, x);
  assertThrows(
    run((c) => ({ h: c.h.at(0), n: c.n })),
    TypeError,
    "Cannot whileLoop: init.h is float32[3] and becomes float32[]: a carry keeps its shape",
  );
  assertThrows(
    run((c) => ({ h: c.h.gt(0), n: c.n })),
    TypeError,
    'init.h is float32[3] and becomes bool[3]: a carry keeps its shape and dtype; convert with astype("float32")',
  );
  assertThrows(
    run((c) => ({ h: c.h })),
    TypeError,
    'the carry changes its structure: the root is an object with keys ["h","n"] in one and an ' +
      'object with keys ["h"]',
  );
  assertThrows(
    () => foriLoop(0, 2, (_i, y) => y.sum(), np.zeros([2])),
    TypeError,
    "Cannot foriLoop: init is float32[2] and becomes float32[]",
  );
});

Deno.test("conditions and bounds of a wrong kind are refused", () => {
  const x = np.zeros([2]);
  assertThrows(
    () => whileLoop((y) => y, (y) => y, x),
    TypeError,
    "Cannot whileLoop by a float32[2]: the condition must be a scalar of dtype bool",
  );
  assertThrows(
    () => whileLoop(() => [x.gt(0), x] as unknown as Tensor, (y) => y, x),
    TypeError,
    "the condition returns 2 values",
  );
  assertThrows(() => foriLoop(0, 1.5, (_i, y) => y, x), TypeError, "an upper bound 1.5");
  assertThrows(
    () => foriLoop(np.array(0), 1, (_i, y) => y, x),
    TypeError,
    "a lower bound of float32[]",
  );
  assertThrows(
    () => whileLoop(null as unknown as () => Tensor, (y) => y, x),
    TypeError,
    "condFn is null",
  );
});

Deno.test("a million turns run without returning to JavaScript", () => {
  let calls = 0;
  const f = jit((n: Tensor) =>
    whileLoop((k) => {
      calls++;
      return k.lt(n);
    }, (k) =>
      k.add(1), np.array(0, { dtype: "int32" }))
  );
  assertEquals(f(np.array(1_000_000, { dtype: "int32" })).item(), 1_000_000);
  assert(calls <= 2);
});
