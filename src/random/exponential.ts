/**
 * Numbers of the exponential and of the Gumbel distribution.
 *
 * @module
 */
import type { Tensor, TensorLike } from "../core/mod.ts";
import { checkKey } from "./key.ts";
import { type Drawn, type DrawOptions, readDraw } from "./options.ts";
import { uniformOf } from "./uniform.ts";

/** The least normal numbers. */
const TINY: Readonly<Record<string, number>> = {
  float32: 1.1754943508222875e-38,
  float64: 2.2250738585072014e-308,
};

/**
 * Numbers of the exponential distribution of mean 1, as `jax.random.exponential`.
 *
 * @param key a key
 * @param shapeOrOptions the shape, or all options
 * @param more options when the shape stands before them
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(random.exponential(random.key(0), [3]).at(0).item(), 2.950128, 1e-5);
 * ```
 */
export function exponential(
  key: TensorLike,
  shapeOrOptions?: DrawOptions | readonly number[] | number,
  more?: DrawOptions,
): Tensor {
  const action = "draw exponential numbers";
  const options = readDraw(shapeOrOptions, more, ["shape", "dtype"], action);
  return uniformOf(checkKey(key, action), options).neg().log1p().neg();
}

/**
 * Numbers of the Gumbel distribution, the noise behind `categorical`, as `jax.random.gumbel`.
 *
 * @param key a key
 * @param shapeOrOptions the shape, or all options
 * @param more options when the shape stands before them
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(random.gumbel(random.key(0), [3]).at(0).item(), 2.9233725, 1e-5);
 * ```
 */
export function gumbel(
  key: TensorLike,
  shapeOrOptions?: DrawOptions | readonly number[] | number,
  more?: DrawOptions,
): Tensor {
  const action = "draw Gumbel numbers";
  return gumbelOf(
    checkKey(key, action),
    readDraw(shapeOrOptions, more, ["shape", "dtype"], action),
  );
}

/** The same, of checked arguments. */
export function gumbelOf(key: Tensor, options: Drawn<DrawOptions>): Tensor {
  const u = uniformOf(key, { ...options, minval: TINY[options.dtype]!, maxval: 1 });
  return u.log().neg().log().neg();
}
