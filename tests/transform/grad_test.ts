/**
 * grad and valueAndGrad: which arguments, what may be returned, and what the derivative is where
 * there is none.
 *
 * @module
 */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { HostArray } from "../../src/base/mod.ts";
import { type Tensor, Variable } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { grad, jit, stopGradient, valueAndGrad } from "../../src/transform/mod.ts";

const f = (x: Tensor, y: Tensor) => x.mul(x).mul(y);

Deno.test("argnums chooses arguments, counted from either end", () => {
  assertEquals(grad(f)(3, 5).item(), 30);
  assertEquals(grad(f, { argnums: 1 })(3, 5).item(), 9);
  assertEquals(grad(f, { argnums: -1 })(3, 5).item(), 9);
  assertEquals(grad(f, { argnums: [1, 0] })(3, 5).map((g) => g.item()), [9, 30]);
  assertEquals(grad(f, { argnums: [0] })(3, 5).map((g) => g.item()), [30]);
});

Deno.test("wrong argnums are errors", () => {
  const at = (argnums: unknown) => () => grad(f, { argnums } as never)(1 as never, 2 as never);
  assertThrows(at(2), RangeError, "argument 2: the function was called with 2");
  assertThrows(at(-3), RangeError);
  assertThrows(at(0.5), TypeError, "argnums are integers");
  assertThrows(at([]), RangeError, "argnums is empty");
  assertThrows(at([0, 0]), RangeError, "named twice");
  assertThrows(at([1, -1]), RangeError, "named twice");
});

Deno.test("an option that does not exist is an error", () => {
  assertThrows(() => grad(f, { has_aux: true } as never), TypeError, "argnums, hasAux");
  assertThrows(() => grad(5 as never), TypeError, "give a function");
});

Deno.test("gradients have the structure of the argument", () => {
  const loss = (p: { w: Tensor[]; none: null; b: Tensor }) =>
    p.w[0]!.mul(2).add(p.w[1]!.mul(p.b)).sum();
  const g = grad(loss)({ w: [np.ones(2), np.ones(2)], none: null, b: np.array(7) });
  assertEquals(g.none, null);
  assertEquals([g.w[0]!.toArray(), g.w[1]!.toArray(), g.b.item()], [[2, 2], [7, 7], 2]);
});

Deno.test("hasAux passes on whatever is returned beside the loss", () => {
  const g = valueAndGrad((x: Tensor) => [x.mul(x), { twice: x.mul(2), n: [1, null] }] as const, {
    hasAux: true,
  });
  const [[loss, aux], d] = g(3);
  assertEquals([loss.item(), aux.twice.item(), aux.n[0], d.item()], [9, 6, 1, 6]);
  const [d2, aux2] = grad((x: Tensor) => [x.mul(x), x.astype("int32")] as const, { hasAux: true })(
    3,
  );
  assertEquals([d2.item(), aux2.dtype], [6, "int32"]);
});

Deno.test("three values with hasAux are an error that shows the pair to return", () => {
  const wrong = (x: Tensor) => [x, x, x] as unknown as [Tensor, Tensor];
  const e = assertThrows(() => valueAndGrad(wrong, { hasAux: true })(1), TypeError);
  assertStringIncludes(e.message, "returned 3 values");
  assertStringIncludes(e.message, "return [loss, [nonTrainableVariables, metricVariables]]");
  const none = (x: Tensor) => x as unknown as [Tensor, Tensor];
  assertThrows(() => grad(none, { hasAux: true })(1), TypeError, "must return a pair [loss, aux]");
  const pair = (x: Tensor) => [x, x] as unknown as Tensor;
  assertThrows(() => grad(pair)(1), TypeError, "{ hasAux: true }");
});

Deno.test("the loss must be a floating-point scalar", () => {
  assertThrows(() => grad((x: Tensor) => x)(np.ones(3)), TypeError, "shape [3]");
  assertThrows(() => grad((x: Tensor) => x)(np.ones(1)), TypeError, "reshape([])");
  assertThrows(() => grad((x: Tensor) => x.astype("int32"))(1), TypeError, "dtype int32");
  assertThrows(() => grad((x: Tensor) => x.item() as never)(1), TypeError, "whose loss is 1");
  assertThrows(() => grad((x: Tensor) => Promise.resolve(x) as never)(1), TypeError, "async");
});

