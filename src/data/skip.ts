/**
 * Leaving out the first elements.
 *
 * @module
 */
import { checkCount } from "./check.ts";
import { reorder } from "./reorder.ts";
import { type Cursor, END, type Pull, type Stage } from "./stage.ts";
import { take } from "./take.ts";

/** Makes a stage of all but the first `count` elements; -1 and Infinity leave out all. */
export function skip<T>(input: Stage<T>, count: number): Stage<T> {
  const n = input.cardinality;
  const label = `skip(${count})`;
  if (checkCount(count, "skip a count of", -1, true) < 0 || count === Infinity) {
    return { ...take(input, 0), label };
  }
  return reorder(
    input,
    label,
    n === null ? null : Math.max(0, n - count),
    (open) => new SkipCursor(open(), count),
  );
}

class SkipCursor<E> implements Cursor<E> {
  readonly #input: Cursor<E>;
  #left: number;

  constructor(input: Cursor<E>, count: number) {
    this.#input = input;
    this.#left = count;
  }

  next(): Pull<E> {
    while (this.#left > 0) {
      const x = this.#input.next();
      if (x instanceof Promise) return this.#skipLater(x);
      if (x === END) return END;
      this.#left--;
    }
    return this.#input.next();
  }

  async #skipLater(x: Pull<E>): Promise<E | typeof END> {
    for (;;) {
      if (await x === END) return END;
      this.#left--;
      x = this.#input.next();
      if (this.#left === 0) return x;
    }
  }

  close(): void | Promise<void> {
    return this.#input.close();
  }
}
