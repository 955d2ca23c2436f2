/**
 * Normal numbers, by the inverse error function of uniform ones.
 *
 * @module
 */
import type { DType } from "../base/mod.ts";
import { literal, type Tensor, type TensorLike } from "../core/mod.ts";
import { checkKey } from "./key.ts";
import { type DrawOptions, readDraw } from "./options.ts";
import { uniformOf } from "./uniform.ts";

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
  const { shape, dtype } = readDraw(shapeOrOptions, more, ["shape", "dtype"], action);
  const minval = nextAfter(-1, 0, dtype);
  return erfinv(uniformOf(checkKey(key, action), { shape, dtype, minval, maxval: 1 }))
    .mul(Math.SQRT2);
}

/**
 * Normal numbers given that they lie between two bounds, as `jax.random.truncated_normal`.
 *
 * @param key a key
 * @param lower the bound below, in standard deviations
 * @param upper the bound above
 * @param shapeOrOptions the shape, or all options
 * @param more options when the shape stands before them
 * @throws {RangeError} unless lower < upper
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
  lower: number,
  upper: number,
  shapeOrOptions?: DrawOptions | readonly number[] | number,
  more?: DrawOptions,
): Tensor {
  const action = "draw truncated normal numbers";
  const { shape, dtype } = readDraw(shapeOrOptions, more, ["shape", "dtype"], action);
  const k = checkKey(key, action);
  if (!(lower < upper)) {
    throw new RangeError(`Cannot ${action} between ${lower} and ${upper}: wanted lower < upper`);
  }
  const bound = (x: number): Tensor => literal(x, dtype).div(Math.SQRT2).erf();
  const inside = uniformOf(k, { shape, dtype, minval: bound(lower), maxval: bound(upper) });
  return erfinv(inside).mul(Math.SQRT2)
    .maximum(nextAfter(lower, Infinity, dtype))
    .minimum(nextAfter(upper, -Infinity, dtype));
}

function erfinv(x: Tensor): Tensor {
  return x.emit("erfinv", [])[0]!;
}

/** The next number of a dtype after `x` in the direction of `to`. */
function nextAfter(x: number, to: number, dtype: DType): number {
  const y = dtype === "float64" ? x : Math.fround(x);
  if (!Number.isFinite(y) || y === to) return y;
  const up = to > y;
  if (y === 0) return (up ? 1 : -1) * (dtype === "float64" ? Number.MIN_VALUE : 2 ** -149);
  const away = up === y > 0;
  if (dtype === "float64") {
    const bits = new BigInt64Array(Float64Array.of(y).buffer);
    bits[0] = bits[0]! + (away ? 1n : -1n);
    return new Float64Array(bits.buffer)[0]!;
  }
  const bits = new Int32Array(Float32Array.of(y).buffer);
  bits[0] = bits[0]! + (away ? 1 : -1);
  return new Float32Array(bits.buffer)[0]!;
}
