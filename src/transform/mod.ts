/**
 * Transformations of functions over tensors: compile, differentiate, check.
 *
 * @module
 */
export type { ExplainedKernel, Explanation } from "../compile/explain.ts";
export { checkGrads, type CheckGradsOptions } from "./check_grads.ts";
export { cond, switchCase } from "./cond.ts";
export { checkpoint } from "./checkpoint.ts";
export { customJvp } from "./custom_jvp.ts";
export { type CustomOptions, customVjp } from "./custom_vjp.ts";
export { evalShape, type Shaped, type ShapedArg, ShapeDtypeStruct } from "./eval_shape.ts";
export { grad, type GradOptions, stopGradient, valueAndGrad } from "./grad.ts";
export { hessian, jacfwd, type Jacobian, jacrev } from "./jacobian.ts";
export { jit, type JitOptions, type Jitted } from "./jit.ts";
export { scan, type ScanOptions } from "./scan.ts";
export { foriLoop, whileLoop } from "./while_loop.ts";
export { jvp } from "./jvp.ts";
export { linearize } from "./linearize.ts";
export { makeProgram, type RecordedProgram } from "./make_program.ts";
export { type Profile, profile, type ProfiledKernel, type ProfileOptions } from "./profile.ts";
export type { MachinePeak } from "./peak.ts";
export type { Arg, Args, Gradients, Leaf } from "./types.ts";
export { type AuxOptions, vjp } from "./vjp.ts";
export { type TreeAxes, vmap, type VmapOptions } from "./vmap.ts";
