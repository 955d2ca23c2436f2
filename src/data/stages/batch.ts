/**
 * Joining consecutive elements along a new first axis, into memory that each batch owns or, where a
 * loop asks for that, in turn with others.
 *
 * @module
 */
import { checkOptions } from "../../base/options.ts";
import { type BatchMemory, FRESH, ReusedMemory } from "../batch_memory.ts";
import { checkCount, printOptions } from "../check.ts";
import { join } from "../join.ts";
import { batchSpec } from "../spec.ts";
import {
  Collector,
  type Cursor,
  describeStage,
  END,
  type Pull,
  type Stage,
  type State,
} from "../stage.ts";

/** Options of `batch`. */
export interface BatchOptions {
  /** Whether a last batch that is not full is left out; default false. */
  dropRemainder?: boolean | undefined;
  /**
   * Whether loops may be given the same memory again and again: a batch then stays as it is only
   * until the next but one is asked for. Default false: every batch owns its memory.
   */
  reuse?: boolean | undefined;
}

/** Makes a stage that joins `size` elements at a time. */
export function batch<T>(input: Stage<T>, size: number, options: BatchOptions): Stage<T> {
  checkCount(size, "batch by", 1);
  checkOptions(options, ["dropRemainder", "reuse"], "batch");
  const drop = options.dropRemainder ?? false;
  const label = `batch(${size}${printOptions(options)})`;
  const stage = describeStage(label, [input]);
  const { rows } = input;
  const make = (memory: () => BatchMemory): Stage<T> => ({
    label,
    inputs: [input],
    cardinality: batchCount(input.cardinality, size, drop),
    spec: input.spec === null ? null : batchSpec(input.spec, drop ? size : null),
    rows: null,
    open(run, state) {
      const arrays = memory();
      if (rows !== null) {
        const gather = (list: number[]) => {
          arrays.begin();
          return rows.source.gather(list, list.length, run, arrays);
        };
        return new BatchCursor<number, T>(rows.open(run, state), size, drop, gather);
      }
      if (input.openJoined !== undefined) {
        const joining = input.openJoined(run, state);
        return new BatchCursor(joining, size, drop, (list) => joining.join(list, stage));
      }
      return new BatchCursor(input.open(run, state), size, drop, (list) => {
        arrays.begin();
        return join(list, stage, arrays) as T;
      });
    },
  });
  const owning = make(() => FRESH);
  return options.reuse ? { ...owning, reusing: make(() => new ReusedMemory()) } : owning;
}

/** How many batches there are. */
export function batchCount(n: number | null, size: number, drop: boolean): number | null {
  return n === null ? null : drop ? Math.floor(n / size) : Math.ceil(n / size);
}

/** Collects `size` elements and joins them. Between pulls it holds none, so its input's state is its own. */
export class BatchCursor<E, T> extends Collector<E, T> {
  readonly #input: Cursor<E>;
  /** How many elements the next batch takes. */
  protected size: number;
  readonly #drop: boolean;
  readonly #join: (elements: E[]) => T | Promise<T>;
  #held: E[] = [];
  #ended = false;

  constructor(
    input: Cursor<E>,
    size: number,
    drop: boolean,
    join: (elements: E[]) => T | Promise<T>,
  ) {
    super();
    this.#input = input;
    this.size = size;
    this.#drop = drop;
    this.#join = join;
  }

  override next(): Pull<T> {
    if (this.#input.fill !== undefined && !this.#ended) {
      const count = this.size - this.#held.length;
      if (this.#input.fill(this.#held, count) < count) this.#ended = true;
      return this.give();
    }
    return super.next();
  }

  protected wants(): boolean {
    return !this.#ended && this.#held.length < this.size;
  }

  protected pull(): Pull<E> {
    return this.#input.next();
  }

  protected take(x: E | typeof END): void {
    if (x === END) this.#ended = true;
    else this.#held.push(x);
  }

  protected give(): Pull<T> {
    const held = this.#held;
    this.#held = [];
    if (held.length === 0 || (this.#drop && held.length < this.size)) return END;
    return this.#join(held);
  }

  state(): State {
    return this.#input.state();
  }

  close(): void | Promise<void> {
    return this.#input.close();
  }
}
