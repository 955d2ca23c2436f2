/**
 * Circular and hyperbolic functions, and their inverses.
 *
 * @module
 */
import { floatBinary, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { select } from "./operands.ts";

/**
 * The sine of angles in radians, accurate for every finite x; NaN for infinities. Integers become
 * float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(np.sin(Math.PI / 6).item(), 0.5, 1e-6);
 * ```
 */
export function sin(x: TensorLike): Tensor {
  return toTensor(x, "sin").sin();
}

/**
 * The cosine of angles in radians, accurate for every finite x; NaN for infinities. Integers become
 * float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(np.cos(Math.PI / 3).item(), 0.5, 1e-6);
 * ```
 */
export function cos(x: TensorLike): Tensor {
  return toTensor(x, "cos").cos();
}

/**
 * The tangent of angles in radians, accurate for every finite x; NaN for infinities. Integers become
 * float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(np.tan(Math.PI / 4).item(), 1, 1e-6);
 * ```
 */
export function tan(x: TensorLike): Tensor {
  return toTensor(x, "tan").tan();
}

/**
 * The angle in [-pi/2, pi/2] whose sine is x; NaN outside [-1, 1]. Integers become float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(np.arcsin(1).item(), Math.PI / 2, 1e-6);
 * ```
 */
export function arcsin(x: TensorLike): Tensor {
  return toTensor(x, "arcsin").arcsin();
}

/**
 * The angle in [0, pi] whose cosine is x; NaN outside [-1, 1]. Integers become float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(np.arccos(0).item(), Math.PI / 2, 1e-6);
 * ```
 */
export function arccos(x: TensorLike): Tensor {
  return toTensor(x, "arccos").arccos();
}

/**
 * The angle in (-pi/2, pi/2) whose tangent is x. Integers become float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(np.arctan(1).item(), Math.PI / 4, 1e-6);
 * ```
 */
export function arctan(x: TensorLike): Tensor {
  return toTensor(x, "arctan").arctan();
}

/**
 * The hyperbolic sine. Integers become float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(np.sinh(1).item(), Math.sinh(1), 1e-6);
 * ```
 */
export function sinh(x: TensorLike): Tensor {
  return toTensor(x, "sinh").sinh();
}

/**
 * The hyperbolic cosine. Integers become float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(np.cosh(1).item(), Math.cosh(1), 1e-6);
 * ```
 */
export function cosh(x: TensorLike): Tensor {
  return toTensor(x, "cosh").cosh();
}

/**
 * The hyperbolic tangent. Integers become float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(np.tanh(1).item(), Math.tanh(1), 1e-6);
 * ```
 */
export function tanh(x: TensorLike): Tensor {
  return toTensor(x, "tanh").tanh();
}

/**
 * The inverse hyperbolic sine. Integers become float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(np.arcsinh(Math.sinh(1)).item(), 1, 1e-6);
 * ```
 */
export function arcsinh(x: TensorLike): Tensor {
  return toTensor(x, "arcsinh").arcsinh();
}

/**
 * The inverse hyperbolic cosine; NaN below 1. Integers become float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(np.arccosh(Math.cosh(1)).item(), 1, 1e-6);
 * ```
 */
export function arccosh(x: TensorLike): Tensor {
  return toTensor(x, "arccosh").arccosh();
}

/**
 * The inverse hyperbolic tangent; NaN outside [-1, 1]. Integers become float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(np.arctanh(Math.tanh(0.5)).item(), 0.5, 1e-6);
 * ```
 */
export function arctanh(x: TensorLike): Tensor {
  return toTensor(x, "arctanh").arctanh();
}

/**
 * The angle in [-pi, pi] of the point with y = a and x = b, in the right quadrant. Integers become
 * float32.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(np.arctan2(1, -1).item(), 3 * Math.PI / 4, 1e-6);
 * ```
 */
export function arctan2(a: TensorLike, b: TensorLike): Tensor {
  return floatBinary("atan2", a, b);
}

/**
 * Degrees to radians. Integers become float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(np.deg2rad(180).item(), Math.PI, 1e-6);
 * ```
 */
export function deg2rad(x: TensorLike): Tensor {
  return toTensor(x, "deg2rad").mul(Math.PI / 180);
}

/**
 * Radians to degrees. Integers become float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(np.rad2deg(Math.PI).item(), 180, 1e-4);
 * ```
 */
export function rad2deg(x: TensorLike): Tensor {
  return toTensor(x, "rad2deg").mul(180 / Math.PI);
}

/**
 * The normalized sinc function sin(pi x) / (pi x), 1 at 0. Integers become float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(np.sinc(0.5).item(), 2 / Math.PI, 1e-6);
 * ```
 */
export function sinc(x: TensorLike): Tensor {
  const t = toTensor(x, "sinc").mul(Math.PI);
  const small = t.abs().lt(1e-2);
  const u = select(small, 1, t);
  const s = select(small, t, 0).square();
  // near 0 the Taylor series, whose derivatives are right at 0 too
  return select(small, s.mul(1 / 120).sub(1 / 6).mul(s).add(1), u.sin().div(u));
}

export {
  arccos as acos,
  arccosh as acosh,
  arcsin as asin,
  arcsinh as asinh,
  arctan as atan,
  arctan2 as atan2,
  arctanh as atanh,
  deg2rad as radians,
  rad2deg as degrees,
};
