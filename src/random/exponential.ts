/**
 * Numbers of the exponential and of the Gumbel distribution.
 *
 * @module
 */
import { type DType, formatValue } from "../base/mod.ts";
import type { Tensor, TensorLike } from "../core/mod.ts";
import { select } from "../numpy/operands.ts";
import { checkKey } from "./key.ts";
import { type Drawn, readDraw } from "./options.ts";
import type { Words } from "./threefry.ts";
import type { DrawOptions } from "./types.ts";
import { uniformEach, uniformOf } from "./uniform.ts";

/** The least normal numbers. */
export const TINY: Readonly<Record<string, number>> = {
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
  return exponentialOf(checkKey(key, action), options);
}

/** The same, of checked arguments. */
export function exponentialOf(key: Tensor, options: Drawn<DrawOptions>): Tensor {
  return uniformOf(key, options).neg().log1p().neg();
}

/** The same for one number for each key of many. */
export function exponentialEach(keys: Words, dtype: DType): Tensor {
  return uniformEach(keys, { dtype }).neg().log1p().neg();
}

/** Options of {@link gumbel}. */
export interface GumbelOptions extends DrawOptions {
  /**
   * "low" (the default), or "high": twice the bits, for right tails beyond those that one float of
   * uniform bits can reach.
   */
  mode?: "low" | "high";
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

/** Checks the mode of a draw; "low" where there is none. */
export function checkMode(mode: unknown, action: string): "low" | "high" {
  if (mode === undefined) return "low";
  if (mode === "low" || mode === "high") return mode;
  throw new TypeError(`Cannot ${action} with mode ${formatValue(mode)}: wanted "low" or "high"`);
}

/** The same, of checked arguments. */
export function gumbelOf(key: Tensor, options: Drawn<GumbelOptions>): Tensor {
  const { shape, dtype, mode } = options;
  const tiny = TINY[dtype]!;
  if (mode !== "high") {
    return uniformOf(key, { shape, dtype, minval: tiny, maxval: 1 }).log().neg().log().neg();
  }
  const [high, low] = [...uniformOf(key, { shape: [2, ...shape], dtype })] as [Tensor, Tensor];
  const ulp = dtype === "float64" ? 2 ** -52 : 2 ** -23;
  const x = select(high.ge(0.5), high, high.add(low.mul(ulp)).add(tiny));
  return x.neg().log1p().neg().log().neg();
}
