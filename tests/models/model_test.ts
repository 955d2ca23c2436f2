import { assert, assertEquals, assertThrows } from "@std/assert";
import { HostArray } from "../../src/base/mod.ts";
import { clearNames, inside, type Tensor, type Variable } from "../../src/core/mod.ts";
import * as layers from "../../src/layers/mod.ts";
import * as models from "../../src/models/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { jit } from "../../src/transform/mod.ts";

const { input, Dense } = layers;
const paths = (variables: readonly Variable[]): string[] => variables.map((v) => v.path);
const values = (variables: readonly Variable[]): Tensor[] => variables.map((v) => v.value);

/** x w of known numbers. */
function dense(units: number, value: number, name: string): layers.Dense {
  return new Dense(units, { name, kernelInitializer: (shape) => np.full(shape, value) });
}

Deno.test("a subclass computes by itself; its class gives the name and the paths", () => {
  class TwoStep extends models.Model {
    hidden = [new Dense(3, { name: "a" }), new Dense(3, { name: "b" })];
    head = new Dense(1, { name: "c" });
    override call(x: Tensor): Tensor {
      return this.head.apply(this.hidden.reduce((h, layer) => layer.apply(h), x));
    }
  }
  clearNames();
  const model: models.Model = new TwoStep();
  assertEquals([model.name, new TwoStep().name, model.built], ["two_step", "two_step_1", false]);
  assertEquals(model.apply(np.ones([5, 2])).shape, [5, 1]);
  assertEquals(paths(model.trainableVariables), [
    "two_step/a/kernel",
    "two_step/a/bias",
    "two_step/b/kernel",
    "two_step/b/bias",
    "two_step/c/kernel",
    "two_step/c/bias",
  ]);
  assertEquals(model.layers.map((l) => l.name), ["a", "b", "c"]);
  assertEquals([model.inputs, model.outputs], [[], []]);
});

Deno.test("training reaches the layers of a subclassed model in a stateless call", () => {
  class Drops extends models.Model {
    drop = new layers.Dropout(1, { seed: 1 });
    override call(x: Tensor): Tensor {
      return this.drop.apply(x);
    }
  }
  const model = new Drops();
  model.apply([[1]]);
  const ntv = values(model.nonTrainableVariables);
  assertEquals(model.statelessCall([], ntv, [[1]], { training: true })[0].item(), 0);
  assertEquals(model.statelessCall([], ntv, [[1]])[0].item(), 1);
});

Deno.test("a layer used twice has one set of weights, and both uses have losses", () => {
  const x = input({ shape: [2] });
  const shared = new Dense(2, {
    name: "shared",
    kernelInitializer: "identity",
    activityRegularizer: (y) => y.sum(),
  });
  const model = new models.Model({ inputs: x, outputs: shared.apply(shared.apply(x).mul(2)) });
  assertEquals(model.trainableVariables.length, 2);
  assertEquals(model.apply([[1, 2]]).toArray(), [[2, 4]]);
  assertEquals(model.losses.map((t) => t.item()), [3, 6]);
});

Deno.test("lists of inputs and outputs", () => {
  const [a, b] = [input({ shape: [2], name: "a" }), input({ shape: [1], name: "b" })];
  const model = new models.Model({ inputs: [a, b], outputs: [a.add(b), a.sub(b)] });
  const [sum, difference] = model.apply([[[1, 2]], [[10]]]);
  assertEquals([sum!.toArray(), difference!.toArray()], [[[11, 12]], [[-9, -8]]]);
  const one = new models.Model({ inputs: [a], outputs: { twice: a.mul(2) } });
  assertEquals(one.apply([np.ones([1, 2])]).twice.toArray(), [[2, 2]]);
  const jitted = jit((x: Tensor, y: Tensor) => model.apply([x, y]));
  assertEquals(jitted(np.ones([1, 2]), np.ones([1, 1])).length, 2);
});

