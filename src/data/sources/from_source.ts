/**
 * The source of a user's object with random access.
 *
 * @module
 */
import { formatValue } from "../../base/errors.ts";
import type { BatchMemory } from "../batch_memory.ts";
import { checkCount } from "../check.ts";
import { toElement } from "../element.ts";
import { join } from "../join.ts";
import { allRows } from "../reorder.ts";
import type { Run } from "../run.ts";
import { describeStage, type RowSource, type Stage } from "../stage.ts";
import { callUser } from "../user_function.ts";

/** Elements by number. */
export interface RandomAccess<Y> {
  /** How many there are. */
  readonly length: number;
  /** Element number `i`, or a Promise of it. */
  at(i: number): Y | PromiseLike<Y>;
}

/** Makes a source of what `at` returns for 0, 1, ... up to but without `length`. */
export function fromSource(access: RandomAccess<unknown>): Stage<unknown> {
  if (typeof access !== "object" || access === null || typeof access.at !== "function") {
    throw new TypeError(
      `Cannot make a dataset from ${formatValue(access)}: give an object with length and at(i)`,
    );
  }
  const { length } = access;
  checkCount(length, "make a dataset of length", 0);
  const label = `fromSource(${length})`;
  return {
    label,
    inputs: [],
    cardinality: length,
    spec: null,
    ...allRows(new Source(access), length),
  };
}

class Source implements RowSource<unknown> {
  readonly inMemory = false;
  readonly #access: RandomAccess<unknown>;
  readonly #stage: string;

  constructor(access: RandomAccess<unknown>) {
    this.#access = access;
    this.#stage = describeStage(`fromSource(${access.length})`, []);
  }

  at(row: number, run: Run): unknown {
    const accept = (x: unknown) => toElement(x, "use", "typed arrays");
    return callUser(() => this.#access.at(row), accept, this.#stage, row, run.sync);
  }

  gather(rows: readonly number[], count: number, run: Run, memory: BatchMemory): unknown {
    const elements: unknown[] = [];
    for (let i = 0; i < count; i++) elements.push(this.at(rows[i]!, run));
    const joined = (list: unknown[]) => join(list, `a batch of ${this.#stage}`, memory);
    if (!elements.some((x) => x instanceof Promise)) return joined(elements);
    return Promise.all(elements).then(joined);
  }
}
