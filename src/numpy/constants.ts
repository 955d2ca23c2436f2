/**
 * The numbers that NumPy names.
 *
 * @module
 */

/**
 * The ratio of a circle's circumference to its diameter.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.pi, Math.PI);
 * ```
 */
export const pi: number = Math.PI;

/**
 * Euler's number, the base of natural logarithms.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.e, Math.E);
 * ```
 */
export const e: number = Math.E;

/**
 * Positive infinity.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.max([1, np.inf]).item(), Infinity);
 * ```
 */
export const inf: number = Infinity;

/**
 * Not a number.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.isnan(np.nan).item(), 1);
 * ```
 */
export const nan: number = NaN;

/**
 * The Euler-Mascheroni constant.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.eulerGamma.toFixed(4), "0.5772");
 * ```
 */
export const eulerGamma: number = 0.5772156649015329;
