/**
 * Diagonals and triangles: reading them, making them, naming their places.
 *
 * @module
 */
import { checkShape, type DType, formatShape, formatValue, normalizeAxis } from "../base/mod.ts";
import {
  baseInterpreter,
  cast,
  emit,
  type Tensor,
  type TensorLike,
  toTensor,
} from "../core/mod.ts";
import { diag, ones } from "./creation.ts";
import { moveaxis } from "./movement.ts";
import { integer, type Options, readOptions } from "./options.ts";
import { nonzero } from "./positions.ts";

/** What `diagonal` takes. */
export interface DiagonalAxesOptions extends Options {
  /** Which diagonal: 0 the main one, above it positive, below it negative. */
  offset?: number;
  /** The axis of rows; default the first. */
  axis1?: number;
  /** The axis of columns; default the second. */
  axis2?: number;
}

/** What `trace` takes. */
export interface TraceOptions extends DiagonalAxesOptions {
  /** The dtype to add in. */
  dtype?: DType;
}

const AXES = ["offset", "axis1", "axis2"];

function places(values: readonly number[]): Tensor {
  return baseInterpreter().upload(Int32Array.from(values), [values.length], "int32");
}

/**
 * A diagonal of the matrices of two axes, as the last axis.
 *
 * @throws {RangeError} when there are fewer than two axes
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.diagonal([[1, 2], [3, 4]]).toArray(), [1, 4]);
 * ```
 */
export function diagonal(x: TensorLike, options?: number | DiagonalAxesOptions): Tensor {
  const action = "take the diagonal of";
  const o = readOptions<DiagonalAxesOptions>(options, AXES, action, "offset");
  const t = toTensor(x, action);
  if (t.ndim < 2) {
    throw new RangeError(`Cannot ${action} ${formatShape(t.shape)}: it needs at least two axes`);
  }
  const [a, b] = [
    normalizeAxis(o.axis1 ?? 0, t.ndim, action),
    normalizeAxis(o.axis2 ?? 1, t.ndim, action),
  ];
  if (a === b) throw new RangeError(`Cannot ${action} axis ${a} and itself: wanted two axes`);
  const offset = integer(o.offset ?? 0, "offset", action);
  const moved = moveaxis(t, [a, b], [-2, -1]);
  const [rows, columns] = moved.shape.slice(-2) as [number, number];
  const n = Math.max(0, Math.min(rows + Math.min(0, offset), columns - Math.max(0, offset)));
  const start = Math.max(0, -offset) * columns + Math.max(0, offset);
  const flat = moved.reshape([...moved.shape.slice(0, -2), rows * columns]);
  const at = places(Array.from({ length: n }, (_, i) => start + i * (columns + 1)));
  return emit("take", [flat, at], { axis: flat.ndim - 1, outside: "fill" });
}

/**
 * The sum of a diagonal.
 *
 * @throws {RangeError} when there are fewer than two axes
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.trace([[1, 2], [3, 4]]).item(), 5);
 * ```
 */
export function trace(x: TensorLike, options?: number | TraceOptions): Tensor {
  const { dtype, ...o } = readOptions<TraceOptions>(options, [...AXES, "dtype"], "trace", "offset");
  const d = diagonal(x, o);
  return (dtype === undefined ? d : cast(d, dtype)).sum({ axis: -1 });
}

/** What functions of a diagonal take. */
export interface OffsetOptions extends Options {
  /** Which diagonal: 0 the main one, above it positive, below it negative. */
  k?: number;
}

/**
 * A matrix with the elements, flattened, on a diagonal.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.diagflat([[1, 2]], 1).toArray(), [[0, 1, 0], [0, 0, 2], [0, 0, 0]]);
 * ```
 */
export function diagflat(x: TensorLike, options?: number | OffsetOptions): Tensor {
  return diag(toTensor(x, "put on a diagonal").reshape([-1]), options);
}

/** What `tri` takes. */
export interface TriOptions extends OffsetOptions {
  /** The number of columns; default that of rows. */
  M?: number;
  /** The dtype; default "float32". */
  dtype?: DType;
}

