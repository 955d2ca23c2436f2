/**
 * The compiler: a Program goes in, a Plan comes out. The passes run in the order in which they stand
 * here; each is a pure function.
 *
 * @module
 */
import { printProgram, type Program } from "../ir/program.ts";
import { normalizeKernel } from "../ir/kernel.ts";
import { fuse, type FusionNote } from "./fuse.ts";
import { type LoweredStep, lowerStep } from "./lower.ts";
import { planMemory } from "./memory.ts";
import { type Plan, printPlan, printSteps } from "./plan.ts";
import { simplify } from "./simplify.ts";

/** What a compile depends on beside the program, and who listens to it. */
export interface CompileOptions {
  /** Donated inputs and the output that takes the memory of each. */
  readonly donated?: ReadonlyMap<number, number>;
  /** Hears of each pass when it has run: its name, and its result as text when asked. */
  readonly onPass?: (pass: string, print: () => string) => void;
  /** Hears what fusion decided about each value. */
  readonly onFusion?: (note: FusionNote) => void;
}

/** Compiles a program to a plan. */
export function compile(program: Program, options: CompileOptions = {}): Plan {
  const { onPass } = options;
  const print = (steps: readonly LoweredStep[]) => () => printSteps(steps, "%", true).join("\n");
  const simple = simplify(program);
  onPass?.("simplify", () => printProgram(simple));
  const lowered = simple.steps.flatMap((s) => s.op === "literal" ? [] : lowerStep(s, simple.avals));
  onPass?.("lower", print(lowered));
  const fused = fuse(lowered, simple.avals, new Set(simple.outputs), options.onFusion);
  onPass?.("fuse", print(fused));
  const kernels = fused.map((s) =>
    s.kind === "kernel" ? { ...s, kernel: normalizeKernel(s.kernel) } : s
  );
  onPass?.("normalize", print(kernels));
  const plan = planMemory(simple, kernels, options.donated ?? new Map());
  onPass?.("memory", () => printPlan(plan));
  return plan;
}

export { printPlan } from "./plan.ts";
export { checkPlan } from "./check_plan.ts";
