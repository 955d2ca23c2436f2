/**
 * Joining elements of equal structure, shape and dtype along a new first axis.
 *
 * @module
 */
import { formatShape } from "../base/errors.ts";
import { type HostArray, stackHostArrays } from "../base/host_array.ts";
import { sameShape } from "../base/shape.ts";
import { explainDifference, matches } from "../base/structure.ts";
import * as tree from "../base/tree.ts";

/** The leaves of elements, a list for each; they must have one structure. */
export function columns(
  elements: readonly unknown[],
  stage: string,
): { columns: HostArray[][]; structure: tree.Structure } {
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
    for (let k = 0; k < columns.length; k++) columns[k]!.push(row[k]!);
  }
  return { columns, structure };
}

/** Joins elements leaf by leaf. */
export function join(elements: readonly unknown[], stage: string): unknown {
  const { columns: lists, structure } = columns(elements, stage);
  for (const [k, list] of lists.entries()) {
    const first = list[0]!;
    const i = list.findIndex((x) => x.dtype !== first.dtype || !sameShape(x.shape, first.shape));
    if (i < 0) continue;
    const x = list[i]!;
    const path = tree.paths(elements[0])[k];
    throw new RangeError(
      `Cannot join elements of different shape or dtype in ${stage}: ` +
        `element 0 of the batch is ${first.dtype}${formatShape(first.shape)} and element ${i} ` +
        `is ${x.dtype}${formatShape(x.shape)}${path ? ` at ${path}` : ""}: ` +
        `make them equal with map, use paddedBatch, or batch by 1`,
    );
  }
  return tree.unflatten(structure, lists.map(stackHostArrays));
}
