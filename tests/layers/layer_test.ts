import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { HostArray } from "../../src/base/mod.ts";
import { clearNames, inside, type Tensor, toTensor, Variable } from "../../src/core/mod.ts";
import * as layers from "../../src/layers/mod.ts";
import { Model } from "../../src/models/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { SeedGenerator } from "../../src/random/mod.ts";
import { grad, jit } from "../../src/transform/mod.ts";

const paths = (variables: readonly Variable[]): string[] => variables.map((v) => v.path);
const values = (variables: readonly Variable[]): Tensor[] => variables.map((v) => v.value);

/** Multiplies by a weight. */
class Scale extends layers.Layer {
  w = this.addWeight({ initializer: "ones", name: "w" });
  override call(x: Tensor): Tensor {
    return x.mul(this.w);
  }
}

/** Adds 1 while training. */
class Step extends layers.Layer {
  override call(x: Tensor, { training }: layers.CallOptions): Tensor {
    return training ? x.add(1) : x;
  }
}

/** Adds the sum of its input to the losses. */
class Adds extends layers.Layer {
  override call(x: Tensor): Tensor {
    this.addLoss(x.sum());
    return x;
  }
}

// ---- building

Deno.test("a layer is built once, at the first call, by the shape of its input", () => {
  const seen: unknown[] = [];
  class Shown extends layers.Layer {
    override build(shape: layers.InputShape): void {
      seen.push([...shape], this.built);
    }
    override call(x: Tensor): Tensor {
      return x;
    }
  }
  const layer = new Shown();
  assert(!layer.built);
  layer.apply(np.ones([4, 3]));
  layer.apply(np.ones([5, 3]));
  assertEquals(seen, [[-1, 3], false]);
  assert(layer.built);
});

Deno.test("build by hand makes the weights under the layer's name, once", () => {
  clearNames();
  const dense = new layers.Dense(2);
  dense.build([-1, 3]);
  dense.build([-1, 9]);
  assert(dense.built);
  dense.apply(np.ones([1, 3]));
  assertEquals(paths(dense.variables), ["dense/kernel", "dense/bias"]);
  assertEquals(dense.kernel!.shape, [3, 2]);
});

Deno.test("build is told lists and records of shapes", () => {
  const seen: unknown[] = [];
  class Both extends layers.Layer<{ a: Tensor; b: Tensor }> {
    override build(shape: { [name: string]: layers.InputShape }): void {
      seen.push(shape);
    }
    override call({ a, b }: { a: Tensor; b: Tensor }): Tensor {
      return a.add(b);
    }
  }
  const y = new Both().apply({ b: np.ones([2, 1]), a: [[1, 2], [3, 4]] });
  assertEquals(y.toArray(), [[2, 3], [4, 5]]);
  assertEquals(seen, [{ a: [-1, 2], b: [-1, 1] }]);
});

Deno.test("a failed build leaves no weights, and the next one is whole", () => {
  class Fails extends layers.Layer {
    fail = true;
    override build(shape: layers.InputShape): void {
      this.addWeight({ shape: [shape[1]!], name: "w" });
      if (this.fail) throw new RangeError("Cannot go on");
    }
    override call(x: Tensor): Tensor {
      return x;
    }
  }
  const layer = new Fails({ name: "fails" });
  assertThrows(() => layer.apply([[1, 2]]), RangeError, `Cannot go on, in layer "fails"`);
  assertEquals(layer.variables, []);
  layer.fail = false;
  layer.apply([[1, 2]]);
  assertEquals(paths(layer.variables), ["fails/w"]);
});

Deno.test("a weight cannot be added to a built layer, nor with an unknown size", () => {
  const dense = new layers.Dense(2, { name: "d" });
  assertThrows(
    () => dense.addWeight({ shape: [-1] }),
    RangeError,
    `Cannot add a weight to layer "d" of shape [-1]`,
  );
  assertThrows(() => dense.addWeight({ name: "a/b" }), TypeError, "/");
  assertThrows(() => dense.addWeight({ inital: "ones" } as object), TypeError, `"inital"`);
  dense.apply(np.ones([1, 2]));
  assertThrows(() => dense.addWeight({ name: "late" }), TypeError, "after it is built");
});

