/**
 * Arrays with elements at some places replaced; always new arrays.
 *
 * @module
 */
import { formatShape, formatValue, normalizeAxis, sizeOf } from "../base/mod.ts";
import {
  baseInterpreter,
  cast,
  emit,
  emitAll,
  type Tensor,
  type TensorLike,
  toTensor,
} from "../core/mod.ts";
import { insertionPoints } from "./insertion_points.ts";
import { indices, needAxes, select } from "./operands.ts";
import { readOptions } from "./options.ts";
import { window } from "./parts.ts";
import type { Options } from "./types.ts";

/** What `put` takes. */
export interface PutOptions extends Options {
  /**
   * What is done with places outside, of which negative ones are some: "clip" (the nearest end) or
   * "wrap". By default negative places count from the end, and others are left out.
   */
  mode?: "clip" | "wrap" | undefined;
}

/**
 * An array with values at places of its flattened elements replaced; values repeat as needed. A new
 * array, as in JAX. The last of several values for one place counts.
 *
 * @throws {TypeError} for places that are no integers
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.put([1, 2, 3], [0, 2], [9, 8]).toArray(), [9, 2, 8]);
 * ```
 */
export function put(
  x: TensorLike,
  places: TensorLike,
  values: TensorLike,
  options?: PutOptions,
): Tensor {
  const action = "put";
  const { mode } = readOptions<PutOptions>(options, ["mode"], action);
  if (mode !== undefined && mode !== "clip" && mode !== "wrap") {
    throw new TypeError(`Cannot ${action} with mode ${formatValue(mode)}: wanted "clip" or "wrap"`);
  }
  const t = toTensor(x, "put into");
  const at = indices(places, action).reshape([-1]);
  const v = cast(toTensor(values, action), t.dtype).reshape([-1]);
  if (at.size === 0 || t.size === 0 || v.size === 0) return t;
  const near = mode === "wrap"
    ? at.mod(t.size)
    : mode === "clip"
    ? at.maximum(0).minimum(t.size - 1)
    : select(at.lt(0), at.add(t.size), at);
  return replaced(t.reshape([-1]), near, repeated(v, at.size)).reshape(t.shape);
}

/** A vector repeated or cut to n elements. */
function repeated(v: Tensor, n: number): Tensor {
  const times = Math.ceil(n / v.size);
  return v.reshape([1, -1]).broadcastTo([times, v.size]).reshape([-1]).slice(0, n);
}

/** A vector with `values[i]` at `places[i]`; the last of several counts. */
function replaced(t: Tensor, places: Tensor, values: Tensor): Tensor {
  const [sorted, order] = emitAll("sort", [places], { axis: 0 }) as [Tensor, Tensor];
  const cell = emit("iota", [], { shape: [t.size], axis: 0, dtype: "int32" });
  const last = insertionPoints(sorted, cell, "right").sub(1).maximum(0);
  const from = (s: Tensor, i: Tensor): Tensor => emit("take", [s, i], { axis: 0, outside: "fill" });
  return select(from(sorted, last).eq(cell), from(values, from(order, last)), t);
}

/**
 * An array with values at indices along an axis replaced; see `takeAlongAxis`. A new array.
 *
 * @throws {TypeError} for indices that are no integers
 * @throws {RangeError} when numbers of axes differ
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.putAlongAxis([[1, 2], [3, 4]], [[1], [0]], 9, 1).toArray(), [[1, 9], [9, 4]]);
 * ```
 */
