/**
 * Control flow without the results, carries and operands that nobody needs.
 *
 * @module
 */
import type { ScanParams, SwitchParams, WhileParams } from "../../ir/ops/control_params.ts";
import { hasEffect, type Id, type Program, type Step } from "../../ir/program.ts";
import { extract } from "../../ir/slice.ts";
import { count, type Flags, pick } from "./flags.ts";

const every = (flags: Flags): boolean => flags.every((x) => x);

/** What a program reads on the way to some of its values, and for its effects. */
function needs(p: Program, outputs: readonly Id[]): Set<Id> {
  const live = new Set(outputs);
  for (let k = p.steps.length - 1; k >= 0; k--) {
    const s = p.steps[k]!;
    if (!s.outs.some((o) => live.has(o)) && !hasEffect(s)) continue;
    for (const i of s.ins) live.add(i);
  }
  return live;
}

function trimSwitch(s: Step, live: ReadonlySet<Id>): Step {
  const { branches } = s.params as unknown as SwitchParams;
  const outs = s.outs.map((o) => live.has(o));
  const read = branches.map((b) => needs(b, pick(b.outputs, outs)));
  const ins = branches[0]!.inputs.map((_, i) =>
    branches.some((b, k) => read[k]!.has(b.inputs[i]!))
  );
  if (every(outs) && every(ins)) return s;
  const less = branches.map((b) => extract(b, pick(b.inputs, ins), pick(b.outputs, outs), true));
  return {
    ...s,
    ins: [s.ins[0]!, ...pick(s.ins.slice(1), ins)],
    outs: pick(s.outs, outs),
    params: { branches: less },
  };
}

function trimWhile(s: Step, live: ReadonlySet<Id>): Step {
  const { cond, body, condConsts, bodyConsts } = s.params as unknown as WhileParams;
  const tested = needs(cond, cond.outputs);
  const carry = s.outs.map((o, i) => live.has(o) || tested.has(cond.inputs[condConsts + i]!));
  const own = body.inputs.slice(bodyConsts);
  let read = needs(body, pick(body.outputs, carry));
  for (;;) {
    const more = own.findIndex((id, i) => !carry[i] && read.has(id));
    if (more < 0) break;
    carry[more] = true;
    read = needs(body, pick(body.outputs, carry));
  }
  const condOn = cond.inputs.map((id, i) =>
    i < condConsts ? tested.has(id) : carry[i - condConsts]!
  );
  const bodyOn = body.inputs.map((id, i) => i < bodyConsts ? read.has(id) : carry[i - bodyConsts]!);
  if (every(condOn) && every(bodyOn)) return s;
  const consts = [...condOn.slice(0, condConsts), ...bodyOn.slice(0, bodyConsts)];
  return {
    ...s,
    ins: pick(s.ins, [...consts, ...carry]),
    outs: pick(s.outs, carry),
    params: {
      cond: extract(cond, pick(cond.inputs, condOn), cond.outputs, true),
      body: extract(body, pick(body.inputs, bodyOn), pick(body.outputs, carry), true),
      condConsts: count(condOn.slice(0, condConsts)),
      bodyConsts: count(bodyOn.slice(0, bodyConsts)),
    },
  };
}

function trimScan(s: Step, live: ReadonlySet<Id>): Step {
  const params = s.params as unknown as ScanParams;
  const { body, consts, carry } = params;
  const outs = s.outs.map((o) => live.has(o));
  let read = needs(body, pick(body.outputs, outs));
  for (;;) {
    const more = outs.findIndex((on, i) => i < carry && !on && read.has(body.inputs[consts + i]!));
    if (more < 0) break;
    outs[more] = true;
    read = needs(body, pick(body.outputs, outs));
  }
  const ins = body.inputs.map((id, i) =>
    i >= consts && i < consts + carry ? outs[i - consts]! : read.has(id)
  );
  if (every(outs) && every(ins)) return s;
  return {
    ...s,
    ins: pick(s.ins, ins),
    outs: pick(s.outs, outs),
    params: {
      ...params,
      body: extract(body, pick(body.inputs, ins), pick(body.outputs, outs), true),
      consts: count(ins.slice(0, consts)),
      carry: count(outs.slice(0, carry)),
    },
  };
}

/** A step without the results and operands that nobody needs; `live` are values that are read. */
export function trim(s: Step, live: ReadonlySet<Id>): Step {
  switch (s.op) {
    case "switch":
      return trimSwitch(s, live);
    case "while":
      return trimWhile(s, live);
    case "scan":
      return trimScan(s, live);
    default:
      return s;
  }
}
