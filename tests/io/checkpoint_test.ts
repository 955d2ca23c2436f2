/** Checkpoints: everything that makes up a training comes back, and what does not fit changes nothing. @module */
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { join } from "node:path";
import {
  HostArray,
  io,
  layers,
  losses,
  metrics,
  models,
  np,
  optax,
  optimizers,
  random,
  type Tensor,
  tree,
  valueAndGrad,
  Variable,
} from "../../mod.ts";
import { inFolder, namesIn } from "./folder.ts";

function makeModel(units = 4) {
  const inputs = layers.input({ shape: [3] });
  const x = new layers.Dropout(0.5, { seed: 1 }).apply(
    new layers.Dense(units, { activation: "relu" }).apply(inputs),
  );
  return new models.Model({ inputs, outputs: new layers.Dense(2).apply(x) });
}

function makeTraining(units = 4) {
  const model = makeModel(units);
  const optimizer = new optimizers.Adam({ learningRate: 1e-2 });
  optimizer.build(model.trainableVariables);
  const metric = new metrics.Mean();
  const seeds = new random.SeedGenerator({ seed: 3 });
  return { model, optimizer, metric, seeds };
}

type Training = ReturnType<typeof makeTraining>;

const mse = losses.meanSquaredError();

function stepOf({ model, optimizer, metric, seeds }: Training): number {
  const x = random.normal(seeds.next(), [8, 3]);
  const f = (trainable: Tensor[], nonTrainable: Tensor[]): [Tensor, Tensor[]] => {
    const [y, updated] = model.statelessCall(trainable, nonTrainable, x, { training: true });
    return [mse(np.zeros([8, 2]), y), updated];
  };
  const [[loss, updated], grads] = valueAndGrad(f, { hasAux: true })(
    model.trainableVariables.map((v) => v.value),
    model.nonTrainableVariables.map((v) => v.value),
  );
  optimizer.apply(grads, model.trainableVariables);
  model.nonTrainableVariables.forEach((v, i) => v.assign(updated[i]!));
  metric.updateState(loss);
  return loss.item();
}

Deno.test("a model, its optimizer, a metric and a seed generator go on with the same bits", () =>
  inFolder(async (folder) => {
    const path = join(folder, "c.safetensors");
    const first = makeTraining();
    for (let i = 0; i < 3; i++) stepOf(first);
    await io.saveCheckpoint(path, { ...first, step: 3 });
    const wanted = Array.from({ length: 4 }, () => stepOf(first));
    const second = makeTraining();
    const { step, model } = await io.loadCheckpoint(path, { ...second, step: 0 });
    assertEquals(step, 3);
    assertStrictEquals(model, second.model);
    assertEquals(Array.from({ length: 4 }, () => stepOf(second)), wanted);
    assertEquals(second.metric.result().item(), first.metric.result().item());
  }));

Deno.test("the lists of a stateless loop are one call to save and one to restore", () =>
  inFolder(async (folder) => {
    const path = join(folder, "c.safetensors");
    const { model, optimizer, metric } = makeTraining();
    const fresh = (): [Tensor[], Tensor[], Tensor[], Tensor[]] => [
      model.trainableVariables.map((v) => v.value),
      model.nonTrainableVariables.map((v) => v.value),
      optimizer.variables.map((v) => v.value),
      metric.variables.map((v) => v.value),
    ];
    const state = fresh().map((list) => list.map((t) => t.mul(2).astype(t.dtype))) as ReturnType<
      typeof fresh
    >;
    await io.saveCheckpoint(path, { state, step: 5 });
    const got = await io.loadCheckpoint(path, { state: fresh(), step: 0 });
    assertEquals(got.step, 5);
    assertEquals(tree.structure(got.state).key, tree.structure(state).key);
    tree.map((a: Tensor, b: Tensor) => assertEquals(a.data(), b.data()), got.state, state);
    await io.saveCheckpoint(path, state);
    const [trainable] = await io.loadCheckpoint(path, fresh());
    assertEquals(trainable.map((t) => t.data()), state[0].map((t) => t.data()));
  }));