Deno.test("weights take dtype, initializer and name as given", () => {
  const layer = new Scale({ name: "s", dtype: "float64" });
  assertEquals(layer.w.dtype, "float64");
  const count = layer.addWeight({ dtype: "int32", trainable: false, name: "count" });
  assertEquals([count.dtype, count.value.item(), count.path], ["int32", 0, "s/count"]);
  const half = layer.addWeight({ shape: [2], initializer: (shape) => np.full(shape, 0.5) });
  assertEquals(half.value.toArray(), [0.5, 0.5]);
  assertThrows(() => layer.addWeight({ initializer: "onez" }), RangeError, "onez");
});

Deno.test("default names count up, in snake_case", () => {
  clearNames();
  const names = [new Scale(), new Scale(), new layers.BatchNormalization()].map((l) => l.name);
  assertEquals(names, ["scale", "scale_1", "batch_normalization"]);
  assertThrows(() => new Scale({ name: "a/b" }), TypeError, `"a/b"`);
  assertThrows(() => new Scale("a" as unknown as object), TypeError, `{ name: "first" }`);
  assertThrows(() => new Scale({ dtype: "half" as "float32" }), TypeError, "half");
});

// ---- what it holds

Deno.test("sublayers are found in properties, arrays and records, not behind #private", () => {
  class Holder extends layers.Layer {
    one = new Scale({ name: "one" });
    list = [new Scale({ name: "two" }), [new Scale({ name: "three" })]];
    record = { a: { b: new Scale({ name: "four" }) }, text: "x", none: null };
    again = this.one;
    readonly #hidden = new Scale({ name: "hidden" });
    override call(x: Tensor): Tensor {
      return this.#hidden.apply(x);
    }
  }
  const holder = new Holder();
  assertEquals(holder.layers.map((l) => l.name), ["one", "two", "three", "four"]);
  assertEquals(paths(holder.variables), ["one/w", "two/w", "three/w", "four/w"]);
  holder.list.push(new Scale({ name: "later" }));
  assertEquals(holder.layers.length, 5);
});

Deno.test("own variables come first, trainable ones before others, then seeds, then sublayers", () => {
  class Mixed extends layers.Layer {
    sub = new Scale({ name: "sub" });
    generator = new SeedGenerator({ seed: 1, name: "g" });
    free = new Variable([1], { name: "free" });
    fixed = this.addWeight({ trainable: false, name: "fixed" });
    w = this.addWeight({ name: "w" });
    override call(x: Tensor): Tensor {
      return x;
    }
  }
  const layer = new Mixed({ name: "m" });
  assertEquals(paths(layer.variables), [
    "m/w",
    "free",
    "m/fixed",
    "g/seed_generator_state",
    "sub/w",
  ]);
  assertEquals(paths(layer.weights), ["m/w", "free", "m/fixed", "sub/w"]);
  assertEquals(paths(layer.trainableVariables), ["m/w", "free", "sub/w"]);
  assertEquals(paths(layer.nonTrainableVariables), ["m/fixed", "g/seed_generator_state"]);
  assertEquals(layer.countParams(), 4);
});

Deno.test("layers that hold each other are each listed once", () => {
  class Node extends layers.Layer {
    other: Node | null = null;
    w = this.addWeight({ name: "w" });
    override call(x: Tensor): Tensor {
      return x;
    }
  }
  const [a, b] = [new Node({ name: "a" }), new Node({ name: "b" })];
  [a.other, b.other] = [b, a];
  assertEquals(paths(a.variables), ["a/w", "b/w"]);
  a.trainable = false;
  assertEquals(b.trainableVariables, []);
});

Deno.test("freezing moves variables between the lists, all the way down, and back", () => {
  class Outer extends layers.Layer {
    norm = new layers.BatchNormalization({ name: "norm" });
    scale = new Scale({ name: "scale" });
    override call(x: Tensor): Tensor {
      return this.scale.apply(this.norm.apply(x));
    }
  }
  const outer = new Outer({ name: "outer" });
  outer.apply(np.ones([2, 3]));
  const all = outer.variables;
  assertEquals([outer.trainableVariables.length, outer.nonTrainableVariables.length], [3, 2]);
  outer.trainable = false;
  assertEquals(outer.norm.trainable, false);
  assertEquals(outer.scale.w.trainable, false);
  assertEquals([outer.trainableVariables, outer.nonTrainableVariables], [[], all]);
  const before = outer.norm.movingMean!.value.toArray();
  outer.apply([[1, 2, 3], [3, 4, 5]], { training: true }); // frozen: in inference
  assertEquals(outer.norm.movingMean!.value.toArray(), before);
  outer.trainable = true;
  assertEquals(outer.trainableVariables.length, 3);
  assertEquals(outer.norm.movingMean!.trainable, false);
  outer.scale.trainable = false;
  assertEquals(paths(outer.trainableVariables), ["outer/norm/gamma", "outer/norm/beta"]);
});

