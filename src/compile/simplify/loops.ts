/**
 * Loops with less to do at every turn: with numbers of the text inside, and with what is always the
 * same computed once, before the loop.
 *
 * @module
 */
import type { Aval } from "../../ir/aval.ts";
import { opDef } from "../../ir/ops.ts";
import type { ScanParams, WhileParams } from "../../ir/ops/control_params.ts";
import { hasEffect, type Id, type Program, type Step } from "../../ir/program.ts";
import { dependents, extract } from "../../ir/slice.ts";
import { count, type Flags, pick } from "./flags.ts";

/** A program within a loop: of `consts` operands that do not change, then others. */
interface Turn {
  readonly program: Program;
  readonly consts: readonly Id[];
}

/** Classes of ops whose work is worth keeping, whatever the size of what they give. */
const HEAVY: ReadonlySet<string> = new Set([
  "contract",
  "reduce",
  "cumulative",
  "library",
  "random",
]);

/** Values that depend on constants alone, and that are worth computing once. */
function invariants({ program: p, consts }: Turn): Id[] {
  const fixed = p.inputs.slice(0, consts.length);
  const effects = p.steps.filter(hasEffect).flatMap((s) => s.outs);
  const moving = dependents(p, [...p.inputs.slice(consts.length), ...effects]);
  const known = dependents(p, fixed);
  const most = Math.max(0, ...fixed.map((id) => p.avals[id]!.size));
  const writers = new Map<Id, Step>();
  for (const s of p.steps) for (const o of s.outs) writers.set(o, s);
  const found = new Set<Id>();
  const visit = (id: Id): void => {
    const s = writers.get(id);
    if (s === undefined || moving.has(id) || !known.has(id)) return;
    const kind = opDef(s.op).class;
    const small = kind === "elementwise" && p.avals[id]!.size <= most;
    if (HEAVY.has(kind) || small) found.add(id);
    else s.ins.forEach(visit);
  };
  for (const s of p.steps) {
    if (hasEffect(s) || s.outs.some((o) => moving.has(o))) s.ins.forEach(visit);
  }
  p.outputs.forEach(visit);
  return [...found];
}

/** The program that is being written. */
class Writer {
  readonly avals: Aval[];
  readonly steps: Step[] = [];
  readonly replaced = new Map<Id, Id>();
  readonly #literals = new Map<Id, Step>();

  constructor(avals: readonly Aval[]) {
    this.avals = [...avals];
  }

  read(id: Id): Id {
    return this.replaced.get(id) ?? id;
  }

  add(s: Step): void {
    this.steps.push(s);
    if (s.op === "literal") this.#literals.set(s.outs[0]!, s);
  }

  /** Writes the steps of a program out; the values of its outputs. */
  inline(p: Program, ins: readonly Id[]): Id[] {
    const names = new Map<Id, Id>(p.inputs.map((id, i) => [id, ins[i]!]));
    for (const s of p.steps) {
      const outs = s.outs.map((id) => {
        const own = this.avals.push(p.avals[id]!) - 1;
        names.set(id, own);
        return own;
      });
      this.add({ ...s, ins: s.ins.map((id) => names.get(id)!), outs });
    }
    return p.outputs.map((id) => names.get(id)!);
  }

