/**
 * Places along axes, as integers: counted on the device, or listed here.
 *
 * @module
 */
import type { DType } from "../base/mod.ts";
import { baseInterpreter, emit, type Tensor } from "../core/mod.ts";

/** The index along an axis of a shape, as int32 or another dtype. */
export function iota(shape: readonly number[], axis: number, dtype: DType = "int32"): Tensor {
  return emit("iota", [], { shape, axis, dtype });
}

/** A vector of places (int32). */
export function places(values: readonly number[]): Tensor {
  return baseInterpreter().upload(Int32Array.from(values), [values.length], "int32");
}
