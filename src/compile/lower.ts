/**
 * Lowering: each step of a program becomes kernels and calls on values. One kernel per op; what an
 * op needs beyond its class stands in the tables of `lower/`.
 *
 * @module
 */
import type { Aval } from "../ir/aval.ts";
import type { CallbackParams } from "../ir/ops/effect.ts";
import type { flow } from "../ir/ops/control.ts";
import type { elementwise as elementwiseOps } from "../ir/ops/elementwise.ts";
import { opDef, type OpName } from "../ir/ops.ts";
import type { Step } from "../ir/program.ts";
import { dot } from "./lower/contract.ts";
import { createRules } from "./lower/create.ts";
import { elementwise } from "./lower/elementwise.ts";
import { indexingRules } from "./lower/indexing.ts";
import { movementRules } from "./lower/movement.ts";
import { reduceRules } from "./lower/reduce.ts";
import { by, type Context, type Rule } from "./lower/rule.ts";
import { windowRules } from "./lower/windows.ts";
import type { PlanStep } from "./plan.ts";

/** A step of a plan, on values of the program in the place of slots. */
export type LoweredStep = PlanStep;

/** Ops that are gone before anything is lowered, have no code, or hold programs. */
type Unwritten = "literal" | "checkpoint" | "custom" | "barrier" | keyof typeof flow;

/** How each op that is not elementwise is written; complete by type. */
const RULES: { readonly [K in Exclude<OpName, keyof typeof elementwiseOps | Unwritten>]: Rule } = {
  ...reduceRules,
  ...movementRules,
  ...windowRules,
  ...indexingRules,
  ...createRules,
  dot,
  callback: by<CallbackParams>((c, { call }) => [
    { kind: "host", call, avals: c.a, args: c.ins },
  ]),
};

/** Lowers one step. A `literal` has no code: it becomes a slot of the plan. */
export function lowerStep(step: Step, avals: readonly Aval[]): LoweredStep[] {
  const context: Context = {
    name: step.op,
    ins: step.ins,
    outs: step.outs,
    a: step.ins.map((i) => avals[i]!),
    o: step.outs.map((i) => avals[i]!),
  };
  if (opDef(step.op).class === "elementwise") return elementwise(context);
  if (!(step.op in RULES)) throw new Error(`Op ${step.op} has no lowering`);
  return RULES[step.op as keyof typeof RULES](context, step.params);
}
