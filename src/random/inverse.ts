/**
 * Numbers of one uniform draw, through the inverse of a distribution function.
 *
 * @module
 */
import { cast, type Tensor, type TensorLike } from "../core/mod.ts";
import { select } from "../numpy/operands.ts";
import { exponentialOf, TINY, uniformOf } from "./draws.ts";
import { checkKey, readCounts, readDraw, readParameters } from "./options.ts";
import type { CountOptions, DrawOptions } from "./types.ts";

/** The distance from 1 to the next number above. */
const EPSILON: Readonly<Record<string, number>> = { float32: 2 ** -23, float64: 2 ** -52 };

/**
 * Numbers of the standard Cauchy distribution, as `jax.random.cauchy`.
 *
 * @param key a key
 * @param shapeOrOptions the shape, or all options
 * @param more options when the shape stands before them
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const x = random.cauchy(random.key(0), [3]);
 * assertAlmostEquals(x.at(0).item(), 6.02749443, 1e-5);
 * ```
 */
export function cauchy(
  key: TensorLike,
  shapeOrOptions?: DrawOptions | readonly number[] | number,
  more?: DrawOptions,
): Tensor {
  const action = "draw Cauchy numbers";
  const options = readDraw(shapeOrOptions, more, ["shape", "dtype"], action);
  const k = checkKey(key, action);
  const u = uniformOf(k, { ...options, minval: EPSILON[options.dtype]!, maxval: 1 });
  return u.sub(0.5).mul(Math.PI).tan();
}

/**
 * Numbers of the Laplace distribution of mean 0 and scale 1, as `jax.random.laplace`.
 *
 * @param key a key
 * @param shapeOrOptions the shape, or all options
 * @param more options when the shape stands before them
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const x = random.laplace(random.key(0), [3]);
 * assertAlmostEquals(x.at(0).item(), -2.2569816, 1e-5);
 * ```
 */
export function laplace(
  key: TensorLike,
  shapeOrOptions?: DrawOptions | readonly number[] | number,
  more?: DrawOptions,
): Tensor {
  const action = "draw Laplace numbers";
  const options = readDraw(shapeOrOptions, more, ["shape", "dtype"], action);
  const k = checkKey(key, action);
  const minval = -1 + EPSILON[options.dtype]! / 2;
  const u = uniformOf(k, { ...options, minval, maxval: 1 });
  return u.sign().mul(u.abs().neg().log1p());
}

/**
 * Numbers of the standard logistic distribution, as `jax.random.logistic`.
 *
 * @param key a key
 * @param shapeOrOptions the shape, or all options
 * @param more options when the shape stands before them
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const x = random.logistic(random.key(0), [3]);
 * assertAlmostEquals(x.at(0).item(), 2.89637589, 1e-5);
 * ```
 */
export function logistic(
  key: TensorLike,
  shapeOrOptions?: DrawOptions | readonly number[] | number,
  more?: DrawOptions,
): Tensor {
  const action = "draw logistic numbers";
  const options = readDraw(shapeOrOptions, more, ["shape", "dtype"], action);
  const k = checkKey(key, action);
  const u = uniformOf(k, { ...options, minval: TINY[options.dtype]!, maxval: 1 });
  return u.log().sub(u.neg().log1p());
}

/**
 * Numbers of the Pareto distribution: at least 1, with P(x > t) = t ** -b, as `jax.random.pareto`.
 *
 * @param key a key
 * @param b the exponent, > 0
 * @param shapeOrOptions the shape (default that of the parameters), or all options
 * @param more options when the shape stands before them
 * @throws {RangeError} when a given shape does not fit the parameters
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const x = random.pareto(random.key(0), 2, [3]);
 * assertAlmostEquals(x.at(0).item(), 4.37131595, 1e-5);
 * ```
 */
export function pareto(
  key: TensorLike,
  b: TensorLike,
  shapeOrOptions?: DrawOptions | readonly number[] | number,
  more?: DrawOptions,
): Tensor {
  const action = "draw Pareto numbers";
  const { options, values } = readParameters(
    { b },
    shapeOrOptions,
    more,
    ["shape", "dtype"],
    action,
  );
  const k = checkKey(key, action);
  return exponentialOf(k, options).div(values[0]!).exp();
}