/**
 * A matrix with ones on a diagonal and below it.
 *
 * @throws {RangeError} when a size is negative
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.tri(2, 3).toArray(), [[1, 0, 0], [1, 1, 0]]);
 * ```
 */
export function tri(n: number, options?: number | TriOptions): Tensor {
  const action = "make a triangle";
  const { M = n, k = 0, dtype = "float32" } = readOptions<TriOptions>(
    options,
    ["M", "k", "dtype"],
    action,
    "M",
  );
  const [rows, columns] = [integer(n, "size", action, 0), integer(M, "M", action, 0)];
  const row = emit("iota", [], { shape: [rows, 1], axis: 0, dtype: "int32" });
  const column = emit("iota", [], { shape: [1, columns], axis: 1, dtype: "int32" });
  return cast(row.add(integer(k, "k", action)).ge(column), dtype);
}

/** What `trilIndices` and `triuIndices` take. */
export interface TriangleIndicesOptions extends OffsetOptions {
  /** The number of columns; default that of rows. */
  m?: number;
}

function cells(
  rows: number,
  columns: number,
  inside: (i: number, j: number) => boolean,
): [Tensor, Tensor] {
  const [is, js]: [number[], number[]] = [[], []];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      if (inside(i, j)) {
        is.push(i);
        js.push(j);
      }
    }
  }
  return [places(is), places(js)];
}

function triangle(n: number, options: unknown, lower: boolean): [Tensor, Tensor] {
  const action = "name the places of a triangle";
  const o = readOptions<TriangleIndicesOptions>(options, ["k", "m"], action, "k");
  const k = integer(o.k ?? 0, "k", action);
  const [rows, columns] = [integer(n, "size", action, 0), integer(o.m ?? n, "m", action, 0)];
  return cells(rows, columns, (i, j) => lower ? j - i <= k : j - i >= k);
}

/**
 * The row and column indices (int32) of a diagonal and what is below it.
 *
 * @throws {RangeError} when a size is negative
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.trilIndices(2).map((t) => t.toArray()), [[0, 1, 1], [0, 0, 1]]);
 * ```
 */
export function trilIndices(
  n: number,
  options?: number | TriangleIndicesOptions,
): [Tensor, Tensor] {
  return triangle(n, options, true);
}

/**
 * The row and column indices (int32) of a diagonal and what is above it.
 *
 * @throws {RangeError} when a size is negative
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.triuIndices(2, 1).map((t) => t.toArray()), [[0], [1]]);
 * ```
 */
export function triuIndices(
  n: number,
  options?: number | TriangleIndicesOptions,
): [Tensor, Tensor] {
  return triangle(n, options, false);
}

function matrix(x: TensorLike, action: string): Tensor {
  const t = toTensor(x, action);
  if (t.ndim !== 2) {
    throw new RangeError(`Cannot ${action} of ${formatShape(t.shape)}: wanted a matrix`);
  }
  return t;
}

/**
 * `trilIndices` of a matrix.
 *
 * @throws {RangeError} when it is no matrix
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.trilIndicesFrom(np.ones([2, 1])).map((t) => t.toArray()), [[0, 1], [0, 0]]);
 * ```
 */
export function trilIndicesFrom(x: TensorLike, options?: number | OffsetOptions): [Tensor, Tensor] {
  const action = "name the places of a triangle";
  const { k = 0 } = readOptions<OffsetOptions>(options, ["k"], action, "k");
  const [n, m] = matrix(x, action).shape as [number, number];
  return trilIndices(n, { k, m });
}

/**
 * `triuIndices` of a matrix.
 *
 * @throws {RangeError} when it is no matrix
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.triuIndicesFrom(np.ones([2, 2])).map((t) => t.toArray()), [[0, 0, 1], [0, 1, 1]]);
 * ```
 */
