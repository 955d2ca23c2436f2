import { assertEquals } from "@std/assert";
import { clearNames, type Tensor } from "../../src/core/mod.ts";
import * as layers from "../../src/layers/mod.ts";
import * as models from "../../src/models/mod.ts";
import { jit } from "../../src/transform/mod.ts";
import type { GoldenArray } from "../goldens/read.ts";
import { assertAll, assertVariables, casesOf, type GoldenCase, tensor } from "../layers/goldens.ts";

type AnyModel = models.Model<Tensor | Tensor[], Tensor | Tensor[]>;
const { input, Dense, Add, BatchNormalization } = layers;

/** The models of make_layers.py. */
const makers: Record<string, () => unknown> = {
  guide: () => guide(784, 64, 10),
  guide_tail: () => guide(8, 4, 3),
  sequential: () =>
    new models.Sequential([
      input({ shape: [5] }),
      new Dense(4, { activation: "relu" }),
      new BatchNormalization(),
      new layers.Dropout(0.5, { seed: 3 }),
      new Dense(2),
    ]),
  activity() {
    const inputs = input({ shape: [5], name: "digits" });
    let x = new Dense(4, { activation: "relu" }).apply(inputs);
    x = new layers.ActivityRegularization({ l2: 1e-2 }).apply(x);
    return new models.Model({ inputs, outputs: new Dense(2, { name: "predictions" }).apply(x) });
  },
  residual() {
    const inputs = input({ shape: [5] });
    const a = new Dense(5, { activation: "relu", name: "first" }).apply(inputs);
    const b = new Dense(5, { name: "second" }).apply(inputs);
    const c = new Add().apply([b, a]);
    const d = new layers.Concatenate().apply([c, inputs]);
    return new models.Model({ inputs, outputs: new Dense(1).apply(d) });
  },
  shared() {
    const inputs = input({ shape: [4] });
    const dense = new Dense(4, { name: "shared" });
    return new models.Model({ inputs, outputs: dense.apply(dense.apply(inputs)) });
  },
  two_inputs() {
    const [a, b] = [input({ shape: [3], name: "a" }), input({ shape: [2], name: "b" })];
    const x = new Dense(4, { name: "left" }).apply(a);
    const y = new Dense(4, { name: "right" }).apply(b);
    const out = new Add().apply([x, y]);
    const head = new Dense(1, { name: "head" }).apply(out);
    return new models.Model({ inputs: [a, b], outputs: [out, head] });
  },
  nested() {
    const inner = new models.Sequential([
      input({ shape: [5] }),
      new Dense(3),
      new BatchNormalization(),
    ]);
    const inputs = input({ shape: [5] });
    return new models.Model({ inputs, outputs: new Dense(2).apply(inner.apply(inputs)) });
  },
  frozen() {
    const inputs = input({ shape: [5] });
    const layer = new Dense(3, { name: "frozen" });
    const x = layer.apply(inputs);
    layer.trainable = false;
    const outputs = new Dense(2).apply(new BatchNormalization().apply(x));
    return new models.Model({ inputs, outputs });
  },
  normalised: () =>
    new models.Sequential([
      input({ shape: [2, 3] }),
      new layers.Flatten(),
      new layers.Rescaling(0.5),
      new layers.LayerNormalization(),
      new Dense(4),
      new layers.Activation("relu"),
      new layers.Reshape([2, 2]),
    ]),
};

function guide(pixels: number, units: number, classes: number): models.Model {
  const inputs = input({ shape: [pixels], name: "digits" });
  const a = new Dense(units, { activation: "relu" }).apply(inputs);
  const b = new Dense(units, { activation: "relu" }).apply(a);
  const outputs = new Dense(classes, { name: "predictions" }).apply(b);
  return new models.Model({ inputs, outputs });
}

function make(c: GoldenCase): AnyModel {
  clearNames();
  return makers[c.name]!() as AnyModel;
}

const listOf = <T>(x: T | readonly T[]): readonly T[] => Array.isArray(x) ? x : [x as T];
const treeOf = (x: GoldenArray | readonly GoldenArray[]): Tensor | Tensor[] =>
  Array.isArray(x) ? x.map(tensor) : tensor(x as GoldenArray);

Deno.test("models have the names, layers, variables and orders of Keras", () => {
  for (const c of [...casesOf("model"), ...casesOf("summary")]) {
    const model = make(c);
    assertEquals(model.name, c.modelName);
    assertEquals(
      model.layers.map((l) => ({ class: l.constructor.name, name: l.name })),
      c.layers,
      c.name,
    );
    assertVariables(model.trainableVariables, c.trainableVariables, c.name);
    assertEquals(model.countParams(), c.parameters, c.name);
    if (c.kind === "summary") continue;
    assertVariables(model.nonTrainableVariables, c.nonTrainableVariables, c.name);
    assertEquals(model.variables.map((v) => v.path), c.variables, c.name);
  }
});

Deno.test("models compute what Keras computes, eager and jitted", () => {
  for (const c of casesOf("model")) {
    const model = make(c);
    const { training } = c;
    const run = (tv: Tensor[], ntv: Tensor[], x: Tensor | Tensor[]) =>
      model.statelessCall(tv, ntv, x, { training, returnLosses: true });
    for (const f of [run, jit(run)]) {
      const [y, after, losses] = f(
        c.trainable.map(tensor),
        c.nonTrainable.map(tensor),
        treeOf(c.inputs),
      );
      const label = `${c.name} training ${training}`;
      assertEquals(Array.isArray(y), Array.isArray(c.outputs), label);
      assertAll(listOf(y), listOf(c.outputs), c, label);
      assertAll(after, c.nonTrainableAfter, c, `${label} nonTrainable`);
      assertAll(losses, c.losses, c, `${label} losses`);
    }
  }
});

Deno.test("apply computes and changes what statelessCall returns", () => {
  for (const c of casesOf("model")) {
    const model = make(c);
    model.trainableVariables.forEach((v, i) => v.assign(tensor(c.trainable[i]!)));
    model.nonTrainableVariables.forEach((v, i) => v.assign(tensor(c.nonTrainable[i]!)));
    const y = model.apply(treeOf(c.inputs), { training: c.training });
    assertAll(listOf(y), listOf(c.outputs), c, c.name);
    const after = model.nonTrainableVariables.map((v) => v.value);
    assertAll(after, c.nonTrainableAfter, c, c.name);
    assertAll(model.losses, c.losses, c, c.name);
  }
});

Deno.test("summary prints the text of Keras", () => {
  for (const c of [...casesOf("model"), ...casesOf("summary")]) {
    let text = "";
    make(c).summary({ printFn: (t) => text = t });
    assertEquals(`${text}\n`, c.summary);
  }
});
