/**
 * Keeping the first elements.
 *
 * @module
 */
import { checkCount } from "./check.ts";
import { reorder } from "./reorder.ts";
import { type Cursor, END, type Pull, type Stage } from "./stage.ts";

/** Makes a stage of the first `count` elements; -1 and Infinity keep all. */
export function take<T>(input: Stage<T>, count: number): Stage<T> {
  const most = checkCount(count, "take a count of", -1, true) < 0 ? Infinity : count;
  const n = input.cardinality;
  return reorder(
    input,
    `take(${count})`,
    most === 0 ? 0 : n === null ? null : Math.min(n, most),
    (open) => new TakeCursor(open(), most),
  );
}

class TakeCursor<E> implements Cursor<E> {
  readonly #input: Cursor<E>;
  #left: number;

  constructor(input: Cursor<E>, count: number) {
    this.#input = input;
    this.#left = count;
  }

  next(): Pull<E> {
    if (this.#left === 0) return END;
    this.#left--;
    return this.#input.next();
  }

  close(): void | Promise<void> {
    return this.#input.close();
  }
}
