/**
 * The contract between the stages of a pipeline. A stage says what it gives and opens cursors, one
 * per pass; a cursor is pulled from. Stages know this file and nothing of the fluent class.
 *
 * One cursor serves `for...of` and `for await`: `next` gives an element at once where it can and a
 * Promise where it must. A cursor keeps its progress in its fields, never in a closure on the
 * stack, and `state` tells it as JSON: a cursor opened with that state goes on with exactly the
 * elements that the first one had not yet given.
 *
 * A source of one's own is written so: `inputs: []`, `rows: null`, and a cursor whose `state` says
 * where it stands (a row, an offset in a file). Where `run.sync` holds and it would have to wait, it
 * throws `notSynchronous`. What reads ahead keeps the states of its input with `Replay` or `Ahead`.
 *
 * @module
 */
import type { BatchMemory } from "./batch_memory.ts";
import type { Epochs } from "./random/epochs.ts";
import type { Run } from "./run.ts";
import type { Spec } from "./spec.ts";

/**
 * What a cursor gives after its last element: needed only by those who write a stage of their own.
 *
 * @example
 * ```ts
 * import { data, HostArray } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const countdown: data.Stage<HostArray> = {
 *   label: "countdown",
 *   inputs: [],
 *   cardinality: 3,
 *   spec: null,
 *   rows: null,
 *   open(_run, state) {
 *     let left = (state ?? 3) as number;
 *     return {
 *       next: () => left > 0 ? new HostArray(left--) : data.END,
 *       state: () => left,
 *       close() {},
 *     };
 *   },
 * };
 * assertEquals([...new data.Dataset(countdown)].map((x) => x.item()), [3, 2, 1]);
 * ```
 */
export const END: unique symbol = Symbol("end");

/** What a pull gives: an element or the end, now or later. */
export type Pull<T> = T | typeof END | Promise<T | typeof END>;

/** Where a pass stands: plain JSON, never written to once it has been given. */
export type State = null | boolean | number | string | readonly State[] | {
  readonly [key: string]: State;
};

/** The type of {@link Cursor.fill}: a method's, so that a cursor of numbers is one of unknowns. */
interface Filling<T> {
  fill(into: T[], count: number): number;
}

/** One pass over a stage. The next pull is made only when the one before it has settled. */
export interface Cursor<T> {
  /** The next element, or END, again and again once it has been given. */
  next(): Pull<T>;
  /**
   * Puts the next `count` elements behind those of `into` and gives how many it put: fewer only at
   * the end. Cursors that never give a Promise, from `close` neither, may have it: a batch takes its
   * elements in one call.
   */
  readonly fill?: Filling<T>["fill"] | undefined;
  /**
   * Where the pass stands, for `open` of the same stage. Asked between pulls; before the first one
   * always, later only where the run is stateful. It takes time and size that do not grow with the
   * number of elements held.
   */
  state(): State;
  /** Lets go of files, generators and the input. Called once, at the end of the pass. */
  close(): void | Promise<void>;
}

/** A pass over what a stage makes its elements of: many of these become one batch at once. */
export interface Joining<E, T> extends Cursor<E> {
  /** The elements that are made of the last ones that were given, joined along a new first axis. */
  join(elements: readonly E[], stage: string): T | Promise<T>;
}

/** A source that can give any of its elements by number, and many of them joined in one batch. */
export interface RowSource<T> {
  /** Whether elements are there without reading or computing anything. */
  readonly inMemory: boolean;
  /** Element number `row`; it may be a view of the source. A Promise only where the run may wait. */
  at(row: number, run: Run): T | Promise<T>;
  /**
   * The elements of the first `count` of these numbers, joined along a new first axis, copied: into
   * arrays of `memory`, or into fresh ones.
   */
  gather(
    rows: readonly number[],
    count: number,
    run: Run,
    memory: BatchMemory,
  ): T | Promise<T>;
}

