/**
 * Checkpoints: the whole state of a training in one file, whole or not there at all.
 *
 * A checkpoint is a safetensors file with a checksum of itself. Its arrays are those of the state
 * under their paths, so that other programs can read them; the rest stands as JSON in the metadata.
 *
 * @module
 */
import { node } from "../../ffi/node.ts";
import { clearParts, readFound, toPath } from "../formats/files.ts";
import {
  encodeCheckpoint,
  openCheckpoint,
  restoreInto,
  writeCheckpoint,
} from "./checkpoint_file.ts";

/** What a process that was killed an hour ago left of a file is cleared away. */
const ABANDONED = 3_600_000;

/**
 * Keeps the whole state of a training in one file. A kill or a full disk at any moment leaves the old
 * file or the new one, and a checksum tells a damaged one. The values are those at the time of the
 * call: the loop may go on, and donate them, while the file is written.
 *
 * @param path a path or file URL in a folder that may be read and written
 * @param state a nest of lists and plain objects of: tensors, variables, HostArrays and typed arrays;
 * models, layers, optimizers, metrics and seed generators, whose variables are kept; iterators,
 * whose `state()` is kept; numbers, texts, booleans and null
 * @throws {TypeError} when something in it cannot be kept; the message names its path
 * @throws {Deno.errors.NotCapable} without permission to read and write the folder
 * @throws {Error} when it cannot be written, as on a full disk; an older file is as it was
 *
 * @example
 * ```ts
 * import { io, layers, models, optimizers } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const model = new models.Sequential([layers.input({ shape: [3] }), new layers.Dense(2)]);
 * const optimizer = new optimizers.Adam();
 * optimizer.build(model.trainableVariables);
 * const file = await Deno.makeTempFile({ suffix: ".safetensors" });
 * await io.saveCheckpoint(file, { model, optimizer, step: 7 });
 * model.weights[0]!.assign(model.weights[0]!.value.mul(0));
 * const { step } = await io.loadCheckpoint(file, { model, optimizer, step: 0 });
 * assertEquals(step, 7);
 * assertEquals(model.weights[0]!.value.mean().item() === 0, false);
 * await Deno.remove(file);
 * ```
 */
export async function saveCheckpoint(path: string | URL, state: object): Promise<void> {
  const file = toPath(path);
  await writeCheckpoint(file, encodeCheckpoint(state, {}));
  const own = (name: string) => name === node("path").basename(file);
  await clearParts(node("path").dirname(file), own, ABANDONED).catch(() => {}); // the checkpoint is written
}

/**
 * Brings the state of a training back. The target has the structure that was saved, made anew: its
 * variables, and those of its models, optimizers and metrics, are assigned; tensors, HostArrays and
 * typed arrays come back as such, after a check of shape and dtype; of null comes back whatever was
 * saved there, as the state of an iterator; other values are replaced. Of a record at the top the
 * target may have some keys only. If anything does not fit, nothing changes.
 *
 * @param target default: none; then tensors come back as tensors and the variables of an object as
 * a record by path
 * @returns the state in the structure of the target
 * @throws {Deno.errors.NotFound} when there is no such file
 * @throws {RangeError} when a byte of the file was changed or is missing, or something does not fit
 * the target; it names the path, what is wanted and what was found
 * @throws {TypeError} when it is no checkpoint
 *
 * @example The state of a stateless loop: lists of tensors
 * ```ts
 * import { io, np, type Tensor } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const state: [Tensor[], Tensor[]] = [[np.ones([2, 2]), np.zeros([2])], [np.array(3)]];
 * const file = await Deno.makeTempFile({ suffix: ".safetensors" });
 * await io.saveCheckpoint(file, { state, data: { position: 12 } });
 * const fresh = { state, data: null };
 * const restored = await io.loadCheckpoint(file, fresh);
 * assertEquals(restored.state[0][0]!.toArray(), [[1, 1], [1, 1]]);
 * assertEquals(restored.data, { position: 12 });
 * await Deno.remove(file);
 * ```
 */
export async function loadCheckpoint<T = unknown>(path: string | URL, target?: T): Promise<T> {
  const opened = await openCheckpoint(await readFound(path), toPath(path));
  return restoreInto(opened, target).state as T;
}
