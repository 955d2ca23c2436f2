/**
 * Applying the default export of a module to elements, in several workers at once. Elements keep
 * their order, and per-record keys make the result the same for any number of workers.
 *
 * @module
 */
import { formatValue } from "../../base/errors.ts";
import { checkOptions } from "../../base/options.ts";
import { checkCount, printOptions } from "../check.ts";
import { Epochs, recordKey } from "../random/epochs.ts";
import { AheadCursor, enterRecords, type MapState } from "../stages/map.ts";
import { checkSeed, stageKey } from "../random/seeds.ts";
import { describeStage, elementError, notSynchronous, type Stage } from "../stage.ts";
import { WorkerPool } from "./worker_pool.ts";

/** Options of `parallelMap`. */
export interface ParallelMapOptions {
  /** How many workers compute; default 2. */
  workers?: number | undefined;
  /** How many elements are sent ahead of those that were given; default: twice the workers. */
  buffer?: number | undefined;
  /** Milliseconds after which a worker that computes one element is given up; default 300000. */
  timeout?: number | undefined;
  /** Makes the keys repeatable; default: from the global seed, else fresh. */
  seed?: number | undefined;
}

/** Makes a stage of what a module's default export returns for each element. */
export function parallelMap<T>(
  input: Stage<T>,
  module: string | URL,
  options: ParallelMapOptions,
): Stage<unknown> {
  const url = moduleUrl(module);
  checkOptions(options, ["workers", "buffer", "timeout", "seed"], "parallelMap");
  const { workers = 2, timeout = 300_000, seed } = options;
  checkCount(workers, "map on a number of workers of", 1);
  checkCount(timeout, "wait milliseconds for a worker, of which", 1, true);
  const buffer = checkCount(options.buffer ?? 2 * workers, "map ahead by", 1);
  if (seed !== undefined) checkSeed(seed, "map with seed");
  const epochs = new Epochs(stageKey(seed));
  // a data URL is the module itself
  const name = url.startsWith("data:") ? "data:" : url.slice(url.lastIndexOf("/") + 1);
  const label = `parallelMap(${name}${printOptions(options)})`;
  const stage = describeStage(label, [input]);
  const owner = {};
  return {
    label,
    inputs: [input],
    cardinality: input.cardinality,
    spec: null,
    rows: null,
    epochs,
    open(run, state) {
      if (run.sync) throw notSynchronous(stage, "its workers answer later");
      const from = state as MapState | undefined;
      const pass = enterRecords(run, epochs, from?.pass);
      const pool = run.keep(owner, () => new WorkerPool(url, workers, timeout));
      const call = (x: T, index: number) =>
        pool.run(x, recordKey(pass, index)).catch((e) => {
          throw elementError(stage, index, e);
        });
      const size = Math.max(buffer, workers);
      const cursor = input.open(run, from?.input);
      return new AheadCursor(cursor, call, from?.index ?? 0, pass, size, run.stateful, pool);
    },
  };
}

function moduleUrl(module: string | URL): string {
  try {
    return new URL(module).href;
  } catch {
    throw new TypeError(
      `Cannot map with the module ${formatValue(module)}: give a URL, as in ` +
        `new URL("./augment.ts", import.meta.url)`,
    );
  }
}