/**
 * Numbers of the Rayleigh distribution: lengths of normal vectors in the plane, as `jax.random.rayleigh`.
 *
 * @param key a key
 * @param scale the deviation of each coordinate, >= 0
 * @param shapeOrOptions the shape (default that of the parameters), or all options
 * @param more options when the shape stands before them
 * @throws {RangeError} when a given shape does not fit the parameters
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const x = random.rayleigh(random.key(0), 1, [3]);
 * assertAlmostEquals(x.at(0).item(), 0.32787832, 1e-5);
 * ```
 */
export function rayleigh(
  key: TensorLike,
  scale: TensorLike,
  shapeOrOptions?: DrawOptions | readonly number[] | number,
  more?: DrawOptions,
): Tensor {
  const action = "draw Rayleigh numbers";
  const { options, values } = readParameters(
    { scale },
    shapeOrOptions,
    more,
    ["shape", "dtype"],
    action,
  );
  const k = checkKey(key, action);
  return uniformOf(k, options).log().mul(-2).sqrt().mul(values[0]!);
}

/**
 * Numbers of the Weibull distribution: P(x > t) = exp(-(t / scale) ** concentration), as `jax.random.weibull_min`.
 *
 * @param key a key
 * @param scale the scale, > 0
 * @param concentration the exponent, > 0
 * @param shapeOrOptions the shape (default that of the parameters), or all options
 * @param more options when the shape stands before them
 * @throws {RangeError} when a given shape does not fit the parameters
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const x = random.weibullMin(random.key(0), 1, 2, [3]);
 * assertAlmostEquals(x.at(0).item(), 1.71759366, 1e-5);
 * ```
 */
export function weibullMin(
  key: TensorLike,
  scale: TensorLike,
  concentration: TensorLike,
  shapeOrOptions?: DrawOptions | readonly number[] | number,
  more?: DrawOptions,
): Tensor {
  const action = "draw Weibull numbers";
  const { options, values } = readParameters(
    { scale, concentration },
    shapeOrOptions,
    more,
    ["shape", "dtype"],
    action,
  );
  const k = checkKey(key, action);
  const [factor, exponent] = values as [Tensor, Tensor];
  return exponentialOf(k, options).pow(exponent.reciprocal()).mul(factor);
}

/**
 * Numbers of the triangular distribution, whose density rises from left to mode and falls to right, as `jax.random.triangular`.
 *
 * @param key a key
 * @param left the least value
 * @param mode where the density is greatest
 * @param right the greatest value
 * @param shapeOrOptions the shape (default that of the parameters), or all options
 * @param more options when the shape stands before them
 * @throws {RangeError} when a given shape does not fit the parameters
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const x = random.triangular(random.key(0), 0, 1, 3, [3]);
 * assertAlmostEquals(x.at(0).item(), 2.43964481, 1e-5);
 * ```
 */
export function triangular(
  key: TensorLike,
  left: TensorLike,
  mode: TensorLike,
  right: TensorLike,
  shapeOrOptions?: DrawOptions | readonly number[] | number,
  more?: DrawOptions,
): Tensor {
  const action = "draw triangular numbers";
  const { options, values } = readParameters(
    { left, mode, right },
    shapeOrOptions,
    more,
    ["shape", "dtype"],
    action,
  );
  const k = checkKey(key, action);
  const [low, top, high] = values as [Tensor, Tensor, Tensor];
  const u = uniformOf(k, options);
  const width = high.sub(low);
  const rising = low.add(u.mul(width).mul(top.sub(low)).sqrt());
  const falling = high.sub(u.neg().add(1).mul(width).mul(high.sub(top)).sqrt());
  return select(u.lt(top.sub(low).div(width)), rising, falling);
}

/**
 * Numbers of the geometric distribution: the count of throws up to the first success, at least 1, as
 * `jax.random.geometric`.
 *
 * @param key a key
 * @param p the chance of a success, in (0, 1]
 * @param shapeOrOptions the shape (default that of `p`), or all options
 * @param more options when the shape stands before them
 * @throws {RangeError} when a given shape does not fit `p`
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(random.geometric(random.key(0), 0.25, [4]).toArray(), [1, 1, 4, 3]);
 * ```
 */
export function geometric(
  key: TensorLike,
  p: TensorLike,
  shapeOrOptions?: CountOptions | readonly number[] | number,
  more?: CountOptions,
): Tensor {
  const action = "draw geometric numbers";
  const { shape, dtype, values } = readCounts({ p }, shapeOrOptions, more, action);
  const chance = values[0]!;
  const u = uniformOf(checkKey(key, action), { shape, dtype: chance.dtype });
  const logs = select(u.eq(0), 1, u).log();
  return cast(logs.div(chance.neg().log1p()).floor().add(1), dtype);
}
