/**
 * Uniform numbers, and what follows from comparing them.
 *
 * @module
 */
import { checkShape, formatValue, isFloat } from "../base/mod.ts";
import { cast, literal, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { checkOptions } from "../numpy/options.ts";
import { uniformOf } from "./draws.ts";
import { checkKey, readDraw } from "./options.ts";
import type { DrawOptions } from "./types.ts";

/** Options of {@link uniform}. */
export interface UniformOptions extends DrawOptions {
  /** The least value; default 0. */
  minval?: TensorLike | undefined;
  /** The bound above; default 1. */
  maxval?: TensorLike | undefined;
}

/**
 * Numbers spread evenly over `[minval, maxval)`, bit for bit those of `jax.random.uniform`.
 *
 * @param key a key
 * @param shapeOrOptions the shape, or all options
 * @param more options when the shape stands before them
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const x = random.uniform(random.key(0), { shape: [2], minval: -1, maxval: 1 });
 * assertEquals(x.toArray(), [0.8953340053558350, 0.9571597576141357]);
 * ```
 */
export function uniform(
  key: TensorLike,
  shapeOrOptions?: UniformOptions | readonly number[] | number,
  more?: UniformOptions,
): Tensor {
  const action = "draw uniform numbers";
  const options = readDraw(shapeOrOptions, more, ["shape", "dtype", "minval", "maxval"], action);
  return uniformOf(checkKey(key, action), options);
}

/** Options of {@link bernoulli}. */
export interface BernoulliOptions {
  /** The chance of true; default 0.5. */
  p?: TensorLike | undefined;
  /** The shape of the result; default that of `p`. */
  shape?: readonly number[] | number | undefined;
  /** "low" (the default), or "high": twice the bits, for chances smaller than 2 ** -23. */
  mode?: "low" | "high" | undefined;
}

/**
 * Coins: true with the chance `p`, as `jax.random.bernoulli`.
 *
 * @param key a key
 * @param pOrOptions the chance, or all options
 * @param shape the shape when the chance stands before it
 * @returns a bool tensor
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const coins = random.bernoulli(random.key(0), { p: 0.5, shape: [5] });
 * assertEquals(coins.toArray(), [false, false, true, true, false]);
 * ```
 */
export function bernoulli(
  key: TensorLike,
  pOrOptions: BernoulliOptions | TensorLike = {},
  shape?: readonly number[] | number,
): Tensor {
  const action = "draw coins";
  const named = isOptions(pOrOptions);
  if (named && shape !== undefined) {
    throw new TypeError(
      `Cannot ${action} with ${formatValue(shape)} behind options: name the shape in them`,
    );
  }
  const options = named ? pOrOptions : { p: pOrOptions, shape };
  checkOptions(options, ["p", "shape", "mode"], action);
  const { p = 0.5, mode = "low" } = options as BernoulliOptions;
  if (mode !== "low" && mode !== "high") {
    throw new TypeError(`Cannot ${action} with mode ${formatValue(mode)}: wanted "low" or "high"`);
  }
  const chance = typeof p === "number" ? literal(p, "float32") : toTensor(p, action);
  const q = isFloat(chance.dtype) ? chance : cast(chance, "float32");
  const sizes = checkShape(options.shape ?? q.shape, action);
  const k = checkKey(key, action);
  const chances = q.broadcastTo(sizes);
  if (mode === "low") return uniformOf(k, { shape: sizes, dtype: q.dtype }).lt(chances);
  const [first, second] = [...uniformOf(k, { shape: [2, ...sizes], dtype: q.dtype })];
  const ulp = q.dtype === "float64" ? 2 ** -52 : 2 ** -23;
  return second!.mul(ulp).lt(chances.sub(first!));
}

function isOptions(x: BernoulliOptions | TensorLike): x is BernoulliOptions {
  return typeof x === "object" && Object.getPrototypeOf(x) === Object.prototype;
}