Deno.test("a weight of a layer that is frozen when it is made trains after thawing", () => {
  const layer = new Scale({ name: "s", trainable: false });
  assertEquals([layer.trainableVariables.length, layer.nonTrainableVariables.length], [0, 1]);
  layer.trainable = true;
  assertEquals(paths(layer.trainableVariables), ["s/w"]);
});

// ---- training

Deno.test("training: the argument, else that of the call around, else the layer's default", () => {
  class Outer extends layers.Layer {
    step = new Step();
    off = new Step();
    override call(x: Tensor): Tensor {
      const forced = this.off.apply(x, { training: false });
      return this.step.apply(forced); // the one before must not have changed what is in force
    }
  }
  class Eager extends layers.Layer {
    step = new Step();
    override call(x: Tensor, { training = true }: layers.CallOptions): Tensor {
      return this.step.apply(training ? x.add(10) : x);
    }
  }
  const run = (layer: layers.Layer, training?: boolean): number =>
    layer.apply([0], training === undefined ? {} : { training }).item();
  assertEquals([run(new Outer()), run(new Outer(), true), run(new Outer(), false)], [0, 1, 0]);
  // a default of a signature holds for that layer alone
  assertEquals([run(new Eager()), run(new Eager(), true), run(new Eager(), false)], [10, 11, 0]);
});

Deno.test("training reaches the layers of a stateless call, also within another call", () => {
  class Outer extends layers.Layer {
    step = new Step();
    override call(x: Tensor): Tensor {
      return this.step.apply(x);
    }
  }
  const outer = new Outer();
  outer.apply([0]);
  assertEquals(outer.statelessCall([], [], [0], { training: true })[0].item(), 1);
  assertEquals(outer.statelessCall([], [], [0])[0].item(), 0);
  class Around extends layers.Layer {
    inner = outer;
    override call(x: Tensor): Tensor {
      return this.inner.statelessCall([], [], x)[0];
    }
  }
  assertEquals(new Around().apply([0], { training: true }).item(), 0);
});

Deno.test("training is forgotten after a call that fails", () => {
  class Throws extends layers.Layer {
    override call(_x: Tensor): Tensor {
      throw new RangeError("Cannot");
    }
  }
  assertThrows(() => new Throws().apply([0], { training: true }), RangeError);
  assertEquals(new Step().apply([0]).item(), 0);
});

// ---- losses

Deno.test("losses stay until the next outermost call", () => {
  class Outer extends layers.Layer {
    a = new Adds();
    override call(x: Tensor): Tensor {
      this.addLoss(100);
      return this.a.apply(this.a.apply(x));
    }
  }
  const outer = new Outer();
  const losses = (): number[] => outer.losses.map((t) => t.item());
  assertEquals(losses(), []);
  outer.apply([1, 2]);
  assertEquals(losses(), [100, 3, 3]);
  outer.apply([5]);
  assertEquals(losses(), [100, 5, 5]);
  outer.a.apply([7]); // now the inner layer is outermost
  assertEquals(losses(), [100, 7]);
});

Deno.test("stateless calls return the losses, and leave those of before alone", () => {
  const layer = new Adds();
  layer.apply([1]);
  const [, , losses] = layer.statelessCall([], [], [5], { returnLosses: true });
  assertEquals(losses.map((t) => t.item()), [5]);
  assertEquals(layer.statelessCall([], [], [5]).length, 2);
  assertEquals(layer.losses.map((t) => t.item()), [1]);
});

Deno.test("activity regularizers run in stateless calls, also for the outermost layer", () => {
  const dense = new layers.Dense(1, {
    kernelInitializer: "ones",
    activityRegularizer: (x) => x.sum(),
  });
  dense.apply(np.ones([2, 3]));
  const [, , losses] = dense.statelessCall(values(dense.trainableVariables), [], np.ones([4, 3]), {
    returnLosses: true,
  });
  assertEquals(losses.map((t) => t.item()), [3]); // 4 rows of 3, over 4 rows
});

