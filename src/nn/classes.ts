/**
 * Functions along an axis of classes: softmax and what goes with it.
 *
 * @module
 */
import { type DType, normalizeAxis } from "../base/mod.ts";
import { cast, emit, type Tensor, type TensorLike } from "../core/mod.ts";
import { float, indices } from "../numpy/operands.ts";
import { integer, readOptions } from "../numpy/options.ts";
import type { Axis } from "../numpy/types.ts";

/** What `softmax` and `logSoftmax` take. */
export interface SoftmaxOptions {
  /** The axis, or axes, along which the values compete; default the last. */
  axis?: Axis | undefined;
}

/** The distance from the greatest value along the axes, which counts as a constant. */
function shifted(x: TensorLike, options: Axis | SoftmaxOptions | undefined, action: string) {
  const { axis = -1 } = readOptions<SoftmaxOptions>(options, ["axis"], action, "axis");
  const t = float(x, action);
  const along = { axis, keepdims: true };
  if (t.size === 0) return { t, along };
  return { t: t.sub(emit("stop", [t.max(along)])), along };
}

/**
 * exp(x) / sum(exp(x)) along an axis (default the last): positive numbers that sum to 1.
 *
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { nn } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(nn.softmax([[1, 1], [0, -Infinity]]).toArray(), [[0.5, 0.5], [1, 0]]);
 * ```
 */
export function softmax(x: TensorLike, options?: Axis | SoftmaxOptions): Tensor {
  const { t, along } = shifted(x, options, "softmax");
  const e = t.exp();
  // one division a row
  return e.mul(e.sum(along).reciprocal());
}

/**
 * The logarithm of softmax, x - log(sum(exp(x))), accurate where softmax is nearly 0.
 *
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { nn } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(nn.logSoftmax([0, -1000]).toArray(), [0, -1000]);
 * ```
 */
export function logSoftmax(x: TensorLike, options?: Axis | SoftmaxOptions): Tensor {
  const { t, along } = shifted(x, options, "logSoftmax");
  return t.sub(t.exp().sum(along).log());
}

/** What `oneHot` takes. */
export interface OneHotOptions {
  /** The element type of the result; default "float32". */
  dtype?: DType | undefined;
  /** Where the new axis of classes stands in the result; default the last. */
  axis?: number | undefined;
}

/**
 * Class ids as rows of zeros with a one at the id, along a new axis of `numClasses`. An id outside
 * 0..numClasses-1 gives a row of zeros.
 *
 * @throws {TypeError} when the ids are no integers
 * @throws {RangeError} when `numClasses` is negative, or there is no such axis
 * @example
 * ```ts
 * import { nn } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(nn.oneHot([0, 2], 3).toArray(), [[1, 0, 0], [0, 0, 1]]);
 * ```
 */
export function oneHot(x: TensorLike, numClasses: number, options?: OneHotOptions): Tensor {
  const action = "oneHot";
  const o = readOptions<OneHotOptions>(options, ["dtype", "axis"], action);
  const n = integer(numClasses, "class count", action, 0);
  const ids = indices(x, action);
  const axis = normalizeAxis(integer(o.axis ?? -1, "axis", action), ids.ndim + 1, action);
  const shape = [...ids.shape.slice(0, axis), 1, ...ids.shape.slice(axis)];
  const classes = emit("iota", [], {
    shape: shape.map((_, i) => i === axis ? n : 1),
    axis,
    dtype: "int32",
  });
  return cast(ids.reshape(shape).eq(classes), o.dtype ?? "float32");
}
