/**
 * CheckpointManager: a folder of checkpoints of which the last few and the best are kept.
 *
 * @module
 */
import { node } from "../../ffi/node.ts";
import { formatValue } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { clearParts, demand, failure, readFound, toPath } from "../formats/files.ts";
import {
  encodeCheckpoint,
  openCheckpoint,
  type Opened,
  readAbout,
  restoreInto,
  writeCheckpoint,
} from "./checkpoint_file.ts";
import { Decoder } from "./state.ts";

/** Which checkpoint is the best. */
export interface BestOptions {
  /** The figure that decides, one of those given to `save`. */
  metric: string;
  /** Whether it should be small or great. */
  mode: "min" | "max";
}

/** Options of {@link CheckpointManager}. */
export interface CheckpointManagerOptions {
  /** How many of the last are kept, at least 1; default 3. Infinity keeps all. */
  keep?: number | undefined;
  /** Keeps the best one as well. */
  best?: BestOptions | undefined;
}

/** A checkpoint of a folder. */
export interface CheckpointEntry {
  /** The step that it was saved at. */
  readonly step: number;
  /** Where it is. */
  readonly path: string;
  /** The figures that were given when it was saved. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** A checkpoint that was brought back. */
export interface RestoredCheckpoint<T> extends CheckpointEntry {
  /** The state, in the structure of the target. */
  readonly state: T;
}

interface Note {
  readonly step: number;
  readonly metrics: Readonly<Record<string, number>>;
}

const NAME = /^checkpoint-(\d{8,})\.safetensors$/;
const nameOf = (step: number): string => `checkpoint-${`${step}`.padStart(8, "0")}.safetensors`;

/**
 * A folder of checkpoints, one per step at which `save` was called, of which the last few and, if
 * wanted, the best are kept. One training at a time may write to a folder; what a killed one left
 * half written is cleared away at the first save and never taken for a checkpoint.
 *
 * @example
 * ```ts
 * import { io, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const folder = await Deno.makeTempDir();
 * const manager = new io.CheckpointManager(folder, {
 *   keep: 2,
 *   best: { metric: "loss", mode: "min" },
 * });
 * const losses = [0.5, 0.1, 0.3, 0.4];
 * for (const [step, loss] of losses.entries()) {
 *   await manager.save(step, { w: np.array([loss]) }, { loss });
 * }
 * assertEquals((await manager.list()).map((c) => c.step), [1, 2, 3]);
 * const last = await manager.restore({ w: np.zeros([1]) });
 * const best = await manager.restore({ w: np.zeros([1]) }, "best");
 * assertEquals([last?.step, best?.step, best?.metrics.loss], [3, 1, 0.1]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export class CheckpointManager {
  /** The folder. */
  readonly folder: string;
  readonly #keep: number;
  readonly #best: BestOptions | null;
  #queue: Promise<unknown> = Promise.resolve();
  #clean = false;

  /**
   * Touches nothing yet: the folder is made at the first save.
   *
   * @throws {TypeError} for an unknown option or one of the wrong kind
   * @throws {RangeError} when `keep` is less than 1
   */
  constructor(folder: string | URL, options: CheckpointManagerOptions = {}) {
    const action = "make a CheckpointManager";
    checkOptions(options, ["keep", "best"], action);
    const { keep = 3, best = null } = options;
    if (typeof keep !== "number" || !(keep === Infinity || Number.isInteger(keep))) {
      throw new TypeError(
        `Cannot ${action} with keep ${formatValue(keep)}: wanted an integer or Infinity`,
      );
    }
    if (keep < 1) throw new RangeError(`Cannot ${action} with keep ${keep}: wanted at least 1`);
    if (best !== null) {
      checkOptions(best, ["metric", "mode"], action);
      if (typeof best.metric !== "string" || (best.mode !== "min" && best.mode !== "max")) {
        throw new TypeError(
          `Cannot ${action} with best { metric: ${formatValue(best.metric)}, mode: ` +
            `${formatValue(best.mode)} }: wanted the name of a figure, and "min" or "max"`,
        );
      }
    }
    this.folder = toPath(folder);
    this.#keep = keep;
    this.#best = best;
  }

