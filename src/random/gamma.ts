/**
 * Gamma numbers, and their logarithms.
 *
 * @module
 */
import type { Tensor, TensorLike } from "../core/mod.ts";
import { gammaOf } from "./gamma_draws.ts";
import { checkKey, positive, readParameters } from "./options.ts";
import type { DrawOptions } from "./types.ts";

function draw(
  key: TensorLike,
  a: TensorLike,
  shapeOrOptions: DrawOptions | readonly number[] | number | undefined,
  more: DrawOptions | undefined,
  logarithms: boolean,
): Tensor {
  const action = "draw gamma numbers";
  positive(a, "a", action);
  const { options, values } = readParameters(
    { a },
    shapeOrOptions,
    more,
    ["shape", "dtype"],
    action,
  );
  return gammaOf(checkKey(key, action), values[0]!, options.shape, logarithms);
}

/**
 * Numbers of the gamma distribution of scale 1, as `jax.random.gamma`. Their derivative in `a` is that
 * at a constant value of the distribution function.
 *
 * @param key a key
 * @param a the shape parameter, > 0
 * @param shapeOrOptions the shape (default that of `a`), or all options
 * @param more options when the shape stands before them
 * @throws {RangeError} when a given shape does not fit `a`, or a plain `a` is not positive
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const x = random.gamma(random.key(0), 2, [1000]);
 * assertAlmostEquals(x.mean().item(), 2, 0.1);
 * ```
 */
export function gamma(
  key: TensorLike,
  a: TensorLike,
  shapeOrOptions?: DrawOptions | readonly number[] | number,
  more?: DrawOptions,
): Tensor {
  return draw(key, a, shapeOrOptions, more, false);
}

/**
 * Logarithms of gamma numbers, exact also where those would be too small for a float, as
 * `jax.random.loggamma`.
 *
 * @param key a key
 * @param a the shape parameter, > 0
 * @param shapeOrOptions the shape (default that of `a`), or all options
 * @param more options when the shape stands before them
 * @throws {RangeError} when a given shape does not fit `a`, or a plain `a` is not positive
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assert } from "@std/assert";
 * const x = random.loggamma(random.key(0), 1e-4, [3]);
 * assert(x.max().item() < -50);
 * ```
 */
export function loggamma(
  key: TensorLike,
  a: TensorLike,
  shapeOrOptions?: DrawOptions | readonly number[] | number,
  more?: DrawOptions,
): Tensor {
  return draw(key, a, shapeOrOptions, more, true);
}
