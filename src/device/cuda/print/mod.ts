/**
 * The second emitter of kernels: steps of a plan as CUDA C, which needs no header. A text and its
 * launches depend on the step and the limits of the device alone, so equal steps may share them.
 *
 * @module
 */
import type { DeviceStep } from "../../../compile/plan.ts";
import { kernelKey } from "../../../ir/kernel.ts";
import { factsOf } from "./facts.ts";
import { canFuse, type Member, printGroup } from "./group.ts";
import { type Limits, type Printed, Sheet } from "./launch.ts";
import { printPointwise } from "./pointwise.ts";
import { printReduce } from "./reduce.ts";
import { printScan } from "./scan.ts";
import { printScatter } from "./scatter.ts";
import { printSerial } from "./serial.ts";
import { printSort } from "./sort.ts";

export { type Arg, type Extent, type Launch, type Limits, type Printed } from "./launch.ts";
export { PRELUDE } from "./prelude.ts";

/**
 * Prints a step: a kernel, a group of kernels, or a sort. Products of matrices are no kernels; they
 * are the library's.
 *
 * @param prefix What the names of its functions begin with: no two steps of a program share it.
 * @throws {TypeError} when the step is a product.
 */
export function printStep(step: DeviceStep, prefix: string, limits: Limits): Printed {
  if (step.kind === "call") {
    const { call } = step;
    if (call.name !== "sort") {
      throw new TypeError(
        `Cannot print a ${call.name}: a kernel, a group of kernels or a sort is wanted: ` +
          `call the library's routine`,
      );
    }
    const sheet = new Sheet(prefix, [
      { dtype: call.dtype, writes: false },
      { dtype: call.dtype, writes: true },
      { dtype: "int32", writes: true },
    ], limits);
    printSort(sheet, call);
    return sheet.printed();
  }
  const kernels = step.kind === "kernel" ? [step.kernel] : step.kernels;
  const sheet = new Sheet(prefix, kernels.flatMap((k) => k.args), limits);
  let firstArg = 0;
  const members = kernels.map((kernel): Member => {
    const member = { kernel, facts: factsOf(kernel), firstArg };
    firstArg += kernel.args.length;
    return member;
  });
  if (members.length > 1 && members.every(isParallel) && canFuse(members, sheet)) {
    printGroup(sheet, members);
  } else members.forEach((m) => printKernel(sheet, m));
  return sheet.printed();
}

/** A text that is equal for steps that are printed alike but for the prefix. */
export function textKey(step: DeviceStep): string {
  if (step.kind === "call") return JSON.stringify(step.call);
  return step.kind === "kernel" ? kernelKey(step.kernel) : step.kernels.map(kernelKey).join("\n");
}

function printKernel(sheet: Sheet, { kernel, facts, firstArg }: Member): void {
  if (kernel.shape.includes(0) || (kernel.scan === true && kernel.reduce.includes(0))) return;
  if (!isParallel({ kernel, facts })) {
    if (printScatter(sheet, facts, firstArg) || printScan(sheet, facts, firstArg)) return;
    printSerial(sheet, facts, firstArg);
    return;
  }
  if (kernel.accumulators.length === 0 && kernel.reduce.length === 0) {
    return printPointwise(sheet, facts, firstArg);
  }
  printReduce(sheet, facts, firstArg);
}

/** Whether points of `shape` may run at the same time, and those of `reduce` in any order. */
function isParallel({ kernel, facts }: Pick<Member, "kernel" | "facts">): boolean {
  return !kernel.scan && facts.free.slice(0, facts.outer).every((free) => free) &&
    kernel.accumulators.every((a) => a.combine !== "linear");
}