Deno.test("penalties are of the weights as they are, and of trainable ones only", () => {
  const dense = new layers.Dense(1, {
    kernelInitializer: "ones",
    kernelRegularizer: "l2",
    biasRegularizer: { l1: 1 },
  });
  dense.apply(np.ones([1, 3]));
  const read = (): number[] => dense.losses.map((t) => Number(t.item().toFixed(6)));
  assertEquals(read(), [0.03, 0]);
  dense.bias!.assign([2]);
  assertEquals(read(), [0.03, 2]);
  const given = [np.full([3, 1], 2), np.array([-1])];
  const [, , losses] = dense.statelessCall(given, [], np.ones([1, 3]), { returnLosses: true });
  assertEquals(losses.map((t) => Number(t.item().toFixed(6))), [0.12, 1]);
  dense.trainable = false;
  assertEquals(dense.losses, []);
});

Deno.test("a penalty that is none is an error", () => {
  const make = (kernelRegularizer: unknown) => (): unknown =>
    new layers.Dense(1, { kernelRegularizer } as layers.DenseOptions).build([-1, 2]);
  assertThrows(make("l3"), TypeError, `"l1"`);
  assertThrows(make({ l3: 1 }), RangeError, "l3");
  assertThrows(make({ l2: -1 }), RangeError, "numbers >= 0");
  assertThrows(make({}), TypeError, "{ l1, l2 }");
  make("l1")();
  make(null)();
});

Deno.test("a loss must be a scalar", () => {
  class Wide extends layers.Layer {
    override call(x: Tensor): Tensor {
      this.addLoss(x);
      return x;
    }
  }
  const e = assertThrows(() => new Wide({ name: "wide" }).apply([[1, 2]]), RangeError);
  assertStringIncludes(e.message, "Cannot add a loss of shape [1,2]");
  assertStringIncludes(e.message, `in layer "wide"`);
});

// ---- stateless calls

Deno.test("a stateless call changes no variable, and returns all new values", () => {
  class Both extends layers.Layer {
    norm = new layers.BatchNormalization({ momentum: 0.5 });
    drop = new layers.Dropout(0.5, { seed: 3 });
    override call(x: Tensor): Tensor {
      return this.drop.apply(this.drop.apply(this.norm.apply(x)));
    }
  }
  const layer = new Both();
  layer.apply(np.ones([2, 2]));
  const before = layer.variables.map((v) => v.value.toArray());
  const [tv, ntv] = [values(layer.trainableVariables), values(layer.nonTrainableVariables)];
  const [, after] = layer.statelessCall(tv, ntv, [[1, 2], [3, 6]], { training: true });
  assertEquals(after.map((t) => t.toArray()), [[1, 2], [1, 2.5], [3, 2]]);
  assertEquals(layer.variables.map((v) => v.value.toArray()), before);
  assertEquals(layer.statelessCall(tv, ntv, [[1, 2]])[1].map((t) => t.toArray()), [
    [0, 0],
    [1, 1],
    [3, 0],
  ]);
});

Deno.test("Variables themselves serve as values, and other dtypes are converted", () => {
  const layer = new Scale();
  layer.apply([1]);
  const pair: [Tensor, Tensor[]] = layer.statelessCall(layer.trainableVariables, [], [2]);
  assertEquals([pair[0].toArray(), pair[1]], [[2], []]);
  const y = layer.statelessCall([np.array(3, { dtype: "int32" })], [], [2])[0];
  assertEquals([y.dtype, y.item()], ["float32", 6]);
  assertEquals(layer.statelessCall([3], [], [2])[0].toArray(), [6]);
});

