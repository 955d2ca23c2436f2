/**
 * Stages that choose and reorder elements without looking into them: written once for elements of
 * any kind, run on row numbers where the input has rows. So shuffling moves numbers, and a batch
 * behind it copies each row once, from the source.
 *
 * @module
 */
import type { Epochs } from "./random/epochs.ts";
import type { Run } from "./run.ts";
import {
  after,
  type Cursor,
  END,
  type Pull,
  type Rows,
  type RowSource,
  type Stage,
  type State,
} from "./stage.ts";

/** Opens a pass over the input of a stage, anew or from a state, in the stage's run or in another. */
export type Open<E> = (state?: State, run?: Run) => Cursor<E>;

/** Starts a pass of such a stage, given how a pass over its input is started. */
export type Start = <E>(open: Open<E>, run: Run, state?: State) => Cursor<E>;

/** What more is known of such a stage. */
export interface Reordering {
  /** Which element of the input element `i` is, where that is the same in every pass. */
  readonly index?: (i: number) => number;
  /** Its random stream. */
  readonly epochs?: Epochs;
  /** The sizes that its states count by. */
  readonly counts?: string;
  /** Whether it gives every element before it takes the next. */
  readonly holdsNone?: true;
}

/** Makes a stage of a cursor that chooses and reorders the elements of its input. */
export function reorder<T>(
  input: Stage<T>,
  label: string,
  cardinality: number | null,
  start: Start,
  more: Reordering = {},
): Stage<T> {
  const { rows } = input;
  const common = {
    label,
    inputs: [input],
    cardinality,
    spec: input.spec,
    ...(more.epochs === undefined ? {} : { epochs: more.epochs }),
    ...(more.counts === undefined ? {} : { counts: more.counts }),
  };
  if (rows === null) {
    return {
      ...common,
      rows: null,
      ...(more.holdsNone === undefined || input.reusing === undefined
        ? {}
        : { reusing: reorder(input.reusing, label, cardinality, start, more) }),
      open: (run, state) => start((s, r = run) => input.open(r, s), run, state),
    };
  }
  const { index: own } = more, { index: below } = rows;
  return {
    ...common,
    ...overRows({
      source: rows.source,
      index: own !== undefined && below !== null ? (i) => below(own(i)) : null,
      open: (run, state) => start((s, r = run) => rows.open(r, s), run, state),
    }),
  };
}

/** The part of a stage that follows from its rows. */
export function overRows<T>(rows: Rows<T>): Pick<Stage<T>, "rows" | "open"> {
  return {
    rows,
    open: (run, state) => new RowCursor(rows.source, rows.open(run, state), run),
  };
}

/** The rows of a source of `length` elements, in order. */
export function allRows<T>(
  source: RowSource<T>,
  length: number,
): Pick<Stage<T>, "rows" | "open" | "counts"> {
  return {
    counts: String(length),
    ...overRows({
      source,
      index: (i) => i,
      open: (_run, state) => new Counter(length, state as number | undefined),
    }),
  };
}

/** A pass over row numbers that gives the rows themselves. */
class RowCursor<T> implements Cursor<T> {
  readonly #source: RowSource<T>;
  readonly #numbers: Cursor<number>;
  readonly #run: Run;

  constructor(source: RowSource<T>, numbers: Cursor<number>, run: Run) {
    this.#source = source;
    this.#numbers = numbers;
    this.#run = run;
  }

  readonly #read = (row: number | typeof END): Pull<T> =>
    row === END ? END : this.#source.at(row, this.#run);

  next(): Pull<T> {
    return after<number | typeof END, T | typeof END>(this.#numbers.next(), this.#read);
  }

  state(): State {
    return this.#numbers.state();
  }

  close(): void | Promise<void> {
    return this.#numbers.close();
  }
}

/** The row numbers of a source of `length` rows, in order. */
class Counter implements Cursor<number> {
  readonly #length: number;
  #at: number;

  constructor(length: number, at = 0) {
    this.#length = length;
    this.#at = at;
  }

  next(): number | typeof END {
    return this.#at < this.#length ? this.#at++ : END;
  }

  fill(into: number[], count: number): number {
    const from = this.#at, to = Math.min(from + count, this.#length);
    for (let row = from; row < to; row++) into.push(row);
    this.#at = to;
    return to - from;
  }

  state(): number {
    return this.#at;
  }

  close(): void {}
}
