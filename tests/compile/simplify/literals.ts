/**
 * Numbers that are easy to get wrong, for each dtype.
 *
 * @module
 */
import type { DType } from "../../../src/base/dtype.ts";

/** Every dtype. */
export const EVERY_DTYPE: readonly DType[] = [
  "bool",
  "uint8",
  "int32",
  "uint32",
  "float32",
  "float64",
];

const FLOATS = [0, -0, 1, -1, 0.5, 2.5, -3.7, 0.1, NaN, Infinity, -Infinity, 3e9, -3e9, 300];

/** Numbers of each dtype. */
export const LITERALS: { readonly [D in DType]: readonly number[] } = {
  bool: [0, 1],
  uint8: [0, 1, 3, 31, 128, 255],
  int32: [0, 1, -1, 7, -7, 31, 300, 2 ** 31 - 1, -(2 ** 31)],
  uint32: [0, 1, 7, 31, 32, 2 ** 31, 2 ** 32 - 1],
  float32: [...FLOATS, 1e-45, 1e-38, 3.4e38, 16777217],
  float64: [...FLOATS, 5e-324, 2.3e-308, 1.7e308],
};
