/**
 * Arithmetic on each element: sums, quotients, powers, roots, signs.
 *
 * @module
 */
import { isFloat } from "../base/mod.ts";
import {
  emit,
  floatBinary,
  numberBinary,
  type Tensor,
  type TensorLike,
  toTensor,
} from "../core/mod.ts";
import { floats, select } from "./operands.ts";
import { readOptions } from "./options.ts";
import type { Options } from "./types.ts";

/**
 * Adds two arrays element by element, with NumPy broadcasting and JAX's promotion of dtypes.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.add([1, 2], 10).toArray(), [11, 12]);
 * ```
 */
export function add(a: TensorLike, b: TensorLike): Tensor {
  return numberBinary("add", a, b);
}

/**
 * Subtracts the second array from the first, with NumPy broadcasting and JAX's promotion of dtypes.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.subtract([1, 2], [3, 1]).toArray(), [-2, 1]);
 * ```
 */
export function subtract(a: TensorLike, b: TensorLike): Tensor {
  return numberBinary("sub", a, b);
}

/**
 * Multiplies two arrays element by element, with NumPy broadcasting and JAX's promotion of dtypes.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.multiply([[1], [2]], [3, 4]).toArray(), [[3, 4], [6, 8]]);
 * ```
 */
export function multiply(a: TensorLike, b: TensorLike): Tensor {
  return numberBinary("mul", a, b);
}

/**
 * Divides the first array by the second element by element; integers become float32.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.divide([1, 2], 4).toArray(), [0.25, 0.5]);
 * ```
 */
export function divide(a: TensorLike, b: TensorLike): Tensor {
  return floatBinary("div", a, b);
}

/**
 * The largest whole number not above a / b. Integer division by 0 gives 0. Its gradient is zero.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.floorDivide([7, -7], 2).toArray(), [3, -4]);
 * ```
 */
export function floorDivide(a: TensorLike, b: TensorLike): Tensor {
  return numberBinary("floorDiv", a, b);
}

/**
 * The remainder of a / b with the sign of b, as Python's %. An integer remainder by 0 is 0.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.mod([7, -7], 3).toArray(), [1, 2]);
 * ```
 */
export function mod(a: TensorLike, b: TensorLike): Tensor {
  return numberBinary("mod", a, b);
}

/**
 * The remainder of a / b with the sign of a, as JavaScript's %. An integer remainder by 0 is 0.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.fmod([7, -7], 3).toArray(), [1, -1]);
 * ```
 */
export function fmod(a: TensorLike, b: TensorLike): Tensor {
  return numberBinary("rem", a, b);
}

/**
 * The quotient rounded down and the remainder: `[floorDivide(a, b), mod(a, b)]`.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const [q, r] = np.divmod([7, -7], 3);
 * assertEquals(q.toArray(), [2, -3]);
 * assertEquals(r.toArray(), [1, 2]);
 * ```
 */
export function divmod(a: TensorLike, b: TensorLike): [Tensor, Tensor] {
  return [floorDivide(a, b), mod(a, b)];
}

/**
 * Raises the first array to the power of the second, element by element. An integer-valued exponent
 * keeps an integer array's dtype; a fractional one makes it float32.
 *
 * @throws {RangeError} for an integer array and a negative integer exponent written as a number
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.power([1, 2, 3], 2).toArray(), [1, 4, 9]);
 * ```
 */
export function power(a: TensorLike, b: TensorLike): Tensor {
  return typeof a === "number" ? numberBinary("pow", a, b) : toTensor(a, "raise to a power").pow(b);
}

/**
 * Raises to a power in floating point: integers become float32 first.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.floatPower(np.arange(1, 4), -1).mul(6).toArray(), [6, 3, 2]);
 * ```
 */
export function floatPower(a: TensorLike, b: TensorLike): Tensor {
  return floatBinary("pow", a, b);
}

/**
 * The negative of each element; unsigned integers wrap.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.negative([1, -2]).toArray(), [-1, 2]);
 * ```
 */
export function negative(x: TensorLike): Tensor {
  return toTensor(x, "negative").neg();
}

/**
 * Each element as it is.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.positive([1, -2]).toArray(), [1, -2]);
 * ```
 */
export function positive(x: TensorLike): Tensor {
  return toTensor(x, "take the positive of");
}

