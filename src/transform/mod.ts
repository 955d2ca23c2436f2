/**
 * Transformations of functions over tensors: compile, differentiate, check.
 *
 * @module
 */
export { checkGrads, type CheckGradsOptions } from "./check_grads.ts";
export { grad, type GradOptions, stopGradient, valueAndGrad } from "./grad.ts";
export { jit, type JitOptions, type Jitted } from "./jit.ts";
export type { Arg, Args, Gradients, Leaf } from "./types.ts";
