/**
 * Which scalar operations are printed as CUDA's own functions. glissade promises 2 units in the last
 * place in float32 and 4 in float64; what CUDA documents as worse is expanded as for the CPU, or
 * computed in float64.
 *
 * Largest errors as the CUDA C++ Programming Guide has them, the larger of its editions, in units in
 * the last place; known, not measured on a GPU:
 *
 * | function | float32 | float64 | printed |
 * |---|---|---|---|
 * | + - * / fma sqrt | 0 (0.5 rounded) | 0 | as it is |
 * | fmod, rint, floor, ceil, trunc | 0 | 0 | as it is |
 * | rsqrt | 2 | 1 | as it is |
 * | exp | 2 | 1 | as it is |
 * | expm1 | 1 | 1 | as it is |
 * | log | 1 | 1 | as it is |
 * | log1p | 1 | 1 | as it is |
 * | sin, cos | 2 | 2 | as they are |
 * | tan | 4 | 2 | float32 in float64 |
 * | asin, acos | 4, 3 | 2 | expanded |
 * | atan | 2 | 2 | as it is |
 * | atan2 | 3 | 2 | expanded |
 * | sinh | 3 | 2 | expanded |
 * | cosh | 2 | 1 | as it is |
 * | tanh | 2 | 2 | as it is |
 * | asinh, acosh, atanh | 4, 4, 3 | 3, 3, 2 | expanded |
 * | erf | 2 | 2 | as it is |
 * | erfinv | 4 | 7 | expanded |
 * | pow | 9 | 2 | float32 in float64 |
 *
 * @module
 */
import type { ScalarName } from "../../../ir/scalar.ts";

/** The operations that kernels may contain when they are printed. */
export const NATIVE: ReadonlySet<ScalarName> = new Set<ScalarName>(
  // deno-fmt-ignore
  [
    "add", "sub", "mul", "div", "rem", "fma", "neg", "abs", "min", "max", "sqrt", "floor", "ceil",
    "trunc", "round", "and", "or", "xor", "not", "shl", "shr", "eq", "ne", "lt", "le", "gt", "ge",
    "where", "sinWhere", "cosWhere", "tanWhere", "cast", "ldexp", "pow2", "scale", "copysign",
    "exponent", "mantissa", "sign", "rsqrt", "exp", "expm1", "log", "log1p", "sin", "cos", "tan",
    "atan", "cosh", "tanh", "erf", "pow",
  ],
);
