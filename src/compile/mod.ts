/**
 * The compiler: a Program goes in, a Plan comes out, through an ordered list of named passes. Each is
 * a pure function; what it gives obeys a checker; all but those that nothing runs without can be
 * switched off.
 *
 * @module
 */
import { formatValue } from "../base/errors.ts";
import { flag, onConfig, type Precision } from "../base/flags.ts";
import { normalizeKernel } from "../ir/kernel.ts";
import { checkProgram, type Id, printProgram, type Program } from "../ir/program.ts";
import { dropBarriers, openCalls } from "./calls.ts";
import { checkPlan } from "./check_plan.ts";
import { checkSteps } from "./check_steps.ts";
import { accumulate } from "./accumulate.ts";
import { alias } from "./alias.ts";
import { fuse, type FusionNote } from "./fuse/mod.ts";
import { embedLiterals } from "./literals.ts";
import { group } from "./group.ts";
import { inPlace } from "./in_place.ts";
import { type LoweredStep, lowerStep } from "./lower.ts";
import { isControl, lowerControl } from "./lower_control.ts";
import { planMemory } from "./memory.ts";
import type { Plan } from "./plan.ts";
import { printPlan, printSteps } from "./print_plan.ts";
import { algebra, fold, removeDead, settleLoops, shareCommon } from "./simplify/mod.ts";

/** What a pass on kernels knows beside them. */
export interface KernelContext {
  /** The program that was lowered. */
  readonly program: Program;
  /** Values that must exist in memory: the program's outputs. */
  readonly kept: ReadonlySet<Id>;
  /** Values that nothing may write: inputs, captured constants and literals. */
  readonly given: ReadonlySet<Id>;
  /** Outputs that take the memory of donated arguments. */
  readonly fixed: ReadonlySet<Id>;
  /** Hears what is decided about each value. */
  readonly note: ((n: FusionNote) => void) | undefined;
}

/** From program to program, in this order; a name may stand twice. */
const PROGRAM_PASSES = [
  ["dead", removeDead],
  ["common", shareCommon],
  ["fold", fold],
  ["algebra", algebra],
  ["loops", settleLoops],
  ["common", shareCommon],
  ["dead", removeDead],
] as const satisfies readonly (readonly [string, (p: Program) => Program])[];

type KernelPass = (steps: readonly LoweredStep[], c: KernelContext) => LoweredStep[];

/** From kernels and calls to kernels and calls on the same values, in this order. */
const KERNEL_PASSES = [
  ["alias", (steps, c) => alias(steps, c.program.avals, c.given, c.kept)],
  ["accumulate", (steps, c) => accumulate(steps, c.program.avals, c.given, c.kept)],
  ["literals", (steps, c) => embedLiterals(steps, c.program)],
  ["fuse", (steps, c) => fuse(steps, c.kept, c.note)],
  ["group", (steps, c) => group(steps, c.program.avals, c.fixed)],
  ["inPlace", (steps, c) => inPlace(steps, c.program.avals, c.given, c.kept, c.fixed)],
  [
    "normalize",
    (steps) =>
      steps.map((s) => s.kind === "kernel" ? { ...s, kernel: normalizeKernel(s.kernel) } : s),
  ],
] as const satisfies readonly (readonly [string, KernelPass])[];

/** The name of what can be switched off; `reuse` is the part of `memory` that shares bytes. */
export type PassName =
  | (typeof PROGRAM_PASSES)[number][0]
  | (typeof KERNEL_PASSES)[number][0]
  | "reuse";

/** Everything that can be switched off, in the order in which it first runs. */
export const PASSES: readonly PassName[] = [
  ...new Set<PassName>([...PROGRAM_PASSES, ...KERNEL_PASSES].map(([name]) => name)),
  "reuse",
];

/** What a compile depends on beside the program, and who listens to it. */
export interface CompileOptions {
  /** Donated inputs and the output that takes the memory of each. */
  readonly donated?: ReadonlyMap<number, number>;
  /** Whether each output has memory of its own, inputs and equal outputs included. */
  readonly apart?: boolean;
  /** Names of passes to leave out; the setting `passesOff` where none are given. */
  readonly passesOff?: readonly string[];
  /** How float32 products may round; the setting `precision` where it is absent. */
  readonly precision?: Precision | undefined;
  /** Whether the result of each pass is checked; by default as the settings say. */
  readonly check?: boolean;
  /** Hears of each pass when it has run: its name, and its result as text when asked. */
  readonly onPass?: (pass: string, print: () => string) => void;
  /** Hears what fusion decided about each value. */
  readonly onFusion?: (note: FusionNote) => void;
}

