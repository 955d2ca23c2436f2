/**
 * Exponentials and logarithms of each element, to every base that NumPy has.
 *
 * @module
 */
import { floatBinary, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { floats } from "./operands.ts";

/**
 * e to the power of each element. Integers become float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(np.exp(1).item(), Math.E, 1e-6);
 * ```
 */
export function exp(x: TensorLike): Tensor {
  return toTensor(x, "exp").exp();
}

/**
 * 2 to the power of each element. Integers become float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.exp2([3, -1]).toArray(), [8, 0.5]);
 * ```
 */
export function exp2(x: TensorLike): Tensor {
  return toTensor(x, "exp2").exp2();
}

/**
 * exp(x) - 1, accurate near 0. Integers become float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(np.expm1(1e-5).item(), 1.000005e-5, 1e-6);
 * ```
 */
export function expm1(x: TensorLike): Tensor {
  return toTensor(x, "expm1").expm1();
}

/**
 * The natural logarithm: -Infinity at 0, NaN below. Integers become float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(np.log(Math.E).item(), 1, 1e-6);
 * ```
 */
export function log(x: TensorLike): Tensor {
  return toTensor(x, "log").log();
}

/**
 * The logarithm to base 2. Integers become float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(np.log2(8).item(), 3, 1e-6);
 * ```
 */
export function log2(x: TensorLike): Tensor {
  return toTensor(x, "log2").log2();
}

/**
 * The logarithm to base 10. Integers become float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(np.log10(1000).item(), 3, 1e-6);
 * ```
 */
export function log10(x: TensorLike): Tensor {
  return toTensor(x, "log10").log10();
}

/**
 * log(1 + x), accurate near 0. Integers become float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(np.log1p(1e-5).item(), 9.99995e-6, 1e-6);
 * ```
 */
export function log1p(x: TensorLike): Tensor {
  return toTensor(x, "log1p").log1p();
}

/**
 * log(exp(a) + exp(b)) without overflow. Integers become float32.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(np.logaddexp(0, 0).item(), Math.LN2, 1e-6);
 * ```
 */
export function logaddexp(a: TensorLike, b: TensorLike): Tensor {
  return floatBinary("logaddexp", a, b);
}

/**
 * log2(2^a + 2^b) without overflow. Integers become float32.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(np.logaddexp2(3, 3).item(), 4, 1e-6);
 * ```
 */
export function logaddexp2(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = floats(a, b, "add the powers of");
  return floatBinary("logaddexp", x.mul(Math.LN2), y.mul(Math.LN2)).mul(Math.LOG2E);
}
