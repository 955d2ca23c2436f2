/**
 * Plans as text: in full, a line a step, the names of steps in tables, and texts that equal steps
 * share.
 *
 * @module
 */
import { formatShape } from "../base/errors.ts";
import { kernelKey } from "../ir/kernel.ts";
import { printKernel } from "../ir/print_kernel.ts";
import {
  innerPlans,
  membersOf,
  type OutputSource,
  type Plan,
  type PlanStep,
  type Slot,
} from "./plan.ts";

/** A step as one line: what it does, and its arguments with `prefix` before their numbers. */
export function printStep(s: PlanStep, prefix: string): string {
  const args = s.args.map((a) => `${prefix}${a}`).join(" ");
  if (s.kind === "kernel") {
    return `kernel ${s.kernel.name} ${formatShape(s.kernel.shape)}${
      s.kernel.reduce.length > 0 ? ` over ${formatShape(s.kernel.reduce)}` : ""
    } ${args}`;
  }
  if (s.kind === "group") {
    return `group ${membersOf(s).map((m) => printStep(m, prefix)).join("; ")}`;
  }
  if (s.kind === "host") return `host ${s.call.toJSON()} ${args}`.trimEnd();
  if (s.kind === "control") {
    const scratch = s.scratch === undefined ? "" : ` with ${prefix}${s.scratch}`;
    return `${stepName(s)} ${args}${scratch}`;
  }
  const { name, ...rest } = s.call;
  return `call ${name} ${Object.entries(rest).map(([k, v]) => `${k}=${v}`).join(" ")} ${args}`;
}

/** Steps as text, a line each; each kernel in full below its line when `kernels`. */
export function printSteps(
  steps: readonly PlanStep[],
  prefix: string,
  kernels: boolean,
): string[] {
  return steps.map((s) =>
    kernels && (s.kind === "kernel" || s.kind === "group")
      ? [printStep(s, prefix), ...(s.kind === "kernel" ? [s.kernel] : s.kernels).map(printKernel)]
        .join("\n")
      : [
        printStep(s, prefix),
        ...innerPlans(s).map(({ plan }) =>
          `  ${printPlan(plan, kernels).replaceAll("\n", "\n  ")}`
        ),
      ].join("\n")
  );
}

/** Prints a plan: a line per slot and per step; kernels in full when `kernels`. */
export function printPlan(p: Plan, kernels = false): string {
  const slot = (s: Slot): string =>
    s.kind === "scratch" ? `scratch@${s.offset}+${s.bytes}` : `${s.kind} ${s.index}`;
  const source = (o: OutputSource): string =>
    o.kind === "fresh" ? `fresh ${o.bytes}` : `${o.kind} ${o.index}`;
  return [
    `plan of ${p.inputs} inputs, ${p.steps.length} steps, ${p.scratchBytes} bytes of scratch`,
    ...p.slots.map((s, i) => `s${i} = ${slot(s)}`),
    ...printSteps(p.steps, "s", kernels),
    `outputs ${p.outputs.map(source).join(", ")}`,
  ].join("\n");
}

/** The longest name of a step in a table. */
const LONGEST = 40;

/** The name of a step in a table: its ops or routine, and its sizes. */
export function stepName(s: PlanStep): string {
  if (s.kind === "kernel") {
    const { name, shape, reduce } = s.kernel;
    const ops = name.split("+");
    const short = name.length <= LONGEST
      ? name
      : `${ops[0]}+..${ops.length - 2}..+${ops[ops.length - 1]}`;
    return `${short} ${formatShape(shape)}${
      reduce.length > 0 ? ` over ${formatShape(reduce)}` : ""
    }`;
  }
  if (s.kind === "group") return membersOf(s).map(stepName).join("; ");
  if (s.kind === "host") return s.call.name;
  if (s.kind === "control") {
    const { call: c } = s;
    const sizes = innerPlans(s).map(({ plan }) => plan.steps.length).join("+");
    if (c.name === "scan") {
      return `scan ${c.length} x ${sizes} steps${c.reverse ? " reversed" : ""}`;
    }
    return `${c.name} ${sizes} steps`;
  }
  const { call } = s;
  if (call.name === "sort") {
    return `sort ${call.dtype} ${formatShape([call.outer, call.size, call.inner])}`;
  }
  const flags = `${call.ta ? "T" : "N"}${call.tb ? "T" : "N"}`;
  const batch = call.batch === 1 ? "" : `${call.batch} x `;
  const rounding = call.precision === undefined ? "" : ` ${call.precision}`;
  return `gemm ${call.dtype}${rounding} ${flags} ${batch}${call.m}x${call.n}x${call.k}`;
}

/** A text that equal steps share. */
export function stepKey(s: PlanStep): string {
  if (s.kind !== "kernel" && s.kind !== "group") return printStep({ ...s, args: [] }, "");
  const kernels = s.kind === "kernel" ? [s.kernel] : s.kernels;
  return kernels.map((k) => `${k.name} ${kernelKey(k)}`).join("; ");
}