Deno.test("records of inputs and outputs are matched by name", () => {
  const [a, b] = [input({ shape: [1], name: "a" }), input({ shape: [1], name: "b" })];
  const model = new models.Model({ inputs: { b, a }, outputs: { d: a.sub(b) }, name: "m" });
  const { d } = model.apply({ b: [[1]], a: [[5]] });
  assertEquals(d.toArray(), [[4]]);
  const more = { b: [[1]], a: [[5]], unused: [[7]] };
  assertEquals(model.apply(more).d.toArray(), [[4]]);
  const wrong = model.apply.bind(model) as (x: unknown) => unknown;
  assertThrows(
    () => wrong({ a: [[1]] }),
    RangeError,
    `without "b": wanted a record of a, b, in layer "m"`,
  );
  assertThrows(() => wrong([[1]]), RangeError, `without "a"`);
});

Deno.test("an input that nothing depends on is listed, and must be given", () => {
  const [a, b] = [input({ shape: [1], name: "a" }), input({ shape: [1], name: "b" })];
  const model = new models.Model({ inputs: [a, b], outputs: a.mul(2) });
  assertEquals(model.layers.map((l) => l.name), ["a", "b"]);
  assertEquals(model.apply([[[3]], [[1]]]).toArray(), [[6]]);
});

Deno.test("inputs are brought to the dtype and the rank of the symbol", () => {
  const x = input({ shape: [3], name: "pixels" });
  const model = new models.Model({ inputs: x, outputs: dense(1, 1, "d").apply(x.div(2)) });
  const pixels = new HostArray(Uint8Array.of(0, 128, 255), [1, 3], "uint8");
  for (const f of [(x: Tensor) => model.apply(x), jit((x: Tensor) => model.apply(x))]) {
    const y = f(pixels as unknown as Tensor);
    assertEquals([y.dtype, y.toArray()], ["float32", [[191.5]]]);
  }
  assertEquals(model.apply(np.ones([2, 3, 1])).shape, [2, 1]);
  const one = input({ shape: [1] });
  const column = new models.Model({ inputs: one, outputs: one.mul(2) });
  assertEquals(column.apply([1, 2]).toArray(), [[2], [4]]);
});

Deno.test("a float64 model keeps all digits", () => {
  const x = input({ shape: [1], dtype: "float64" });
  const y = new Dense(1, { dtype: "float64", kernelInitializer: "ones" }).apply(x);
  const model = new models.Model({ inputs: x, outputs: y });
  const tenth = new HostArray(Float64Array.of(0.1), [1, 1], "float64");
  assertEquals([model.apply(tenth).dtype, model.apply(tenth).item()], ["float64", 0.1]);
  const chain = new models.Sequential([new layers.Rescaling(3, { dtype: "float64" })]);
  assertEquals(chain.apply(tenth).item(), 0.1 * 3);
  const outer = new models.Model({ inputs: x, outputs: model.apply(x) });
  assertEquals(outer.apply(tenth).item(), 0.1);
});

Deno.test("models are layers of models, their variables in order and each once", () => {
  clearNames();
  const x = input({ shape: [2] });
  const inner = new models.Model({ inputs: x, outputs: dense(2, 1, "in").apply(x), name: "inner" });
  const y = input({ shape: [2] });
  const outer = new models.Model({
    inputs: y,
    outputs: dense(1, 1, "out").apply(inner.apply(inner.apply(y))),
  });
  assertEquals(outer.layers.map((l) => l.name), ["input_layer_1", "inner", "out"]);
  assertEquals(paths(outer.variables), ["in/kernel", "in/bias", "out/kernel", "out/bias"]);
  assertEquals(outer.apply([[1, 2]]).toArray(), [[12]]);
  outer.trainable = false;
  assertEquals([outer.trainableVariables, inner.trainableVariables], [[], []]);
});

