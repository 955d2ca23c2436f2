/**
 * Arrays of one value, and of what is given. Made on the device, never element by element.
 *
 * @module
 */
import { checkShape, convertNumber, type DType } from "../base/mod.ts";
import {
  baseInterpreter,
  cast,
  emit,
  isTensor,
  isVariable,
  literal,
  type Tensor,
  type TensorLike,
  toHost,
  toTensor,
} from "../core/mod.ts";
import { dtypeOption, readOptions } from "./options.ts";
import type { DTypeOptions } from "./types.ts";

function filled(shape: readonly number[], value: number, dtype: DType): Tensor {
  const one = literal(convertNumber(value, dtype), dtype);
  return shape.length === 0 ? one : emit("broadcast", [one], { shape });
}

/**
 * A new tensor of what is given: a nested list of numbers (float32; bool when all are booleans), a
 * number, a typed array, a HostArray, a Variable or a Tensor, whose values are copied. `dtype`
 * converts.
 *
 * @throws {TypeError} for a list that holds tensors: `np.stack` joins those
 * @throws {RangeError} for a ragged list
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const x = np.array([[1, 2], [3, 4]]);
 * assertEquals([x.dtype, ...x.shape], ["float32", 2, 2]);
 * assertEquals(np.array([1, 2], { dtype: "int32" }).dtype, "int32");
 * ```
 */
export function array(x: TensorLike, options?: DType | DTypeOptions): Tensor {
  const t = asarray(x, options);
  return isTensor(x) || isVariable(x) ? emit("same", [t]) : t;
}

/**
 * A tensor of what is given, as {@link array}; a Tensor that has the dtype already comes back itself.
 *
 * @throws {TypeError} for a list that holds tensors: `np.stack` joins those
 * @throws {RangeError} for a ragged list
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const x = np.ones([2]);
 * assertEquals(np.asarray(x) === x, true);
 * ```
 */
export function asarray(x: TensorLike, options?: DType | DTypeOptions): Tensor {
  const dtype = dtypeOption(options, "make an array");
  if (isTensor(x) || isVariable(x)) {
    const t = toTensor(x, "make an array of");
    return dtype === undefined ? t : cast(t, dtype);
  }
  const host = toHost(x, "make an array of", dtype);
  return baseInterpreter().upload(host.values, host.shape, host.dtype);
}

/**
 * Zeros of a shape (a list of sizes, or one size); float32 unless `dtype` says otherwise.
 *
 * @throws {RangeError} when a size is negative or no integer
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.zeros([2, 3]).toArray(), [[0, 0, 0], [0, 0, 0]]);
 * ```
 */
export function zeros(shape: number | readonly number[], options?: DType | DTypeOptions): Tensor {
  const dtype = dtypeOption(options, "make zeros");
  return filled(checkShape(shape, "make zeros"), 0, dtype ?? "float32");
}

/**
 * Ones of a shape (a list of sizes, or one size); float32 unless `dtype` says otherwise.
 *
 * @throws {RangeError} when a size is negative or no integer
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.ones(3, { dtype: "int32" }).toArray(), [1, 1, 1]);
 * ```
 */
export function ones(shape: number | readonly number[], options?: DType | DTypeOptions): Tensor {
  const dtype = dtypeOption(options, "make ones");
  return filled(checkShape(shape, "make ones"), 1, dtype ?? "float32");
}

/**
 * An array to be filled; here of zeros, as in JAX.
 *
 * @throws {RangeError} when a size is negative
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.empty([2]).shape, [2]);
 * ```
 */
export function empty(shape: number | readonly number[], options?: DType | DTypeOptions): Tensor {
  return zeros(shape, options);
}

/**
 * An array of one value, or of an array broadcast to the shape. The dtype is that of `np.array(value)`
 * unless given.
 *
 * @throws {RangeError} when the value does not broadcast to the shape
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.full([2, 2], 7).toArray(), [[7, 7], [7, 7]]);
 * ```
 */
export function full(
  shape: number | readonly number[],
  value: TensorLike,
  options?: DType | DTypeOptions,
): Tensor {
  const dtype = dtypeOption(options, "fill an array");
  const to = checkShape(shape, "fill an array");
  if (typeof value === "number") return filled(to, value, dtype ?? "float32");
  const t = toTensor(value, "fill an array with");
  return (dtype === undefined ? t : cast(t, dtype)).broadcastTo(to);
}

/** What `zerosLike`, `onesLike` and `fullLike` take. */
export interface LikeOptions extends DTypeOptions {
  /** Another shape than that of the array. */
  shape?: number | readonly number[] | undefined;
}

function like(x: TensorLike, options: DType | LikeOptions | undefined, action: string) {
  const o = readOptions<LikeOptions>(options, ["dtype", "shape"], action, "dtype");
  const t = toTensor(x, action);
  const shape = o.shape === undefined ? t.shape : checkShape(o.shape, action);
  return { shape, dtype: o.dtype ?? t.dtype };
}

/**
 * Zeros of the shape and dtype of an array, unless `shape` or `dtype` say otherwise.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.zerosLike([1, 2]).toArray(), [0, 0]);
 * ```
 */
export function zerosLike(x: TensorLike, options?: DType | LikeOptions): Tensor {
  const { shape, dtype } = like(x, options, "make zeros like");
  return filled(shape, 0, dtype);
}

/**
 * Ones of the shape and dtype of an array, unless `shape` or `dtype` say otherwise.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.onesLike([1, 2]).toArray(), [1, 1]);
 * ```
 */
export function onesLike(x: TensorLike, options?: DType | LikeOptions): Tensor {
  const { shape, dtype } = like(x, options, "make ones like");
  return filled(shape, 1, dtype);
}

/**
 * An array to be filled, of another one's shape and dtype; here of zeros, as in JAX.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.emptyLike(np.ones([2], "int32")).dtype, "int32");
 * ```
 */
export function emptyLike(x: TensorLike, options?: DType | DTypeOptions): Tensor {
  const dtype = dtypeOption(options, "make an array like another");
  const t = toTensor(x, "make an array like");
  return zeros(t.shape, dtype ?? t.dtype);
}

/**
 * An array of one value (or of an array broadcast) with the shape and dtype of another.
 *
 * @throws {RangeError} when the value does not broadcast to the shape
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.fullLike([1, 2], 5).toArray(), [5, 5]);
 * ```
 */
export function fullLike(
  x: TensorLike,
  value: TensorLike,
  options?: DType | LikeOptions,
): Tensor {
  const { shape, dtype } = like(x, options, "fill an array like");
  return full(shape, value, { dtype });
}

// names of the array API, and of older NumPy
export { array as copy };
