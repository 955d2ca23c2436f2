/**
 * The contract between the stages of a pipeline. A stage says what it gives and opens cursors, one
 * per pass; a cursor is pulled from. Stages know this file and nothing of the fluent class.
 *
 * One cursor serves `for...of` and `for await`: `next` gives an element at once where it can and a
 * Promise where it must. A cursor keeps its progress in its fields, never in a closure on the
 * stack.
 *
 * @module
 */
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
 *   input: null,
 *   cardinality: 3,
 *   spec: null,
 *   rows: null,
 *   open() {
 *     let left = 3;
 *     return { next: () => left > 0 ? new HostArray(left--) : data.END, close() {} };
 *   },
 * };
 * assertEquals([...new data.Dataset(countdown)].map((x) => x.item()), [3, 2, 1]);
 * ```
 */
export const END: unique symbol = Symbol("end");

/** What a pull gives: an element or the end, now or later. */
export type Pull<T> = T | typeof END | Promise<T | typeof END>;

/** One pass over a stage. The next pull is made only when the one before it has settled. */
export interface Cursor<T> {
  /** The next element, or END, again and again once it has been given. */
  next(): Pull<T>;
  /** Lets go of files, generators and the input. Called once, at the end of the pass. */
  close(): void | Promise<void>;
}

/** How a pass is made. */
export interface Run {
  /** Whether the pass is a `for...of`, in which no pull may give a Promise. */
  readonly sync: boolean;
}

/** A source that can give any of its elements by number, and many of them joined in one batch. */
export interface RowSource<T> {
  /** Element number `row`; it may be a view of the source. */
  at(row: number): T;
  /** The elements of the first `count` of these numbers, joined along a new first axis, copied. */
  gather(rows: readonly number[], count: number): T;
}

/** Stages that only choose and reorder rows of a source hand on numbers instead of elements. */
export interface Rows<T> {
  /** Where the rows are. */
  readonly source: RowSource<T>;
  /** Opens a pass over the row numbers. */
  open(run: Run): Cursor<number>;
}

/** One stage of a pipeline: immutable but for what its documentation names. */
export interface Stage<T> {
  /** How the stage is printed: its name and arguments. */
  readonly label: string;
  /** The stage before it; null for a source. */
  readonly input: Stage<unknown> | null;
  /** The number of elements of a pass: a count, Infinity, or null where it is not known. */
  readonly cardinality: number | null;
  /** The dtypes and shapes of its elements; null where they are not known. */
  readonly spec: Spec | null;
  /** The same elements as row numbers of a source, where it is so; else null. */
  readonly rows: Rows<T> | null;
  /** Starts a pass. */
  open(run: Run): Cursor<T>;
}

/** Applies `f` to a value that is here, or when it comes. */
export function after<A, B>(x: A | Promise<A>, f: (x: A) => B | Promise<B>): B | Promise<B> {
  return x instanceof Promise ? x.then(f) : f(x);
}

/** A cursor that takes elements of its input until it has something to give. */
export abstract class Collector<E, T> implements Cursor<T> {
  protected input: Cursor<E>;

  constructor(input: Cursor<E>) {
    this.input = input;
  }

  /** Whether it must take once more before it can give. */
  protected abstract wants(): boolean;
  /** Takes an element, or the end, of the input. */
  protected abstract take(x: E | typeof END): void;
  /** Gives the next element, or the end. */
  protected abstract give(): T | typeof END;

  next(): Pull<T> {
    while (this.wants()) {
      const x = this.input.next();
      if (x instanceof Promise) return this.#later(x);
      this.take(x);
    }
    return this.give();
  }

  async #later(x: Pull<E>): Promise<T | typeof END> {
    for (;;) {
      this.take(await x);
      if (!this.wants()) return this.give();
      x = this.input.next();
    }
  }

  close(): void | Promise<void> {
    return this.input.close();
  }
}

/** A stage with its place, for messages: `map(double) (stage 2)`; the source is stage 0. */
export function describeStage(label: string, input: Stage<unknown> | null): string {
  let place = 0;
  for (let s = input; s !== null; s = s.input) place++;
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
