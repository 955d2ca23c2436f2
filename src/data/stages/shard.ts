/**
 * Keeping every n-th element, so that several processes share the work.
 *
 * @module
 */
import { checkCount } from "../check.ts";
import { type Open, reorder } from "../reorder.ts";
import { Collector, type Cursor, END, type Pull, type Stage, type State } from "../stage.ts";

/** Makes a stage of the elements whose position modulo `count` is `index`. */
export function shard<T>(input: Stage<T>, count: number, index: number): Stage<T> {
  checkCount(count, "shard into a count of", 1);
  checkCount(index, "take shard", 0);
  if (index >= count) {
    throw new RangeError(`Cannot take shard ${index} of ${count}: it must be in 0..${count - 1}`);
  }
  const n = input.cardinality;
  return reorder(
    input,
    `shard(${count}, ${index})`,
    n === null ? null : n === Infinity ? n : Math.max(0, Math.ceil((n - index) / count)),
    (open, _run, state) =>
      new ShardCursor(open, count, index, state as { at: number; input: State } | undefined),
    { index: (i) => i * count + index, counts: `${count}, ${index}` },
  );
}

class ShardCursor<E> extends Collector<E, E> {
  readonly #input: Cursor<E>;
  readonly #count: number;
  /** Elements to leave out before the next that is given. */
  #left: number;
  #found: { readonly x: E } | null = null;
  #ended = false;

  constructor(
    open: Open<E>,
    count: number,
    index: number,
    state: { at: number; input: State } | undefined,
  ) {
    super();
    this.#input = open(state?.input);
    this.#count = count;
    this.#left = state?.at ?? index;
  }

  protected wants(): boolean {
    return this.#found === null && !this.#ended;
  }

  protected pull(): Pull<E> {
    return this.#input.next();
  }

  protected take(x: E | typeof END): void {
    if (x === END) this.#ended = true;
    else if (this.#left-- === 0) this.#found = { x };
  }

  protected give(): E | typeof END {
    const found = this.#found;
    if (found === null) return END;
    this.#found = null;
    this.#left = this.#count - 1;
    return found.x;
  }

  state(): State {
    return { at: this.#left, input: this.#input.state() };
  }

  close(): void | Promise<void> {
    return this.#input.close();
  }
}
