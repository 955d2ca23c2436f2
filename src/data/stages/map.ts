/**
 * Applying a user's function, synchronous or not, to every element, in order.
 *
 * @module
 */
import { HostArray } from "../../base/host_array.ts";
import { checkOptions } from "../../base/options.ts";
import { Ahead } from "../ahead.ts";
import { checkCount, printOptions } from "../check.ts";
import { toElement } from "../element.ts";
import { Epochs, type Pass, recordKey } from "../random/epochs.ts";
import { join } from "../join.ts";
import { type Joined, joinedOf } from "../joined_results.ts";
import type { Kept, Run } from "../run.ts";
import { checkSeed, stageKey } from "../random/seeds.ts";
import {
  after,
  type Cursor,
  describeStage,
  END,
  type Joining,
  type Pull,
  type Stage,
  type State,
} from "../stage.ts";
import { callUser, checkFunction } from "../user_function.ts";

/** Options of `map`. */
export interface MapOptions {
  /** How many calls of an asynchronous function may be under way; default 1. */
  concurrency?: number | undefined;
  /** Makes the keys repeatable; default: from the global seed, else fresh. */
  seed?: number | undefined;
}

/** What a mapped function is told beside the element. */
export interface RecordContext {
  /**
   * A key for `random`, uint32[2]: a function of the seed, the epoch and the element's number, so
   * the same wherever and in whatever order elements are computed.
   */
  readonly key: HostArray;
}

/** Makes a stage of what `f` returns for each element. */
export function map<T>(
  input: Stage<T>,
  f: (x: T, context: RecordContext) => unknown,
  options: MapOptions = {},
): Stage<unknown> {
  checkFunction(f, "map over a dataset");
  checkOptions(options, ["concurrency", "seed"], "map");
  if (f.length > 2) {
    throw new TypeError(
      `Cannot map a function of ${f.length} arguments over a dataset: it is given the whole ` +
        `element and { key }; write ([x, y]) => ... or ([x, y], { key }) => ...`,
    );
  }
  const { concurrency = 1, seed } = options;
  checkCount(concurrency, "map with a concurrency of", 1);
  if (seed !== undefined) checkSeed(seed, "map with seed");
  const epochs = f.length === 2 || seed !== undefined ? new Epochs(stageKey(seed)) : null;
  const label = `map(${f.name}${printOptions(options)})`;
  const stage = describeStage(label, [input]);
  const joined = epochs === null ? joinedOf(f) : undefined;
  const caller = (run: Run, pass: Pass | null) => (x: T, index: number) =>
    callUser(
      pass === null
        ? () => (f as (x: T) => unknown)(x)
        : () => f(x, { key: new HostArray(recordKey(pass, index)) }),
      (y) => toElement(y, "use", "typed arrays"),
      stage,
      index,
      run.sync,
    );
  return {
    label,
    inputs: [input],
    cardinality: input.cardinality,
    spec: null,
    rows: null,
    ...(epochs === null ? {} : { epochs }),
    ...(joined === undefined ? {} : {
      openJoined(run, state) {
        const from = state as MapState | undefined;
        const cursor = input.open(run, from?.input);
        return new JoinedCursor(cursor, caller(run, null), from?.index ?? 0, joined);
      },
    }),
    open(run, state) {
      const from = state as MapState | undefined;
      const pass = epochs === null ? null : enterRecords(run, epochs, from?.pass);
      const cursor = input.open(run, from?.input);
      const call = caller(run, pass);
      const index = from?.index ?? 0;
      return run.sync || concurrency === 1
        ? new MapCursor(cursor, call, index, pass)
        : new AheadCursor(cursor, call, index, pass, concurrency, run.stateful);
    },
  };
}

/** The pass over the records of a stage, a new one or that of a state. */
export function enterRecords(run: Run, epochs: Epochs, number: number | undefined): Pass {
  return number === undefined ? run.enter(epochs) : run.reenter(epochs, number);
}

/** Where a map stands. */
export type MapState = { readonly index: number; readonly pass?: number; readonly input: State };
type Call<T> = (x: T, index: number) => unknown;

class MapCursor<T> implements Cursor<unknown> {
  readonly #input: Cursor<T>;
  readonly #call: Call<T>;
  readonly #pass: Pass | null;
  #index: number;

  constructor(input: Cursor<T>, call: Call<T>, index: number, pass: Pass | null) {
    this.#input = input;
    this.#call = call;
    this.#index = index;
    this.#pass = pass;
  }

  readonly #apply = (x: T | typeof END): Pull<unknown> =>
    x === END ? END : this.#call(x, this.#index++);

  next(): Pull<unknown> {
    return after<T | typeof END, unknown>(this.#input.next(), this.#apply);
  }

  state(): State {
    return withPass(this.#pass, { index: this.#index, input: this.#input.state() });
  }

  close(): void | Promise<void> {
    return this.#input.close();
  }
}

/** Gives the elements of its input, on which the function is yet to be called, many at a time. */
class JoinedCursor<T> implements Joining<T, unknown> {
  readonly #input: Cursor<T>;
  readonly #call: Call<T>;
  readonly #joined: Joined;
  #index: number;

  constructor(
    input: Cursor<T>,
    call: Call<T>,
    index: number,
    joined: Joined,
  ) {
    this.#input = input;
    this.#call = call;
    this.#index = index;
    this.#joined = joined;
  }

  readonly #count = (x: T | typeof END): T | typeof END => {
    if (x !== END) this.#index++;
    return x;
  };

  next(): Pull<T> {
    return after<T | typeof END, T | typeof END>(this.#input.next(), this.#count);
  }

  /** The results for the elements that were given last. */
  join(elements: readonly T[], stage: string): unknown {
    const batch = this.#joined(elements);
    if (batch !== null) return batch;
    const first = this.#index - elements.length;
    return join(elements.map((x, i) => this.#call(x, first + i)), stage);
  }

  state(): State {
    return { index: this.#index, input: this.#input.state() };
  }

  close(): void | Promise<void> {
    return this.#input.close();
  }
}

/** Computes several elements at a time and gives them in order. */
export class AheadCursor<T> implements Cursor<unknown> {
  readonly #ahead: Ahead<T, unknown>;
  readonly #pass: Pass | null;
  readonly #pool: Kept | null;

  /** @param pool what computes, where it is to be stopped when the pass is left */
  constructor(
    input: Cursor<T>,
    call: Call<T>,
    index: number,
    pass: Pass | null,
    size: number,
    stateful: boolean,
    pool: Kept | null = null,
  ) {
    this.#ahead = new Ahead(input, size, stateful, call, index);
    this.#pass = pass;
    this.#pool = pool;
  }

  next(): Pull<unknown> {
    return this.#ahead.next();
  }

  state(): State {
    return withPass(this.#pass, this.#ahead.state());
  }

  async close(): Promise<void> {
    const { busy } = this.#ahead;
    const closed = this.#ahead.close();
    // what workers still compute is not waited for
    if (busy) await this.#pool?.close();
    await closed;
  }
}

function withPass(pass: Pass | null, state: { index: number; input: State }): State {
  return pass === null ? state : { ...state, pass: pass.number };
}
