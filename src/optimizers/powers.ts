/**
 * Powers of decay rates, as accurate as their use needs them.
 *
 * @module
 */
import type { DType } from "../base/mod.ts";
import { literal, type Tensor } from "../core/mod.ts";

/**
 * `1 - beta^count` in a dtype.
 *
 * @param count a float64 scalar
 */
export function restOfPower(beta: number | Tensor, count: Tensor, dtype: DType): Tensor {
  // powers of the rounded beta, rounded once: 1 - beta^t magnifies any error of a float32 power
  const base = typeof beta === "number"
    ? literal(dtype === "float64" ? beta : Math.fround(beta), "float64")
    : beta.astype(dtype).astype("float64");
  return base.pow(count).astype(dtype).neg().add(1);
}
