/**
 * Dead code: what nobody reads is not computed.
 *
 * @module
 */
import { hasEffect, type Id, type Program, type Step } from "../../ir/program.ts";
import { trim } from "./trim.ts";

/**
 * Drops steps whose outputs nobody needs, and such outputs of control flow. What has an effect is
 * needed for it.
 */
export function removeDead(p: Program): Program {
  const live = new Set<Id>(p.outputs);
  const steps: Step[] = [];
  for (let k = p.steps.length - 1; k >= 0; k--) {
    const whole = p.steps[k]!;
    if (!whole.outs.some((o) => live.has(o)) && !hasEffect(whole)) continue;
    const s = trim(whole, live);
    for (let i = 0; i < s.ins.length; i++) live.add(s.ins[i]!);
    steps.push(s);
  }
  return { ...p, steps: steps.reverse() };
}
