/**
 * Passing over the input several times, or without end.
 *
 * @module
 */
import { checkCount } from "../check.ts";
import { type Open, reorder } from "../reorder.ts";
import type { Run } from "../run.ts";
import { after, type Cursor, END, type Pull, type Stage, type State } from "../stage.ts";

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
    (open, run, state) =>
      new RepeatCursor(open, input, times, run.child(), state as RepeatState | undefined),
    { holdsNone: true },
  );
}

type RepeatState = {
  /** Passes begun. */
  readonly begun: number;
  /** Whether the pass under way has given nothing yet. */
  readonly empty: boolean;
  /** The passes of the stages below. */
  readonly passes: State;
  /** Where the pass under way stands; absent between passes. */
  readonly pass?: State;
};

class RepeatCursor<E> implements Cursor<E> {
  readonly #open: Open<E>;
  readonly #input: Stage<unknown>;
  readonly #times: number;
  readonly #run: Run;
  #begun = 0;
  #pass: Cursor<E> | null = null;
  #empty = true;

  constructor(
    open: Open<E>,
    input: Stage<unknown>,
    times: number,
    run: Run,
    state: RepeatState | undefined,
  ) {
    this.#open = open;
    this.#input = input;
    this.#times = times;
    this.#run = run;
    if (state === undefined) return;
    this.#begun = state.begun;
    this.#empty = state.empty;
    run.restore(input, state.passes);
    if (state.pass !== undefined) this.#pass = open(state.pass, run);
  }

  /** Begins another pass; null where there is none. */
  #begin(): Cursor<E> | null {
    // An empty input repeated for ever would spin.
    const spins = this.#empty && this.#times === Infinity && this.#begun > 0;
    if (this.#begun >= this.#times || spins) return null;
    this.#begun++;
    this.#empty = true;
    return this.#pass = this.#open(undefined, this.#run);
  }

  /** Known of the pass that is under way only. */
  get fill(): Cursor<E>["fill"] {
    return this.#pass?.fill === undefined ? undefined : this.#fill;
  }

  readonly #fill = (into: E[], count: number): number => {
    let filled = 0;
    for (let pass = this.#pass; pass !== null;) {
      const most = pass.fill === undefined ? 1 : count - filled;
      const got = pass.fill?.(into, most) ?? this.#fillOne(pass, into);
      filled += got;
      if (got > 0) this.#empty = false;
      if (filled === count) break;
      if (got === most) continue;
      this.#endPass();
      pass = this.#begin();
    }
    return filled;
  };

  /** Takes the first element of a pass that repeats in its turn, and has `fill` only once begun. */
  #fillOne(pass: Cursor<E>, into: E[]): number {
    const x = pass.next() as E | typeof END;
    if (x === END) return 0;
    into.push(x);
    return 1;
  }

  next(): Pull<E> {
    for (;;) {
      const pass = this.#pass ?? this.#begin();
      if (pass === null) return END;
      const x = pass.next();
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
    return pass.close();
  }

  state(): RepeatState {
    const passes = this.#run.state(this.#input);
    const common = { begun: this.#begun, empty: this.#empty, passes };
    return this.#pass === null ? common : { ...common, pass: this.#pass.state() };
  }

  close(): void | Promise<void> {
    return this.#pass?.close();
  }
}
