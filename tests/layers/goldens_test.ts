import { assertEquals } from "@std/assert";
import type { Tensor } from "../../src/core/mod.ts";
import * as layers from "../../src/layers/mod.ts";
import { grad, jit } from "../../src/transform/mod.ts";
import {
  assertAll,
  assertGolden,
  assertVariables,
  casesOf,
  type GoldenCase,
  makeLayer,
  tensor,
} from "./goldens.ts";

const cases = casesOf("layer");
const isMerge = (c: GoldenCase): boolean => c.fn === "Add" || c.fn === "Concatenate";

type Outcome = { output: Tensor; nonTrainable: Tensor[]; losses: Tensor[] };

for (const fn of new Set(cases.map((c) => c.fn))) {
  Deno.test(`${fn} is that of Keras: variables, outputs, losses, gradients, eager and jitted`, () => {
    for (const c of cases.filter((c) => c.fn === fn)) checkLayer(c);
  });
}

function checkLayer(c: GoldenCase): void {
  const label = `${c.fn} ${JSON.stringify(c.args)} ${JSON.stringify(c.options)} ${c.dtype} ${
    c.note ?? ""
  }`;
  const layer = makeLayer(c, layers);
  const merge = isMerge(c);
  const first = c.calls[0]!.inputs.map(tensor);
  layer.apply((merge ? first : first[0]!) as Tensor);
  assertVariables(layer.trainableVariables, c.trainableVariables, label);
  assertVariables(layer.nonTrainableVariables, c.nonTrainableVariables, label);

  const trainable = c.trainable.map(tensor);
  let nonTrainable = c.nonTrainable.map(tensor);
  c.calls.forEach((call, k) => {
    const options = { returnLosses: true as const, training: call.training ?? undefined };
    const run = (tv: Tensor[], ntv: Tensor[], xs: Tensor[]): Outcome => {
      const x = (merge ? xs : xs[0]!) as Tensor;
      const [output, after, losses] = layer.statelessCall(tv, ntv, x, options);
      return { output, nonTrainable: after, losses };
    };
    const xs = call.inputs.map(tensor);
    for (const f of [run, jit(run)]) {
      const got = f(trainable, nonTrainable, xs);
      assertGolden(got.output, call.output, c, `${label} call ${k}`);
      assertAll(got.nonTrainable, call.nonTrainable, c, `${label} nonTrainable after call ${k}`);
      assertAll(got.losses, call.losses, c, `${label} losses of call ${k}`);
    }
    if (call.cotangent !== undefined) {
      const cotangent = tensor(call.cotangent);
      const total = (tv: Tensor[], xs: Tensor[]): Tensor => {
        const { output, losses } = run(tv, nonTrainable, xs);
        return losses.reduce((a, b) => a.add(b), output.mul(cotangent).sum());
      };
      const slope = grad(total, { argnums: [0, 1] });
      for (const f of [slope, jit(slope)]) {
        const [tv, dx] = f(trainable, xs) as [Tensor[], Tensor[]];
        assertAll(tv, call.trainableGradients!, c, `${label} gradients of weights in call ${k}`);
        assertAll(dx, call.inputGradients!, c, `${label} gradients of inputs in call ${k}`);
      }
    }
    nonTrainable = call.nonTrainable.map(tensor);
  });
}

Deno.test("a layer called with apply moves its state as Keras does", () => {
  for (const c of cases.filter((c) => c.fn === "BatchNormalization" || c.fn === "Dropout")) {
    const layer = makeLayer(c, layers);
    layer.build([-1, ...c.calls[0]!.inputs[0]!.shape.slice(1)]);
    layer.trainableVariables.forEach((v, i) => v.assign(tensor(c.trainable[i]!)));
    layer.nonTrainableVariables.forEach((v, i) => v.assign(tensor(c.nonTrainable[i]!)));
    for (const call of c.calls) {
      const options = call.training === null ? {} : { training: call.training };
      const y = layer.apply(tensor(call.inputs[0]!), options);
      assertGolden(y, call.output, c, `${c.fn} ${JSON.stringify(c.options)}`);
      const state = layer.nonTrainableVariables.map((v) => v.value);
      assertAll(state, call.nonTrainable, c, `${c.fn} ${JSON.stringify(c.options)} state`);
    }
  }
});

Deno.test("a symbolic call has the shape and dtype of the golden output", () => {
  for (const c of cases) {
    const layer = makeLayer(c, layers);
    const xs = c.calls[0]!.inputs.map((x) =>
      layers.input({ shape: x.shape.slice(1), dtype: x.dtype })
    );
    const y = layer.apply((isMerge(c) ? xs : xs[0]!) as Tensor);
    const want = c.calls[0]!.output;
    assertEquals([y.dtype, ...y.shape.slice(1)], [want.dtype, ...want.shape.slice(1)], c.fn);
  }
});

Deno.test("regularizers of weights and outputs are those of Keras", () => {
  for (const c of casesOf("regularizer")) {
    const layer = makeLayer(c, layers);
    layer.build([-1, 3]);
    const values = c.trainable.map(tensor);
    layer.trainableVariables.forEach((v, i) => v.assign(values[i]!));
    const label = JSON.stringify(c.options);
    assertGolden(layer.apply(tensor(c.input)), c.output, c, label);
    assertAll(layer.losses, c.losses, c, `${label} losses`);
    const [, , losses] = layer.statelessCall(values, [], tensor(c.input), { returnLosses: true });
    assertAll(losses, c.losses, c, `${label} stateless losses`);
  }
});

Deno.test("every exported layer has a golden case", () => {
  const seen = new Set(cases.map((c) => c.fn));
  const lacking = Object.entries(layers).filter(([name, value]) =>
    typeof value === "function" && /^[A-Z]/.test(name) && name !== "Layer" && !seen.has(name)
  ).map(([name]) => name);
  assertEquals(lacking, []);
});
