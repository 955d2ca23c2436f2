/**
 * The source whose elements are the rows of arrays in memory.
 *
 * @module
 */
import { formatShape, formatValue } from "../../base/errors.ts";
import { HostArray, valuesOf } from "../../base/host_array.ts";
import { sizeOf } from "../../base/shape.ts";
import * as tree from "../../base/tree.ts";
import type { BatchMemory } from "../batch_memory.ts";
import { toElement } from "../element.ts";
import { allRows } from "../reorder.ts";
import type { Run } from "../run.ts";
import { RowCopier } from "./row_copier.ts";
import { rowSpec } from "../spec.ts";
import type { RowSource, Stage } from "../stage.ts";

/** Below this many numbers a row is copied faster in a loop than by `set`. */
const SHORT_ROW = 24;

/** Makes a source of the rows of a nest of arrays; all must have equally many. */
export function fromTensorSlices(tensors: unknown): Stage<unknown> {
  const nest = toElement(tensors, "slice");
  const [arrays, structure] = tree.flatten<HostArray>(nest);
  const length = commonLength(arrays, nest);
  const source = new Slices(arrays, structure);
  return {
    label: "fromTensorSlices",
    inputs: [],
    cardinality: length,
    spec: rowSpec(nest),
    ...allRows(source, length),
  };
}

function commonLength(arrays: readonly HostArray[], nest: unknown): number {
  const first = arrays[0];
  if (first === undefined) {
    throw new RangeError("Cannot slice an empty nest: give at least one array");
  }
  const paths = tree.paths(nest);
  const text = arrays.findIndex((x) => typeof x === "string");
  if (text >= 0) {
    throw new TypeError(
      `Cannot slice ${formatValue(arrays[text])}${
        paths[text] ? ` at ${paths[text]}` : ""
      }: arrays ` +
        `are wanted: give texts one by one to fromIterable, or number them`,
    );
  }
  const described = () =>
    arrays.map((x, i) => `${paths[i] || "it"} has shape ${formatShape(x.shape)}`).join(", ");
  if (arrays.some((x) => x.ndim === 0)) {
    throw new RangeError(
      `Cannot slice scalars: ${described()}: every array needs a first axis to slice along`,
    );
  }
  if (arrays.some((x) => x.length !== first.length)) {
    throw new RangeError(
      `Cannot slice arrays of ${arrays.map((x) => x.length).join(" and ")} rows together: ` +
        `${described()}: the first sizes must be equal`,
    );
  }
  return first.length;
}

class Slices implements RowSource<unknown> {
  readonly inMemory = true;
  readonly #leaves: readonly Leaf[];
  readonly #structure: tree.Structure;
  readonly #length: number;

  constructor(arrays: readonly HostArray[], structure: tree.Structure) {
    this.#length = arrays[0]!.length;
    this.#leaves = arrays.map((x) => new Leaf(x));
    this.#structure = structure;
  }

  at(row: number): unknown {
    return tree.unflatten(this.#structure, this.#leaves.map((leaf) => leaf.at(row)));
  }

  gather(rows: readonly number[], count: number, _run: Run, memory: BatchMemory): unknown {
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      if (row >>> 0 !== row || row >= this.#length) {
        throw new RangeError(
          `Cannot read row ${row} in fromTensorSlices (stage 0): it has ${this.#length}`,
        );
      }
    }
    const gathered = this.#leaves.map((leaf, i) => leaf.gather(rows, count, i, memory));
    return tree.unflatten(this.#structure, gathered);
  }
}

class Leaf {
  readonly #array: HostArray;
  readonly #rowShape: readonly number[];
  readonly #rowSize: number;
  readonly #copier = new RowCopier();

  constructor(array: HostArray) {
    this.#array = array;
    this.#rowShape = array.shape.slice(1);
    this.#rowSize = sizeOf(this.#rowShape);
  }

  at(row: number): HostArray {
    const size = this.#rowSize;
    const values = valuesOf(this.#array).subarray(row * size, (row + 1) * size);
    return new HostArray(values, this.#rowShape, this.#array.dtype);
  }

  gather(
    rows: readonly number[],
    count: number,
    place: number,
    memory: BatchMemory,
  ): HostArray {
    const values = valuesOf(this.#array);
    const size = this.#rowSize;
    const gathered = memory.array(place, this.#array.dtype, count, this.#rowShape);
    const out = gathered.values;
    if (size === 1) {
      for (let i = 0; i < count; i++) out[i] = values[rows[i]!]!;
    } else if (size < SHORT_ROW) {
      for (let i = 0, to = 0; i < count; i++) {
        for (let from = rows[i]! * size, end = from + size; from < end;) {
          out[to++] = values[from++]!;
        }
      }
    } else {
      this.#copier.copy(values, size * values.BYTES_PER_ELEMENT, rows, count, out);
    }
    return gathered;
  }
}
