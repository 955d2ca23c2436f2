/**
 * Simplification: a program without what nobody reads, without work done twice, and with windows at
 * known places made static. Pure: program in, program out.
 *
 * @module
 */
import { exactJson } from "../base/exact_json.ts";
import { hasEffect, type Id, type Program, type Step } from "../ir/program.ts";

/** Drops steps whose outputs nobody needs. */
export function removeDead(p: Program): Program {
  const live = new Set<Id>(p.outputs);
  const steps: Step[] = [];
  for (let k = p.steps.length - 1; k >= 0; k--) {
    const s = p.steps[k]!;
    if (!s.outs.some((o) => live.has(o)) && !hasEffect(s)) continue;
    for (const i of s.ins) live.add(i);
    steps.push(s);
  }
  return { ...p, steps: steps.reverse() };
}

/** Makes equal steps one, and reads through `same` and `stop`. */
export function shareCommon(p: Program): Program {
  const known = new Map<string, readonly Id[]>();
  const replaced = new Map<Id, Id>();
  const read = (i: Id): Id => replaced.get(i) ?? i;
  const steps: Step[] = [];
  for (const s of p.steps) {
    const ins = s.ins.map(read);
    if (s.op === "same" || s.op === "stop") {
      replaced.set(s.outs[0]!, ins[0]!);
      continue;
    }
    if (hasEffect(s)) {
      steps.push({ ...s, ins });
      continue;
    }
    const key = `${s.op} ${ins.join(",")} ${exactJson(s.params)} ${p.avals[s.outs[0]!]!.key}`;
    const twin = known.get(key);
    if (twin !== undefined) {
      s.outs.forEach((o, i) => replaced.set(o, twin[i]!));
      continue;
    }
    known.set(key, s.outs);
    steps.push({ ...s, ins });
  }
  return { ...p, steps, outputs: p.outputs.map(read) };
}

/** Turns a window whose start is written in the program into a static one. */
export function staticWindows(p: Program): Program {
  const literals = new Map<Id, readonly number[]>();
  for (const s of p.steps) {
    if (s.op === "literal") literals.set(s.outs[0]!, s.params.values as readonly number[]);
  }
  const steps = p.steps.map((s): Step => {
    const at = s.op === "dynamicSlice" ? literals.get(s.ins[1]!) : undefined;
    if (at === undefined) return s;
    const size = s.params.size as readonly number[];
    const shape = p.avals[s.ins[0]!]!.shape;
    const start = at.map((v, i) => Math.max(0, Math.min(v, shape[i]! - size[i]!)));
    return {
      ...s,
      op: "slice",
      ins: [s.ins[0]!],
      params: { start, size, step: size.map(() => 1) },
    };
  });
  return { ...p, steps };
}

/** All simplifications, in order. */
export function simplify(p: Program): Program {
  return removeDead(shareCommon(staticWindows(p)));
}
