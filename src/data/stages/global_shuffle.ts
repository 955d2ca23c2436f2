/**
 * Shuffling all elements of a source of random access at once, in constant memory, in the order of
 * Grain for the same seeds.
 *
 * @module
 */
import { checkOptions } from "../../base/options.ts";
import { printOptions } from "../check.ts";
import { Epochs, passStream, streamOf } from "../random/epochs.ts";
import { indexPermutation } from "../random/index_permutation.ts";
import { overRows } from "../reorder.ts";
import { checkSeed, stageKey } from "../random/seeds.ts";
import type { ShuffleOptions } from "./shuffle.ts";
import { type Cursor, describeStage, END, type Stage, type State } from "../stage.ts";

const WORDS = 2 ** 32;

/** Makes a stage of the elements of its input in an order in which every place is equally likely. */
export function globalShuffle<T>(input: Stage<T>, options: ShuffleOptions): Stage<T> {
  checkOptions(options, ["seed", "reshuffleEachIteration"], "globalShuffle");
  const { seed, reshuffleEachIteration = true } = options;
  if (seed !== undefined && (checkSeed(seed, "shuffle with seed") < 0 || seed >= WORDS)) {
    throw new RangeError(
      `Cannot shuffle globally with seed ${seed}: it must be in 0..${WORDS - 1}`,
    );
  }
  const { rows, cardinality: n } = input;
  const index = rows?.index ?? null;
  if (rows === null || index === null || n === null || n === Infinity) {
    throw new TypeError(
      `Cannot shuffle globally behind ${describeStage(input.label, input.inputs)}: it needs ` +
        `elements that can be read in any order: put it behind fromTensorSlices, range or ` +
        `fromSource (take, skip and shard may lie between), or use shuffle(bufferSize)`,
    );
  }
  const epochs = new Epochs(seed === undefined ? stageKey(undefined) : [seed, 0, 0, 0]);
  return {
    label: `globalShuffle(${printOptions(options).slice(2)})`,
    inputs: [input],
    cardinality: n,
    spec: input.spec,
    epochs,
    ...overRows({
      source: rows.source,
      index: null,
      open(run, state) {
        const from = state as GlobalState | undefined;
        const pass = from === undefined ? run.enter(epochs) : run.reenter(epochs, from.pass);
        const word = seed !== undefined
          ? (pass.key[0] + (reshuffleEachIteration ? pass.number : 0)) % WORDS
          : (reshuffleEachIteration ? passStream(pass) : streamOf(pass.key)).next();
        return new GlobalCursor(indexPermutation(n, word), index, n, pass.number, from?.at ?? 0);
      },
    }),
  };
}

type GlobalState = { readonly pass: number; readonly at: number };

class GlobalCursor implements Cursor<number> {
  readonly #permute: (i: number) => number;
  readonly #index: (i: number) => number;
  readonly #n: number;
  readonly #pass: number;
  #at: number;

  constructor(
    permute: (i: number) => number,
    index: (i: number) => number,
    n: number,
    pass: number,
    at: number,
  ) {
    this.#permute = permute;
    this.#index = index;
    this.#n = n;
    this.#pass = pass;
    this.#at = at;
  }

  next(): number | typeof END {
    return this.#at < this.#n ? this.#index(this.#permute(this.#at++)) : END;
  }

  fill(into: number[], count: number): number {
    const from = this.#at, to = Math.min(from + count, this.#n);
    for (let i = from; i < to; i++) into.push(this.#index(this.#permute(i)));
    this.#at = to;
    return to - from;
  }

  state(): State {
    return { pass: this.#pass, at: this.#at };
  }

  close(): void {}
}
