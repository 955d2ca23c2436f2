/** Weights in files: all or none come back, and what does not fit is named. @module */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { HostArray, io, layers, models, np, type Variable } from "../../mod.ts";
import { inFolder } from "../io/folder.ts";

const make = (units = 2, dtype: "float32" | "float64" = "float32") =>
  new models.Sequential([
    layers.input({ shape: [3] }),
    new layers.Dense(units, { dtype }),
    new layers.BatchNormalization({ dtype }),
    new layers.Dropout(0.5, { seed: 5 }),
    new layers.Dense(1, { dtype }),
  ]);

const values = (variables: readonly Variable[]) => variables.map((v) => v.value.toArray());

function scramble(model: { variables: Variable[] }): void {
  for (const [i, v] of model.variables.entries()) v.assign(v.value.zeros().add(i));
}

Deno.test("saveWeights and loadWeights carry every variable over, seeds and statistics too", () =>
  inFolder(async (folder) => {
    const path = join(folder, "w.safetensors");
    const model = make();
    scramble(model);
    const before = values(model.variables);
    await model.saveWeights(path);
    for (const v of model.variables) v.assign(v.value.zeros());
    await model.loadWeights(path);
    assertEquals(values(model.variables), before);
    assertEquals(before.length, 9);
    const { tensors } = await io.loadSafetensors(path);
    assertEquals(Object.keys(tensors).sort(), model.variables.map((v) => v.path).sort());
  }));

Deno.test("a model made anew by the same code gets the weights, whatever numbers its names have", () =>
  inFolder(async (folder) => {
    const path = join(folder, "w.safetensors");
    const [a, b] = [make(), make()];
    assert(a.variables[0]!.path !== b.variables[0]!.path);
    scramble(a);
    await a.saveWeights(path);
    await b.loadWeights(path);
    assertEquals(values(b.variables), values(a.variables));
  }));

Deno.test("weights of another program are found by their paths", () =>
  inFolder(async (folder) => {
    const path = join(folder, "w.safetensors");
    const model = new models.Sequential([
      layers.input({ shape: [1] }),
      new layers.Dense(2, { name: "d" }),
    ], { name: "m" });
    await io.saveSafetensors(path, { "m/d/bias": [3, 4], "m/d/kernel": [[1, 2]] });
    await model.loadWeights(path);
    assertEquals(values(model.variables), [[[1, 2]], [3, 4]]);
    await io.saveSafetensors(path, { "m/d_1/bias": [3, 4], "m/d_1/kernel": [[1, 2]] });
    await assertRejects(
      () => model.loadWeights(path),
      RangeError,
      'the variable "m/d/kernel" float32[1,2] is not in it: it holds "m/d_1/bias" float32[2], ' +
        '"m/d_1/kernel" float32[1,2] instead',
    );
  }));

Deno.test("what does not fit is named with its shape and what was found, and nothing changes", () =>
  inFolder(async (folder) => {
    const path = join(folder, "w.safetensors");
    const named = (units: number, more: layers.Layer[] = []) =>
      new models.Sequential([
        layers.input({ shape: [3] }),
        new layers.Dense(2, { name: "a" }),
        new layers.Dense(units, { name: "b" }),
        ...more,
      ], { name: "m" });
    const model = named(2);
    const before = values(model.variables);
    const fails = async (kind: new (m: string) => Error, what: string) => {
      await assertRejects(() => model.loadWeights(path), kind, what);
      assertEquals(values(model.variables), before);
    };
    await named(5).saveWeights(path);
    await fails(
      RangeError,
      `Cannot load ${path} into the model "m": the variable "m/b/kernel" is float32[2,2], found ` +
        "float32[2,5]: shapes must be equal",
    );
    await named(2, [new layers.Dense(1, { name: "c" })]).saveWeights(path);
    await fails(
      RangeError,
      'found "m/c/kernel" float32[2,1], for which the model "m" has no variable',
    );
    const all = Object.fromEntries(model.variables.map((v) => [v.path, v.value]));
    await io.saveSafetensors(path, { ...all, "m/b/bias": new HostArray(new Float64Array(2)) });
    await fails(
      TypeError,
      'the variable "m/b/bias" is float32[2], found float64[2]: dtypes must be equal',
    );
    delete all["m/b/bias"];
    await io.saveSafetensors(path, all);
    await fails(RangeError, 'the variable "m/b/bias" float32[2] is not in it: it holds no others');
    await Deno.remove(path);
    await fails(Deno.errors.NotFound, path);
  }));

Deno.test("every changed byte of a file of weights is noticed or leaves the values as they were", () =>
  inFolder(async (folder) => {
    const path = join(folder, "w.safetensors");
    const model = new models.Sequential([
      layers.input({ shape: [1] }),
      new layers.Dense(2, { name: "d" }),
    ]);
    await model.saveWeights(path);
    const whole = await Deno.readFile(path);
    const before = values(model.variables);
    for (let i = 0; i < whole.length; i++) {
      const wrong = whole.slice();
      wrong[i]! ^= 1;
      await Deno.writeFile(path, wrong);
      await model.loadWeights(path).then(() => assert(i < 40), (e) => {
        assert(e instanceof RangeError || e instanceof TypeError, String(e));
      });
      assertEquals(values(model.variables), before);
      await Deno.writeFile(path, whole.subarray(0, i));
      await assertRejects(() => model.loadWeights(path), Error, path);
    }
  }));

Deno.test("a model without variables yet says what to do", () =>
  inFolder(async (folder) => {
    const model = new models.Sequential([new layers.Dense(2)]);
    const path = join(folder, "w.safetensors");
    await assertRejects(() => model.saveWeights(path), TypeError, "it has no variables yet");
    await assertRejects(() => model.loadWeights(path), TypeError, "it has no variables yet");
    model.apply(np.zeros([1, 3]));
    await model.saveWeights(path);
  }));

Deno.test("variables of equal paths are kept apart", () =>
  inFolder(async (folder) => {
    class Twice extends models.Model {
      readonly a = new layers.Dense(1, { name: "same" });
      readonly b = new layers.Dense(1, { name: "same" });
      override call(x: Parameters<layers.Dense["apply"]>[0]) {
        return this.b.apply(this.a.apply(x));
      }
    }
    const model = new Twice();
    model.apply(np.zeros([1, 1]));
    scramble(model);
    const before = values(model.variables);
    const path = join(folder, "w.safetensors");
    await model.saveWeights(path);
    for (const v of model.variables) v.assign(v.value.zeros());
    await model.loadWeights(path);
    assertEquals(values(model.variables), before);
  }));
