/**
 * Transformations in each other: no perturbation is taken for another, whatever closes over whatever.
 * The traps are those of Siskind and Pearlmutter (2005), Pearlmutter and Siskind (2007), and Manzyuk et
 * al., "Perturbation confusion in forward automatic differentiation of higher-order functions" (2019).
 *
 * @module
 */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { Tensor } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import * as random from "../../src/random/mod.ts";
import {
  checkpoint,
  cond,
  customVjp,
  grad,
  hessian,
  jacfwd,
  jacrev,
  jit,
  jvp,
  linearize,
  scan,
  vjp,
  vmap,
} from "../../src/transform/mod.ts";

type F = (x: Tensor) => Tensor;
type Derive = (f: F) => F;

/** Every way to take the derivative of a function of one number. */
const DERIVE: Record<string, Derive> = {
  grad: (f) => grad(f),
  jvp: (f) => (x) => jvp(f, [x], [1])[1],
  vjp: (f) => (x) => vjp(f, [x])[1](1)[0]!,
  linearize: (f) => (x) => linearize(f, [x])[1](1),
  jacfwd: (f) => jacfwd(f) as F,
  jacrev: (f) => jacrev(f) as F,
  "jit of grad": (f) => jit(grad(f)) as F,
  "grad of jit": (f) => grad(jit(f) as F),
  "jit of jvp": (f) => jit((x: Tensor) => jvp(f, [x], [1])[1]) as F,
  "vmap of grad": (f) => (x) => vmap(grad(f))(x.reshape([1])).reshape([]),
  "grad of vmap": (f) => (x) => grad((y: Tensor) => vmap(f)(y).sum())(x.reshape([1])).reshape([]),
  "vmap of jvp": (f) => (x) => vmap((t: Tensor) => jvp(f, [x], [t])[1])(np.array([1])).reshape([]),
  "grad of checkpoint": (f) => grad(checkpoint(f) as F),
};
const ways = Object.entries(DERIVE);

/** Runs a claim for every pair of an outer and an inner derivative. */
function eachPair(claim: (outer: Derive, inner: Derive) => number, want: number): void {
  for (const [a, outer] of ways) {
    for (const [b, inner] of ways) {
      assertAlmostEquals(claim(outer, inner), want, 1e-5, `${a} over ${b}`);
    }
  }
}

Deno.test("d/dx (x d/dy (x + y)) is 1: the inner derivative must not see x", () => {
  eachPair(
    (outer, inner) => outer((x) => x.mul(inner((y) => x.add(y))(np.array(1))))(np.array(1)).item(),
    1,
  );
});

Deno.test("d/dx (x d/dy (x y)) is 2x", () => {
  eachPair(
    (outer, inner) => outer((x) => x.mul(inner((y) => x.mul(y))(np.array(2))))(np.array(5)).item(),
    10,
  );
});

Deno.test("the inner point may be the outer variable itself", () => {
  // d/dx (x d/dy (x y) at y = x) = d/dx x^2
  eachPair((outer, inner) => outer((x) => x.mul(inner((y) => x.mul(y))(x)))(np.array(3)).item(), 6);
});

Deno.test("an inner derivative of what does not depend on its variable is zero", () => {
  eachPair(
    (outer, inner) => outer((x) => x.mul(inner(() => x)(np.array(1))))(np.array(3)).item(),
    0,
  );
});

Deno.test("the derivative of a derivative is the second derivative", () => {
  eachPair((outer, inner) => outer(inner((x) => x.mul(x).mul(x)))(np.array(2)).item(), 12);
});

Deno.test("Manzyuk's operator, applied twice, is the second derivative and not zero", () => {
  // D f x = d/du f(x + u) at u = 0
  const at = (d: Derive) => (f: F): F => (x) => d((u) => f(x.add(u)))(np.array(0));
  eachPair((outer, inner) => at(outer)(at(inner)((x) => x.exp()))(np.array(0)).item(), 1);
});

Deno.test("three deep, all closing over all", () => {
  // d/dx x d/dy y d/dz (x y z) at y = x, z = y: x d/dy (x y^2) = 2 x^3 -> 6 x^2
  for (const [name, d] of ways) {
    const f: F = (x) => x.mul(grad((y: Tensor) => y.mul(d((z) => x.mul(y).mul(z))(y)))(x));
    assertAlmostEquals(d(f)(np.array(2)).item(), 24, 1e-4, name);
  }
});

