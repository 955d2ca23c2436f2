/**
 * Joining elements of equal structure, shape and dtype along a new first axis; texts become lists.
 *
 * @module
 */
import { formatShape, formatValue } from "../base/errors.ts";
import { type HostArray, stackHostArrays } from "../base/host_array.ts";
import { sameShape } from "../base/shape.ts";
import { explainDifference, matches } from "../base/structure.ts";
import * as tree from "../base/tree.ts";
import { type BatchMemory, FRESH } from "./batch_memory.ts";

/** What elements are made of. */
export type Leaf = HostArray | string;

/** The leaves of elements, a list for each; they must have one structure. */
export function columns(
  elements: readonly unknown[],
  stage: string,
): { columns: Leaf[][]; structure: tree.Structure } {
  const [leaves, structure] = tree.flatten<Leaf>(elements[0]);
  const columns = leaves.map((x) => [x]);
  for (let i = 1; i < elements.length; i++) {
    const row: Leaf[] = [];
    if (!matches(structure, elements[i], row)) {
      throw new TypeError(
        `Cannot join elements of different structure in ${stage}: ${
          explainDifference(structure, tree.structure(elements[i]))
        } (element 0 of the batch against element ${i}): make them alike with map`,
      );
    }
    for (let k = 0; k < columns.length; k++) columns[k]!.push(row[k]!);
  }
  return { columns, structure };
}

/** Joins elements leaf by leaf. */
export function join(
  elements: readonly unknown[],
  stage: string,
  memory: BatchMemory = FRESH,
): unknown {
  const { columns: lists, structure } = columns(elements, stage);
  const joined = lists.map((list, k) => {
    const texts = textColumn(list, () => stage + pathOf(elements[0], k));
    if (texts !== null) return texts;
    const arrays = list as readonly HostArray[];
    const first = arrays[0]!;
    const i = arrays.findIndex((x) => x.dtype !== first.dtype || !sameShape(x.shape, first.shape));
    if (i < 0) {
      return stackHostArrays(arrays, memory.array(k, first.dtype, arrays.length, first.shape));
    }
    throw new RangeError(
      `Cannot join elements of different shape or dtype in ${stage}: ` +
        `element 0 of the batch is ${describe(first)} and element ${i} ` +
        `is ${describe(arrays[i]!)}${pathOf(elements[0], k)}: ` +
        `make them equal with map, use paddedBatch, or batch by 1`,
    );
  });
  return tree.unflatten(structure, joined);
}

/** A column of texts, which stays a list; null for one of arrays. Both at once are an error. */
export function textColumn(list: readonly Leaf[], stage: () => string): readonly string[] | null {
  const text = list.findIndex((x) => typeof x === "string");
  if (text < 0) return null;
  const array = list.findIndex((x) => typeof x !== "string");
  if (array < 0) return list as readonly string[];
  throw new TypeError(
    `Cannot join texts and arrays in ${stage()}: element ${text} of the batch is ` +
      `${formatValue(list[text])} and element ${array} is ${describe(list[array]!)}: make them ` +
      `equal with map`,
  );
}

function describe(x: Leaf): string {
  return typeof x === "string" ? formatValue(x) : `${x.dtype}${formatShape(x.shape)}`;
}

function pathOf(element: unknown, leaf: number): string {
  const path = tree.paths(element)[leaf];
  return path ? ` at ${path}` : "";
}
