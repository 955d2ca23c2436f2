/**
 * Stages that choose and reorder elements without looking into them: written once for elements of
 * any kind, run on row numbers where the input has rows. So shuffling moves numbers, and a batch
 * behind it copies each row once, from the source.
 *
 * @module
 */
import {
  after,
  type Cursor,
  END,
  type Pull,
  type RowSource,
  type Run,
  type Stage,
} from "./stage.ts";

/** Starts a pass of such a stage, given how a pass over its input is started. */
export type Start = <E>(open: () => Cursor<E>) => Cursor<E>;

/** Makes a stage of a cursor that chooses and reorders the elements of its input. */
export function reorder<T>(
  input: Stage<T>,
  label: string,
  cardinality: number | null,
  start: Start,
): Stage<T> {
  const rows = input.rows;
  const common = { label, input, cardinality, spec: input.spec };
  if (rows === null) {
    return { ...common, rows: null, open: (run) => start(() => input.open(run)) };
  }
  const open = (run: Run) => start(() => rows.open(run));
  return {
    ...common,
    rows: { source: rows.source, open },
    open: (run) => new RowCursor(rows.source, open(run)),
  };
}

/** A pass over row numbers that gives the rows themselves. */
export class RowCursor<T> implements Cursor<T> {
  readonly #source: RowSource<T>;
  readonly #numbers: Cursor<number>;

  constructor(source: RowSource<T>, numbers: Cursor<number>) {
    this.#source = source;
    this.#numbers = numbers;
  }

  readonly #read = (row: number | typeof END): T | typeof END =>
    row === END ? END : this.#source.at(row);

  next(): Pull<T> {
    return after(this.#numbers.next(), this.#read);
  }

  close(): void | Promise<void> {
    return this.#numbers.close();
  }
}

/** The row numbers of a source of `length` rows, in order. */
export class Counter implements Cursor<number> {
  readonly #length: number;
  #at = 0;

  constructor(length: number) {
    this.#length = length;
  }

  next(): number | typeof END {
    return this.#at < this.#length ? this.#at++ : END;
  }

  close(): void {}
}
