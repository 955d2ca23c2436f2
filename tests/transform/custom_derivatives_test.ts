/**
 * customVjp and customJvp: when each function runs, what it is given, how they nest, and every way to
 * write them wrongly. That their values are JAX's is in goldens_test.ts.
 *
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Tensor } from "../../src/core/mod.ts";
import * as layers from "../../src/layers/mod.ts";
import * as models from "../../src/models/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import {
  checkpoint,
  customJvp,
  customVjp,
  grad,
  hessian,
  jacfwd,
  jit,
  jvp,
  vjp,
  vmap,
} from "../../src/transform/mod.ts";

/** x^2 whose reverse rule says 100 x and logs. */
function logged(log: string[]) {
  return customVjp(
    (x: Tensor) => {
      log.push("f");
      return x.mul(x);
    },
    (x: Tensor) => {
      log.push("fwd");
      return [x.mul(x), x];
    },
    (x: Tensor, g: Tensor) => {
      log.push("bwd");
      return [g.mul(x).mul(100)];
    },
  );
}

Deno.test("without a derivative the function runs, with one the rule alone", () => {
  const log: string[] = [];
  const f = logged(log);
  assertEquals([f(3).item(), log.splice(0)], [9, ["f"]]);
  assertEquals([grad(f)(3).item(), log.splice(0)], [300, ["fwd", "bwd"]]);
  assertEquals([vjp(f, [3])[0].item(), log.splice(0)], [9, ["fwd"]]);
  assertEquals([jit(f)(3).item(), log.splice(0)], [9, ["f"]]);
  assertEquals([jit(grad(f))(3).item(), log.splice(0)], [300, ["fwd", "bwd"]]);
});

Deno.test("the rule holds in every nesting", () => {
  const f = logged([]);
  const nestings: ((x: Tensor) => Tensor)[] = [
    grad(f),
    jit(grad(f)),
    grad(jit(f)),
    jit(grad(jit(f))),
    (x) => vmap(grad(f))(x.reshape([1])).at(0),
    (x) => grad((x) => vmap(f)(np.stack([x, x])).at(1))(x),
    (x) => grad((x) => vmap(jit((y: Tensor) => f(y).add(x)))(np.stack([x])).at(0))(x).sub(1),
    grad((x) => checkpoint(f)(x)),
    jit(grad((x) => checkpoint((y: Tensor) => f(y))(x))),
    (x) => grad((x) => checkpoint((y: Tensor) => checkpoint(f)(y))(x))(x),
    (x) => grad((x) => vmap((y: Tensor) => checkpoint(f)(y))(x.reshape([1])).sum())(x),
  ];
  nestings.forEach((g, i) => assertEquals(g(np.array(3)).item(), 300, `nesting ${i}`));
});

Deno.test("second derivatives are those of the rule", () => {
  const f = logged([]);
  assertEquals(grad(grad(f))(3).item(), 100);
  assertEquals(jacfwd(grad(f))(3).item(), 100);
  assertEquals(hessian(f)(np.array(3)).item(), 100);
});

Deno.test("forward mode through a reverse rule is refused by name", () => {
  const f = logged([]);
  const e = assertThrows(() => jvp(f, [3], [1]), TypeError);
  assertEquals(
    e.message,
    "Cannot differentiate customVjp in forward mode: it has a rule for reverse mode only; use grad " +
      "or vjp, or give it a forward rule with customJvp",
  );
});

Deno.test("trees, settings, integers, and null for zero", () => {
  const f = customVjp(
    function scaled(
      p: { a: Tensor; b: Tensor },
      n: Tensor,
      mode: string,
      by: (t: Tensor) => Tensor,
    ) {
      return { y: by(p.a.mul(p.b).add(n)), mode: np.array(mode.length) };
    },
    (p: { a: Tensor; b: Tensor }, n: Tensor, mode: string, by: (t: Tensor) => Tensor) => [
      { y: by(p.a.mul(p.b).add(n)), mode: np.array(mode.length) },
      { p, mode },
    ],
    ({ p, mode }: { p: { a: Tensor; b: Tensor }; mode: string }, g: { y: Tensor }) => {
      assertEquals(mode, "fast");
      return [{ a: g.y.mul(p.b), b: g.y.mul(7) }, null, null, null];
    },
  );
  const loss = (p: { a: Tensor; b: Tensor }) => f(p, np.arange(2), "fast", (t) => t.neg()).y.sum();
  const g = grad(loss)({ a: np.array([1, 2]), b: np.array([3, 4]) });
  assertEquals([g.a.toArray(), g.b.toArray()], [[3, 4], [7, 7]]);
  const [, none] = vjp((x: Tensor) => f({ a: np.ones(2), b: np.ones(2) }, x, "fast", (t) => t).y, [
    np.ones(2),
  ]);
  assertEquals(none(np.ones(2))[0]!.toArray(), [0, 0]);
});

Deno.test("arguments that are never differentiated come first in the rules", () => {
  const f = customVjp(
    (by: number, x: Tensor) => x.mul(by),
    (by: number, x: Tensor) => [x.mul(by), null],
    (by: Tensor, _: null, g: Tensor) => [g.mul(by).mul(10)],
    { nondiffArgnums: [0] },
  );
  assertEquals(grad((x: Tensor) => f(3, x))(1).item(), 30);
  const h = customJvp(
    (by: (t: Tensor) => Tensor, x: Tensor) => by(x),
    (by: (t: Tensor) => Tensor, [x]: Tensor[], [dx]: Tensor[]) => [by(x!), dx!.mul(5)] as const,
    { nondiffArgnums: [0] },
  );
  assertEquals(grad((x: Tensor) => h((t) => t.exp(), x))(0).item(), 5);
  assertThrows(
    () =>
      customVjp(((x: Tensor) => x) as never, (() => 0) as never, () => [], {
        nondiffArgnums: 0 as never,
      }),
    TypeError,
    "give a list of positions",
  );
});

