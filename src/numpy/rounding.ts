/**
 * Rounding to whole numbers or to decimals, halves to even as NumPy does it.
 *
 * @module
 */
import { isFloat, toFloat } from "../base/mod.ts";
import { cast, emit, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { readOptions } from "./options.ts";
import type { Options } from "./types.ts";

function exact(op: "floor" | "ceil" | "trunc", x: TensorLike): Tensor {
  const t = toTensor(x, op);
  return isFloat(t.dtype) || t.dtype === "bool" ? emit(op, [cast(t, toFloat(t.dtype))]) : t;
}

function float(x: TensorLike, action: string): Tensor {
  const t = toTensor(x, action);
  return cast(t, toFloat(t.dtype), t.aval.weak);
}

/**
 * Rounds down to whole numbers. Integers stay as they are; the gradient is zero.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.floor([1.7, -1.2]).toArray(), [1, -2]);
 * ```
 */
export function floor(x: TensorLike): Tensor {
  return exact("floor", x);
}

/**
 * Rounds up to whole numbers. Integers stay as they are; the gradient is zero.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.ceil([1.2, -1.7]).toArray(), [2, -1]);
 * ```
 */
export function ceil(x: TensorLike): Tensor {
  return exact("ceil", x);
}

/**
 * Rounds towards zero to whole numbers. Integers stay as they are; the gradient is zero.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.trunc([1.7, -1.7]).toArray(), [1, -1]);
 * ```
 */
export function trunc(x: TensorLike): Tensor {
  return exact("trunc", x);
}

/**
 * Rounds towards zero, as `trunc`.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.fix([1.7, -1.7]).toArray(), [1, -1]);
 * ```
 */
export function fix(x: TensorLike): Tensor {
  return exact("trunc", x);
}

/**
 * Rounds to the nearest whole number, halves to the even one. Integers become float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.rint([0.5, 1.5, 2.5]).toArray(), [0, 2, 2]);
 * ```
 */
export function rint(x: TensorLike): Tensor {
  return float(x, "rint").round();
}

/**
 * Rounds to `decimals` places (default 0), halves to the even neighbour. Integers stay as they are.
 *
 * @throws {RangeError} for negative `decimals` of integers, which is not defined here
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.round([0.5, 1.5, -2.7]).toArray(), [0, 2, -3]);
 * assertEquals(np.round([126, -134], -1).toArray(), [130, -130]);
 * ```
 */
export function round(x: TensorLike, options?: number | RoundOptions): Tensor {
  const { decimals = 0 } = readOptions<RoundOptions>(options, ["decimals"], "round", "decimals");
  if (!Number.isSafeInteger(decimals)) {
    throw new TypeError(`Cannot round to ${decimals} decimals: wanted an integer`);
  }
  const t = toTensor(x, "round");
  if (!isFloat(t.dtype)) {
    if (decimals < 0) {
      throw new RangeError(
        `Cannot round ${t.dtype} to ${decimals} decimals: convert to a float dtype with astype first`,
      );
    }
    return t.dtype === "bool" ? cast(t, "float32") : t;
  }
  if (decimals === 0) return t.round();
  const scale = 10 ** Math.abs(decimals);
  return decimals > 0 ? t.mul(scale).round().div(scale) : t.div(scale).round().mul(scale);
}

/** What `round` takes. */
export interface RoundOptions extends Options {
  /** Places after the point to keep; negative ones round to tens, hundreds and so on. */
  decimals?: number | undefined;
}

// names of the array API, and of older NumPy
export { round as around };
