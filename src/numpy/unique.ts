/**
 * The distinct elements of an array.
 *
 * @module
 */
import { normalizeAxis } from "../base/mod.ts";
import { cast, emit, emitAll, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { moveaxis } from "./movement.ts";
import { select } from "./operands.ts";
import { readOptions } from "./options.ts";
import { window } from "./parts.ts";
import { filled, rowsAt, sizeOfTrue, truePlaces } from "./places.ts";
import type { SizedOptions } from "./positions.ts";
import { sortedRows } from "./sorted_rows.ts";

/** What `unique` takes. */
export interface UniqueOptions extends SizedOptions {
  /** Whether to give the position of the first of each as well; default false. */
  returnIndex?: boolean | undefined;
  /** Whether to give, for each element, which one it is; default false. */
  returnInverse?: boolean | undefined;
  /** Whether to give how many there are of each; default false. */
  returnCounts?: boolean | undefined;
  /** The axis whose entries are compared; default the elements of the flattened array. */
  axis?: number | null | undefined;
  /** Whether NaN equals NaN; default true. */
  equalNan?: boolean | undefined;
}

const NAMES = [
  "size",
  "fillValue",
  "returnIndex",
  "returnInverse",
  "returnCounts",
  "axis",
  "equalNan",
];

interface Distinct {
  readonly values: Tensor;
  readonly index: Tensor;
  readonly inverse: () => Tensor;
  readonly counts: () => Tensor;
}

function distinct(x: TensorLike, o: UniqueOptions, action: string): Distinct {
  const given = toTensor(x, action);
  const whole = o.axis === undefined || o.axis === null;
  const axis = whole ? 0 : normalizeAxis(o.axis!, given.ndim, action);
  const t = whole ? given.reshape([-1]) : moveaxis(given, axis, 0);
  const n = t.shape[0]!;
  if (n === 0 && o.size && o.fillValue === undefined) {
    throw new RangeError(`Cannot ${action} an empty array with size ${o.size}: give { fillValue }`);
  }
  const { rows, first, order } = sortedRows(t, o.equalNan ?? true);
  const size = sizeOfTrue(first, o.size, action);
  const { at, valid } = truePlaces(first, size);
  const found = n === 0 ? rows.zeros([size, ...rows.shape.slice(1)]) : rowsAt(rows, at);
  const values = o.fillValue === undefined ? found : filled(found, valid, o.fillValue);
  return {
    values: whole ? values : moveaxis(values, 0, axis),
    index: n === 0 ? at : rowsAt(order, at),
    inverse: () => {
      const which = emit("cumsum", [cast(first, "int32")], { axis: 0, reverse: false }).sub(1);
      const back = emitAll("sort", [order], { axis: 0 })[1]!;
      const flat = rowsAt(which, back);
      return whole ? flat.reshape(given.shape) : flat;
    },
    counts: () => {
      if (size === 0) return at;
      const more = truePlaces(first, size + 1);
      const edges = select(more.valid, more.at, n);
      return window(edges, 0, 1, size).sub(window(edges, 0, 0, size));
    },
  };
}

/**
 * The distinct elements in order; on request also, in a list after them: the position of the first of
 * each (`returnIndex`), which one each element is (`returnInverse`), how many there are of each
 * (`returnCounts`), all int32. With a `size`, the least element fills up, unless `fillValue` is given.
 *
 * @throws {ConcretizationError} inside `jit`, unless a size is given
 * @example
 * ```ts
 * import { np, type Tensor } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals((np.unique([3, 1, 3]) as Tensor).toArray(), [1, 3]);
 * assertEquals((np.unique([3, 1, 3], { returnCounts: true }) as Tensor[])[1]!.toArray(), [1, 2]);
 * ```
 */
export function unique(x: TensorLike, options?: UniqueOptions): Tensor | Tensor[] {
  const action = "find the distinct elements of";
  const o = readOptions<UniqueOptions>(options, NAMES, action);
  const d = distinct(x, o, action);
  const more = [
    ...(o.returnIndex ? [d.index] : []),
    ...(o.returnInverse ? [d.inverse()] : []),
    ...(o.returnCounts ? [d.counts()] : []),
  ];
  return more.length === 0 ? d.values : [d.values, ...more];
}

/** What the `unique...` functions of the array API take. */
export type UniqueSize = SizedOptions;

function sized(x: TensorLike, options: UniqueSize | undefined): Distinct {
  const action = "find the distinct elements of";
  return distinct(x, {
    ...readOptions<UniqueSize>(options, ["size", "fillValue"], action),
    equalNan: false,
  }, action);
}

/**
 * The distinct elements in order, of which NaN are all distinct.
 *
 * @throws {ConcretizationError} inside `jit`, unless a size is given
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.uniqueValues([3, 1, 3]).toArray(), [1, 3]);
 * ```
 */
export function uniqueValues(x: TensorLike, options?: UniqueSize): Tensor {
  return sized(x, options).values;
}

/**
 * The distinct elements in order, and how many there are of each.
 *
 * @throws {ConcretizationError} inside `jit`, unless a size is given
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.uniqueCounts([3, 1, 3]).counts.toArray(), [1, 2]);
 * ```
 */
export function uniqueCounts(
  x: TensorLike,
  options?: UniqueSize,
): { values: Tensor; counts: Tensor } {
  const d = sized(x, options);
  return { values: d.values, counts: d.counts() };
}

/**
 * The distinct elements in order, and which one each element is.
 *
 * @throws {ConcretizationError} inside `jit`, unless a size is given
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.uniqueInverse([3, 1, 3]).inverseIndices.toArray(), [1, 0, 1]);
 * ```
 */
export function uniqueInverse(
  x: TensorLike,
  options?: UniqueSize,
): { values: Tensor; inverseIndices: Tensor } {
  const d = sized(x, options);
  return { values: d.values, inverseIndices: d.inverse() };
}

/**
 * The distinct elements in order, the position of the first of each, which one each element is, and
 * how many there are of each.
 *
 * @throws {ConcretizationError} inside `jit`, unless a size is given
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.uniqueAll([3, 1, 3]).indices.toArray(), [1, 0]);
 * ```
 */
export function uniqueAll(
  x: TensorLike,
  options?: UniqueSize,
): { values: Tensor; indices: Tensor; inverseIndices: Tensor; counts: Tensor } {
  const d = sized(x, options);
  return { values: d.values, indices: d.index, inverseIndices: d.inverse(), counts: d.counts() };
}
