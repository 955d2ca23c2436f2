import { assertEquals } from "@std/assert";
import type { Tensor } from "../../src/core/mod.ts";
import * as layers from "../../src/layers/mod.ts";
import * as losses from "../../src/losses/mod.ts";
import * as models from "../../src/models/mod.ts";
import { Adam } from "../../src/optimizers/mod.ts";
import * as optax from "../../src/optax/mod.ts";
import { jit, valueAndGrad } from "../../src/transform/mod.ts";
import { type GoldenArray, readGolden } from "../goldens/read.ts";
import { assertGolden, tensor } from "../losses/golden.ts";
import { build } from "./golden.ts";

interface Loop {
  tx: unknown;
  x: GoldenArray;
  y: GoldenArray;
  start: GoldenArray[];
  losses: GoldenArray;
  weights: GoldenArray[];
  rtol: number;
  atol: number;
}
const loops = readGolden("optax").more.loops as unknown as Loop[];

Deno.test("a Keras model trains with optax as in JAX: losses of ten steps, and the weights after them", () => {
  for (const loop of loops) {
    const model = new models.Sequential([
      layers.input({ shape: [4] }),
      new layers.Dense(3, { activation: "relu" }),
      new layers.Dense(2),
    ]);
    const lossFn = losses.categoricalCrossentropy({ fromLogits: true });
    const tx = build(loop.tx) as optax.GradientTransformation;
    const [x, y] = [tensor(loop.x), tensor(loop.y)];
    const gradFn = valueAndGrad((w: Tensor[]) => lossFn(y, model.statelessCall(w, [], x)[0]));
    const step = jit((w: Tensor[], state: unknown) => {
      const [loss, grads] = gradFn(w);
      const [updates, next] = tx.update(grads, state, w);
      return [loss, optax.applyUpdates(w, updates), next] as const;
    }, { donate: [0, 1] });
    let weights = loop.start.map(tensor);
    let state = tx.init(weights);
    for (let t = 0; t < 10; t++) {
      let loss: Tensor;
      [loss, weights, state] = step(weights, state);
      const want = { dtype: "float32", shape: [], data: loop.losses.data.slice(t, t + 1) } as const;
      assertGolden(loss, want, loop, `${JSON.stringify(loop.tx)} loss ${t}`);
    }
    weights.forEach((w, i) => assertGolden(w, loop.weights[i]!, loop, `weight ${i}`));
    assertEquals(step.compiles, 1);
  }
});

Deno.test("an update by optax.adam runs as many kernels on weights as one by optimizers.Adam", () => {
  const model = new models.Sequential([layers.input({ shape: [8] }), new layers.Dense(5)]);
  model.trainableVariables.forEach((v) => v.assign(v.value.add(1)));
  const own = new Adam();
  own.build(model.trainableVariables);
  const weights = model.trainableVariables.map((v) => v.value);
  const keras = jit((state: Tensor[], w: Tensor[]) => own.statelessApply(state, w, w));
  const tx = optax.adam(0.001);
  const ours = jit((state: ReturnType<typeof tx.init>, w: Tensor[]) => {
    const [updates, next] = tx.update(w, state);
    return [optax.applyUpdates(w, updates), next] as const;
  });
  const large = (kernels: readonly { name: string; runs: number }[]) =>
    kernels.map(({ name, runs }) => [/\[.*\]/.exec(name)?.[0], runs])
      .filter(([size]) => size !== "[]");
  const state = own.variables.map((v) => v.value);
  const wanted = large(keras.explain(state, weights).kernels);
  assertEquals(large(ours.explain(tx.init(weights), weights).kernels), wanted);
  assertEquals(wanted, [["[40]", 1], ["[5]", 1]]);
});