Deno.test("wrong values of a stateless call are errors that name the variable", () => {
  const dense = new layers.Dense(2, { name: "head" });
  const x = np.ones([1, 3]);
  assertThrows(() => dense.statelessCall([], [], x), TypeError, "before it is built");
  dense.apply(x);
  const tv = values(dense.trainableVariables);
  const wrong = (tv: unknown, ntv: unknown = [], options: unknown = {}) => (): unknown =>
    dense.statelessCall(tv as Tensor[], ntv as Tensor[], x, options as object);
  const names = `wanted 2 ("head/kernel", "head/bias")`;
  assertThrows(
    wrong([tv[0]]),
    RangeError,
    `Cannot call layer "head" statelessly with 1 trainableVariables: ${names}`,
  );
  assertThrows(wrong([...tv, tv[0]]), RangeError, names);
  assertThrows(wrong(tv, [tv[0]]), RangeError, "1 nonTrainableVariables: wanted 0");
  assertThrows(wrong(x), TypeError, "wanted a list of tensors; call layer.statelessCall(");
  assertThrows(
    wrong([tv[1], tv[0]]),
    RangeError,
    `trainableVariables[0] is [2], but the variable "head/kernel" is [3,2]`,
  );
  assertThrows(
    wrong(["a", tv[1]]),
    TypeError,
    `[0] is "a": give a tensor for the variable "head/kernel"`,
  );
  assertThrows(wrong([undefined, tv[1]]), TypeError, `[0] is undefined: give a tensor`);
  assertThrows(wrong(tv, [], true), TypeError, "{ training: true }");
  assertThrows(wrong(tv, [], { train: true }), TypeError, `"train"`);
});

Deno.test("a layer that the first call did not reach cannot be built in a stateless call", () => {
  class Lazy extends layers.Layer {
    used = false;
    inner = new layers.Dense(1, { name: "inner" });
    override call(x: Tensor): Tensor {
      return this.used ? this.inner.apply(x) : x;
    }
  }
  const layer = new Lazy({ name: "lazy" });
  layer.apply(np.ones([1, 2]));
  layer.used = true;
  assertThrows(
    () => layer.statelessCall([], [], np.ones([1, 2])),
    TypeError,
    `Cannot build the layer "inner" in a stateless call`,
  );
  assertEquals(layer.variables, []);
});

Deno.test("a stateless call can be differentiated and jitted", () => {
  const layer = new Scale();
  layer.apply([1]);
  const loss = (tv: Tensor[], x: Tensor): Tensor => layer.statelessCall(tv, [], x)[0].sum();
  for (const f of [grad(loss), jit(grad(loss))]) {
    const [g] = f([toTensor(3)], toTensor([1, 2]));
    assertEquals(g!.item(), 3);
  }
});

// ---- tracing

Deno.test("nothing of a trace stays in a layer", () => {
  class Outer extends layers.Layer {
    adds = new Adds();
    dense = new layers.Dense(1, { kernelRegularizer: "l2" });
    override call(x: Tensor): Tensor {
      return this.dense.apply(this.adds.apply(x));
    }
  }
  const outer = new Outer();
  outer.apply(np.ones([1, 2]));
  const f = jit((x: Tensor) => {
    const y = outer.apply(x);
    return y.sum().mul(0).add(outer.losses[0]!); // legible inside
  });
  assertEquals(f(np.full([1, 2], 2)).item(), 4);
  assertEquals(outer.losses.length, 1); // only the penalty
  assert(outer.losses.every((t) => inside(t).storage !== null));
  for (const v of outer.variables) assert(inside(v.value).storage !== null);
  outer.apply(np.ones([1, 2]));
  assertEquals(outer.losses[0]!.item(), 2);
});

Deno.test("state that would be assigned in a trace is an error, and stays as it was", () => {
  const norm = new layers.BatchNormalization();
  norm.apply(np.ones([2, 2]));
  assertThrows(
    () => jit((x: Tensor) => norm.apply(x, { training: true }))(np.ones([2, 2])),
    TypeError,
    "Cannot assign to the variable",
  );
  assertEquals(norm.movingMean!.value.toArray(), [0, 0]);
});

Deno.test("a layer cannot be built inside of a trace", () => {
  const dense = new layers.Dense(1);
  assertThrows(() => jit((x: Tensor) => dense.apply(x))(np.ones([1, 2])), TypeError, "traced");
  assertEquals([dense.built, dense.variables.length], [false, 0]);
  assertEquals(dense.apply(np.ones([1, 2])).shape, [1, 1]);
});

// ---- inputs and outputs

Deno.test("everything that can be a tensor can be an input", () => {
  const layer = new Step();
  const run = (x: layers.LayerInput<Tensor>): unknown =>
    layer.apply(x, { training: true }).toArray();
  assertEquals(run(1), 2);
  assertEquals(run([1, 2]), [2, 3]);
  assertEquals(run([[1], [2]]), [[2], [3]]);
  assertEquals(run(Float32Array.of(1)), [2]);
  assertEquals(run(new Variable([1])), [2]);
  assertEquals(run(new HostArray(Float32Array.of(1, 2), [2, 1], "float32")), [[2], [3]]);
  assertEquals(run([]), []);
});

