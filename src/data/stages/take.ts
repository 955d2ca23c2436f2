/**
 * Keeping the first elements.
 *
 * @module
 */
import { checkCount } from "../check.ts";
import { reorder } from "../reorder.ts";
import { type Cursor, END, type Pull, type Stage, type State } from "../stage.ts";

/** Makes a stage of the first `count` elements; -1 and Infinity keep all. */
export function take<T>(input: Stage<T>, count: number): Stage<T> {
  const most = checkCount(count, "take a count of", -1, true) < 0 ? Infinity : count;
  const n = input.cardinality;
  return reorder(
    input,
    `take(${count})`,
    most === 0 ? 0 : n === null ? null : Math.min(n, most),
    (open, _run, state) => {
      const { taken, input } = (state ?? { taken: 0 }) as { taken: number; input?: State };
      return new TakeCursor(open(input), most, taken);
    },
    { index: (i) => i, holdsNone: true },
  );
}

class TakeCursor<E> implements Cursor<E> {
  readonly #input: Cursor<E>;
  readonly fill?: Cursor<E>["fill"];
  readonly #most: number;
  #taken: number;

  constructor(input: Cursor<E>, most: number, taken: number) {
    this.#input = input;
    this.#most = most;
    this.#taken = taken;
    if (input.fill !== undefined) {
      this.fill = (into, count) => {
        const filled = input.fill!(into, Math.min(count, most - this.#taken));
        this.#taken += filled;
        return filled;
      };
    }
  }

  next(): Pull<E> {
    if (this.#taken >= this.#most) return END;
    this.#taken++;
    return this.#input.next();
  }

  state(): State {
    return { taken: this.#taken, input: this.#input.state() };
  }

  close(): void | Promise<void> {
    return this.#input.close();
  }
}
