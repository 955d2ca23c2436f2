import { assert, assertEquals, assertNotStrictEquals } from "@std/assert";
import { HostArray, tree } from "../../src/base/mod.ts";
import { literal, type Tensor, toTensor, Variable } from "../../src/core/mod.ts";
import * as optax from "../../src/optax/mod.ts";
import { jit } from "../../src/transform/mod.ts";

const f = (...values: number[]) => toTensor(Float32Array.from(values));

Deno.test("counters stay at the greatest int32, and the update stays finite", () => {
  const most = literal(2147483647, "int32");
  const tx = optax.adam(0.1);
  const [adam] = tx.init(f(1));
  const [updates, [next]] = tx.update(f(2), [{ ...adam, count: most }, null]);
  assertEquals(next.count.item(), 2147483647);
  assert(Number.isFinite(updates.at(0).item()));
  assertEquals(optax.safeIncrement(literal(255, "uint8")).item(), 255);
  assertEquals(optax.safeIncrement(literal(4294967294, "uint32")).item(), 4294967295);
  assertEquals(optax.safeIncrement(literal(1.5, "float32")).item(), 2.5);
});

Deno.test("a replaced hyperparameter is used at once and compiles nothing", () => {
  const inject = optax.injectHyperparams((h) => optax.adam(h.learningRate!));
  const tx = inject({ learningRate: 0.5 });
  let state = tx.init(f(1));
  const step = jit((g: Tensor[], s: typeof state) => tx.update(g[0]!, s), { donate: [1] });
  let updates: Tensor;
  [updates, state] = step([f(4)], state);
  const first = updates.item();
  state.hyperparams.learningRate = state.hyperparams.learningRate.mul(0.5);
  [updates, state] = step([f(4)], state);
  assert(Math.abs(updates.item() / first - 0.5) < 1e-5);
  assertEquals(step.compiles, 1);
});

Deno.test("hyperparameters with schedules follow them, those without stay", () => {
  const rate = optax.linearSchedule(1, 0, 4);
  const inject = optax.injectHyperparams((h) => optax.sgd(h.rate!, { momentum: h.momentum }));
  const tx = inject({ rate, momentum: 0.5 });
  let state = tx.init([f(0)]);
  const seen: number[] = [];
  for (let i = 0; i < 4; i++) {
    [, state] = tx.update([f(1)], state);
    seen.push(state.hyperparams.rate.item(), state.hyperparams.momentum.item());
  }
  assertEquals(seen, [1, 0.5, 0.75, 0.5, 0.5, 0.5, 0.25, 0.5]);
});

Deno.test("the period of MultiSteps may follow the updates so far", () => {
  const tx = new optax.MultiSteps(optax.sgd(1), (done) => done.add(1));
  let state = tx.init(f(0));
  const got: number[] = [];
  for (let i = 1; i <= 6; i++) {
    let updates: Tensor;
    [updates, state] = tx.update(f(i), state);
    got.push(updates.item());
  }
  assertEquals(got, [-1, 0, -2.5, 0, 0, -5]);
});

Deno.test("a bad gradient between two good ones leaves no trace in what MultiSteps gathers next", () => {
  const tx = new optax.MultiSteps(optax.sgd(1), 1);
  let [updates, state] = tx.update(f(NaN), tx.init(f(0)));
  [updates, state] = tx.update(f(3), state);
  assertEquals(updates.item(), -3);
});

Deno.test("masks may be functions of the tree, and may stand for branches", () => {
  const byRank = (x: unknown) => tree.map((leaf) => (leaf as Tensor).shape.length > 1, x);
  const params = { kernel: toTensor([[1, 2]]), bias: f(3) };
  const tx = optax.addDecayedWeights(1, { mask: byRank });
  const [updates] = tx.update(params, tx.init(params), params);
  assertEquals([updates.kernel.toArray(), updates.bias.toArray()], [[[2, 4]], [3]]);
  const none = optax.masked(optax.setToZero(), false);
  assertEquals(none.update(params, none.init(params))[0].bias.toArray(), [3]);
  class Pair {
    constructor(readonly a: Tensor, readonly b: Tensor) {}
  }
  tree.register(Pair, {
    flatten: ({ a, b }) => ({ children: [a, b] }),
    unflatten: ([a, b]) => new Pair(a as Tensor, b as Tensor),
  });
  const pair = new Pair(f(1), f(2));
  const one = optax.masked(optax.scale(10), new Pair(true as never, false as never) as never);
  const [scaled] = one.update({ pair }.pair, one.init(pair));
  assertEquals([scaled.a.item(), scaled.b.item()], [10, 2]);
});

