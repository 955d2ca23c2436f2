/**
 * Steps that only interpreters need: programs that stand as one step are written out, and barriers go
 * when nothing merges equal steps any more.
 *
 * @module
 */
import type { Aval } from "../ir/aval.ts";
import type { Id, Program, Step } from "../ir/program.ts";

const isCall = (s: Step): boolean => s.op === "checkpoint" || s.op === "custom";

/** Writes the programs of `checkpoint` and `custom` steps out. */
export function openCalls(p: Program): Program {
  if (!p.steps.some(isCall)) return p;
  const avals: Aval[] = [...p.avals];
  const replaced = new Map<Id, Id>();
  const read = (id: Id): Id => replaced.get(id) ?? id;
  const steps: Step[] = [];
  for (const s of p.steps) {
    const ins = s.ins.map(read);
    if (!isCall(s)) {
      steps.push({ ...s, ins });
      continue;
    }
    const inner = openCalls(s.params["program"] as Program);
    const names = new Map<Id, Id>();
    [...inner.inputs, ...inner.constants].forEach((id, k) => names.set(id, ins[k]!));
    for (const step of inner.steps) {
      const outs = step.outs.map((id) => {
        const own = avals.push(inner.avals[id]!) - 1;
        names.set(id, own);
        return own;
      });
      steps.push({ ...step, ins: step.ins.map((id) => names.get(id)!), outs });
    }
    inner.outputs.forEach((id, k) => replaced.set(s.outs[k]!, names.get(id)!));
  }
  return { ...p, avals, steps, outputs: p.outputs.map(read) };
}

/** Reads through barriers. */
export function dropBarriers(p: Program): Program {
  if (!p.steps.some((s) => s.op === "barrier")) return p;
  const replaced = new Map<Id, Id>();
  const read = (id: Id): Id => replaced.get(id) ?? id;
  const steps: Step[] = [];
  for (const s of p.steps) {
    const ins = s.ins.map(read);
    if (s.op === "barrier") s.outs.forEach((o, k) => replaced.set(o, ins[k]!));
    else steps.push({ ...s, ins });
  }
  return { ...p, steps, outputs: p.outputs.map(read) };
}