Deno.test("examples may close over examples of outer batches", () => {
  const a = np.array([1, 2]);
  const b = np.array([10, 20, 30]);
  const table = vmap((x: Tensor) => vmap((y: Tensor) => x.mul(y))(b))(a);
  assertEquals(table.toArray(), [[10, 20, 30], [20, 40, 60]]);
  const inner = vmap((x: Tensor) => vmap(grad((y: Tensor) => y.square().mul(x)))(b))(a);
  assertEquals(inner.toArray(), [[20, 40, 60], [40, 80, 120]]);
  const outer = grad((x: Tensor) => vmap((y: Tensor) => y.mul(x).square())(b).sum())(1);
  assertEquals(outer.item(), 2 * (100 + 400 + 900));
  const both = vmap((x: Tensor) => jit((y: Tensor) => x.add(y))(x))(a);
  assertEquals(both.toArray(), [2, 4]);
});

Deno.test("gradients of each example are a loop over examples, whatever jit stands where", () => {
  const w = np.array([0.5, -1, 2]);
  const xs = np.array([[1, 2, 3], [-1, 0, 1], [2, 2, 2], [0, 1, 0]]);
  const ys = np.array([1, 0, 1, 0]);
  const loss = (w: Tensor, x: Tensor, y: Tensor) => x.matmul(w).tanh().sub(y).square();
  const want = [...xs].map((x, i) => grad(loss)(w, x, ys.at(i)).toArray());
  const axes = { inAxes: [null, 0, 0] };
  const forms = [
    vmap(grad(loss), axes),
    jit(vmap(grad(loss), axes)),
    vmap(jit(grad(loss)), axes),
    vmap(grad(jit(loss)), axes),
    (w: Tensor, xs: Tensor, ys: Tensor) => jacrev((w: Tensor) => vmap(loss, axes)(w, xs, ys))(w),
    (w: Tensor, xs: Tensor, ys: Tensor) => jacfwd((w: Tensor) => vmap(loss, axes)(w, xs, ys))(w),
  ] as ((w: Tensor, xs: Tensor, ys: Tensor) => Tensor)[];
  for (const f of forms) {
    const got = f(w, xs, ys).data();
    want.flat().forEach((v, i) => assertAlmostEquals(got[i]!, v as number, 1e-6));
  }
});

Deno.test("rules of users hold in the bodies of loops and in branches", () => {
  const reverse = customVjp(
    (x: Tensor) => x,
    (x: Tensor) => [x, null],
    (_, g: Tensor) => [g.neg()],
  );
  const loop = (x: Tensor) =>
    scan((c: Tensor) => [reverse(c).mul(2), null], x, null, { length: 3 })[0] as Tensor;
  assertEquals([loop(np.array(1)).item(), grad(loop)(1).item()], [8, -8]);
  assertEquals(jit(grad(loop))(1).item(), -8);
  assertEquals(vmap(grad(loop))(np.array([1, 2])).toArray(), [-8, -8]);
  const branch = (x: Tensor) => cond(x.gt(0), (x: Tensor) => reverse(x), (x: Tensor) => x, x);
  assertEquals([grad(branch)(1).item(), grad(branch)(-1).item()], [-1, 1]);
});

Deno.test("checkpoints in the bodies of loops change nothing but memory", () => {
  const layer = (h: Tensor) => h.sin().mul(1.5).sin();
  const loop = (part: F) => (x: Tensor) =>
    scan((c: Tensor) => [part(c), null], x, null, { length: 5 })[0] as Tensor;
  const at = np.array(0.7, "float64");
  const want = grad(loop(layer))(at).item();
  assertAlmostEquals(grad(loop(checkpoint(layer)))(at).item(), want, 1e-14);
  assertAlmostEquals(jit(grad(loop(checkpoint(layer))))(at).item(), want, 1e-14);
  assertAlmostEquals(grad(checkpoint(loop(layer)))(at).item(), want, 1e-14);
});

Deno.test("a batch of loops, a loop over batches, and Hessians through both", () => {
  const power = (x: Tensor) =>
    scan((c: Tensor) => [c.mul(x), c], np.ones([], "float64"), null, { length: 3 })[0] as Tensor;
  const xs = np.array([1, 2, 3], "float64");
  assertEquals(vmap(power)(xs).toArray(), [1, 8, 27]);
  assertEquals(vmap(hessian(power))(xs).toArray(), [6, 12, 18]);
  const sums = scan(
    (c: Tensor, row: Tensor) => {
      const s = vmap((x: Tensor) => x.square())(row).sum();
      return [c.add(s), s];
    },
    np.zeros([], "float64"),
    np.stack([xs, xs]),
  )[0] as Tensor;
  assertEquals(sums.item(), 28);
});

Deno.test("noise drawn with a key of each example is the same under any transformation", () => {
  const noisy = (w: Tensor, k: Tensor) => w.mul(random.normal(k, [4], { dtype: "float64" })).sum();
  const keys = random.split(random.key(1), 3);
  const w = np.array(2, "float64");
  const want = [...keys].map((k) => noisy(np.array(1, "float64"), k).item());
  const got = vmap(grad(noisy), { inAxes: [null, 0] })(w, keys).data();
  want.forEach((v, i) => assertAlmostEquals(got[i]!, v, 1e-12));
});
