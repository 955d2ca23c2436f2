/**
 * What the interpreters lend to the rules of ops.
 *
 * @module
 */
import type { Aval } from "../ir/aval.ts";
import type { Params, RuleContext } from "../ir/def.ts";
import type { OpName, ParamsOf } from "../ir/ops.ts";
import type { Program } from "../ir/program.ts";
import { callCustom, type CustomCall, remat } from "./custom.ts";
import { current, within } from "./interpreter.ts";
import type { Tensor } from "./tensor.ts";
import { Trace } from "./trace.ts";

type Values = readonly Tensor[];

/** Tells the interpreter in force of the steps of a program; its outputs. */
export function inline(program: Program, ins: Values): Tensor[] {
  const values = new Map<number, Tensor>();
  [...program.inputs, ...program.constants].forEach((id, k) => values.set(id, ins[k]!));
  for (const { op, ins, outs, params } of program.steps) {
    const made = tell(op, ins.map((id) => values.get(id)!), params);
    outs.forEach((id, k) => values.set(id, made[k]!));
  }
  return program.outputs.map((id) => values.get(id)!);
}

function tell(op: OpName, ins: Values, params: Params): Tensor[] {
  switch (op) {
    case "literal":
      return [literalOf(params)];
    case "custom":
      return callCustom(params["call"] as CustomCall, ins.slice(0, params["operands"] as number));
    case "checkpoint":
      return remat(() => inline(params["program"] as Program, ins));
    default:
      return current().emit(op, ins, params);
  }
}

function literalOf(params: Params): Tensor {
  const { values, shape, dtype, weak } = params as unknown as ParamsOf<"literal">;
  return current().literal(values, shape, dtype, weak);
}

/** Records a function that uses nothing but what it is given. */
export function traceClosed(f: (ins: Values) => Values, avals: readonly Aval[]): Program {
  const trace = new Trace("a rule");
  const ins = avals.map((a) => trace.input(a));
  const { program, constants } = trace.finish(ins, within(trace, () => f(ins)));
  if (constants.length > 0) throw new Error("A rule used a tensor that it was not given");
  return program;
}

/** Lent to every rule; what rules call Values are Tensors here. */
export const RULE_CONTEXT = {
  emit: (op: string, ins: Values, params: object = {}) =>
    op === "literal"
      ? [literalOf(params as Params)]
      : current().emit(op as OpName, ins, params as Params),
  trace: traceClosed,
  inline,
} as unknown as RuleContext;
