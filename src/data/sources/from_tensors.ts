/**
 * The source of one element.
 *
 * @module
 */
import { toElement } from "../element.ts";
import { allRows } from "../reorder.ts";
import { elementSpec } from "../spec.ts";
import type { RowSource, Stage } from "../stage.ts";
import { join } from "../join.ts";

/** Makes a source of one element: the nest of arrays itself. */
export function fromTensors(tensors: unknown): Stage<unknown> {
  return fromList("fromTensors", [toElement(tensors, "make a dataset of")]);
}

/** A source of elements that are there. */
export function fromList<T>(label: string, elements: readonly T[]): Stage<T> {
  const source: RowSource<T> = {
    inMemory: true,
    at: (row) => elements[row]!,
    gather: (rows, count) => {
      const chosen = Array.from({ length: count }, (_, i) => elements[rows[i]!]!);
      return join(chosen, `batch of ${label}`) as T;
    },
  };
  return {
    label,
    inputs: [],
    cardinality: elements.length,
    spec: elements.length === 1 ? elementSpec(elements[0]) : null,
    ...allRows(source, elements.length),
  };
}
