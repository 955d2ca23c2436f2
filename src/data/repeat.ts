/**
 * Passing over the input several times, or without end.
 *
 * @module
 */
import { checkCount } from "./check.ts";
import { reorder } from "./reorder.ts";
import { after, type Cursor, END, type Pull, type Stage } from "./stage.ts";

/** Makes a stage that passes over its input `count` times; -1 and Infinity never end. */
export function repeat<T>(input: Stage<T>, count: number): Stage<T> {
  const times = checkCount(count, "repeat a dataset by a count of", -1, true) < 0
    ? Infinity
    : count;
  const n = input.cardinality;
  return reorder(
    input,
    times === Infinity ? "repeat()" : `repeat(${times})`,
    times === 0 || n === 0 ? 0 : n === null ? null : n * times,
    (open) => new RepeatCursor(open, times),
  );
}

class RepeatCursor<E> implements Cursor<E> {
  readonly #open: () => Cursor<E>;
  #left: number;
  #pass: Cursor<E> | null = null;
  #empty = true;

  constructor(open: () => Cursor<E>, times: number) {
    this.#open = open;
    this.#left = times;
  }

  next(): Pull<E> {
    for (;;) {
      if (this.#pass === null) {
        if (this.#left === 0) return END;
        this.#left--;
        this.#empty = true;
        this.#pass = this.#open();
      }
      const x = this.#pass.next();
      if (x instanceof Promise) return x.then(this.#settle);
      if (x !== END) {
        this.#empty = false;
        return x;
      }
      const closed = this.#endPass();
      if (closed instanceof Promise) return closed.then(() => this.next());
    }
  }

  readonly #settle = (x: E | typeof END): Pull<E> => {
    if (x === END) return after<void, E | typeof END>(this.#endPass(), () => this.next());
    this.#empty = false;
    return x;
  };

  #endPass(): void | Promise<void> {
    const pass = this.#pass!;
    this.#pass = null;
    // Without this an empty input repeated for ever would spin.
    if (this.#empty && this.#left === Infinity) this.#left = 0;
    return pass.close();
  }

  close(): void | Promise<void> {
    this.#left = 0;
    return this.#pass?.close();
  }
}