/**
 * The absolute value. Its slope at 0 counts as 1.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.abs([-1.5, 2]).toArray(), [1.5, 2]);
 * ```
 */
export function abs(x: TensorLike): Tensor {
  return toTensor(x, "take the absolute value of").abs();
}

/**
 * -1, 0 or 1 by the sign of each element; NaN stays NaN.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.sign([-3, 0, 5]).toArray(), [-1, 0, 1]);
 * ```
 */
export function sign(x: TensorLike): Tensor {
  return toTensor(x, "take the sign of").sign();
}

/**
 * Each element times itself.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.square([3, -4]).toArray(), [9, 16]);
 * ```
 */
export function square(x: TensorLike): Tensor {
  return toTensor(x, "square").square();
}

/**
 * The square root; NaN for negative numbers. Integers become float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.sqrt([4, 9]).toArray(), [2, 3]);
 * ```
 */
export function sqrt(x: TensorLike): Tensor {
  return toTensor(x, "take the square root of").sqrt();
}

/**
 * The cube root, of negative numbers too. Integers become float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.cbrt([8, -27]).toArray(), [2, -3]);
 * ```
 */
export function cbrt(x: TensorLike): Tensor {
  return toTensor(x, "take the cube root of").cbrt();
}

/**
 * 1 / x. Integers become float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.reciprocal([2, -4]).toArray(), [0.5, -0.25]);
 * ```
 */
export function reciprocal(x: TensorLike): Tensor {
  return toTensor(x, "take the reciprocal of").reciprocal();
}

/**
 * The length of the hypotenuse, sqrt(a^2 + b^2), without overflow on the way. Integers become
 * float32.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.hypot(3, [4, 0]).toArray(), [5, 3]);
 * ```
 */
export function hypot(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = floats(a, b, "take the hypotenuse of").map((t) => t.abs()) as [Tensor, Tensor];
  const long = x.maximum(y);
  const ratio = x.minimum(y).div(select(long.eq(0), 1, long));
  const infinite = emit("or", [x.eq(Infinity), y.eq(Infinity)]);
  return select(infinite, Infinity, long.mul(ratio.mul(ratio).add(1).sqrt()));
}

/**
 * The magnitudes of `a` with the signs of `b`; the sign of -0 counts.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.copysign([1, -2], [-1, 1]).toArray(), [-1, 2]);
 * ```
 */
export function copysign(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = floats(a, b, "copy the sign to");
  const negative = emit("or", [y.lt(0), y.reciprocal().lt(0)]);
  const size = x.abs();
  return select(negative, size.neg(), size);
}

/**
 * The step function: 0 below zero, 1 above, `b` at zero. Integers become float32.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.heaviside([-2, 0, 3], 0.5).toArray(), [0, 0.5, 1]);
 * ```
 */
export function heaviside(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = floats(a, b, "take the step function of");
  return select(x.lt(0), 0, select(x.gt(0), 1, select(x.eq(0), y, x)));
}

/**
 * Replaces NaN (by 0) and the infinities (by the largest finite numbers of the dtype), or by the
 * numbers given. Integers stay as they are.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.nanToNum([NaN, 1, Infinity], { posinf: 9 }).toArray(), [0, 1, 9]);
 * ```
 */
export function nanToNum(x: TensorLike, options?: NanToNumOptions): Tensor {
  const o = readOptions<NanToNumOptions>(options, ["nan", "posinf", "neginf"], "replace NaN");
  const t = toTensor(x, "replace NaN in");
  if (!isFloat(t.dtype)) return t;
  const largest = t.dtype === "float64" ? Number.MAX_VALUE : 3.4028234663852886e38;
  const high = select(t.eq(Infinity), o.posinf ?? largest, t);
  const both = select(t.eq(-Infinity), o.neginf ?? -largest, high);
  return select(t.isnan(), o.nan ?? 0, both);
}

/** What `nanToNum` takes. */
export interface NanToNumOptions extends Options {
  /** In the place of NaN; default 0. */
  nan?: number | undefined;
  /** In the place of infinity; default the largest finite number. */
  posinf?: number | undefined;
  /** In the place of minus infinity; default the smallest finite number. */
  neginf?: number | undefined;
}

export { abs as absolute, divide as trueDivide, mod as remainder, power as pow };
