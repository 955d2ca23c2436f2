/**
 * The compiler: a Program goes in, a Plan comes out. The passes run in the order in which they stand
 * here; each is a pure function.
 *
 * @module
 */
import type { Program } from "../ir/program.ts";
import { normalizeKernel } from "../ir/kernel.ts";
import { fuse } from "./fuse.ts";
import { lowerStep } from "./lower.ts";
import { planMemory } from "./memory.ts";
import type { Plan } from "./plan.ts";
import { simplify } from "./simplify.ts";

/** What a compile depends on beside the program. */
export interface CompileOptions {
  /** Donated inputs and the output that takes the memory of each. */
  readonly donated?: ReadonlyMap<number, number>;
}

/** Compiles a program to a plan. */
export function compile(program: Program, options: CompileOptions = {}): Plan {
  const simple = simplify(program);
  const lowered = simple.steps.flatMap((s) => s.op === "literal" ? [] : lowerStep(s, simple.avals));
  const fused = fuse(lowered, simple.avals, new Set(simple.outputs));
  const kernels = fused.map((s) =>
    s.kind === "kernel" ? { ...s, kernel: normalizeKernel(s.kernel) } : s
  );
  return planMemory(simple, kernels, options.donated ?? new Map());
}

export type { Call, LiteralValue, OutputSource, Plan, PlanStep, Slot, SlotId } from "./plan.ts";
export { printPlan } from "./plan.ts";
export { checkPlan } from "./check_plan.ts";
