/**
 * vjp: cotangents of trees, many pulls, and every way to call it wrongly.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import type { Tensor } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { grad, jit, vjp, vmap } from "../../src/transform/mod.ts";

type P = { w: Tensor; b: Tensor };
const layer = (p: P, x: Tensor) => ({ y: x.matmul(p.w).add(p.b), n: x.square().sum() });

Deno.test("gradients follow the trees of arguments, cotangents the tree of the value", () => {
  const p = { w: np.array([[1, 2], [3, 4]]), b: np.array([5, 6]) };
  const [out, pull] = vjp(layer, [p, np.array([[1, -1]])]);
  assertEquals([out.y.toArray(), out.n.item()], [[[3, 4]], 2]);
  const [gp, gx] = pull({ y: np.array([[1, 10]]), n: 100 });
  assertEquals(gp.w.toArray(), [[1, 10], [-1, -10]]);
  assertEquals(gp.b.toArray(), [1, 10]);
  assertEquals(gx.toArray(), [[21 + 200, 43 - 200]]);
});

Deno.test("f runs once, the pull as often as one likes, and under other transformations", () => {
  let runs = 0;
  const [, pull] = vjp((x: Tensor) => {
    runs++;
    return x.mul(x).mul(x);
  }, [np.array([1, 2])]);
  assertEquals(pull(np.array([1, 0]))[0]!.toArray(), [3, 0]);
  assertEquals(pull(np.array([0, 1]))[0]!.toArray(), [0, 12]);
  const rows = vmap((c: Tensor) => pull(c)[0]!)(np.array([[1, 0], [0, 1]]));
  assertEquals(rows.toArray(), [[3, 0], [0, 12]]);
  assertEquals(jit((c: Tensor) => pull(c)[0]!)(np.array([1, 1])).toArray(), [3, 12]);
  // the pull is linear in its cotangent: its gradient is the weights
  assertEquals(grad((c: Tensor) => pull(c)[0]!.sum())(np.array([5, 7])).toArray(), [3, 12]);
  assertEquals(runs, 1);
});

Deno.test("a value returned twice, or handed on, takes the sum of its cotangents", () => {
  const [, pull] = vjp((x: Tensor) => [x, x, x.mul(2)], [np.array(1)]);
  assertEquals(pull([1, 10, 100])[0]!.item(), 211);
});

Deno.test("inputs that are not used get zeros, integer outputs pull nothing", () => {
  const [out, pull] = vjp((x: Tensor, _: Tensor) => [x.mul(2), x.astype("int32")], [
    np.array([1.5]),
    np.ones([2]),
  ]);
  assertEquals(out[1]!.dtype, "int32");
  const [gx, gy] = pull([np.array([1]), np.array([9])]);
  assertEquals([gx!.toArray(), gy!.toArray()], [[2], [0, 0]]);
});

Deno.test("hasAux passes on whatever is returned beside the value", () => {
  const f = (x: Tensor) => [x.square(), { note: "kept", x }] as const;
  const [y, pull, aux] = vjp(f, [3], { hasAux: true });
  assertEquals([y.item(), aux.note, pull(1)[0].item()], [9, "kept", 6]);
  assertThrows(
    () => vjp((x: Tensor) => x as never, [3], { hasAux: true }),
    TypeError,
    "it must return a pair [value, aux]",
  );
  assertThrows(
    () => vjp((x: Tensor) => [x, x, x] as never, [3], { hasAux: true }),
    TypeError,
    "returned 3 values",
  );
});

Deno.test("integer inputs are refused with their path", () => {
  const e = assertThrows(
    () => vjp((p: { n: Tensor[] }) => p.n[0]!, [{ n: [np.arange(2)] }]),
    TypeError,
  );
  assertEquals(
    e.message,
    "Cannot differentiate by primals[0].n[0] of dtype int32: inputs must be floating point; " +
      'convert with astype("float32")',
  );
});

Deno.test("cotangents that do not fit are told with their path", () => {
  const [, pull] = vjp((x: Tensor) => ({ a: [x, x.sum()] }), [np.ones([2])]);
  const wrong = (c: unknown) => () => pull(c as never);
  assertEquals(
    assertThrows(wrong({ a: [np.ones([3]), 1] }), TypeError).message,
    "Cannot take cotangents.a[0], float32[3]: it must be float32[2], as the value is",
  );
  assertThrows(wrong({ a: [np.ones([2])] }), TypeError, "a is an array of 1 in one");
  assertThrows(wrong(np.ones([2])), TypeError, "of another structure than the value");
  assertThrows(wrong({ a: ["x", 1] }), TypeError, 'cotangents.a[0] is "x"');
  assertThrows(wrong({ a: [np.ones([2], "float64"), 1] }), TypeError, "float64[2]");
});

Deno.test("primals are a list, options known, functions functions", () => {
  assertThrows(() => vjp((x: Tensor) => x, np.ones(2) as never), TypeError, "as a list");
  assertThrows(() => vjp(3 as never, []), TypeError, "give a function");
  assertThrows(
    () => vjp((x: Tensor) => x, [1], { aux: 1 } as never),
    TypeError,
    "the options are hasAux",
  );
  assertThrows(() => vjp(() => Promise.resolve() as never, [1]), TypeError, "async");
});
