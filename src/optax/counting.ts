/**
 * Counters of updates, and the numbers that are computed from them once for all leaves of a dtype.
 *
 * @module
 */
import { type DType, isFloat } from "../base/mod.ts";
import { literal, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { restOfPower } from "../optimizers/powers.ts";
import type { Scalar } from "./types.ts";

const GREATEST: Readonly<Record<string, number>> = {
  uint8: 255,
  int32: 2 ** 31 - 1,
  uint32: 2 ** 32 - 1,
};

/**
 * One more than a counter, which stays at the greatest value of its dtype instead of starting again.
 *
 * @throws {TypeError} for a counter of booleans
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(optax.safeIncrement(np.array(7, { dtype: "int32" })).item(), 8);
 * assertEquals(optax.safeIncrement(np.array(2147483647, { dtype: "int32" })).item(), 2147483647);
 * ```
 */
export function safeIncrement(count: TensorLike): Tensor {
  const t = toTensor(count, "increment");
  if (isFloat(t.dtype)) return t.add(1);
  if (t.dtype === "bool") {
    throw new TypeError("Cannot increment a counter of dtype bool: wanted integers or floats");
  }
  return t.minimum(GREATEST[t.dtype]! - 1).add(1);
}

/** A counter at 0. */
export function zeroCount(): Tensor {
  return literal(0, "int32");
}

/** A function of a dtype that computes each of its results once. */
export function perDType<T>(make: (dtype: DType) => T): (dtype: DType) => T {
  const made = new Map<DType, T>();
  return (dtype) => {
    let x = made.get(dtype);
    if (x === undefined) made.set(dtype, x = make(dtype));
    return x;
  };
}

/** By dtype, what takes the bias of zeros off a moving mean: `1 / (1 - decay^count)`. */
export function correction(decay: Scalar, count: Tensor): (dtype: DType) => Tensor {
  return perDType((dtype) => restOfPower(decay, count.astype("float64"), dtype).reciprocal());
}
