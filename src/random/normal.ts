/**
 * Normal numbers, by the inverse error function of uniform ones.
 *
 * @module
 */
import { emit, literal, type Tensor, type TensorLike } from "../core/mod.ts";
import { nextafter } from "../numpy/floating.ts";
import { nextAfter, normalOf, quantile, uniformOf } from "./draws.ts";
import { checkKey, readDraw, readParameters } from "./options.ts";
import type { DrawOptions } from "./types.ts";

/**
 * Numbers of the standard normal distribution, as `jax.random.normal` (equal to about 3 ulp).
 *
 * @param key a key
 * @param shapeOrOptions the shape, or all options
 * @param more options when the shape stands before them
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const x = random.normal(random.key(42), [3]);
 * assertAlmostEquals(x.at(1).item(), 0.46713185, 1e-6);
 * ```
 */
export function normal(
  key: TensorLike,
  shapeOrOptions?: DrawOptions | readonly number[] | number,
  more?: DrawOptions,
): Tensor {
  const action = "draw normal numbers";
  const options = readDraw(shapeOrOptions, more, ["shape", "dtype"], action);
  return normalOf(checkKey(key, action), options);
}

/**
 * Normal numbers given that they lie between two bounds, as `jax.random.truncated_normal`.
 *
 * @param key a key
 * @param lower the bound below, in standard deviations
 * @param upper the bound above
 * @param shapeOrOptions the shape (default that in which the bounds meet), or all options
 * @param more options when the shape stands before them
 * @throws {RangeError} unless lower < upper, where both are numbers
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const x = random.truncatedNormal(random.key(0), -2, 2, [3]);
 * assertAlmostEquals(x.at(0).item(), 1.4559592, 1e-6);
 * ```
 */
export function truncatedNormal(
  key: TensorLike,
  lower: TensorLike,
  upper: TensorLike,
  shapeOrOptions?: DrawOptions | readonly number[] | number,
  more?: DrawOptions,
): Tensor {
  const action = "draw truncated normal numbers";
  const { options: { shape, dtype }, values } = readParameters(
    { lower, upper },
    shapeOrOptions,
    more,
    ["shape", "dtype"],
    action,
  );
  const k = checkKey(key, action);
  if (typeof lower === "number" && typeof upper === "number" && !(lower < upper)) {
    throw new RangeError(`Cannot ${action} between ${lower} and ${upper}: wanted lower < upper`);
  }
  const [low, high] = values as [Tensor, Tensor];
  const [minval, maxval] = [low.div(Math.SQRT2).erf(), high.div(Math.SQRT2).erf()];
  const inside = (x: TensorLike, bound: Tensor, to: number): Tensor =>
    typeof x === "number"
      ? literal(nextAfter(x, to, dtype), dtype)
      : nextafter(emit("stop", [bound]), to);
  return quantile(uniformOf(k, { shape, dtype, minval, maxval }))
    .maximum(inside(lower, low, Infinity))
    .minimum(inside(upper, high, -Infinity));
}
