/**
 * Float64 numbers to differentiate at: the same on every run, away from kinks.
 *
 * @module
 */
import type { Tensor } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";

/** Float64 values in [low, high), no two of them alike. */
export function draw(shape: readonly number[], low = -2, high = 2): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const golden = 0.6180339887498949;
  const values = Float64Array.from(
    { length: size },
    (_, i) => low + (high - low) * (((i + 1.37) * golden) % 1),
  );
  return np.array(values).reshape(shape);
}
