/**
 * Lowering of control flow: each program of a step becomes a plan of its own, which link runs at
 * addresses that the step gives it.
 *
 * @module
 */
import type { Aval } from "../ir/aval.ts";
import type { flow } from "../ir/ops/control.ts";
import type { ScanParams, SwitchParams, WhileParams } from "../ir/ops/control_params.ts";
import type { Id, Program, Step } from "../ir/program.ts";
import { aligned } from "./memory.ts";
import type { Control, ControlStep, Plan } from "./plan.ts";

/** Compiles a program whose every output is to have memory of its own. */
export type CompileInner = (p: Program) => Plan;

const bytesOf = (avals: readonly Aval[]): number[] => avals.map((a) => a.bytes);

/** Places one behind the other. */
function sideBySide(sizes: readonly number[]): { offsets: number[]; end: number } {
  let end = 0;
  const offsets = sizes.map((n) => {
    const at = end;
    end += aligned(n);
    return at;
  });
  return { offsets, end };
}

type Rule<P> = (
  params: P,
  avals: readonly Aval[],
  compile: CompileInner,
) => { call: Control; scratchBytes: number };

const RULES: {
  readonly switch: Rule<SwitchParams>;
  readonly while: Rule<WhileParams>;
  readonly scan: Rule<ScanParams>;
} = {
  switch: ({ branches }, _avals, compile) => {
    const plans = branches.map(compile);
    return {
      call: { name: "switch", branches: plans },
      scratchBytes: Math.max(...plans.map((p) => p.scratchBytes)),
    };
  },
  while: ({ cond, body, condConsts, bodyConsts }, avals, compile) => {
    const [test, own] = [compile(cond), compile(body)];
    const carryBytes = bytesOf(avals.slice(condConsts + bodyConsts));
    const { offsets, end } = sideBySide([1, ...carryBytes]);
    const [predOffset, ...swapOffsets] = offsets as [number, ...number[]];
    return {
      call: {
        name: "while",
        cond: test,
        body: own,
        condConsts,
        bodyConsts,
        carryBytes,
        predOffset,
        swapOffsets,
        innerOffset: end,
      },
      scratchBytes: end + Math.max(test.scratchBytes, own.scratchBytes),
    };
  },
  scan: ({ body, consts, carry, length, reverse }, avals, compile) => {
    const own = compile(body);
    const row = (ids: readonly Id[]) => bytesOf(ids.map((i) => body.avals[i]!));
    const carryBytes = bytesOf(avals.slice(consts, consts + carry));
    const { offsets, end } = sideBySide(length > 1 ? carryBytes : []);
    return {
      call: {
        name: "scan",
        body: own,
        consts,
        length,
        reverse,
        carryBytes,
        xBytes: row(body.inputs.slice(consts + carry)),
        yBytes: row(body.outputs.slice(carry)),
        swapOffsets: offsets,
        innerOffset: end,
      },
      scratchBytes: end + own.scratchBytes,
    };
  },
};

/** Whether a step holds programs. */
export function isControl(s: Step): boolean {
  return s.op in RULES;
}

/** Lowers a step that holds programs. */
export function lowerControl(
  s: Step,
  avals: readonly Aval[],
  compile: CompileInner,
): ControlStep {
  const rule = RULES[s.op as keyof typeof flow] as Rule<unknown>;
  const ins = s.ins.map((i) => avals[i]!);
  return {
    kind: "control",
    ...rule(s.params, ins, compile),
    reads: s.ins.length,
    args: [...s.ins, ...s.outs],
  };
}
