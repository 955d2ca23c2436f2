/**
 * Logic on truth values, and on the bits of integers.
 *
 * @module
 */
import {
  binary,
  cast,
  emit,
  numberBinary,
  type Tensor,
  type TensorLike,
  toTensor,
} from "../core/mod.ts";

function truth(x: TensorLike, action: string): Tensor {
  return cast(toTensor(x, action), "bool");
}

/**
 * Where both are true (nonzero).
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.logicalAnd([1, 0], [2, 3]).toArray(), [true, false]);
 * ```
 */
export function logicalAnd(a: TensorLike, b: TensorLike): Tensor {
  return emit("and", [truth(a, "logicalAnd"), truth(b, "logicalAnd")]);
}

/**
 * Where at least one is true (nonzero).
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.logicalOr([1, 0], [0, 0]).toArray(), [true, false]);
 * ```
 */
export function logicalOr(a: TensorLike, b: TensorLike): Tensor {
  return emit("or", [truth(a, "logicalOr"), truth(b, "logicalOr")]);
}

/**
 * Where exactly one is true (nonzero).
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.logicalXor([1, 1], [0, 2]).toArray(), [true, false]);
 * ```
 */
export function logicalXor(a: TensorLike, b: TensorLike): Tensor {
  return emit("xor", [truth(a, "logicalXor"), truth(b, "logicalXor")]);
}

/**
 * Where an element is false (zero).
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.logicalNot([0, 2]).toArray(), [true, false]);
 * ```
 */
export function logicalNot(x: TensorLike): Tensor {
  return toTensor(x, "logicalNot").logicalNot();
}

/**
 * The bits set in both integers (or bools).
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @throws {TypeError} for floating-point operands
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.bitwiseAnd(np.array([6, 5], { dtype: "int32" }), 3).toArray(), [2, 1]);
 * ```
 */
export function bitwiseAnd(a: TensorLike, b: TensorLike): Tensor {
  return binary("and", a, b);
}

/**
 * The bits set in either integer (or bool).
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @throws {TypeError} for floating-point operands
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.bitwiseOr(np.array([6, 5], { dtype: "int32" }), 3).toArray(), [7, 7]);
 * ```
 */
export function bitwiseOr(a: TensorLike, b: TensorLike): Tensor {
  return binary("or", a, b);
}

/**
 * The bits set in exactly one of two integers (or bools).
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @throws {TypeError} for floating-point operands
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.bitwiseXor(np.array([6, 5], { dtype: "int32" }), 3).toArray(), [5, 6]);
 * ```
 */
export function bitwiseXor(a: TensorLike, b: TensorLike): Tensor {
  return binary("xor", a, b);
}

/**
 * The bits of an integer inverted; logical not of a bool.
 *
 * @throws {TypeError} for floating-point operands
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.bitwiseNot(np.array([0, 5], { dtype: "int32" })).toArray(), [-1, -6]);
 * ```
 */
export function bitwiseNot(x: TensorLike): Tensor {
  return emit("not", [toTensor(x, "bitwiseNot")]);
}

/**
 * The bits of `a` shifted `b` places to the left; shifts by 32 or more give 0.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @throws {TypeError} for floating-point operands
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.leftShift(np.array([6, 5], { dtype: "int32" }), 1).toArray(), [12, 10]);
 * ```
 */
export function leftShift(a: TensorLike, b: TensorLike): Tensor {
  return numberBinary("shl", a, b);
}

/**
 * The bits of `a` shifted `b` places to the right; int32 keeps its sign.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @throws {TypeError} for floating-point operands
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.rightShift(np.array([6, 5], { dtype: "int32" }), 1).toArray(), [3, 2]);
 * ```
 */
export function rightShift(a: TensorLike, b: TensorLike): Tensor {
  return numberBinary("shr", a, b);
}

// names of the array API, and of older NumPy
export {
  bitwiseNot as bitwiseInvert,
  bitwiseNot as invert,
  leftShift as bitwiseLeftShift,
  rightShift as bitwiseRightShift,
};
