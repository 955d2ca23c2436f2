/**
 * Computing elements ahead of their use, as far as they are computed asynchronously; what is
 * synchronous passes through, since computing it earlier would not make it sooner.
 *
 * @module
 */
import { Ahead } from "../ahead.ts";
import { checkCount } from "../check.ts";
import type { Cursor, Pull, Stage, State } from "../stage.ts";

/** Makes a stage that holds up to `size` elements ready, in unchanged order. */
export function prefetch<T>(input: Stage<T>, size: number): Stage<T> {
  checkCount(size, "prefetch a count of", 1);
  return {
    label: `prefetch(${size})`,
    inputs: [input],
    cardinality: input.cardinality,
    spec: input.spec,
    rows: input.rows,
    open: (run, state) => {
      const cursor = input.open(run, state);
      return run.sync ? cursor : new PrefetchCursor(cursor, size, run.stateful);
    },
  };
}

class PrefetchCursor<T> implements Cursor<T> {
  readonly #ahead: Ahead<T, T>;

  constructor(input: Cursor<T>, size: number, stateful: boolean) {
    this.#ahead = new Ahead(input, size, stateful, (x) => x, 0);
  }

  next(): Pull<T> {
    return this.#ahead.busy ? this.#ahead.next() : this.#ahead.first();
  }

  state(): State {
    return this.#ahead.state().input;
  }

  close(): Promise<void> {
    return this.#ahead.close();
  }
}