Deno.test("floats are converted to the layer's dtype, integers are not", () => {
  const seen: string[] = [];
  class Shows extends layers.Layer {
    override call(x: Tensor): Tensor {
      seen.push(x.dtype);
      return x;
    }
  }
  const wide = np.ones([1], { dtype: "float64" });
  new Shows().apply(wide);
  new Shows({ dtype: "float64" }).apply([1]);
  new Shows({ autocast: false }).apply(wide);
  new Shows().apply(Uint8Array.of(1));
  assertEquals(seen, ["float32", "float64", "float64", "uint8"]);
});

Deno.test("wrong inputs are errors that name the layer", () => {
  const dense = new layers.Dense(2, { name: "d" });
  const call = (x: unknown, options: unknown = {}) => (): unknown =>
    dense.apply(x as Tensor, options as object);
  assertThrows(call(undefined), TypeError, `Cannot call layer "d" with undefined`);
  assertThrows(call(null), TypeError, `Cannot call layer "d"`);
  assertThrows(call("x"), TypeError, `Cannot call layer "d" with "x"`);
  assertThrows(call({}), TypeError, `Cannot call layer "d"`);
  assertThrows(call([[1, 2], [3]]), RangeError);
  assertThrows(call([1, 2]), RangeError, `in layer "d"`);
  assertThrows(call([[1, 2]], true), TypeError, "{ training: true }");
  assertThrows(call([[1, 2]], { traning: true }), TypeError, `"traning"`);
  dense.apply([[1, 2]]);
  const e = assertThrows(call([[1, 2, 3]]), RangeError);
  assertEquals(
    e.message,
    `Cannot use an input of shape [1,3]: it must have at least 2 axes, the last of size 2, in layer "d"`,
  );
});

Deno.test("what call returns must be tensors", () => {
  const returns = (value: unknown): layers.Layer => {
    class Odd extends layers.Layer {
      override call(_x: Tensor): Tensor {
        return value as Tensor;
      }
    }
    return new Odd({ name: "odd" });
  };
  for (const value of [undefined, null, 3, "x", [], [np.ones(1), undefined], Promise.resolve()]) {
    const e = assertThrows(() => returns(value).apply([1]), TypeError);
    assertStringIncludes(e.message, "Cannot use what call() returned");
    assertStringIncludes(e.message, `in layer "odd"`);
  }
});

Deno.test("lists and records come and go, symbolic too", () => {
  class Halves extends layers.Layer<Tensor, { left: Tensor; right: Tensor[] }> {
    override call(x: Tensor): { left: Tensor; right: Tensor[] } {
      return { left: x.slice(null, [0, 1]), right: [x.slice(null, [1]), x] };
    }
  }
  const real = new Halves().apply([[1, 2, 3]]);
  assertEquals(real.right[0]!.toArray(), [[2, 3]]);
  const x = layers.input({ shape: [3] });
  const { left, right } = new Halves().apply(x);
  const model = new Model({ inputs: x, outputs: [right[0]!, left] });
  assertEquals(model.apply([[1, 2, 3]]).map((t) => t.toArray()), [[[2, 3]], [[1]]]);
});

Deno.test("merging layers take nested lists of numbers, one for each input", () => {
  assertEquals(new layers.Add().apply([[[1, 2]], [[3, 4]]]).toArray(), [[4, 6]]);
  assertEquals(new layers.Add().apply([[[1, 2]], np.ones([1, 2])]).toArray(), [[2, 3]]);
  assertEquals(new layers.Concatenate().apply([[[1]], [[3, 4]]]).toArray(), [[1, 3, 4]]);
});

// ---- single layers