  /**
   * Saves a state, then removes what is no longer to be kept. The values are those at the time of
   * the call. Saves that are not awaited are written one after the other.
   *
   * @param step an integer of at least 0; a checkpoint of the same step is replaced
   * @param state as for {@link saveCheckpoint}
   * @param metrics figures by name; NaN is never the best
   * @returns the path of the checkpoint
   * @throws {TypeError} when something cannot be kept, or the figure that decides is missing
   * @throws {Error} when it cannot be written, as on a full disk; what was there is as it was
   */
  async save(
    step: number,
    state: object,
    metrics: Readonly<Record<string, number>> = {},
  ): Promise<string> {
    if (!Number.isSafeInteger(step) || step < 0) {
      throw new RangeError(
        `Cannot save a checkpoint of step ${formatValue(step)}: a step is an integer of at least 0`,
      );
    }
    for (const [name, figure] of Object.entries(metrics)) {
      if (typeof figure !== "number") {
        throw new TypeError(
          `Cannot save a checkpoint with ${name} ${formatValue(figure)}: figures are numbers: ` +
            `read a tensor with item()`,
        );
      }
    }
    if (this.#best !== null && !Object.hasOwn(metrics, this.#best.metric)) {
      throw new TypeError(
        `Cannot save a checkpoint without the figure "${this.#best.metric}", which decides which is ` +
          `the best: give it as the third argument`,
      );
    }
    const note: Note = { step, metrics };
    const encoded = encodeCheckpoint(state, note);
    const path = node("path").join(this.folder, nameOf(step));
    const saved = this.#queue.then(async () => {
      await this.#prepare();
      await writeCheckpoint(path, encoded);
      await this.#prune(step);
      return path;
    });
    this.#queue = saved.catch(() => {});
    return await saved;
  }

  /** Makes the folder, and clears away what a killed training left half written. */
  async #prepare(): Promise<void> {
    if (this.#clean) return;
    for (const name of ["read", "write"] as const) {
      await demand(name, this.folder, `save checkpoints in ${this.folder}`);
    }
    try {
      await Deno.mkdir(this.folder, { recursive: true });
      await clearParts(this.folder, (name) => NAME.test(name));
    } catch (cause) {
      throw failure("prepare the folder", this.folder, "", cause);
    }
    this.#clean = true;
  }

  async #prune(saved: number): Promise<void> {
    const entries = await this.list();
    const last = this.#keep === Infinity ? entries : entries.slice(-this.#keep);
    const kept = new Set([saved, this.#bestOf(entries)?.step, ...last.map((entry) => entry.step)]);
    for (const { step, path } of entries) {
      if (!kept.has(step)) await Deno.remove(path);
    }
  }

  /**
   * The whole checkpoints of the folder by step. Of each only the head and the length are looked at.
   *
   * @throws {Deno.errors.NotCapable} without permission to read the folder
   */
  async list(): Promise<CheckpointEntry[]> {
    const entries: CheckpointEntry[] = [];
    await demand("read", this.folder, `list the checkpoints in ${this.folder}`);
    try {
      for await (const { name, isFile } of Deno.readDir(this.folder)) {
        if (!isFile || !NAME.test(name)) continue;
        const path = node("path").join(this.folder, name);
        const note = await readNote(path);
        if (note !== null) entries.push({ ...note, path });
      }
    } catch (cause) {
      if (cause instanceof Deno.errors.NotFound) return entries;
      throw failure("list", this.folder, "", cause);
    }
    return entries.sort((a, b) => a.step - b.step);
  }

  /**
   * The checkpoint whose deciding figure is the best; the earlier of equal ones.
   *
   * @throws {TypeError} when the manager was made without `best`
   */
  async best(): Promise<CheckpointEntry | null> {
    if (this.#best === null) {
      throw new TypeError(
        "Cannot tell the best checkpoint: no figure decides: make the manager with " +
          '{ best: { metric, mode: "min" } }',
      );
    }
    return this.#bestOf(await this.list());
  }

  #bestOf(entries: readonly CheckpointEntry[]): CheckpointEntry | null {
    if (this.#best === null) return null;
    const { metric, mode } = this.#best;
    const figure = (entry: CheckpointEntry) => entry.metrics[metric]! * (mode === "min" ? 1 : -1);
    return entries.reduce<CheckpointEntry | null>((best, entry) => {
      if (!(figure(entry) <= Infinity)) return best;
      return best === null || figure(entry) < figure(best) ? entry : best;
    }, null);
  }

  /**
   * Brings a checkpoint back; null when the folder has none. Where the latest is damaged, the one
   * before it is taken, and a warning names the damaged one.
   *
   * @param target as for {@link loadCheckpoint}
   * @param which "latest" (the default: the greatest step), "best", or a step
   * @throws {Deno.errors.NotFound} when there is none of that step
   * @throws {RangeError} when it is damaged, or does not fit the target
   */
  async restore<T = unknown>(
    target?: T,
    which: "latest" | "best" | number = "latest",
  ): Promise<RestoredCheckpoint<T> | null> {
    if (typeof which === "number") {
      return await this.#read(node("path").join(this.folder, nameOf(which)), target);
    }
    if (which === "best") {
      const entry = await this.best();
      return entry === null ? null : await this.#read(entry.path, target);
    }
    if (which !== "latest") {
      throw new TypeError(
        `Cannot restore the checkpoint ${formatValue(which)}: wanted "latest", "best" or a step`,
      );
    }
    const entries = await this.list();
    let damage: unknown = null;
    for (const { path } of entries.reverse()) {
      const bytes = await readFound(path);
      let opened: Opened;
      try {
        opened = await openCheckpoint(bytes, path);
      } catch (e) {
        damage ??= e;
        console.warn(`${(e as Error).message}; the checkpoint before it is taken`);
        continue;
      }
      return restored(opened, target);
    }
    if (damage !== null) throw damage;
    return null;
  }

  async #read<T>(path: string, target: T | undefined): Promise<RestoredCheckpoint<T>> {
    return restored(await openCheckpoint(await readFound(path), path), target);
  }
}