Deno.test("every kind of value comes back as it was", () =>
  inFolder(async (folder) => {
    const path = join(folder, "c.safetensors");
    const bits = new Float32Array(new Uint32Array([0x7fc12345, 0x80000000, 1, 0xff800000]).buffer);
    const state = {
      host: new HostArray(new Float64Array([0.1, NaN, -0]), [3, 1]),
      typed: new Int32Array([1, 2]),
      bool: np.array([true, false]),
      empty: np.zeros([0, 3]),
      scalar: np.array(2.5),
      bits: new HostArray(bits),
      numbers: [1, -0, NaN, Infinity, -Infinity, 1e300, 0.1],
      mixed: { list: [1, "two", null, true, [np.ones([1])], {}], "a.b": { "": 1 } },
      nothing: null,
      none: [],
      "__metadata__": np.ones([1]),
      "a/b": [new Variable([1])],
      iterator: { state: () => ({ position: 3, inner: [null, { seed: "7" }] }) },
      left: undefined,
    };
    await io.saveCheckpoint(path, state);
    const back = await io.loadCheckpoint<Record<string, unknown>>(path);
    assert(!("left" in back));
    assertEquals((back.bits as Tensor).data().buffer, bits.buffer);
    assertEquals(back.numbers, state.numbers);
    assertEquals(back.iterator, { position: 3, inner: [null, { seed: "7" }] });
    assertEquals(back.nothing, null);
    const mixed = back.mixed as { list: unknown[] };
    assertEquals((mixed.list[4] as Tensor[])[0]!.toArray(), [1]);
    assertEquals(mixed.list.slice(0, 4), [1, "two", null, true]);
    const typed = await io.loadCheckpoint(path, {
      ...state,
      iterator: null,
      bits: null,
      left: undefined,
    });
    assertEquals(typed.host.values, state.host.values);
    assertEquals(typed.typed, state.typed);
    assertEquals([typed.empty.shape, typed.scalar.item()], [[0, 3], 2.5]);
    assertEquals(typed.bool.toArray(), [true, false]);
    assertEquals(typed.numbers, state.numbers);
    assertStrictEquals(typed["a/b"][0], state["a/b"][0]!);
  }));

Deno.test("the state of a gradient transformation comes back", () =>
  inFolder(async (folder) => {
    const path = join(folder, "c.safetensors");
    const params = { w: np.ones([2]), b: np.zeros([]) };
    const tx = optax.chain(optax.clipByGlobalNorm(1), optax.adam(0.1));
    let [, state] = tx.update({ w: np.array([3, 4]), b: np.array(1) }, tx.init(params), params);
    await io.saveCheckpoint(path, { params, state });
    const got = await io.loadCheckpoint(path, { params, state: tx.init(params) });
    assertEquals(
      tree.leaves<Tensor>(got.state).map((t) => t.toArray()),
      tree.leaves<Tensor>(state).map((t) => t.toArray()),
    );
    [, state] = tx.update({ w: np.ones([2]), b: np.array(1) }, got.state, params);
  }));

Deno.test("a model that computes by itself is kept once it was called", () =>
  inFolder(async (folder) => {
    class Own extends models.Model {
      readonly dense = new layers.Dense(1);
      override call(x: Tensor) {
        return this.dense.apply(x);
      }
    }
    const path = join(folder, "c.safetensors");
    const [model, other] = [new Own(), new Own()];
    await assertRejects(() => io.saveCheckpoint(path, { model }), TypeError, "build it first");
    for (const m of [model, other]) m.apply(np.zeros([1, 2]));
    await io.saveCheckpoint(path, { model });
    await io.loadCheckpoint(path, { model: other });
    assertEquals(other.weights[0]!.value.toArray(), model.weights[0]!.value.toArray());
  }));

class Pair {
  constructor(readonly a: unknown, readonly b: unknown) {}
}
tree.register(Pair, {
  flatten: (p) => ({ children: [p.a, p.b], aux: "pair" }),
  unflatten: ([a, b]) => new Pair(a, b),
});

Deno.test("instances of registered classes come back as such", () =>
  inFolder(async (folder) => {
    const path = join(folder, "c.safetensors");
    await io.saveCheckpoint(path, { p: new Pair(np.ones([2]), [4]) });
    const { p } = await io.loadCheckpoint(path, { p: new Pair(np.zeros([2]), [0]) });
    assert(p instanceof Pair);
    assertEquals([(p.a as Tensor).toArray(), p.b], [[1, 1], [4]]);
    const wrong = { p: new Pair(np.zeros([3]), [0]) };
    await assertRejects(() => io.loadCheckpoint(path, wrong), RangeError, "p[0] from");
  }));