Deno.test("options out of range are errors", () => {
  assertThrows(() => new layers.Dense(0), RangeError, "integer >= 1");
  assertThrows(() => new layers.Dense(2.5), RangeError, "integer >= 1");
  assertThrows(() => new layers.Dense(2, "relu" as unknown as object), TypeError, "as options");
  assertThrows(() => new layers.Dense(2, { activation: "rellu" }), RangeError, "rellu");
  assertThrows(() => new layers.Dense(2).build([-1, -1]), RangeError, "last axis of known size");
  assertThrows(() => new layers.Dropout(1.5), RangeError, "0..1");
  assertThrows(() => new layers.Dropout(0.5, { seed: -1 }), RangeError, "-1");
  const noisy = new layers.Dropout(0.5, { noiseShape: [null, 1] });
  assertThrows(() => noisy.apply(np.ones([2, 2, 2]), { training: true }), RangeError, "noiseShape");
  assertThrows(() => new layers.Reshape(4 as unknown as number[]), TypeError, "new Reshape");
  assertThrows(() => new layers.Reshape([4]).apply(np.ones([2, 3])), RangeError, "[4]");
  assertThrows(() => new layers.Flatten().apply(3), RangeError, "scalar");
  const add = new layers.Add() as unknown as layers.Layer;
  assertThrows(() => add.apply(np.ones([1])), TypeError, "give a list of tensors");
  const norm = new layers.BatchNormalization({ name: "n" });
  norm.apply(np.ones([1, 3]));
  assertThrows(() => norm.apply(np.ones([1, 4])), RangeError, "it was built for sizes [3]");
  assertThrows(() => new layers.LayerNormalization({ axis: 5 }).apply(np.ones([1, 3])), RangeError);
  assertThrows(() => new layers.ActivityRegularization({ l1: -1 }), RangeError, "l1");
});

Deno.test("an empty batch passes through every layer and leaves moving statistics alone", () => {
  const empty = np.zeros([0, 3]);
  const norm = new layers.BatchNormalization();
  assertEquals(norm.apply(empty, { training: true }).shape, [0, 3]);
  assertEquals(norm.movingMean!.value.toArray(), [0, 0, 0]);
  const all: layers.Layer[] = [
    new layers.Dense(2),
    new layers.LayerNormalization(),
    new layers.Dropout(0.5),
    new layers.Flatten(),
    new layers.ActivityRegularization({ l1: 1 }),
    new layers.Rescaling(2),
  ];
  for (const layer of all) {
    assertEquals(layer.apply(empty, { training: true }).shape[0], 0, layer.name);
    for (const loss of layer.losses) assertEquals(loss.item(), 0);
  }
});

Deno.test("layers print their name and size", () => {
  const dense = new layers.Dense(2, { name: "d" });
  assertEquals(Deno.inspect(dense), `Dense("d", not built)`);
  dense.apply(np.ones([1, 3]));
  assertEquals(Deno.inspect(dense), `Dense("d", 8 parameters)`);
});

Deno.test("an option that a layer does not have is an error, not ignored", () => {
  // deno-lint-ignore no-explicit-any
  const all = layers as any;
  const cases: [string, ...unknown[]][] = [
    ["Dense", 3, { use_bias: false }],
    ["Dropout", 0.5, { sed: 1 }],
    ["Activation", "relu", { axis: 1 }],
    ["Rescaling", 2, { ofset: 1 }],
    ["ActivityRegularization", { l3: 1 }],
    ["BatchNormalization", { momentun: 0.5 }],
    ["LayerNormalization", { momentum: 0.5 }],
    ["Concatenate", { axes: 1 }],
    ["Reshape", [2], { order: 1 }],
  ];
  for (const [kind, ...args] of cases) {
    const wrong = Object.keys(args.at(-1) as object)[0]!;
    assertThrows(
      () => new all[kind](...args),
      TypeError,
      `${kind} layer with the option "${wrong}": the options are`,
    );
  }
  const shared = { name: "d", trainable: false, dtype: "float64", autocast: false } as const;
  assertEquals(`${new layers.Dense(3, { ...shared, useBias: false })}`, 'Dense("d", not built)');
});

Deno.test("a list given to a layer of one input is an error that says so", () => {
  const x = np.ones([2, 3]);
  const flatten: layers.Layer<never> = new layers.Flatten();
  assertThrows(() => flatten.apply([x] as never), TypeError, "takes one tensor");
  const dropout: layers.Layer<never> = new layers.Dropout(0.5);
  assertThrows(
    () => dropout.apply([x] as never, { training: true }),
    TypeError,
    "a list of 1 inputs",
  );
});

Deno.test("null in the place of options is an error that names what was to be made", () => {
  const nothing = null as never;
  assertThrows(
    () => new layers.ActivityRegularization(nothing),
    TypeError,
    "ActivityRegularization",
  );
  assertThrows(() => new SeedGenerator(nothing), TypeError, "SeedGenerator");
});