function restored<T>(opened: Opened, target: T | undefined): RestoredCheckpoint<T> {
  const { state, note } = restoreInto(opened, target);
  return { ...(note as Note), path: opened.file, state: state as T };
}

/** What was noted in a checkpoint; null where the file is not a whole one. */
async function readNote(path: string): Promise<Note | null> {
  const { parseSafetensorsHeader, safetensorsHeaderEnd } = await import(
    "../formats/safetensors.ts"
  );
  try {
    using file = await Deno.open(path, { read: true });
    const { size } = await file.stat();
    const head = await readHead(file, 8);
    const end = safetensorsHeaderEnd(head, path);
    if (end > size) return null;
    await file.seek(0, Deno.SeekMode.Start);
    const { metadata, length } = parseSafetensorsHeader(await readHead(file, end), path);
    const about = readAbout(metadata);
    if (about === null || length !== size) return null;
    const note = new Decoder(path, {}).decode(about.note, null) as Partial<Note>;
    return typeof note.step === "number" && typeof note.metrics === "object" ? note as Note : null;
  } catch (e) {
    const gone = e instanceof Deno.errors.NotFound;
    if (gone || e instanceof TypeError || e instanceof RangeError) return null;
    throw e;
  }
}

async function readHead(file: Deno.FsFile, length: number): Promise<Uint8Array> {
  const head = new Uint8Array(length);
  let at = 0;
  while (at < length) {
    const n = await file.read(head.subarray(at));
    if (n === null) break;
    at += n;
  }
  return head.subarray(0, at);
}
