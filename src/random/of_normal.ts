/**
 * Numbers that are functions of normal ones.
 *
 * @module
 */
import type { Tensor, TensorLike } from "../core/mod.ts";
import { select } from "../numpy/operands.ts";
import { normalOf, signsOf, uniformOf } from "./draws.ts";
import { checkKey, readDraw, readParameters } from "./options.ts";
import { keysOf } from "./threefry.ts";
import type { DrawOptions } from "./types.ts";

/**
 * Exponentials of normal numbers of mean 0, as `jax.random.lognormal`.
 *
 * @param key a key
 * @param sigma the deviation of their logarithms
 * @param shapeOrOptions the shape (default that of the parameters), or all options
 * @param more options when the shape stands before them
 * @throws {RangeError} when a given shape does not fit the parameters
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const x = random.lognormal(random.key(0), 0.5, [3]);
 * assertAlmostEquals(x.at(0).item(), 2.25087952, 1e-5);
 * ```
 */
export function lognormal(
  key: TensorLike,
  sigma: TensorLike,
  shapeOrOptions?: DrawOptions | readonly number[] | number,
  more?: DrawOptions,
): Tensor {
  const action = "draw lognormal numbers";
  const { options, values } = readParameters(
    { sigma },
    shapeOrOptions,
    more,
    ["shape", "dtype"],
    action,
  );
  const k = checkKey(key, action);
  return normalOf(k, options).mul(values[0]!).exp();
}

/**
 * Numbers of the Maxwell distribution: lengths of normal vectors in space, as `jax.random.maxwell`.
 *
 * @param key a key
 * @param shapeOrOptions the shape, or all options
 * @param more options when the shape stands before them
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const x = random.maxwell(random.key(0), [3]);
 * assertAlmostEquals(x.at(0).item(), 2.63109660, 1e-5);
 * ```
 */
export function maxwell(
  key: TensorLike,
  shapeOrOptions?: DrawOptions | readonly number[] | number,
  more?: DrawOptions,
): Tensor {
  const action = "draw Maxwell numbers";
  const options = readDraw(shapeOrOptions, more, ["shape", "dtype"], action);
  const k = checkKey(key, action);
  return length3(normalOf(k, { ...options, shape: [...options.shape, 3] }));
}

function length3(x: Tensor): Tensor {
  return x.mul(x).sum({ axis: -1 }).sqrt();
}

/**
 * Maxwell numbers with random signs, scaled and moved, as `jax.random.double_sided_maxwell`.
 *
 * @param key a key
 * @param loc what is added
 * @param scale what they are multiplied by
 * @param shapeOrOptions the shape (default that of the parameters), or all options
 * @param more options when the shape stands before them
 * @throws {RangeError} when a given shape does not fit the parameters
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const x = random.doubleSidedMaxwell(random.key(0), 0, 1, [3]);
 * assertAlmostEquals(x.at(0).item(), 1.54572093, 1e-5);
 * ```
 */
export function doubleSidedMaxwell(
  key: TensorLike,
  loc: TensorLike,
  scale: TensorLike,
  shapeOrOptions?: DrawOptions | readonly number[] | number,
  more?: DrawOptions,
): Tensor {
  const action = "draw Maxwell numbers";
  const { options, values } = readParameters(
    { loc, scale },
    shapeOrOptions,
    more,
    ["shape", "dtype"],
    action,
  );
  const k = checkKey(key, action);
  const [shift, factor] = values as [Tensor, Tensor];
  const [lengths, signs] = keysOf(k, 2, action) as [Tensor, Tensor];
  const { dtype } = options;
  const { shape } = options;
  const size = length3(normalOf(lengths, { shape: [...shape, 3], dtype }));
  return signsOf(signs, shape).astype(dtype).mul(size).mul(factor).add(shift);
}

/**
 * Numbers of the Wald (inverse Gaussian) distribution of concentration 1, as `jax.random.wald`.
 *
 * @param key a key
 * @param mean the mean, > 0
 * @param shapeOrOptions the shape (default that of the parameters), or all options
 * @param more options when the shape stands before them
 * @throws {RangeError} when a given shape does not fit the parameters
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const x = random.wald(random.key(0), 1, [3]);
 * assertAlmostEquals(x.at(0).item(), 0.38059771, 1e-5);
 * ```
 */
export function wald(
  key: TensorLike,
  mean: TensorLike,
  shapeOrOptions?: DrawOptions | readonly number[] | number,
  more?: DrawOptions,
): Tensor {
  const action = "draw Wald numbers";
  const { options, values } = readParameters(
    { mean },
    shapeOrOptions,
    more,
    ["shape", "dtype"],
    action,
  );
  const k = checkKey(key, action);
  const mu = values[0]!;
  const [normals, uniforms] = keysOf(k, 2, action) as [Tensor, Tensor];
  const v = normalOf(normals, options);
  const z = uniformOf(uniforms, options);
  const y = v.mul(v);
  const squared = mu.mul(mu);
  const root = mu.mul(4).mul(y).add(squared.mul(y.mul(y))).sqrt();
  const x = mu.add(squared.mul(y).mul(0.5)).sub(mu.mul(0.5).mul(root));
  return select(z.le(mu.div(mu.add(x))), x, squared.div(x));
}
