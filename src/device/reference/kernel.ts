/**
 * The reference device's kernels are the plain loops of the kernel language itself.
 *
 * @module
 */
export { runKernel } from "../../ir/run_kernel.ts";
