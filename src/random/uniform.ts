/**
 * Uniform numbers, and what follows from comparing them.
 *
 * @module
 */
import { checkShape, isFloat } from "../base/mod.ts";
import { cast, emit, literal, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { checkOptions } from "../numpy/options.ts";
import { bits32, fraction64 } from "./bits.ts";
import { checkKey } from "./key.ts";
import { type Drawn, type DrawOptions, readDraw } from "./options.ts";

/** Options of {@link uniform}. */
export interface UniformOptions extends DrawOptions {
  /** The least value; default 0. */
  minval?: TensorLike;
  /** The bound above; default 1. */
  maxval?: TensorLike;
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

/** The same, of checked arguments. */
export function uniformOf(
  key: Tensor,
  { shape, dtype, minval = 0, maxval = 1 }: Drawn<UniformOptions>,
): Tensor {
  // 23 (or 52) bits behind the point: what setting the mantissa of 1.x and taking 1 off gives
  const wide = dtype === "float64";
  const draw = (as: "float32" | "float64"): Tensor => {
    if (wide) return fraction64(key, shape);
    const random = bits32(key, shape);
    return emit("shr", [random, literal(9, "uint32")]).astype(as).mul(2 ** -23);
  };
  if (minval === 0 && maxval === 1) return draw("float32");
  const bound = (x: TensorLike): Tensor =>
    typeof x === "number" ? literal(x, dtype) : cast(toTensor(x, "draw within"), dtype);
  const low = bound(minval);
  const span = bound(maxval).sub(low);
  // XLA fuses this into one rounding; the float64 product is exact
  const value = draw("float64").mul(cast(span, "float64")).add(cast(low, "float64"));
  return cast(value, dtype).maximum(low);
}

/** Options of {@link bernoulli}. */
export interface BernoulliOptions {
  /** The chance of true; default 0.5. */
  p?: TensorLike;
  /** The shape of the result; default that of `p`. */
  shape?: readonly number[] | number;
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
  const options = isOptions(pOrOptions) ? pOrOptions : { p: pOrOptions, shape };
  checkOptions(options, ["p", "shape"], action);
  const { p = 0.5 } = options;
  const chance = typeof p === "number" ? literal(p, "float32") : toTensor(p, action);
  const q = isFloat(chance.dtype) ? chance : cast(chance, "float32");
  const sizes = checkShape(options.shape ?? q.shape, action);
  return uniformOf(checkKey(key, action), { shape: sizes, dtype: q.dtype })
    .lt(q.broadcastTo(sizes));
}

function isOptions(x: BernoulliOptions | TensorLike): x is BernoulliOptions {
  return typeof x === "object" && Object.getPrototypeOf(x) === Object.prototype;
}
