/**
 * Interpreters nest: jit in grad in jit, derivatives of derivatives, and no confusion between them.
 *
 * @module
 */
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { HostArray, LeakedTracerError } from "../../src/base/mod.ts";
import { Tensor, Variable } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { grad, jit, valueAndGrad } from "../../src/transform/mod.ts";

const cube = (x: Tensor) => x.mul(x).mul(x);
const loss = (w: Tensor) => w.mul(w).exp().sum();

Deno.test("the derivatives of a cube at 2 are 12, 12 and 6, then 0", () => {
  assertEquals(grad(cube)(2).item(), 12);
  assertEquals(grad(grad(cube))(2).item(), 12);
  assertEquals(grad(grad(grad(cube)))(2).item(), 6);
  assertEquals(grad(grad(grad(grad(cube))))(2).item(), 0);
});

Deno.test("jit and grad give the same in every nesting", () => {
  const nestings = [
    grad(grad(cube)),
    jit(grad(grad(cube))),
    grad(jit(grad(cube))),
    grad(grad(jit(cube))),
    jit(grad(jit(grad(cube)))),
    jit(grad(jit(grad(jit(cube))))),
    jit(jit(grad(grad(cube)))),
  ];
  for (const f of nestings) assertEquals(f(3).item(), 18);
});

Deno.test("jit(valueAndGrad) compiles once for all values", () => {
  const step = jit((w: Tensor) => valueAndGrad(loss)(w));
  const [value, gradient] = step(np.array([1, 0.5], "float64"));
  assertAlmostEquals(value.item(), Math.E + Math.exp(0.25), 1e-12);
  assertAlmostEquals(Number(gradient.at(0)), 2 * Math.E, 1e-12);
  assertAlmostEquals(Number(gradient.at(1)), Math.exp(0.25), 1e-12);
  step(np.array([2, 1], "float64"));
  assertEquals(step.compiles, 1);
});

Deno.test("an inner derivative does not see an outer variable that it closes over", () => {
  assertEquals(grad((x: Tensor) => x.mul(grad((_: Tensor) => x)(1)))(3).item(), 0);
});

Deno.test("an inner derivative at the outer variable itself keeps both apart", () => {
  assertEquals(grad((x: Tensor) => x.mul(grad((y: Tensor) => x.mul(y))(x)))(3).item(), 6);
});

Deno.test("d/dx (x d/dy (x + y)) is 1, Siskind and Pearlmutter's trap", () => {
  for (const wrap of [(f: (x: Tensor) => Tensor) => f, (f: (x: Tensor) => Tensor) => jit(f)]) {
    const d = grad(wrap((x: Tensor) => x.mul(grad((y: Tensor) => x.add(y))(2))));
    assertEquals(d(1).item(), 1);
  }
});

Deno.test("d/dx (x (d/dy (x y) at y = 2)) at 5 is 10", () => {
  assertEquals(grad((x: Tensor) => x.mul(grad((y: Tensor) => x.mul(y))(2)))(5).item(), 10);
});

Deno.test("an outer tape sees what the inner tape returns as its value", () => {
  const f = (x: Tensor) => {
    const [value, d] = valueAndGrad((y: Tensor) => y.mul(x))(x);
    return value.add(d);
  };
  // x^2 + x
  assertEquals(grad(f)(4).item(), 9);
});

Deno.test("a Hessian, row by row, is symmetric and right", () => {
  // f = x0^2 x1: [[2 x1, 2 x0], [2 x0, 0]]
  const f = (x: Tensor) => x.at(0).mul(x.at(0)).mul(x.at(1));
  const row = (i: number) => grad((x: Tensor) => grad(f)(x).at(i))(np.array([3, 5])).toArray();
  assertEquals([row(0), row(1)], [[10, 6], [6, 0]]);
});

Deno.test("a nested jit sees and gives tensors, whatever it is given and returns", () => {
  const seen: unknown[] = [];
  const inner = jit((x: Tensor, [y]: [Tensor], mode: string) => {
    seen.push(y, mode);
    return y.mul(x).sum();
  }, { staticArgs: 2 });
  for (const y of [2, new HostArray([2]), new Variable([2]), Float32Array.of(2)]) {
    assertEquals(jit((x: Tensor) => inner(x, [y], "fast"))(3).item(), 6);
    assertEquals(grad((x: Tensor) => inner(x, [y], "slow"))(3).item(), 2);
  }
  assertEquals(seen.filter((x) => x instanceof Tensor).length, 8);
  assertEquals(seen.filter((x) => typeof x === "string").length, 8);
  assertEquals(
    jit((x: Tensor) => x.mul(jit((_: Tensor) => 2 as unknown as Tensor)(x).neg()))(3).item(),
    -6,
  );
  const bad = () => jit((x: Tensor) => inner(x, ["no"] as never, "fast"))(3);
  assertThrows(bad, TypeError, 'args[1][0] is "no"');
});

Deno.test("a nested jit becomes part of the outer program", () => {
  let traces = 0;
  const inner = jit((x: Tensor) => {
    traces++;
    return x.add(1);
  });
  const outer = jit((x: Tensor) => inner(inner(x)));
  assertEquals(outer(1).item(), 3);
  assertEquals(outer(2).item(), 4);
  assertEquals([inner.compiles, outer.compiles, traces], [0, 1, 2]);
});

Deno.test("side effects happen once, while tracing", () => {
  let calls = 0;
  const f = jit((x: Tensor) => {
    calls++;
    return x.mul(2);
  });
  assertEquals([f(1).item(), f(2).item(), f(3).item()], [2, 4, 6]);
  assertEquals(calls, 1);
});

Deno.test("a tensor of another trace is named, in a nested and in a later trace", () => {
  const kept: Tensor[] = [];
  jit(function first(x: Tensor) {
    kept.push(x.add(1));
    return x;
  })(1);
  const e = assertThrows(
    () =>
      jit(function second(x: Tensor) {
        return x.add(kept[0]!);
      })(1),
    LeakedTracerError,
  );
  assertEquals(
    e.message,
    "Cannot add a tensor that belongs to an earlier trace of jit(first) inside jit(second): pass " +
      "it in as an argument instead",
  );
});

Deno.test("a tensor kept from an eager grad is an ordinary tensor", () => {
  const kept: Tensor[] = [];
  grad((x: Tensor) => {
    kept.push(x.mul(2));
    return x;
  })(3);
  assertEquals(kept[0]!.item(), 6);
});

Deno.test("a failure anywhere in a nest leaves every interpreter usable", () => {
  const broken = jit((x: Tensor) =>
    grad((y: Tensor) => {
      if (y.ndim === 0) throw new Error("stop");
      return y.sum();
    })(x)
  );
  assertThrows(() => broken(1), Error, "stop");
  assertEquals(np.array(1).add(1).item(), 2);
  assertEquals(broken(np.ones(2)).toArray(), [1, 1]);
});