Deno.test("a forward rule serves both modes, and integers have null as tangents", () => {
  const seen: unknown[] = [];
  const f = customJvp(
    (x: Tensor, n: Tensor) => x.mul(n),
    ([x, n], [dx, dn]) => {
      seen.push(dn);
      return [x!.mul(n!), dx!.mul(n!).mul(2)];
    },
  );
  const n = np.array(3, "int32");
  assertEquals(jvp((x: Tensor) => f(x, n), [2], [1])[1].item(), 6);
  assertEquals(grad((x: Tensor) => f(x, n))(2).item(), 6);
  assertEquals(jacfwd((x: Tensor) => f(x, n))(np.ones(2)).toArray(), [[6, 0], [0, 6]]);
  assertEquals(vmap(grad((x: Tensor) => f(x, n)))(np.ones(2)).toArray(), [6, 6]);
  assertEquals(jit(grad((x: Tensor) => checkpoint(f)(x, n)))(2).item(), 6);
  assert(seen.every((t) => t === null));
});

Deno.test("residuals computed once are not computed again", () => {
  let products = 0;
  const f = customVjp(
    (x: Tensor) => x.exp(),
    (x: Tensor) => {
      products++;
      const y = x.exp();
      return [y, y];
    },
    (y: Tensor, g: Tensor) => [g.mul(y)],
  );
  const [, pull] = vjp(f, [0]);
  assertEquals([pull(1)[0]!.item(), pull(2)[0]!.item(), products], [1, 2, 1]);
});

Deno.test("in a model that is made of symbolic tensors the rule holds, too", () => {
  const reverse = customVjp(
    (x: Tensor) => x,
    (x: Tensor) => [x, null],
    (_, g: Tensor) => [g.neg()],
  );
  const input = layers.input({ shape: [3] });
  const model = new models.Model({ inputs: input, outputs: reverse(input.mul(2)).add(1) });
  const loss = (x: Tensor) => (model.apply(x) as Tensor).sum();
  assertEquals(loss(np.ones([2, 3])).item(), 18);
  assertEquals(grad(loss)(np.ones([2, 3])).toArray(), [[-2, -2, -2], [-2, -2, -2]]);
});

// ---- bad input

Deno.test("what a reverse rule returns wrongly is told", () => {
  const x = { a: np.ones(2), b: np.ones(3) };
  type X = typeof x;
  const make = (fwd: unknown, bwd: unknown) =>
    customVjp(
      function mine(p: X) {
        return p.a.sum();
      },
      fwd as (p: X) => [Tensor, null],
      bwd as () => unknown[],
    );
  const good = (p: X) => [p.a.sum(), null];
  const run = (fwd: unknown, bwd: unknown) => () => grad(make(fwd, bwd) as (p: X) => Tensor)(x);
  assertThrows(
    run((p: X) => p.a.sum(), () => [null]),
    TypeError,
    "from fwd of customVjp(mine): it must return a pair [value, residuals]",
  );
  assertThrows(
    run(good, () => [null, null]),
    TypeError,
    "Cannot accept 2 gradients from bwd of customVjp(mine): wanted a list of 1, one per " +
      "differentiated argument (null for zero)",
  );
  assertThrows(run(good, () => np.ones(2)), TypeError, "wanted a list of 1");
  assertThrows(
    run(good, () => [{ a: np.ones(2) }]),
    TypeError,
    "Cannot accept gradients[0] from bwd of customVjp(mine): it must have the structure of its " +
      "argument",
  );
  assertThrows(
    run(good, () => [{ a: np.ones(2), b: np.ones(4) }]),
    TypeError,
    "Cannot accept float32[4] as gradients[0].b from bwd, the backward rule of customVjp(mine): " +
      "it must be float32[3], as argument 0 of the function is",
  );
  assertThrows(run(good, () => [{ a: "x", b: 1 }]), TypeError, 'gradients[0].a is "x"');
  assertThrows(() => customVjp(1 as never, () => 0 as never, () => []), TypeError, "a function");
  assertThrows(() => customVjp((x: Tensor) => x, 1 as never, () => []), TypeError, "with fwd 1");
});

Deno.test("what a forward rule returns wrongly is told", () => {
  const make = (rule: unknown) =>
    grad(customJvp(
      function mine(x: Tensor) {
        return x.sum();
      },
      rule as () => [Tensor, Tensor],
    ));
  assertThrows(() => make(() => 3)(1), TypeError, "from the rule of customJvp(mine)");
  assertThrows(
    () => make(([x]: Tensor[]) => [x!.sum(), np.ones(3)])(1),
    TypeError,
    "Cannot take tangents from the rule of customJvp(mine), float32[3]: it must be float32[], as " +
      "the value is",
  );
  assertThrows(
    () => make(([x]: Tensor[]) => [x!.sum(), [x]])(1),
    TypeError,
    "Cannot take tangents from the rule of customJvp(mine) of another structure than the value",
  );
  assertThrows(() => customJvp((x: Tensor) => x, null as never), TypeError, "with the rule null");
});
