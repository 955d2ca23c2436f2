/**
 * Explanations: what a program became, as data and as text that people read and tests compare.
 *
 * @module
 */
import type { Precision } from "../base/flags.ts";
import { formatCount } from "../base/units.ts";
import { printKernel } from "../ir/print_kernel.ts";
import { type Id, printProgram, type Program } from "../ir/program.ts";
import { cost } from "./cost.ts";
import type { FusionNote } from "./fuse/mod.ts";
import { schedule } from "./mod.ts";
import { innerPlans, type PlanStep } from "./plan.ts";
import { printPlan, printStep, stepKey, stepName } from "./print_plan.ts";

/** A kernel or a routine with its sizes, as often as a program runs it. */
export interface ExplainedKernel {
  /** Its ops or routine, and its sizes. */
  readonly name: string;
  /** How often a call runs it. */
  readonly runs: number;
  /** Scalar operations of all its runs. */
  readonly flops: number;
  /** Bytes that all its runs read and write when each element comes from memory once. */
  readonly bytes: number;
  /** Its loops and scalar steps; the parameters of a routine. */
  readonly text: string;
}

/** What a function was compiled to, for one kind of arguments. Prints as text. */
export interface Explanation {
  /** The function, and the kinds of its arguments. */
  readonly title: string;
  /** The recorded operations after simplification, one a line. */
  readonly program: string;
  /** Where each value lies, and the steps that compute them. */
  readonly plan: string;
  /** Every distinct kernel and routine, in the order of their first runs. */
  readonly kernels: readonly ExplainedKernel[];
  /** Scalar operations of a call, each counted as one; a product of matrices has 2mnk. */
  readonly flops: number;
  /** Bytes that the steps of a call read and write when each element comes from memory once. */
  readonly bytes: number;
  /** Bytes of memory for intermediate values. */
  readonly arena: number;
  /** What was fused into what, and what was not and why; one value of the program a line. */
  readonly notes: readonly string[];
  /** All of it, without the texts of the kernels. */
  toString(): string;
}

function noteText(n: FusionNote): string {
  return n.reader === null
    ? `stored %${n.id} (${n.producer}): ${n.why}`
    : `fused %${n.id} (${n.producer}) into ${n.reader}`;
}

function textOf(s: PlanStep): string {
  if (s.kind === "kernel") return printKernel(s.kernel);
  if (s.kind === "group") return s.kernels.map(printKernel).join("\n");
  return printStep({ ...s, args: [] }, "").trimEnd();
}

function kernelsOf(steps: readonly PlanStep[]): ExplainedKernel[] {
  const known = new Map<string, ExplainedKernel>();
  const visit = (s: PlanStep, runs: number): void => {
    // a loop counts as what its turns run; which branch runs is not known
    if (s.kind === "control" && s.call.name !== "switch") {
      for (const inner of innerPlans(s)) {
        for (const step of inner.plan.steps) visit(step, runs * inner.runs);
      }
      return;
    }
    const key = stepKey(s);
    const { flops, bytes } = cost(s);
    const old = known.get(key);
    known.set(key, {
      name: stepName(s),
      runs: (old?.runs ?? 0) + runs,
      flops: (old?.flops ?? 0) + runs * flops,
      bytes: (old?.bytes ?? 0) + runs * bytes,
      text: old?.text ?? textOf(s),
    });
  };
  for (const s of steps) visit(s, 1);
  return [...known.values()];
}

class Explained implements Explanation {
  readonly title: string;
  readonly program: string;
  readonly plan: string;
  readonly kernels: readonly ExplainedKernel[];
  readonly flops: number;
  readonly bytes: number;
  readonly arena: number;
  readonly notes: readonly string[];

  constructor(
    label: string,
    program: Program,
    donated: ReadonlyMap<number, number>,
    precision: Precision | undefined,
  ) {
    const notes: FusionNote[] = [];
    const plan = schedule(program, { donated, precision, onFusion: (n) => notes.push(n) });
    const typed = (ids: readonly Id[]) => ids.map((i) => program.avals[i]!.key).join(", ");
    this.title = `${label} of (${typed(program.inputs)})`;
    this.program = printProgram(program);
    this.plan = printPlan(plan);
    this.kernels = kernelsOf(plan.steps);
    this.flops = this.kernels.reduce((n, k) => n + k.flops, 0);
    this.bytes = this.kernels.reduce((n, k) => n + k.bytes, 0);
    this.arena = plan.scratchBytes;
    this.notes = notes.sort((a, b) => a.id - b.id).map(noteText);
  }

  toString(): string {
    const cells = this.kernels.map((k) => [
      `${k.runs}x`,
      formatCount(k.flops, "FLOP"),
      formatCount(k.bytes, "B"),
    ]);
    const widths = [0, 1, 2].map((i) => Math.max(0, ...cells.map((row) => row[i]!.length)));
    const table = this.kernels.map((k, i) =>
      `${cells[i]!.map((c, j) => c.padStart(widths[j]!)).join("  ")}  ${k.name}`
    );
    const part = (head: string, lines: readonly string[]) =>
      lines.length === 0 ? [] : [head, ...lines.map((l) => `  ${l}`)];
    return [
      this.title,
      `${formatCount(this.flops, "FLOP")}, ${formatCount(this.bytes, "B")} read and written, ` +
      `${formatCount(this.arena, "B")} of arena`,
      ...part("program", this.program.split("\n")),
      ...part("plan", this.plan.split("\n").slice(1)),
      ...part("kernels", table),
      ...part("fusion", this.notes),
    ].join("\n");
  }

  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/**
 * Explains what a simplified program is compiled to.
 *
 * @param label the function, for the title
 * @param donated as given to `compile`
 * @param precision as given to `compile`
 */
export function explain(
  label: string,
  program: Program,
  donated: ReadonlyMap<number, number>,
  precision?: Precision,
): Explanation {
  return new Explained(label, program, donated, precision);
}
