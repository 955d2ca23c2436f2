/**
 * Files that glissade writes for others to read: make_io.py has NumPy and safetensors read them, and
 * a test asserts that they are written so to this day. Beside each lies a JSON of what it holds.
 *
 * @module
 */
import { join } from "node:path";
import { HostArray, io, layers, models, np, optimizers } from "../../mod.ts";
import { finalName } from "../../src/formats/files.ts";

const arrays: Record<string, HostArray> = {
  bool: new HostArray(new Uint8Array([1, 0, 1]), [3], "bool"),
  uint8: new HostArray(new Uint8Array([0, 255]), [2, 1]),
  int32: new HostArray(new Int32Array([-1, 2 ** 31 - 1]), [2]),
  uint32: new HostArray(new Uint32Array([2 ** 32 - 1]), []),
  float32: new HostArray(new Float32Array([0.1, -0, 1e-45, 3e38]), [2, 2]),
  float64: new HostArray(new Float64Array([0.1, 5e-324, 1e308]), [1, 3]),
  empty: new HostArray(new Float32Array(0), [0, 3]),
};

const json = (record: Record<string, HostArray>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(record).map((
      [name, { dtype, shape, values }],
    ) => [name, { dtype, shape, data: Array.from(values) }]),
  );

/** Writes the samples, each with a JSON beside it; the names of the files. */
export async function writeSamples(folder: string): Promise<string[]> {
  const note = (name: string, record: Record<string, HostArray>, metadata = {}) =>
    Deno.writeTextFile(
      join(folder, `${name}.json`),
      JSON.stringify({ arrays: json(record), metadata }, (_, v) => Object.is(v, -0) ? "-0" : v),
    );
  for (const [name, x] of Object.entries(arrays)) {
    await io.saveNpy(join(folder, `${name}.npy`), x);
    await note(`${name}.npy`, { x });
  }
  for (const compress of [false, true]) {
    const name = compress ? "packed.npz" : "plain.npz";
    await io.saveNpz(join(folder, name), arrays, { compress });
    await note(name, arrays);
  }
  const metadata = { a: "1", z: 'é "\n' };
  await io.saveSafetensors(join(folder, "plain.safetensors"), arrays, { metadata });
  await note("plain.safetensors", arrays, metadata);
  await writeTrained(folder, note);
  const files = Array.from(Deno.readDirSync(folder), (e) => e.name).filter((n) =>
    !n.endsWith(".json")
  );
  if (files.some((name) => finalName(name) !== null)) throw new Error("A temporary file is left");
  return files.sort();
}

/** The weights of a model, and a checkpoint. */
async function writeTrained(
  folder: string,
  note: (name: string, record: Record<string, HostArray>, metadata?: object) => Promise<void>,
): Promise<void> {
  const model = new models.Sequential([
    layers.input({ shape: [3] }),
    new layers.Dense(2, { name: "first" }),
    new layers.BatchNormalization({ name: "norm" }),
  ], { name: "m" });
  for (const [i, v] of model.variables.entries()) v.assign(v.value.zeros().add(i + 0.5));
  const optimizer = new optimizers.Adam({ name: "adam" });
  optimizer.build(model.trainableVariables);
  const host = (x: { value: { data(): HostArray["values"] }; shape: readonly number[] }) =>
    new HostArray(x.value.data(), x.shape);
  const named = (variables: typeof model.variables, prefix = "") =>
    Object.fromEntries(variables.map((v) => [prefix + v.path, host(v)]));
  const path = join(folder, "weights.safetensors");
  await model.saveWeights(path);
  await note(
    "weights.safetensors",
    named(model.variables),
    (await io.loadSafetensors(path)).metadata,
  );
  const kept = join(folder, "checkpoint.safetensors");
  const state = [np.ones([2]), np.arange(3)];
  await io.saveCheckpoint(kept, { model, optimizer, state, step: 3, loss: NaN, data: { at: [1] } });
  await note("checkpoint.safetensors", {
    ...named(model.variables, "model/"),
    ...named(optimizer.variables, "optimizer/"),
    "state[0]": new HostArray(new Float32Array([1, 1])),
    "state[1]": new HostArray(new Int32Array([0, 1, 2])),
  }, (await io.loadSafetensors(kept)).metadata);
}

if (import.meta.main) await writeSamples(Deno.args[0]!);
