/**
 * Distributions made of gamma numbers.
 *
 * @module
 */
import { formatShape, formatValue } from "../base/mod.ts";
import { type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { softmax } from "../nn/mod.ts";
import { integer } from "../numpy/options.ts";
import { exponentialOf, normalOf, signsOf } from "./draws.ts";
import { gammaOf } from "./gamma_draws.ts";
import {
  checkKey,
  type Drawn,
  joinOptions,
  positive,
  readDraw,
  readParameters,
} from "./options.ts";
import { keysOf } from "./threefry.ts";
import type { DrawOptions } from "./types.ts";

/**
 * Numbers of the beta distribution, in 0..1, as `jax.random.beta`.
 *
 * @param key a key
 * @param a the first parameter, > 0
 * @param b the second parameter, > 0
 * @param shapeOrOptions the shape (default that of the parameters), or all options
 * @param more options when the shape stands before them
 * @throws {RangeError} when a given shape does not fit the parameters, or a plain one is not positive
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const x = random.beta(random.key(0), 2, 6, [1000]);
 * assertAlmostEquals(x.mean().item(), 0.25, 0.02);
 * ```
 */
export function beta(
  key: TensorLike,
  a: TensorLike,
  b: TensorLike,
  shapeOrOptions?: DrawOptions | readonly number[] | number,
  more?: DrawOptions,
): Tensor {
  const action = "draw beta numbers";
  positive(a, "a", action);
  positive(b, "b", action);
  const { options, values } = readParameters(
    { a, b },
    shapeOrOptions,
    more,
    ["shape", "dtype"],
    action,
  );
  const k = checkKey(key, action);
  const [ka, kb] = keysOf(k, 2, action) as [Tensor, Tensor];
  const x = gammaOf(ka, values[0]!, options.shape, true);
  const y = gammaOf(kb, values[1]!, options.shape, true);
  const top = x.maximum(y);
  const [u, v] = [x.sub(top).exp(), y.sub(top).exp()];
  return u.div(u.add(v));
}

/**
 * Numbers of the chi-square distribution, as `jax.random.chisquare`.
 *
 * @param key a key
 * @param df the degrees of freedom, > 0
 * @param shapeOrOptions the shape (default that of the parameters), or all options
 * @param more options when the shape stands before them
 * @throws {RangeError} when a given shape does not fit the parameters, or a plain one is not positive
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const x = random.chisquare(random.key(0), 3, [1000]);
 * assertAlmostEquals(x.mean().item(), 3, 0.3);
 * ```
 */
export function chisquare(
  key: TensorLike,
  df: TensorLike,
  shapeOrOptions?: DrawOptions | readonly number[] | number,
  more?: DrawOptions,
): Tensor {
  const action = "draw chi-square numbers";
  positive(df, "df", action);
  const { options, values } = readParameters(
    { df },
    shapeOrOptions,
    more,
    ["shape", "dtype"],
    action,
  );
  const k = checkKey(key, action);
  return chisquareOf(k, values[0]!, options.shape);
}

function chisquareOf(key: Tensor, df: Tensor, shape: readonly number[]): Tensor {
  return gammaOf(key, df.mul(0.5), shape, true).exp().mul(2);
}

/**
 * Numbers of the F distribution: ratios of chi-square numbers over their degrees of freedom, as `jax.random.f`.
 *
 * @param key a key
 * @param dfnum the degrees of freedom above, > 0
 * @param dfden those below, > 0
 * @param shapeOrOptions the shape (default that of the parameters), or all options
 * @param more options when the shape stands before them
 * @throws {RangeError} when a given shape does not fit the parameters, or a plain one is not positive
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const x = random.f(random.key(0), 5, 100, [1000]);
 * assertAlmostEquals(x.mean().item(), 100 / 98, 0.1);
 * ```
 */
export function f(
  key: TensorLike,
  dfnum: TensorLike,
  dfden: TensorLike,
  shapeOrOptions?: DrawOptions | readonly number[] | number,
  more?: DrawOptions,
): Tensor {
  const action = "draw F numbers";
  positive(dfnum, "dfnum", action);
  positive(dfden, "dfden", action);
  const { options, values } = readParameters(
    { dfnum, dfden },
    shapeOrOptions,
    more,
    ["shape", "dtype"],
    action,
  );
  const k = checkKey(key, action);
  const [kd, kn] = keysOf(k, 2, action) as [Tensor, Tensor];
  const [n, d] = values as [Tensor, Tensor];
  const above = chisquareOf(kn, n, options.shape).div(n);
  return above.div(chisquareOf(kd, d, options.shape).div(d));
}

/**
 * Numbers of Student's t distribution, as `jax.random.t`.
 *
 * @param key a key
 * @param df the degrees of freedom, > 0
 * @param shapeOrOptions the shape (default that of the parameters), or all options
 * @param more options when the shape stands before them
 * @throws {RangeError} when a given shape does not fit the parameters, or a plain one is not positive
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const x = random.t(random.key(0), 9, [1000]);
 * assertAlmostEquals(x.mean().item(), 0, 0.1);
 * ```
 */
export function t(
  key: TensorLike,
  df: TensorLike,
  shapeOrOptions?: DrawOptions | readonly number[] | number,
  more?: DrawOptions,
): Tensor {
  const action = "draw t numbers";
  positive(df, "df", action);
  const { options, values } = readParameters(
    { df },
    shapeOrOptions,
    more,
    ["shape", "dtype"],
    action,
  );
  const k = checkKey(key, action);
  const [kn, kg] = keysOf(k, 2, action) as [Tensor, Tensor];
  const half = values[0]!.mul(0.5);
  const g = gammaOf(kg, half, options.shape);
  return normalOf(kn, options).mul(half.div(g).sqrt());
}

/**
 * Numbers with a density like exp(-|x| ** p), as `jax.random.generalized_normal`.
 *
 * @param key a key
 * @param p the exponent, > 0
 * @param shapeOrOptions the shape (default that of the parameters), or all options
 * @param more options when the shape stands before them
 * @throws {RangeError} when a given shape does not fit the parameters, or a plain one is not positive
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const x = random.generalizedNormal(random.key(0), 1, [1000]);
 * assertAlmostEquals(x.abs().mean().item(), 1, 0.1);
 * ```
 */
export function generalizedNormal(
  key: TensorLike,
  p: TensorLike,
  shapeOrOptions?: DrawOptions | readonly number[] | number,
  more?: DrawOptions,
): Tensor {
  const action = "draw generalized normal numbers";
  positive(p, "p", action);
  const { options, values } = readParameters(
    { p },
    shapeOrOptions,
    more,
    ["shape", "dtype"],
    action,
  );
  const k = checkKey(key, action);
  return generalizedOf(k, values[0]!, options);
}

function generalizedOf(key: Tensor, p: Tensor, { shape, dtype }: Drawn<DrawOptions>): Tensor {
  const [kg, ks] = keysOf(key, 2, "draw generalized normal numbers") as [Tensor, Tensor];
  const power = p.reciprocal();
  const size = gammaOf(kg, power, shape).pow(power);
  return signsOf(ks, shape).astype(dtype).mul(size);
}

/** Options of {@link ball}. */
export interface BallOptions extends DrawOptions {
  /** The norm whose unit ball it is; default 2. */
  p?: TensorLike | undefined;
}

/**
 * Points spread evenly in the unit ball of d dimensions, as `jax.random.ball`.
 *
 * @param key a key
 * @param d the number of dimensions
 * @param shapeOrOptions the shape before the axis of coordinates, or all options
 * @param more options when the shape stands before them
 * @throws {RangeError} when d is less than 1
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assert } from "@std/assert";
 * const x = random.ball(random.key(0), 3, [100]);
 * assert(x.mul(x).sum({ axis: -1 }).max().item() <= 1);
 * ```
 */
export function ball(
  key: TensorLike,
  d: number,
  shapeOrOptions?: BallOptions | readonly number[] | number,
  more?: BallOptions,
): Tensor {
  const action = "draw points of a ball";
  const options = readDraw(shapeOrOptions, more, ["shape", "dtype", "p"], action);
  const n = integer(d, "d", action, 1);
  const { shape, dtype, p: given = 2 } = options;
  positive(given, "p", action);
  const p = toTensor(given, action).astype(dtype);
  if (p.ndim !== 0) {
    throw new RangeError(
      `Cannot ${action} with p of shape ${formatShape(p.shape)}: wanted a number`,
    );
  }
  const [kg, ke] = keysOf(checkKey(key, action), 2, action) as [Tensor, Tensor];
  const g = generalizedOf(kg, p, { shape: [...shape, n], dtype });
  const e = exponentialOf(ke, { shape, dtype });
  const norm = g.abs().pow(p).sum({ axis: -1 }).add(e).pow(p.reciprocal());
  return g.div(norm.reshape([...shape, 1]));
}

/**
 * Vectors of the Dirichlet distribution: positive numbers of sum 1, as `jax.random.dirichlet`.
 *
 * @param key a key
 * @param alpha the parameters, > 0, along the last axis
 * @param shapeOrOptions the shape before that axis (default that of alpha), or all options
 * @param more options when the shape stands before them
 * @throws {RangeError} when alpha is a scalar, or a given shape does not fit
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const x = random.dirichlet(random.key(0), [1, 2, 3]);
 * assertAlmostEquals(x.sum().item(), 1, 1e-6);
 * ```
 */
export function dirichlet(
  key: TensorLike,
  alpha: TensorLike,
  shapeOrOptions?: DrawOptions | readonly number[] | number,
  more?: DrawOptions,
): Tensor {
  const action = "draw Dirichlet vectors";
  const a = toTensor(alpha, action);
  if (a.ndim === 0) {
    throw new RangeError(`Cannot ${action} with alpha ${formatValue(alpha)}: wanted a vector`);
  }
  const n = a.shape.at(-1)!;
  const given = joinOptions(shapeOrOptions, more, ["shape", "dtype"], action);
  const lead = given.shape;
  const sized = lead === undefined
    ? given
    : { ...given, shape: [...readDraw({ shape: lead }, undefined, ["shape"], action).shape, n] };
  const { options, values } = readParameters(
    { alpha: a },
    sized,
    undefined,
    ["shape", "dtype"],
    action,
  );
  return softmax(gammaOf(checkKey(key, action), values[0]!, options.shape, true));
}