Deno.test("parameters may be Variables, host arrays, typed arrays and numbers, or nothing", () => {
  const params = {
    variable: new Variable([1, 2]),
    host: new HostArray(Float32Array.of(3), [1]),
    typed: Float32Array.of(4),
    number: 5,
    none: null,
  };
  const tx = optax.adamw(0.1);
  const state = tx.init(params);
  const [updates, next] = tx.update(params, state, params);
  const after = optax.applyUpdates(params, updates);
  assertEquals(after.none, null);
  assertEquals(after.variable.shape, [2]);
  assert(Math.abs(after.number.item() - 4.9) < 1e-3);
  const avals = (s: unknown) => tree.leaves<Tensor>(s).map((t) => t.aval.key);
  assertEquals(avals(next), avals(state));
  const [nothing] = tx.update({}, tx.init({}), {});
  assertEquals(nothing, {});
});

Deno.test("means in another dtype stay in it, and updates in that of the gradient", () => {
  for (const tx of [optax.adam(0.1, { muDtype: "float64" }), optax.trace(0.9)]) {
    const [updates] = tx.update(f(1), tx.init(f(1)) as never);
    assertEquals(updates.dtype, "float32");
  }
  const tx = optax.scaleByAdam({ muDtype: "float64" });
  let state = tx.init(f(1));
  assertEquals([(state.mu as Tensor).dtype, (state.nu as Tensor).dtype], ["float64", "float32"]);
  [, state] = tx.update(f(1), state);
  assertEquals([(state.mu as Tensor).dtype, (state.nu as Tensor).dtype], ["float64", "float32"]);
});

Deno.test("means of gradients that stay 0 end at 0, never in denormal numbers", () => {
  const makers = {
    adam: optax.adam(0.1),
    sgd: optax.sgd(0.1, { momentum: 0.9 }),
    rmsprop: optax.rmsprop(0.1, { decay: 0.5, momentum: 0.9 }),
    lion: optax.lion(0.1),
    ema: optax.ema(0.9),
    adadelta: optax.adadelta(0.1, { rho: 0.5 }),
    novograd: optax.novograd(0.1),
  };
  for (const dtype of ["float32", "float64"] as const) {
    const smallest = dtype === "float64" ? 2 ** -1022 : 2 ** -126;
    const params = toTensor(new HostArray(Float64Array.of(1, 2), [2], "float64")).astype(dtype);
    for (const [name, tx] of Object.entries(makers) as [string, optax.GradientTransformation][]) {
      let state = tree.map(
        (t) => (t as Tensor).shape.length === 0 ? t : (t as Tensor).add(smallest * 8),
        tx.init(params) as unknown[],
      ) as unknown;
      const step = jit((s: unknown, g: Tensor[]) => tx.update(g[0]!, s, params)[1]);
      for (let i = 0; i < 60; i++) state = step(state, [params.zeros()]);
      for (const slot of tree.leaves<Tensor>(state).filter((t) => t.shape.length > 0)) {
        for (const x of slot.data()) assert(x === 0 || Math.abs(x) >= smallest, `${name} ${x}`);
      }
    }
  }
});

Deno.test("transformations are pure: the same state gives the same update", () => {
  const tx = optax.chain(optax.clipByGlobalNorm(1), optax.adam(0.1));
  const params = [f(1, 2), f(3)];
  const state = tx.init(params);
  const [a, next] = tx.update(params, state, params);
  const [b] = tx.update(params, state, params);
  assertNotStrictEquals(next, state);
  assertEquals(a.map((t) => t.toArray()), b.map((t) => t.toArray()));
});
