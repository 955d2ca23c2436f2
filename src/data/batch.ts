/**
 * Joining consecutive elements along a new first axis, into memory that each batch owns.
 *
 * @module
 */
import { formatShape } from "../base/errors.ts";
import { type HostArray, stackHostArrays } from "../base/host_array.ts";
import { sameShape } from "../base/shape.ts";
import { explainDifference, matches } from "../base/structure.ts";
import * as tree from "../base/tree.ts";
import { checkOptions } from "../base/options.ts";
import { checkCount, printOptions } from "./check.ts";
import { batchSpec } from "./spec.ts";
import { Collector, type Cursor, describeStage, END, type RowSource, type Stage } from "./stage.ts";

/** Options of `batch`. */
export interface BatchOptions {
  /** Whether a last batch that is not full is left out; default false. */
  dropRemainder?: boolean;
}

/** Makes a stage that joins `size` elements at a time. */
export function batch<T>(input: Stage<T>, size: number, options: BatchOptions): Stage<T> {
  checkCount(size, "batch by", 1);
  checkOptions(options, ["dropRemainder"], "batch");
  const drop = options.dropRemainder ?? false;
  const label = `batch(${size}${printOptions(options)})`;
  const n = input.cardinality;
  const stage = describeStage(label, input);
  const rows = input.rows;
  return {
    label,
    input,
    cardinality: n === null ? null : drop ? Math.floor(n / size) : Math.ceil(n / size),
    spec: input.spec === null ? null : batchSpec(input.spec, drop ? size : null),
    rows: null,
    open: (run) =>
      rows === null
        ? new BatchCursor<T, T>(input.open(run), size, drop, (list) => stack(list, stage) as T)
        : new BatchCursor<number, T>(rows.open(run), size, drop, gatherFrom(rows.source)),
  };
}

function gatherFrom<T>(source: RowSource<T>): (rows: number[]) => T {
  return (rows) => source.gather(rows, rows.length);
}

class BatchCursor<E, T> extends Collector<E, T> {
  readonly #size: number;
  readonly #drop: boolean;
  readonly #join: (elements: E[]) => T;
  #held: E[] = [];
  #ended = false;

  constructor(input: Cursor<E>, size: number, drop: boolean, join: (elements: E[]) => T) {
    super(input);
    this.#size = size;
    this.#drop = drop;
    this.#join = join;
  }

  protected wants(): boolean {
    return !this.#ended && this.#held.length < this.#size;
  }

  protected take(x: E | typeof END): void {
    if (x === END) this.#ended = true;
    else this.#held.push(x);
  }

  protected give(): T | typeof END {
    const held = this.#held;
    if (held.length === 0 || (this.#drop && held.length < this.#size)) return END;
    this.#held = [];
    return this.#join(held);
  }
}

/** Joins elements leaf by leaf. */
function stack(elements: readonly unknown[], stage: string): unknown {
  const [leaves, structure] = tree.flatten<HostArray>(elements[0]);
  const columns = leaves.map((x) => [x]);
  for (let i = 1; i < elements.length; i++) {
    const row: HostArray[] = [];
    if (!matches(structure, elements[i], row)) {
      throw new TypeError(
        `Cannot join elements of different structure in ${stage}: ${
          explainDifference(structure, tree.structure(elements[i]))
        } (element 0 of the batch against element ${i})`,
      );
    }
    for (let k = 0; k < columns.length; k++) {
      const first = leaves[k]!, x = row[k]!;
      if (x.dtype !== first.dtype || !sameShape(x.shape, first.shape)) {
        const path = tree.paths(elements[0])[k];
        throw new RangeError(
          `Cannot join elements of different shape or dtype in ${stage}: ` +
            `element 0 of the batch is ${first.dtype}${
              formatShape(first.shape)
            } and element ${i} ` +
            `is ${x.dtype}${formatShape(x.shape)}${path ? ` at ${path}` : ""}: ` +
            `make them equal with map, or batch by 1`,
        );
      }
      columns[k]!.push(x);
    }
  }
  return tree.unflatten(structure, columns.map(stackHostArrays));
}
