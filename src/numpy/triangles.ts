/**
 * Triangles of matrices: making them, cutting them out, naming their places.
 *
 * @module
 */
import { type DType, formatShape, formatValue } from "../base/mod.ts";
import { cast, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { ones } from "./creation.ts";
import type { DiagonalOptions, OffsetOptions } from "./diagonals.ts";
import { select } from "./operands.ts";
import { integer, readOptions } from "./options.ts";
import { iota, places } from "./places.ts";
import { nonzero } from "./positions.ts";

/** What `tri` takes. */
export interface TriOptions extends OffsetOptions {
  /** The number of columns; default that of rows. */
  M?: number | undefined;
  /** The dtype; default "float32". */
  dtype?: DType | undefined;
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
  const below = iota([rows, 1], 0).add(integer(k, "k", action));
  return cast(below.ge(iota([1, columns], 1)), dtype);
}

function triangle(x: TensorLike, options: number | DiagonalOptions | undefined, lower: boolean) {
  const action = lower ? "take the lower triangle of" : "take the upper triangle of";
  const k = integer(readOptions<DiagonalOptions>(options, ["k"], action, "k").k ?? 0, "k", action);
  const t = toTensor(x, action);
  if (t.ndim < 2) {
    throw new RangeError(
      `Cannot ${action} ${formatShape(t.shape)}: it needs at least two axes`,
    );
  }
  const [rows, columns] = t.shape.slice(-2) as [number, number];
  const distance = iota([1, columns], 1).sub(iota([rows, 1], 0));
  return select(lower ? distance.le(k) : distance.ge(k), t, 0);
}

/**
 * The matrices of the last two axes with all above the k-th diagonal set to zero.
 *
 * @throws {RangeError} when there are fewer than two axes
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.tril([[1, 2], [3, 4]]).toArray(), [[1, 0], [3, 4]]);
 * ```
 */
export function tril(x: TensorLike, options?: number | DiagonalOptions): Tensor {
  return triangle(x, options, true);
}

/**
 * The matrices of the last two axes with all below the k-th diagonal set to zero.
 *
 * @throws {RangeError} when there are fewer than two axes
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.triu([[1, 2], [3, 4]]).toArray(), [[1, 2], [0, 4]]);
 * ```
 */
export function triu(x: TensorLike, options?: number | DiagonalOptions): Tensor {
  return triangle(x, options, false);
}

/** What `trilIndices` and `triuIndices` take. */
export interface TriangleIndicesOptions extends OffsetOptions {
  /** The number of columns; default that of rows. */
  m?: number | undefined;
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

function trianglePlaces(n: number, options: unknown, lower: boolean): [Tensor, Tensor] {
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
  return trianglePlaces(n, options, true);
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
  return trianglePlaces(n, options, false);
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