Deno.test("integer inputs are refused with their path", () => {
  const g = grad((p: { a: Tensor[] }) => p.a[1]!.sum());
  const e = assertThrows(() => g({ a: [np.ones(1), np.arange(2)] }), TypeError);
  assertEquals(
    e.message,
    "Cannot differentiate by args[0].a[1] of dtype int32: inputs must be floating point; convert " +
      'with astype("float32")',
  );
  assertThrows(() => grad((x) => x)("s" as never), TypeError, 'args[0] is "s"');
});

Deno.test("inputs that are not used get zeros of their shape and dtype", () => {
  const [a, b] = grad((x: Tensor, _: Tensor) => x.sum(), { argnums: [0, 1] })(
    np.ones(2),
    np.ones([2, 3], "float64"),
  );
  assertEquals(a!.toArray(), [1, 1]);
  assertEquals([b!.toArray(), b!.dtype], [[[0, 0, 0], [0, 0, 0]], "float64"]);
});

Deno.test("Variables, HostArrays, typed arrays and numbers serve in every position", () => {
  const loss = (x: Tensor, y: Tensor) => x.mul(y.exp()).sum();
  for (const x of [new Variable([1]), new HostArray([1]), new Float32Array([1]), np.ones(1)]) {
    assertEquals(grad(loss)(x, 0).toArray(), [1]);
    assertEquals(grad(loss)(2 as never, x).shape, []);
    assertEquals(jit(grad(loss))(x, x).shape, [1]);
  }
});

Deno.test("settings among the other arguments arrive as they are", () => {
  const loss = (x: Tensor, o: { training: boolean; mode: string; by: (t: Tensor) => Tensor }) =>
    o.training && o.mode === "up" ? o.by(x) : x;
  const by = (t: Tensor) => t.mul(4);
  assertEquals(grad(loss)(1, { training: true, mode: "up", by }).item(), 4);
  assertEquals(grad(loss)(1, { training: false, mode: "up", by }).item(), 1);
});

Deno.test("float64 stays float64, also through float32 parts", () => {
  const x = np.array([1, 2], "float64");
  assertEquals(grad((t: Tensor) => t.mul(t).sum())(x).dtype, "float64");
  assertEquals(grad((t: Tensor) => t.astype("float32").mul(2).sum())(x).dtype, "float64");
});

Deno.test("gradients of broadcast operands are summed back", () => {
  const loss = (x: Tensor, y: Tensor) => x.mul(y).sum();
  const [a, b] = grad(loss, { argnums: [0, 1] })(np.ones([2, 1]), np.array([1, 2, 3]));
  assertEquals([a!.toArray(), b!.toArray()], [[[6], [6]], [2, 2, 2]]);
});

Deno.test("a value used twice, or handed on unchanged, gets the sum of its gradients", () => {
  assertEquals(grad((x: Tensor) => x.add(x).add(x))(1).item(), 3);
  assertEquals(grad((x: Tensor) => x)(1).item(), 1);
});

Deno.test("at kinks the derivative is JAX's", () => {
  const at = (g: (x: Tensor) => Tensor, x: number) => grad(g)(x).item();
  assertEquals(at((x) => x.abs(), 0), 1);
  assertEquals(at((x) => x.maximum(0), 0), 0.5);
  assertEquals(at((x) => x.minimum(0), 0), 0.5);
  assertEquals(at((x) => np.clip(x, 0, 1), 0), 0.5);
  assertEquals(at((x) => np.clip(x, 0, 1), 1), 0.5);
  assertEquals(at((x) => np.clip(x, 0, 1), 2), 0);
  assertEquals(at((x) => nn.relu(x), 0), 0);
  assertEquals(at((x) => nn.leakyRelu(x), 0), 1);
  assertEquals(at((x) => x.sqrt(), 0), Infinity);
  assertEquals(at((x) => x.floor().add(x.round()).add(x.sign()), 0.5), 0);
  assertEquals(at((x) => np.power(0, x), 2), 0);
  assertEquals(grad((x: Tensor) => x.max())(np.array([1, 2, 2])).toArray(), [0, 0.5, 0.5]);
  const both = grad((x: Tensor, y: Tensor) => x.maximum(y), { argnums: [0, 1] })(1, 1);
  assertEquals(both.map((g) => g.item()), [0.5, 0.5]);
});

Deno.test("stopGradient holds values constant, in trees too", () => {
  assertEquals(grad((x: Tensor) => x.mul(stopGradient(x)))(3).item(), 3);
  const g = grad((x: Tensor) => {
    const { a, b } = stopGradient({ a: x, b: [x] });
    return x.mul(a).mul(b[0]!);
  })(3);
  assertEquals(g.item(), 9);
  assertEquals(grad((x: Tensor) => stopGradient(x.mul(x)))(3).item(), 0);
});
