/**
 * The intermediate representation: what each op means, and the lists of operations and loop nests
 * that the passes hand on. Pure data and rules.
 *
 * @module
 */
export { type Aval, makeAval } from "./aval.ts";
export type { OpClass, OpDef, Params, Vjp } from "./def.ts";
export {
  type Accumulator,
  checkKernel,
  type Combine,
  type Kernel,
  type KernelArg,
  kernelKey,
  normalizeKernel,
  type ScalarStep,
  type Store,
  type View,
} from "./kernel.ts";
export { opDef, type OpName, OPS, type ParamsOf } from "./ops.ts";
export { printKernel } from "./print_kernel.ts";
export { checkProgram, type Id, printProgram, type Program, type Step } from "./program.ts";
export { runScalar, type ScalarName, SCALARS } from "./scalar.ts";
export type { Value } from "./value.ts";
