import { assertEquals, assertThrows } from "@std/assert";
import { clearNames, type Tensor } from "../../src/core/mod.ts";
import * as layers from "../../src/layers/mod.ts";
import * as models from "../../src/models/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { setRandomSeed } from "../../src/utils/mod.ts";
import { type GoldenArray, readGolden } from "../goldens/read.ts";
import { assertAll, assertGolden, tensor } from "../layers/goldens.ts";

const { input, Dense } = layers;

Deno.test("without an input a Sequential is built at the first call", () => {
  clearNames();
  const model = new models.Sequential([new Dense(3), new Dense(2)]);
  assertEquals([model.built, model.variables.length, model.inputs.length], [false, 0, 0]);
  assertThrows(() => model.statelessCall([], [], np.ones([1, 4])), TypeError, "before it is built");
  assertEquals(model.apply(np.ones([5, 4])).shape, [5, 2]);
  assertEquals(model.variables.map((v) => v.path), [
    "sequential/dense/kernel",
    "sequential/dense/bias",
    "sequential/dense_1/kernel",
    "sequential/dense_1/bias",
  ]);
  assertEquals([model.built, model.inputs.length, model.outputs.length], [true, 1, 1]);
  assertThrows(() => model.apply(np.ones([5, 3])), RangeError, "must be [-1,4]");
});

Deno.test("build by hand is the same as a first call", () => {
  clearNames();
  const model = new models.Sequential([new Dense(3)]);
  model.build([-1, 4]);
  assertEquals(model.variables.map((v) => v.path), [
    "sequential/dense/kernel",
    "sequential/dense/bias",
  ]);
  assertEquals(model.apply(np.ones([2, 4])).shape, [2, 3]);
});

Deno.test("a Sequential is a Model", () => {
  const model: models.Model = new models.Sequential([input({ shape: [1] }), new Dense(1)]);
  assertEquals(model instanceof models.Model, true);
});

Deno.test("add appends a layer, before and after it is built", () => {
  clearNames();
  const model = new models.Sequential();
  model.add(input({ shape: [2] }));
  model.add(new Dense(3));
  assertEquals(model.apply(np.ones([1, 2])).shape, [1, 3]);
  const before = model.variables;
  model.add(new Dense(4));
  assertEquals(model.apply(np.ones([1, 2])).shape, [1, 4]);
  assertEquals(model.variables.slice(0, 2), before);
  assertEquals(model.variables[2]!.path, "sequential/dense_1/kernel");
});

Deno.test("a layer that does not fit is not added", () => {
  const model = new models.Sequential([input({ shape: [2] }), new Dense(3)], { name: "s" });
  assertThrows(() => model.add(new layers.Reshape([2, 2])), RangeError);
  assertEquals(model.layers.length, 1);
  assertEquals(model.apply(np.ones([1, 2])).shape, [1, 3]);
});

Deno.test("a first call that fails can be repeated", () => {
  const model = new models.Sequential([new layers.Reshape([2]), new Dense(1)]);
  assertThrows(() => model.apply(np.ones([1, 3])), RangeError);
  model.add(new Dense(3));
  assertEquals(model.apply(np.ones([1, 2])).shape, [1, 3]);
  assertEquals(model.variables.length, 4);
});

Deno.test("what is no layer, or has a name twice, cannot be an entry", () => {
  const make = (...entries: unknown[]) => (): unknown =>
    new models.Sequential(entries as layers.Layer[], { name: "s" });
  assertThrows(make("dense"), TypeError, `Cannot add "dense" to "s"`);
  assertThrows(make(np.ones([1])), TypeError, `to "s"`);
  assertThrows(make(new Dense(1), input({ shape: [1] })), TypeError, "must be the first entry");
  assertThrows(
    make(new Dense(1, { name: "d" }), new Dense(1, { name: "d" })),
    RangeError,
    `second layer named "d"`,
  );
  const loose = models.Sequential as unknown as new (x: unknown) => unknown;
  assertThrows(() => new loose(new Dense(1)), TypeError, "give a list of layers");
  assertThrows(() => new models.Sequential().apply([[1]]), TypeError, "add one first");
  const model = new models.Sequential([new Dense(1)]);
  assertThrows(() => model.apply(3), RangeError, "batch axis");
});

Deno.test("freezing a Sequential reaches layers that are added later", () => {
  const model = new models.Sequential([input({ shape: [2] }), new Dense(1)], { trainable: false });
  model.add(new layers.BatchNormalization());
  assertEquals(model.trainableVariables, []);
  assertEquals(model.layers.map((l) => l.trainable), [false, false]);
});

Deno.test("a Sequential is a layer: in a graph, in a subclass, built by the call around it", () => {
  class Outer extends models.Model {
    body = new models.Sequential([new Dense(2, { name: "d" })], { name: "body" });
    override call(x: Tensor): Tensor {
      return this.body.apply(x);
    }
  }
  const outer = new Outer({ name: "outer" });
  outer.apply(np.ones([1, 3]));
  assertEquals(outer.variables.map((v) => v.path), [
    "outer/body/d/kernel",
    "outer/body/d/bias",
  ]);
});

type SeededModel = {
  seeds: Record<string, number>;
  dropoutState: GoldenArray;
  variables: GoldenArray[];
};

Deno.test("after setRandomSeed a model starts from the weights of Keras", () => {
  const cases = readGolden("random").cases.filter((c) => c.fn === "setRandomSeed");
  assertEquals(cases.length > 0, true);
  for (const c of cases) {
    const golden = c.model as unknown as SeededModel;
    setRandomSeed(c.seed as number);
    const first = new Dense(4);
    const last = new Dense(3, { kernelInitializer: "heNormal" });
    const drop = new layers.Dropout(0.5);
    const model = new models.Sequential([input({ shape: [5] }), first, drop, last]);
    const tolerance = { rtol: c.rtol as number, atol: c.atol as number };
    const state = model.nonTrainableVariables[0]!.value;
    assertGolden(state, golden.dropoutState, tolerance, `seed ${c.seed}`);
    const values = model.trainableVariables.map((v) => v.value);
    assertAll(values, golden.variables, tolerance, `seed ${c.seed}`);
  }
});

Deno.test("Dropout drops what that of Keras drops, draw after draw, bit by bit", () => {
  const cases = readGolden("random").cases.filter((c) => c.fn === "dropout");
  assertEquals(cases.length > 0, true);
  for (const c of cases) {
    const drop = new layers.Dropout(c.rate as number, { seed: c.seed as number });
    for (const want of c.outputs as unknown as GoldenArray[]) {
      const got = drop.apply(tensor(c.input as GoldenArray), { training: true });
      assertGolden(got, want, { rtol: 0, atol: 0 }, `rate ${c.rate} seed ${c.seed}`);
    }
  }
});
