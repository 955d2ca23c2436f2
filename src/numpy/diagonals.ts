/**
 * Diagonals: making matrices of them, reading them, naming their places.
 *
 * @module
 */
import { type DType, formatShape, normalizeAxis } from "../base/mod.ts";
import { cast, emit, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { zeros } from "./creation.ts";
import { moveaxis } from "./movement.ts";
import { select } from "./operands.ts";
import { dtypeOption, integer, readOptions } from "./options.ts";
import { diagonalOf, window } from "./parts.ts";
import { iota, places } from "./places.ts";
import type { DTypeOptions, Options } from "./types.ts";

/** What `eye` takes. */
export interface EyeOptions extends DTypeOptions {
  /** The number of columns; default as many as rows. */
  M?: number | undefined;
  /** Which diagonal: 0 the main one, above it positive, below it negative. */
  k?: number | undefined;
}

/**
 * Ones on a diagonal of an n by M matrix, zeros elsewhere; float32.
 *
 * @throws {RangeError} when a size is negative
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.eye(2).toArray(), [[1, 0], [0, 1]]);
 * assertEquals(np.eye(2, { k: 1 }).toArray(), [[0, 1], [0, 0]]);
 * ```
 */
export function eye(n: number, options?: number | EyeOptions): Tensor {
  const action = "make an identity matrix";
  const o = readOptions<EyeOptions>(options, ["M", "k", "dtype"], action, "M");
  const rows = integer(n, "size", action, 0);
  const columns = integer(o.M ?? rows, "M", action, 0);
  const k = integer(o.k ?? 0, "k", action);
  const on = iota([rows, 1], 0).add(k).eq(iota([1, columns], 1));
  return cast(on, o.dtype ?? "float32");
}

/**
 * A square matrix with ones on the diagonal.
 *
 * @throws {RangeError} when the size is negative
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.identity(2).toArray(), [[1, 0], [0, 1]]);
 * ```
 */
export function identity(n: number, options?: DType | DTypeOptions): Tensor {
  return eye(n, { dtype: dtypeOption(options, "make an identity matrix") });
}

/** What `tril`, `triu` and `diag` take. */
export interface DiagonalOptions extends Options {
  /** Which diagonal: 0 the main one, above it positive, below it negative. */
  k?: number | undefined;
}

/**
 * The k-th diagonal of a matrix; of a vector, the square matrix that has it on its k-th diagonal.
 *
 * @throws {RangeError} when the array has neither one axis nor two
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.diag([[1, 2], [3, 4]]).toArray(), [1, 4]);
 * assertEquals(np.diag([5, 6]).toArray(), [[5, 0], [0, 6]]);
 * ```
 */
export function diag(x: TensorLike, options?: number | DiagonalOptions): Tensor {
  const action = "take the diagonal of";
  const k = integer(readOptions<DiagonalOptions>(options, ["k"], action, "k").k ?? 0, "k", action);
  const t = toTensor(x, action);
  if (t.ndim === 2) {
    const [rows, columns] = t.shape as [number, number];
    const top = Math.max(0, -k);
    const left = Math.max(0, k);
    const n = Math.max(0, Math.min(rows - top, columns - left));
    if (n === 0) return zeros([0], t.dtype);
    return diagonalOf(window(window(t, 0, top, n), 1, left, n));
  }
  if (t.ndim !== 1) {
    throw new RangeError(
      `Cannot ${action} ${formatShape(t.shape)}: wanted a matrix, or a vector to put on one`,
    );
  }
  const n = t.shape[0]! + Math.abs(k);
  const padded = emit("pad", [t, t.zeros([])], { low: [0], high: [Math.abs(k)], inner: [0] });
  const on = iota([n, 1], 0).add(k).eq(iota([1, n], 1));
  return select(on, padded.reshape(k >= 0 ? [n, 1] : [1, n]), 0);
}

/** What functions of a diagonal take. */
export interface OffsetOptions extends Options {
  /** Which diagonal: 0 the main one, above it positive, below it negative. */
  k?: number | undefined;
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

/** What `diagonal` takes. */
export interface DiagonalAxesOptions extends Options {
  /** Which diagonal: 0 the main one, above it positive, below it negative. */
  offset?: number | undefined;
  /** The axis of rows; default the first. */
  axis1?: number | undefined;
  /** The axis of columns; default the second. */
  axis2?: number | undefined;
}

/** What `trace` takes. */
export interface TraceOptions extends DiagonalAxesOptions {
  /** The dtype to add in. */
  dtype?: DType | undefined;
}

const AXES = ["offset", "axis1", "axis2"];

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