export function putAlongAxis(
  x: TensorLike,
  at: TensorLike,
  values: TensorLike,
  axis: number | null,
): Tensor {
  const action = "put along an axis";
  const given = toTensor(x, action);
  const t = axis === null ? given.reshape([-1]) : given;
  const index = indices(at, action);
  if (index.ndim !== t.ndim) {
    throw new RangeError(
      `Cannot ${action} of ${formatShape(t.shape)} with indices ${
        formatShape(index.shape)
      }: both must have as many axes`,
    );
  }
  const along = normalizeAxis(axis ?? 0, t.ndim, action);
  const n = t.shape[along]!;
  const shape = t.shape.map((s, i) => i === along ? index.shape[i]! : s);
  const inside = select(index.lt(0), index.add(n), index).broadcastTo(shape);
  const stride = sizeOf(t.shape.slice(along + 1));
  // the places of entry 0 along the axis, for each vector
  const lanes = emit("iota", [], { shape: [t.size], axis: 0, dtype: "int32" }).reshape(t.shape);
  const starts = window(lanes, along, 0, 1);
  const v = cast(toTensor(values, action), t.dtype).broadcastTo(shape).reshape([-1]);
  const places = inside.mul(stride).add(starts).reshape([-1]);
  return replaced(t.reshape([-1]), places, v).reshape(given.shape);
}

/**
 * An array with values where a condition holds replaced, in order; they repeat as needed. A new array.
 *
 * @throws {RangeError} when sizes differ
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.place([1, 2, 3], [true, false, true], [9, 8]).toArray(), [9, 2, 8]);
 * ```
 */
export function place(x: TensorLike, condition: TensorLike, values: TensorLike): Tensor {
  const t = toTensor(x, "place into");
  const mask = cast(toTensor(condition, "place"), "bool").reshape([-1]);
  if (mask.size !== t.size) {
    throw new RangeError(
      `Cannot place by ${mask.size} conditions into ${t.size} elements: wanted one for each`,
    );
  }
  const v = cast(toTensor(values, "place"), t.dtype).reshape([-1]);
  if (v.size === 0) throw new RangeError("Cannot place no values: wanted at least one");
  const count = emit("cumsum", [cast(mask, "int32")], { axis: 0, reverse: false }).sub(1);
  const chosen = emit("take", [v, count.maximum(0).mod(v.size)], { axis: 0, outside: "fill" });
  return select(mask, chosen, t.reshape([-1])).reshape(t.shape);
}

/** What `fillDiagonal` takes. */
export interface FillDiagonalOptions extends Options {
  /** Whether a tall matrix gets a diagonal again after each square; default false. */
  wrap?: boolean | undefined;
}

/**
 * An array with the elements whose indices are all equal replaced. A new array, as in JAX.
 *
 * @throws {RangeError} when there are fewer than two axes, or more than two of unequal sizes
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.fillDiagonal(np.zeros([2, 2]), 3).toArray(), [[3, 0], [0, 3]]);
 * ```
 */
export function fillDiagonal(
  x: TensorLike,
  values: TensorLike,
  options?: FillDiagonalOptions,
): Tensor {
  const action = "fill the diagonal of";
  const { wrap = false } = readOptions<FillDiagonalOptions>(options, ["wrap"], action);
  const t = needAxes(x, 2, action);
  if (t.ndim > 2 && t.shape.some((n) => n !== t.shape[0])) {
    throw new RangeError(`Cannot ${action} ${formatShape(t.shape)}: all sizes must be equal`);
  }
  const columns = t.shape.at(-1)!;
  const step = t.ndim === 2
    ? columns + 1
    : t.shape.reduce((sum, _, i) => sum + sizeOf(t.shape.slice(i + 1)), 0);
  const end = t.ndim === 2 && !wrap ? Math.min(t.size, columns * columns) : t.size;
  const count = Math.ceil(end / step);
  if (count === 0) return t;
  const places = Int32Array.from({ length: count }, (_, i) => i * step);
  const v = cast(toTensor(values, action), t.dtype).reshape([-1]);
  if (v.size === 0) throw new RangeError(`Cannot ${action} with no values: wanted at least one`);
  const at = baseInterpreter().upload(places, [count], "int32");
  return replaced(t.reshape([-1]), at, repeated(v, count)).reshape(t.shape);
}