/** Stages that only choose and reorder rows of a source hand on numbers instead of elements. */
export interface Rows<T> {
  /** Where the rows are. */
  readonly source: RowSource<T>;
  /** The row number of element `i`, where that is the same in every pass; else null. */
  readonly index: ((i: number) => number) | null;
  /** Opens a pass over the row numbers. */
  open(run: Run, state?: State): Cursor<number>;
}

/** One stage of a pipeline: immutable but for what its documentation names. */
export interface Stage<T> {
  /** How the stage is printed: its name and arguments. */
  readonly label: string;
  /** The stages before it; none for a source. */
  readonly inputs: readonly Stage<unknown>[];
  /** The number of elements of a pass: a count, Infinity, or null where it is not known. */
  readonly cardinality: number | null;
  /** The dtypes and shapes of its elements; null where they are not known. */
  readonly spec: Spec | null;
  /** The same elements as row numbers of a source, where it is so; else null. */
  readonly rows: Rows<T> | null;
  /** Its random stream and the number of its passes, where it has one. */
  readonly epochs?: Epochs;
  /** The sizes that its states count by: a state goes on only where they are the same. */
  readonly counts?: string;
  /** Options for the whole pass, given by `options`. */
  readonly options?: PipelineOptions;
  /** Starts a pass, or goes on with one from where a cursor of this stage stood. */
  open(run: Run, state?: State): Cursor<T>;
  /** The same for a batch behind it, with the same states, where that is faster. */
  openJoined?(run: Run, state?: State): Joining<unknown, T>;
  /**
   * The same stage for loops, whose elements may have the memory of the last but one; only where a
   * user asked for that. Stages that hold no element hand it on.
   */
  readonly reusing?: Stage<T>;
}

/** Options of whole pipelines, set by `options`; of several, the last stage's hold. */
export interface PipelineOptions {
  /**
   * Milliseconds after which `for await` lets timers, signals and finalizers run; default 5,
   * Infinity never.
   */
  yieldEvery?: number | undefined;
}

/** Applies `f` to a value that is here, or when it comes. */
export function after<A, B>(x: A | Promise<A>, f: (x: A) => B | Promise<B>): B | Promise<B> {
  return x instanceof Promise ? x.then(f) : f(x);
}

/** A cursor that takes elements of its input until it has something to give. */
export abstract class Collector<E, T> implements Cursor<T> {
  /** Whether it must take once more before it can give. */
  protected abstract wants(): boolean;
  /** Pulls from the input. */
  protected abstract pull(): Pull<E>;
  /** Takes an element, or the end, of the input; a Promise is waited for. */
  protected abstract take(x: E | typeof END): void | Promise<void>;
  /** Gives the next element, or the end. */
  protected abstract give(): Pull<T>;

  abstract state(): State;
  abstract close(): void | Promise<void>;

  next(): Pull<T> {
    while (this.wants()) {
      const x = this.pull();
      if (x instanceof Promise) return this.#later(x);
      const taken = this.take(x);
      if (taken instanceof Promise) return this.#resume(taken);
    }
    return this.give();
  }

  async #resume(taken: Promise<void>): Promise<T | typeof END> {
    await taken;
    return this.wants() ? await this.#later(this.pull()) : await this.give();
  }

  async #later(x: Pull<E>): Promise<T | typeof END> {
    for (;;) {
      const taken = this.take(await x);
      if (taken instanceof Promise) await taken;
      if (!this.wants()) return this.give();
      x = this.pull();
    }
  }
}

/** A stage with its place, for messages: `map(double) (stage 2)`; the source is stage 0. */
export function describeStage(label: string, inputs: readonly Stage<unknown>[]): string {
  let place = 0;
  for (let s = inputs[0]; s !== undefined; s = s.inputs[0]) place++;
  return `${label} (stage ${place})`;
}

/** The error of an element that a user's code failed on, with the failure as its cause. */
export function elementError(stage: string, index: number, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Error(`Cannot compute element ${index} in ${stage}: ${reason}`, { cause });
}

/** The error of a `for...of` that met something asynchronous. */
export function notSynchronous(stage: string, what: string): TypeError {
  return new TypeError(
    `Cannot iterate with for...of over a pipeline with ${stage}: ${what}: use for await`,
  );
}