export function triuIndicesFrom(x: TensorLike, options?: number | OffsetOptions): [Tensor, Tensor] {
  const action = "name the places of a triangle";
  const { k = 0 } = readOptions<OffsetOptions>(options, ["k"], action, "k");
  const [n, m] = matrix(x, action).shape as [number, number];
  return triuIndices(n, { k, m });
}

/**
 * The indices (int32) of the main diagonal of an array with `ndim` axes (default 2) of size n.
 *
 * @throws {RangeError} when a number is negative
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.diagIndices(2).map((t) => t.toArray()), [[0, 1], [0, 1]]);
 * ```
 */
export function diagIndices(n: number, ndim = 2): Tensor[] {
  const action = "name the places of a diagonal";
  const size = integer(n, "size", action, 0);
  const at = places(Array.from({ length: size }, (_, i) => i));
  return new Array<Tensor>(integer(ndim, "ndim", action, 0)).fill(at);
}

/**
 * `diagIndices` of an array.
 *
 * @throws {RangeError} when it has fewer than two axes, or unequal sizes
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.diagIndicesFrom(np.ones([2, 2])).map((t) => t.toArray()), [[0, 1], [0, 1]]);
 * ```
 */
export function diagIndicesFrom(x: TensorLike): Tensor[] {
  const t = toTensor(x, "name the places of a diagonal");
  if (t.ndim < 2 || t.shape.some((n) => n !== t.shape[0])) {
    throw new RangeError(
      `Cannot name the places of a diagonal of ${formatShape(t.shape)}: ` +
        `wanted at least two axes of one size`,
    );
  }
  return diagIndices(t.shape[0]!, t.ndim);
}

/**
 * The row and column indices (int32) of what a function leaves of a square matrix of ones.
 *
 * @param mask a function of a matrix and a diagonal, as `triu`
 * @throws {TypeError} when it is no function
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.maskIndices(2, np.triu).map((t) => t.toArray()), [[0, 0, 1], [0, 1, 1]]);
 * ```
 */
export function maskIndices(
  n: number,
  mask: (ones: Tensor, k: number) => Tensor,
  k = 0,
): [Tensor, Tensor] {
  const action = "name the places that a mask leaves";
  if (typeof mask !== "function") {
    throw new TypeError(`Cannot ${action} with ${formatValue(mask)}: wanted a function`);
  }
  const size = integer(n, "size", action, 0);
  return nonzero(mask(ones([size, size]), k)) as [Tensor, Tensor];
}

/** What `vander` takes. */
export interface VanderOptions extends Options {
  /** The number of columns; default that of elements. */
  N?: number;
  /** Whether powers rise from left to right; default false. */
  increasing?: boolean;
}

/**
 * The matrix of powers of a vector's elements, a row for each.
 *
 * @throws {RangeError} when it is no vector
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.vander([1, 2, 3], 2).toArray(), [[1, 1], [2, 1], [3, 1]]);
 * ```
 */
export function vander(x: TensorLike, options?: number | VanderOptions): Tensor {
  const action = "take powers of";
  const o = readOptions<VanderOptions>(options, ["N", "increasing"], action, "N");
  const t = toTensor(x, action);
  if (t.ndim !== 1) {
    throw new RangeError(`Cannot ${action} ${formatShape(t.shape)}: wanted a vector`);
  }
  if (o.increasing !== undefined && typeof o.increasing !== "boolean") {
    throw new TypeError(
      `Cannot ${action} a vector with increasing ${
        formatValue(o.increasing)
      }: wanted true or false`,
    );
  }
  const n = integer(o.N ?? t.size, "N", action, 0);
  const number = t.dtype === "bool" ? cast(t, "int32") : t;
  const column = number.reshape([-1, 1]);
  if (n === 0) return number.zeros([t.size, 0]);
  const first = column.zeros().add(1);
  const shape = checkShape([t.size, n - 1], `${action} a vector`);
  const factors = n === 1
    ? first
    : emit("concatenate", [first, emit("broadcast", [column], { shape })], { axis: 1 });
  const powers = emit("cumprod", [factors], { axis: 1, reverse: false });
  return o.increasing ? powers : emit("flip", [powers], { axes: [1] });
}
