/**
 * Common subexpressions: work that is written twice is done once.
 *
 * @module
 */
import { exactJson } from "../../base/exact_json.ts";
import { hasEffect, type Id, type Program, type Step } from "../../ir/program.ts";

/** The parameters as text; whether a value is weak decides nothing once it is recorded. */
function paramsKey(s: Step): string {
  for (const _ in s.params) {
    return exactJson("weak" in s.params ? { ...s.params, weak: undefined } : s.params);
  }
  return "";
}

/** Makes equal steps one. What has an effect happens as often as it is written. */
export function shareCommon(p: Program): Program {
  const known = new Map<string, readonly Id[]>();
  const replaced = new Map<Id, Id>();
  const read = (i: Id): Id => replaced.get(i) ?? i;
  const steps: Step[] = [];
  for (let k = 0; k < p.steps.length; k++) {
    const old = p.steps[k]!;
    const moved = replaced.size > 0 && old.ins.some((i) => replaced.has(i));
    const s = moved ? { ...old, ins: old.ins.map(read) } : old;
    if (!hasEffect(s)) {
      let key: string = s.op;
      for (let i = 0; i < s.ins.length; i++) key += ` ${s.ins[i]}`;
      key += `;${paramsKey(s)}`;
      const twin = known.get(key);
      if (twin !== undefined) {
        s.outs.forEach((o, i) => replaced.set(o, twin[i]!));
        continue;
      }
      known.set(key, s.outs);
    }
    steps.push(s);
  }
  return { ...p, steps, outputs: p.outputs.map(read) };
}
