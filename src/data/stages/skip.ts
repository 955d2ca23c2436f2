/**
 * Leaving out the first elements.
 *
 * @module
 */
import { checkCount } from "../check.ts";
import { reorder } from "../reorder.ts";
import { Collector, type Cursor, END, type Pull, type Stage, type State } from "../stage.ts";
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
    (open, _run, state) => {
      const { left, input } = (state ?? { left: count }) as { left: number; input?: State };
      return new SkipCursor(open(input), left);
    },
    { index: (i) => i + count, holdsNone: true },
  );
}

class SkipCursor<E> extends Collector<E, E> {
  readonly #input: Cursor<E>;
  #left: number;

  constructor(input: Cursor<E>, left: number) {
    super();
    this.#input = input;
    this.#left = left;
  }

  protected wants(): boolean {
    return this.#left > 0;
  }

  protected pull(): Pull<E> {
    return this.#input.next();
  }

  protected take(x: E | typeof END): void {
    this.#left = x === END ? 0 : this.#left - 1;
  }

  protected give(): Pull<E> {
    return this.#input.next();
  }

  state(): State {
    return { left: this.#left, input: this.#input.state() };
  }

  close(): void | Promise<void> {
    return this.#input.close();
  }
}
