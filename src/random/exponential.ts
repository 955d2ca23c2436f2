/**
 * Numbers of the exponential and of the Gumbel distribution.
 *
 * @module
 */
import type { Tensor, TensorLike } from "../core/mod.ts";
import { exponentialOf, gumbelOf } from "./draws.ts";
import { checkKey, checkMode, readDraw } from "./options.ts";
import type { DrawOptions } from "./types.ts";

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
  return exponentialOf(checkKey(key, action), options);
}

/** Options of {@link gumbel}. */
export interface GumbelOptions extends DrawOptions {
  /**
   * "low" (the default), or "high": twice the bits, for right tails beyond those that one float of
   * uniform bits can reach.
   */
  mode?: "low" | "high" | undefined;
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
  shapeOrOptions?: GumbelOptions | readonly number[] | number,
  more?: GumbelOptions,
): Tensor {
  const action = "draw Gumbel numbers";
  const options = readDraw(shapeOrOptions, more, ["shape", "dtype", "mode"], action);
  return gumbelOf(checkKey(key, action), { ...options, mode: checkMode(options.mode, action) });
}