/** Frozen lists of names that were looked at. */
const known = new WeakMap<readonly string[], ReadonlySet<string>>();

function checkedNames(list: readonly string[]): ReadonlySet<string> {
  let names = known.get(list);
  if (names !== undefined) return names;
  for (const name of list) {
    if ((PASSES as readonly string[]).includes(name)) continue;
    const why = name === "lower" || name === "memory" ? "nothing runs without it" : "it is unknown";
    throw new RangeError(
      `Cannot switch off the pass ${formatValue(name)}: ${why}: give some of ${PASSES.join(", ")}`,
    );
  }
  names = new Set(list);
  if (Object.isFrozen(list)) known.set(list, names);
  return names;
}

onConfig((key) => {
  if (key === "passesOff") checkedNames(flag(key));
});

/** A program is run by the passes that are on, and each result checked when that is wanted. */
class Run {
  readonly #off: ReadonlySet<string>;
  readonly #check: boolean;
  readonly #onPass: CompileOptions["onPass"];
  readonly #precision: Precision;
  readonly #inner: CompileOptions;

  constructor(options: CompileOptions) {
    this.#off = checkedNames(options.passesOff ?? flag("passesOff"));
    this.#check = options.check ?? (flag("checkPasses") || flag("debug") >= 5);
    this.#onPass = options.onPass;
    this.#precision = options.precision ?? flag("precision");
    const precision = this.#precision;
    this.#inner = { passesOff: [...this.#off], check: this.#check, apart: true, precision };
  }

  isOn(pass: PassName): boolean {
    return !this.#off.has(pass);
  }

  /** The result of a pass, checked and told to who listens. */
  done<T>(pass: string, result: T, check: (r: T) => void, print: (r: T) => string): T {
    if (this.#check) {
      try {
        check(result);
      } catch (e) {
        throw new Error(`Pass ${pass} breaks a rule: ${(e as Error).message}\n${print(result)}`);
      }
    }
    this.#onPass?.(pass, () => print(result));
    return result;
  }

  program(p: Program): Program {
    return PROGRAM_PASSES.reduce((now, [name, pass]) => {
      if (!this.isOn(name)) return now;
      return this.done(name, pass(now), checkProgram, printProgram);
    }, p);
  }

  /** A step as lowered, allowed to round as the option says. */
  #rounding(s: LoweredStep): LoweredStep {
    if (this.#precision === "float32" || s.kind !== "call") return s;
    if (s.call.name !== "gemm" || s.call.dtype !== "float32") return s;
    return { ...s, call: { ...s.call, precision: this.#precision } };
  }

  kernels(p: Program, options: CompileOptions): readonly LoweredStep[] {
    const check = (s: readonly LoweredStep[]) => checkSteps(s, p);
    const print = (s: readonly LoweredStep[]) => printSteps(s, "%", true).join("\n");
    const inner = (q: Program) => compile(q, this.#inner);
    const lowered = p.steps.flatMap((s) =>
      s.op === "literal"
        ? []
        : isControl(s)
        ? [lowerControl(s, p.avals, inner)]
        : lowerStep(s, p.avals).map((l) => this.#rounding(l))
    );
    const literals = p.steps.flatMap((s) => s.op === "literal" ? s.outs : []);
    const context: KernelContext = {
      program: p,
      kept: new Set(p.outputs),
      given: new Set([...p.inputs, ...p.constants, ...literals]),
      fixed: new Set([...options.donated?.values() ?? []].map((k) => p.outputs[k]!)),
      note: options.onFusion,
    };
    return KERNEL_PASSES.reduce<readonly LoweredStep[]>((now, [name, pass]) => {
      if (!this.isOn(name)) return now;
      return this.done(name, pass(now, context), check, print);
    }, this.done("lower", lowered, check, print));
  }
}

/** The first half of a compile: what can be done on the program alone. */
export function simplify(program: Program, options: CompileOptions = {}): Program {
  return new Run(options).program(openCalls(program));
}

/** The second half of a compile: lowers a simplified program, joins kernels, lays out memory. */
export function schedule(program: Program, options: CompileOptions = {}): Plan {
  const run = new Run(options);
  const open = dropBarriers(program);
  const steps = run.kernels(open, options);
  const donated = options.donated ?? new Map();
  const plan = planMemory(open, steps, donated, run.isOn("reuse"), options.apart);
  return run.done("memory", plan, checkPlan, printPlan);
}

/** Compiles a program to a plan. */
export function compile(program: Program, options: CompileOptions = {}): Plan {
  return schedule(simplify(program, options), options);
}

export { printPlan } from "./print_plan.ts";
export { checkPlan } from "./check_plan.ts";