Deno.test("a model around part of another shares its layers", () => {
  const x = input({ shape: [2] });
  const h = dense(2, 2, "h").apply(x);
  const whole = new models.Model({ inputs: x, outputs: dense(1, 1, "o").apply(h) });
  const part = new models.Model({ inputs: x, outputs: h });
  assertEquals(part.apply([[1, 1]]).toArray(), [[4, 4]]);
  assertEquals(part.variables, whole.variables.slice(0, 2));
});

Deno.test("layers and Variables in the properties of a graph model are tracked, not listed", () => {
  const x = input({ shape: [2] });
  class Extended extends models.Model {
    extra = dense(1, 1, "extra");
    temperature = this.addWeight({ initializer: "ones", name: "temperature" });
    constructor() {
      super({ inputs: x, outputs: dense(1, 1, "main").apply(x) });
    }
  }
  clearNames();
  const model = new Extended();
  model.extra.apply(np.ones([1, 2]));
  assertEquals(model.layers.map((l) => l.name).slice(1), ["main"]);
  assertEquals(paths(model.variables), [
    "extended/temperature",
    "main/kernel",
    "main/bias",
    "extra/kernel",
    "extra/bias",
  ]);
});

Deno.test("trainable: false reaches the layers of a graph", () => {
  const x = input({ shape: [2] });
  const norm = new layers.BatchNormalization();
  const model = new models.Model({ inputs: x, outputs: norm.apply(x), trainable: false });
  assertEquals([norm.trainable, model.trainableVariables.length], [false, 0]);
});

Deno.test("a stateless call of a model changes no variable and keeps its losses", () => {
  const x = input({ shape: [2] });
  let h = new layers.BatchNormalization().apply(x);
  h = new layers.Dropout(0.5, { seed: 1 }).apply(h);
  h = new layers.ActivityRegularization({ l1: 1 }).apply(h);
  const model = new models.Model({ inputs: x, outputs: h });
  model.apply(np.ones([2, 2]), { training: true });
  const before = model.variables.map((v) => v.value.toArray());
  const loss = model.losses[0]!.item();
  const [tv, ntv] = [values(model.trainableVariables), values(model.nonTrainableVariables)];
  const step = jit((tv: Tensor[], ntv: Tensor[], x: Tensor) =>
    model.statelessCall(tv, ntv, x, { training: true, returnLosses: true })
  );
  const [, after, losses] = step(tv, ntv, np.ones([4, 2]));
  assertEquals(losses.length, 1);
  assert(after.every((t) => inside(t).storage !== null));
  assertEquals(after[2]!.toArray(), [1, 2]);
  assertEquals(model.variables.map((v) => v.value.toArray()), before);
  assertEquals(model.losses.map((t) => t.item()), [loss]);
});

Deno.test("one compile per batch size", () => {
  const x = input({ shape: [3] });
  const model = new models.Model({ inputs: x, outputs: new Dense(2).apply(x) });
  const f = jit((tv: Tensor[], x: Tensor) => model.statelessCall(tv, [], x)[0]);
  const tv = values(model.trainableVariables);
  for (const n of [4, 4, 1, 4, 1]) assertEquals(f(tv, np.ones([n, 3])).shape, [n, 2]);
  assertEquals(f.compiles, 2);
});

Deno.test("wrong inputs are errors that name the model and the input", () => {
  const x = input({ shape: [784], name: "digits" });
  const model = new models.Model({ inputs: x, outputs: new Dense(2).apply(x), name: "m" });
  const e = assertThrows(() => model.apply(np.ones([2, 5])), RangeError);
  assertEquals(
    e.message,
    `Cannot use an input of shape [2,5]: "digits" must be [-1,784], where -1 is any batch size, ` +
      `in layer "m"`,
  );
  assertThrows(() => model.apply(3), RangeError, `"digits" must be [-1,784]`);
  assertThrows(() => model.apply(np.ones([784])), RangeError, `"digits"`);
  assertThrows(() => model.apply(undefined as unknown as Tensor), TypeError, `layer "m"`);
  const [a, b] = [input({ shape: [1], name: "a" }), input({ shape: [1], name: "b" })];
  const two = new models.Model({ inputs: [a, b], outputs: a.add(b), name: "two" });
  assertThrows(() => two.apply([[[1]]]), RangeError, "there must be 2 (a, b)");
  assertThrows(
    () => two.apply([np.ones([2, 1]), np.ones([3, 1])]),
    RangeError,
    "batch sizes 2 and 3",
  );
});

