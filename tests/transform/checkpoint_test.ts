/**
 * checkpoint: the same values and gradients with less memory, which the compiler does not undo.
 *
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { LeakedTracerError } from "../../src/base/mod.ts";
import type { Tensor } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import * as random from "../../src/random/mod.ts";
import {
  checkpoint,
  grad,
  jit,
  jvp,
  makeProgram,
  valueAndGrad,
  vmap,
} from "../../src/transform/mod.ts";

type Part = (w: Tensor, x: Tensor) => Tensor;

/** Sixteen parts of four layers each. */
function chain(wrap: (part: Part) => Part): (w: Tensor, x: Tensor) => Tensor {
  const part = wrap((w, x) => {
    for (let i = 0; i < 4; i++) x = w.matmul(x.tanh()).sin().mul(x);
    return x;
  });
  return (w, x) => {
    for (let i = 0; i < 16; i++) x = part(w, x);
    return x.sum();
  };
}
const lean = chain((part) => checkpoint(part));
const plain = chain((part) => part);
const w = random.normal(random.key(1), [32, 32]).mul(0.1);
const x = random.normal(random.key(2), [32, 32]);

Deno.test("a deep chain needs a third of the memory, for less than half as much work again", () => {
  const both = [plain, lean].map((f) => jit(valueAndGrad(f)).explain(w, x));
  const [before, after] = both as [typeof both[0], typeof both[0]];
  assert(after!.arena < before!.arena / 3, `${before!.arena} bytes, then ${after!.arena}`);
  assert(after!.flops < before!.flops * 1.5, `${before!.flops} operations, then ${after!.flops}`);
  assert(after!.flops > before!.flops * 1.2, "nothing was computed again");
});

Deno.test("values and gradients are the same, eager and jitted", () => {
  const want = grad(plain)(w, x).data();
  assertEquals(grad(lean)(w, x).data(), want);
  assertEquals(jit(grad(lean))(w, x).data(), jit(grad(plain))(w, x).data());
});

Deno.test("gradients flow to what the function closes over", () => {
  const f = (a: Tensor) => checkpoint((b: Tensor) => a.mul(b).sin())(a.mul(2));
  const g = (a: Tensor) => a.mul(a.mul(2)).sin();
  const at = np.array(0.7, "float64");
  assertEquals(grad(f)(at).item(), grad(g)(at).item());
  assertEquals(jit(grad(f))(at).item(), grad(g)(at).item());
});

Deno.test("it composes with every other transformation, to every order", () => {
  const cube = checkpoint((x: Tensor) => x.mul(x).mul(x));
  const twice = checkpoint((x: Tensor) => cube(cube(x)));
  assertEquals(grad(grad(cube))(2).item(), 12);
  assertEquals(grad(grad(grad(cube)))(2).item(), 6);
  assertEquals(grad(twice)(2).item(), 9 * 2 ** 8);
  assertEquals(jit(grad(jit(twice)))(2).item(), 9 * 2 ** 8);
  assertEquals(jvp(twice, [2], [1])[1].item(), 9 * 2 ** 8);
  assertEquals(jvp(grad(cube), [2], [1])[1].item(), 12);
  assertEquals(grad((x: Tensor) => jvp(cube, [x], [1])[1])(2).item(), 12);
  assertEquals(vmap(grad(twice))(np.array([1, 2])).toArray(), [9, 9 * 2 ** 8]);
  assertEquals(grad((x: Tensor) => vmap(twice)(x).sum())(np.array([1, 2])).toArray(), [9, 2304]);
  assertEquals(vmap(vmap(grad(cube)))(np.array([[1], [2]])).toArray(), [[3], [12]]);
});

Deno.test("trees, settings, results that are arguments, and functions that return several values", () => {
  const f = checkpoint((p: { a: Tensor; b: Tensor }, mode: string) => ({
    y: mode === "up" ? p.a.mul(p.b) : p.a,
    n: p.b.astype("int32"),
    same: p.a,
  }));
  const g = grad((p: { a: Tensor; b: Tensor }) => {
    const { y, same, n } = f(p, "up");
    assertEquals(n.dtype, "int32");
    return y.add(same.mul(10)).sum();
  })({ a: np.array([1, 2]), b: np.array([3, 4]) });
  assertEquals([g.a.toArray(), g.b.toArray()], [[13, 14], [1, 2]]);
});

Deno.test("random numbers are drawn again the same", () => {
  const key = random.key(5);
  const drop = (x: Tensor) => x.mul(random.bernoulli(key, { p: 0.5, shape: [64] })).sin();
  const f = (x: Tensor) => checkpoint(drop)(x).sum();
  assertEquals(grad(f)(np.ones(64)).data(), grad((x: Tensor) => drop(x).sum())(np.ones(64)).data());
});

Deno.test("without a derivative nothing is computed again", () => {
  const f = checkpoint((x: Tensor) => x.sin().sin());
  const both = [f, (x: Tensor) => x.sin().sin()].map((g) => jit(g as typeof f).explain(1));
  assertEquals(both[0]!.kernels.map((k) => k.name), both[1]!.kernels.map((k) => k.name));
  assertEquals(makeProgram((x: Tensor) => f(x))(1).ops, ["checkpoint"]);
});

Deno.test("a value kept from inside would have no gradient, so that it is refused", () => {
  const run = (use: (kept: { moving: Tensor; fixed: Tensor }, y: Tensor) => Tensor) =>
    grad((x: Tensor) => {
      let kept!: { moving: Tensor; fixed: Tensor };
      const y = checkpoint((x: Tensor) => {
        kept = { moving: x.sin(), fixed: np.ones([]).add(1) };
        return kept.moving.mul(2);
      })(x);
      return use(kept, y);
    })(0);
  assertThrows(() => run((kept, y) => y.add(kept.moving)), LeakedTracerError, "a checkpoint");
  assertThrows(
    () => run((kept, y) => checkpoint((y: Tensor) => y.add(kept.moving))(y)),
    LeakedTracerError,
    "return it from the function",
  );
  assertEquals(run((kept, y) => y.mul(kept.fixed)).item(), 4);
});

Deno.test("a failure inside leaves everything usable", () => {
  const bad = checkpoint((_: Tensor): Tensor => {
    throw new Error("mine");
  });
  assertThrows(() => grad((x: Tensor) => bad(x))(1), Error, "mine");
  assertEquals(grad((x: Tensor) => x.mul(x))(1).item(), 2);
  assertThrows(() => checkpoint(1 as never), TypeError, "give a function");
  assertThrows(() => checkpoint((x: Tensor) => Promise.resolve(x))(1), TypeError, "async");
  assertThrows(() => checkpoint((_: Tensor) => "no")(1), TypeError, 'result is "no"');
});