  /** The program with the numbers among its first operands in its own text. */
  sink({ program: p, consts }: Turn): Turn {
    const numbers = consts.map((id) => this.#literals.get(id));
    if (numbers.every((s) => s === undefined)) return { program: p, consts };
    const own = p.inputs.slice(0, consts.length);
    const steps = numbers.flatMap((s, i) => s === undefined ? [] : [{ ...s, outs: [own[i]!] }]);
    const kept = numbers.map((s) => s === undefined);
    const inputs = [...pick(own, kept), ...p.inputs.slice(consts.length)];
    return {
      program: extract({ ...p, inputs, steps: [...steps, ...p.steps] }, inputs, p.outputs, true),
      consts: pick(consts, kept),
    };
  }

  /** The program without what can be computed before the loop. */
  hoist(turn: Turn): Turn {
    const { program: p, consts } = turn;
    const found = invariants(turn);
    if (found.length === 0) return turn;
    const own = p.inputs.slice(0, consts.length);
    const made = this.inline(extract(p, own, found), consts);
    const inputs = [...own, ...found, ...p.inputs.slice(consts.length)];
    return { program: extract(p, inputs, p.outputs, true), consts: [...consts, ...made] };
  }

  settle(turn: Turn): Turn {
    return this.hoist(this.sink(turn));
  }
}

/** A carry that the body hands on as it is, is a constant. */
function still(body: Program, consts: number, carry: number): Flags {
  return Array.from({ length: carry }, (_, i) => body.outputs[i] === body.inputs[consts + i]);
}

function settleScan(s: Step, w: Writer): Step {
  const params = s.params as unknown as ScanParams;
  const { body, consts, carry } = params;
  const fixed = still(body, consts, carry);
  const moving = fixed.map((x) => !x);
  const end = consts + carry;
  const carryIn = body.inputs.slice(consts, end);
  s.outs.slice(0, carry).forEach((o, i) => {
    if (fixed[i]) w.replaced.set(o, s.ins[consts + i]!);
  });
  const turn = w.settle({
    program: {
      ...body,
      inputs: [
        ...body.inputs.slice(0, consts),
        ...pick(carryIn, fixed),
        ...pick(carryIn, moving),
        ...body.inputs.slice(end),
      ],
      outputs: [...pick(body.outputs.slice(0, carry), moving), ...body.outputs.slice(carry)],
    },
    consts: [...s.ins.slice(0, consts), ...pick(s.ins.slice(consts, end), fixed)],
  });
  return {
    ...s,
    ins: [...turn.consts, ...pick(s.ins.slice(consts, end), moving), ...s.ins.slice(end)],
    outs: [...pick(s.outs.slice(0, carry), moving), ...s.outs.slice(carry)],
    params: { ...params, body: turn.program, consts: turn.consts.length, carry: count(moving) },
  };
}

function settleWhile(s: Step, w: Writer): Step {
  const { cond, body, condConsts, bodyConsts } = s.params as unknown as WhileParams;
  const start = condConsts + bodyConsts;
  const carry = s.ins.slice(start);
  const fixed = still(body, bodyConsts, carry.length);
  const moving = fixed.map((x) => !x);
  s.outs.forEach((o, i) => {
    if (fixed[i]) w.replaced.set(o, carry[i]!);
  });
  const part = (p: Program, consts: number, given: readonly Id[]): Turn => {
    const own = p.inputs.slice(consts);
    return w.settle({
      program: {
        ...p,
        inputs: [...p.inputs.slice(0, consts), ...pick(own, fixed), ...pick(own, moving)],
      },
      consts: [...given, ...pick(carry, fixed)],
    });
  };
  const test = part(cond, condConsts, s.ins.slice(0, condConsts));
  const turn = part(
    { ...body, outputs: pick(body.outputs, moving) },
    bodyConsts,
    s.ins.slice(condConsts, start),
  );
  return {
    ...s,
    ins: [...test.consts, ...turn.consts, ...pick(carry, moving)],
    outs: pick(s.outs, moving),
    params: {
      cond: test.program,
      body: turn.program,
      condConsts: test.consts.length,
      bodyConsts: turn.consts.length,
    },
  };
}

/** Takes out of loops what is the same at every turn. */
export function settleLoops(p: Program): Program {
  if (!p.steps.some((s) => s.op === "scan" || s.op === "while")) return p;
  const w = new Writer(p.avals);
  for (const old of p.steps) {
    const s = { ...old, ins: old.ins.map((id) => w.read(id)) };
    if (s.op === "scan") w.add(settleScan(s, w));
    else if (s.op === "while") w.add(settleWhile(s, w));
    else w.add(s);
  }
  return { ...p, avals: w.avals, steps: w.steps, outputs: p.outputs.map((id) => w.read(id)) };
}