Deno.test("an error deep in a model names the innermost layer, once", () => {
  class Picky extends layers.Layer {
    override call(x: Tensor): Tensor {
      if (x.size === 3) throw new RangeError("Cannot use three values");
      return x;
    }
  }
  const x = input({ shape: [1] });
  const inner = new models.Sequential([input({ shape: [1] }), new Picky({ name: "picky" })]);
  const model = new models.Model({ inputs: x, outputs: inner.apply(x) });
  const e = assertThrows(() => model.apply(np.ones([3, 1])), RangeError);
  assertEquals(e.message, `Cannot use three values, in layer "picky"`);
});

Deno.test("graphs that cannot be are errors", () => {
  const x = input({ shape: [2], name: "x" });
  const y = new Dense(2, { name: "same" }).apply(x);
  const make = (options: unknown) => (): unknown =>
    new models.Model(options as models.ModelOptions);
  assertThrows(make(x), TypeError, "new Model({ inputs, outputs })");
  assertThrows(make([x, y]), TypeError, "new Model({ inputs, outputs })");
  assertThrows(make({ inputs: x }), TypeError, "with outputs undefined");
  assertThrows(make({ outputs: y }), TypeError, "with inputs undefined");
  assertThrows(make({ inputs: x, outputs: np.ones([1]) }), TypeError, "layers.input");
  assertThrows(make({ inputs: y, outputs: y }), TypeError, "inputs must come from layers.input");
  const other = input({ shape: [2], name: "other" });
  assertThrows(
    make({ inputs: other, outputs: y }),
    RangeError,
    `depends on the input "x", which is not among its inputs`,
  );
  const twin = new Dense(2, { name: "same" }).apply(y);
  assertThrows(make({ inputs: x, outputs: twin }), RangeError, `two layers named "same"`);
  assertThrows(() => new models.Model().apply([1]), TypeError, "write call(x) in a subclass");
});

Deno.test("an operation recorded between layers is part of the graph", () => {
  const x = input({ shape: [2] });
  const h = dense(2, 1, "d").apply(x);
  const centred = h.sub(np.mean(h, { axis: 0 }));
  const model = new models.Model({ inputs: x, outputs: np.concatenate([centred, x], { axis: 1 }) });
  const [y] = model.statelessCall(values(model.trainableVariables), [], [[1, 2], [3, 6]]);
  assertEquals(y.toArray(), [[-3, -3, 1, 2], [3, 3, 3, 6]]);
});

Deno.test("a model prints its name and size", () => {
  const x = input({ shape: [3] });
  const model = new models.Model({ inputs: x, outputs: new Dense(2).apply(x), name: "m" });
  assertEquals(Deno.inspect(model), `Model("m", 8 parameters)`);
});

Deno.test("an input may have the name of what every object has", () => {
  const constructor = layers.input({ shape: [2], name: "constructor" });
  const model = new models.Model({ inputs: { constructor }, outputs: constructor });
  assertThrows(() => model.apply({ x: np.ones([1, 2]) } as never), RangeError, "without");
  assertEquals(model.apply({ constructor: np.ones([1, 2]) } as never).toArray(), [[1, 1]]);
});

Deno.test("a mistyped option of a model is named", () => {
  const inputs = layers.input({ shape: [2] });
  const outputs = new layers.Dense(1).apply(inputs);
  const wrong = { inputs, outputs, nam: "x" };
  assertThrows(() => new models.Model(wrong), TypeError, "nam");
  const options: object = { nam: "x" };
  assertThrows(() => new models.Sequential([], options), TypeError, "nam");
});
