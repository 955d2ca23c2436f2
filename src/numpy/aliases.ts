/**
 * Other names of the same functions: those of the array API, and of older NumPy.
 *
 * @module
 */
export { power as pow } from "./arithmetic.ts";
export { array as copy } from "./creation.ts";
export { concatenate as concat, vstack as rowStack } from "./joining.ts";
export {
  bitwiseNot as bitwiseInvert,
  bitwiseNot as invert,
  leftShift as bitwiseLeftShift,
  rightShift as bitwiseRightShift,
} from "./logic.ts";
export { transpose as permuteDims } from "./movement.ts";
export { round as around } from "./rounding.ts";
export {
  arccos as acos,
  arccosh as acosh,
  arcsin as asin,
  arcsinh as asinh,
  arctan as atan,
  arctan2 as atan2,
  arctanh as atanh,
} from "./trigonometric.ts";