Deno.test("what cannot be kept is named by its path", async () => {
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  class Other {}
  for (
    const [state, kind, what] of [
      [{ a: [1, undefined] }, TypeError, "Cannot save a[1]: it is undefined"],
      [{ a: { f: () => 1 } }, TypeError, "Cannot save a.f: it is function f"],
      [{ a: 1n }, TypeError, "Cannot save a: it is 1"],
      [{ a: Symbol("s") }, TypeError, "Cannot save a: it is Symbol(s)"],
      [{ a: new Other() }, TypeError, "Cannot save a: it is Other"],
      [{ a: new Map() }, TypeError, "Cannot save a: it is Map"],
      [{ a: new optimizers.Adam() }, TypeError, "a: it does not have all its variables yet"],
      [{ a: new models.Sequential([new layers.Dense(1)]) }, TypeError, "call the model once"],
      [{ a: new BigInt64Array(1) }, TypeError, "Cannot save a: it is BigInt64Array"],
      [{ cyclic }, RangeError, "more than 1000 levels"],
    ] as const
  ) await assertRejects(() => io.saveCheckpoint("unused", state), kind, what);
});

Deno.test("what does not fit the target is named, and no variable changes", () =>
  inFolder(async (folder) => {
    const path = join(folder, "c.safetensors");
    const saved = makeTraining();
    await io.saveCheckpoint(path, { ...saved, t: np.ones([2]), n: 1, list: [np.ones([1])] });
    const target = makeTraining();
    const before = target.model.variables.map((v) => v.value.toArray());
    const wide = makeTraining(5);
    for (
      const [more, what] of [
        [{ t: np.ones([3]) }, "Cannot restore t from"],
        [{ t: np.ones([3]) }, "float32[3] is wanted, found float32[2]"],
        [{ t: np.arange(2) }, "int32[2] is wanted, found float32[2]"],
        [{ t: 1 }, "a number is wanted, found float32[2]"],
        [{ n: "1" }, "a string is wanted, found 1"],
        [{ n: np.ones([]) }, "float32[] is wanted, found 1"],
        [{ n: [1] }, "a list of 1 is wanted, found 1"],
        [{ n: { a: 1 } }, "a record is wanted, found 1"],
        [{ list: [] }, "a list of 0 is wanted, found a list of 1"],
        [{ list: { a: 1 } }, "a record is wanted, found a list of 1"],
        [{ t: saved.metric }, "the variables of an object is wanted, found float32[2]"],
        [{ absent: 1 }, "Cannot restore absent from"],
        [{ absent: 1 }, "it holds model, optimizer, metric, seeds, t, n, list"],
        [{ other: wide.model, model: wide.model }, "Cannot restore other from"],
        [{ model: wide.model }, "into model: the variable"],
        [{ model: saved.metric }, "mean/total"],
        [{ optimizer: wide.optimizer }, "into optimizer: the variable"],
      ] as [Record<string, unknown>, string][]
    ) {
      await assertRejects(() => io.loadCheckpoint(path, { ...target, ...more }), RangeError, what);
      assertEquals(target.model.variables.map((v) => v.value.toArray()), before);
    }
    const iterator = { n: { state: () => 1 } };
    await assertRejects(() => io.loadCheckpoint(path, iterator), TypeError, "give null there");
    const { n } = await io.loadCheckpoint(path, { n: 0 });
    assertEquals(n, 1);
  }));

Deno.test("every changed bit and every truncation of a checkpoint is noticed", () =>
  inFolder(async (folder) => {
    const path = join(folder, "c.safetensors");
    await io.saveCheckpoint(path, { a: np.arange(2), n: 1 });
    const whole = await Deno.readFile(path);
    for (let i = 0; i < whole.length; i++) {
      const wrong = whole.slice();
      wrong[i]! ^= 1 << (i % 8);
      await Deno.writeFile(path, wrong);
      await assertRejects(() => io.loadCheckpoint(path), Error, `Cannot read ${path}: `);
      await Deno.writeFile(path, whole.subarray(0, i));
      await assertRejects(() => io.loadCheckpoint(path), Error, `Cannot read ${path}: `);
    }
  }));

Deno.test("a file of weights is no checkpoint", () =>
  inFolder(async (folder) => {
    const path = join(folder, "c.safetensors");
    await makeModel().saveWeights(path);
    await assertRejects(() => io.loadCheckpoint(path), TypeError, "model.loadWeights");
  }));

Deno.test("parts that killed processes left an hour ago are cleared away, others are not", () =>
  inFolder(async (folder) => {
    const uuid = "12345678-1234-1234-1234-123456789abc";
    const parts = ["c", "c", "other"].map((name, i) => `.${name}.${uuid.slice(0, -1)}${i}.tmp`);
    for (const name of parts) await Deno.writeTextFile(join(folder, name), "part");
    const old = new Date(Date.now() - 2 * 3_600_000);
    for (const i of [0, 2]) await Deno.utime(join(folder, parts[i]!), old, old);
    await io.saveCheckpoint(join(folder, "c"), { n: 1 });
    assertEquals(namesIn(folder), [...parts.slice(1), "c"].sort());
  }));
