/**
 * Transformations of functions over tensors: compile, differentiate, check.
 *
 * @module
 */
export type { ExplainedKernel, Explanation } from "../compile/explain.ts";
export { checkGrads, type CheckGradsOptions } from "./check_grads.ts";
export { grad, type GradOptions, stopGradient, valueAndGrad } from "./grad.ts";
export { jit, type JitOptions, type Jitted } from "./jit.ts";
export { type Profile, profile, type ProfiledKernel, type ProfileOptions } from "./profile.ts";
export type { MachinePeak } from "./peak.ts";
export type { Arg, Args, Gradients, Leaf } from "./types.ts";
