/**
 * Further ways to arrange axes and elements: shapes with at least so many axes, rotations, the parts of
 * an array along an axis.
 *
 * @module
 */
import {
  broadcastShapes as meet,
  checkShape,
  formatShape,
  normalizeAxis,
  sizeOf,
} from "../base/mod.ts";
import { type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { flip, moveaxis, tile } from "./movement.ts";
import { integer, readOptions } from "./options.ts";
import { window } from "./parts.ts";
import type { Options } from "./types.ts";

/**
 * All elements in a row, as a vector.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.ravel([[1, 2], [3, 4]]).toArray(), [1, 2, 3, 4]);
 * ```
 */
export function ravel(x: TensorLike): Tensor {
  return toTensor(x, "ravel").reshape([-1]);
}

/**
 * A scalar as a vector of one element, all else as it is.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.atleast1d(3).shape, [1]);
 * ```
 */
export function atleast1d(x: TensorLike): Tensor {
  const t = toTensor(x, "give an axis to");
  return t.ndim === 0 ? t.reshape([1]) : t;
}

/**
 * A vector as a matrix of one row, all else with two axes or more as it is.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.atleast2d([1, 2]).shape, [1, 2]);
 * ```
 */
export function atleast2d(x: TensorLike): Tensor {
  const t = toTensor(x, "give axes to");
  return t.ndim < 2 ? t.reshape([1, t.size]) : t;
}

/**
 * At least three axes: a vector in the middle one, a matrix in the first two.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.atleast3d([1, 2]).shape, [1, 2, 1]);
 * ```
 */
export function atleast3d(x: TensorLike): Tensor {
  const t = toTensor(x, "give axes to");
  if (t.ndim >= 3) return t;
  return t.reshape(t.ndim === 2 ? [...t.shape, 1] : [1, t.size, 1]);
}

/**
 * An axis moved to before another one (default to the front).
 *
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.rollaxis(np.zeros([2, 3, 4]), 2).shape, [4, 2, 3]);
 * ```
 */
export function rollaxis(x: TensorLike, axis: number, start = 0): Tensor {
  const t = toTensor(x, "roll an axis of");
  const from = normalizeAxis(axis, t.ndim, "roll an axis");
  const at = integer(start, "start", "roll an axis");
  const place = at < 0 ? at + t.ndim : at;
  if (place < 0 || place > t.ndim) {
    throw new RangeError(
      `Cannot roll an axis of ${formatShape(t.shape)} to ${start}: wanted -${t.ndim}..${t.ndim}`,
    );
  }
  return moveaxis(t, from, place > from ? place - 1 : place);
}

/** What `rot90` takes. */
export interface Rot90Options extends Options {
  /** How many quarter turns; default 1. */
  k?: number | undefined;
  /** The plane, turned from its first axis to its second; default [0, 1]. */
  axes?: readonly [number, number] | undefined;
}

/**
 * An array turned by 90 degrees in a plane of two axes.
 *
 * @throws {RangeError} when there are no such axes, or they are one
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.rot90([[1, 2], [3, 4]]).toArray(), [[2, 4], [1, 3]]);
 * ```
 */
export function rot90(x: TensorLike, options?: number | Rot90Options): Tensor {
  const action = "rotate";
  const { k = 1, axes = [0, 1] } = readOptions<Rot90Options>(options, ["k", "axes"], action, "k");
  const t = toTensor(x, action);
  const turns = ((integer(k, "k", action) % 4) + 4) % 4;
  if (!Array.isArray(axes) || axes.length !== 2) {
    throw new TypeError(`Cannot ${action} in the plane of ${axes}: wanted two axes`);
  }
  const [a, b] = axes.map((axis) => normalizeAxis(axis, t.ndim, action)) as [number, number];
  if (a === b) {
    throw new RangeError(
      `Cannot ${action} in the plane of axes ${axes[0]} and ${axes[1]}: they are one`,
    );
  }
  if (turns === 0) return t;
  if (turns === 2) return flip(t, [a, b]);
  const order = t.shape.map((_, i) => i === a ? b : i === b ? a : i);
  return turns === 1 ? flip(t, b).transpose(order) : flip(t.transpose(order), b);
}

/**
 * The columns in reverse order.
 *
 * @throws {RangeError} when there are fewer than two axes
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.fliplr([[1, 2], [3, 4]]).toArray(), [[2, 1], [4, 3]]);
 * ```
 */
export function fliplr(x: TensorLike): Tensor {
  return flip(x, 1);
}

/**
 * The rows in reverse order.
 *
 * @throws {RangeError} for a scalar
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.flipud([[1, 2], [3, 4]]).toArray(), [[3, 4], [1, 2]]);
 * ```
 */
export function flipud(x: TensorLike): Tensor {
  return flip(x, 0);
}

/**
 * The matrices of the last two axes transposed.
 *
 * @throws {RangeError} when there are fewer than two axes
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.matrixTranspose(np.zeros([5, 2, 3])).shape, [5, 3, 2]);
 * ```
 */
export function matrixTranspose(x: TensorLike): Tensor {
  const t = toTensor(x, "transpose");
  if (t.ndim < 2) {
    throw new RangeError(`Cannot transpose ${formatShape(t.shape)}: it needs at least two axes`);
  }
  const n = t.ndim;
  return t.transpose(t.shape.map((_, i) => i === n - 1 ? n - 2 : i === n - 2 ? n - 1 : i));
}

/**
 * The shape in which shapes meet.
 *
 * @throws {RangeError} when they do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.broadcastShapes([2, 1], [3]), [2, 3]);
 * ```
 */
export function broadcastShapes(...shapes: (number | readonly number[])[]): number[] {
  return [...meet("broadcast", [], ...shapes.map((s) => checkShape(s, "broadcast")))];
}

/**
 * Arrays broadcast against each other.
 *
 * @throws {RangeError} when their shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.broadcastArrays([1, 2], 3).map((t) => t.toArray()), [[1, 2], [3, 3]]);
 * ```
 */
export function broadcastArrays(...arrays: TensorLike[]): Tensor[] {
  const list = arrays.map((x) => toTensor(x, "broadcast"));
  const shape = meet("broadcast", [], ...list.map((t) => t.shape));
  return list.map((t) => t.broadcastTo(shape));
}

/**
 * The elements in order, repeated as often as a new shape needs, or cut off.
 *
 * @throws {RangeError} when a size is negative
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.resize([1, 2, 3], [2, 2]).toArray(), [[1, 2], [3, 1]]);
 * ```
 */
export function resize(x: TensorLike, shape: number | readonly number[]): Tensor {
  const t = ravel(x);
  const sizes = checkShape(shape, "resize");
  const n = sizeOf(sizes);
  if (t.size === 0) return t.zeros(sizes);
  return tile(t, Math.ceil(n / t.size)).slice(0, n).reshape(sizes);
}

/** What `unstack` takes. */
export interface UnstackOptions extends Options {
  /** The axis to go along; default 0. */
  axis?: number | undefined;
}

/**
 * The entries of an array along an axis, which goes.
 *
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.unstack([[1, 2], [3, 4]], 1).map((t) => t.toArray()), [[1, 3], [2, 4]]);
 * ```
 */
export function unstack(x: TensorLike, options?: number | UnstackOptions): Tensor[] {
  const { axis = 0 } = readOptions<UnstackOptions>(options, ["axis"], "unstack", "axis");
  const t = toTensor(x, "unstack");
  const along = normalizeAxis(axis, t.ndim, "unstack");
  const shape = t.shape.filter((_, i) => i !== along);
  return Array.from({ length: t.shape[along]! }, (_, i) => window(t, along, i, 1).reshape(shape));
}

/**
 * The sizes of the axes.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.shape([[1, 2, 3]]), [1, 3]);
 * ```
 */
export function shape(x: TensorLike): number[] {
  return [...toTensor(x, "take the shape of").shape];
}

/**
 * The number of axes.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.ndim([[1, 2, 3]]), 2);
 * ```
 */
export function ndim(x: TensorLike): number {
  return toTensor(x, "count the axes of").ndim;
}

/**
 * The number of elements, or the size of one axis.
 *
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.size([[1, 2, 3]]), 3);
 * ```
 */
export function size(x: TensorLike, axis: number | null = null): number {
  const t = toTensor(x, "take the size of");
  return axis === null ? t.size : t.shape[normalizeAxis(axis, t.ndim, "take the size")]!;
}
