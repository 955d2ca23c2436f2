/**
 * Cutting programs in parts: what a forward pass hands to its backward pass, and each as a program
 * of its own.
 *
 * @module
 */
import type { Aval } from "./aval.ts";
import { hasEffect } from "./effects.ts";
import type { Id, Program, Step } from "./program.ts";

/** The same program with values numbered in the order in which they appear, and no other avals. */
function renumber(p: Program): Program {
  const avals: Aval[] = [];
  const numbers = new Map<Id, Id>();
  const number = (old: Id): Id => {
    let n = numbers.get(old);
    if (n === undefined) numbers.set(old, n = avals.push(p.avals[old]!) - 1);
    return n;
  };
  const inputs = p.inputs.map((i) => avals.push(p.avals[i]!) - 1);
  p.inputs.forEach((old, k) => {
    if (!numbers.has(old)) numbers.set(old, inputs[k]!);
  });
  const steps = p.steps.map((s): Step => ({
    ...s,
    ins: s.ins.map(number),
    outs: s.outs.map(number),
  }));
  return { avals, inputs, constants: [], steps, outputs: p.outputs.map(number) };
}

/**
 * The part of a program that computes some of its values from others, which become its inputs.
 *
 * @param effects whether steps with effects are kept as well
 */
export function extract(
  p: Program,
  inputs: readonly Id[],
  outputs: readonly Id[],
  effects = false,
): Program {
  const given = new Set(inputs);
  const live = new Set(outputs);
  const steps: Step[] = [];
  for (let k = p.steps.length - 1; k >= 0; k--) {
    const s = p.steps[k]!;
    const wanted = s.outs.some((o) => live.has(o) && !given.has(o)) || (effects && hasEffect(s));
    if (!wanted) continue;
    for (const i of s.ins) live.add(i);
    steps.push(s);
  }
  steps.reverse();
  return renumber({ avals: p.avals, inputs, constants: [], steps, outputs });
}

/** Values that a program computes from some of its inputs. */
export function dependents(p: Program, inputs: Iterable<Id>): Set<Id> {
  const found = new Set(inputs);
  for (const s of p.steps) {
    if (s.ins.some((i) => found.has(i))) { for (const o of s.outs) found.add(o); }
  }
  return found;
}

/** Ops of one operand that cost less to do again than their results to keep. */
const CHEAP: ReadonlySet<string> = new Set(["reshape", "transpose", "broadcast", "same", "stop"]);

/**
 * The values that must be handed on so that `outputs` can be computed later, when the inputs named
 * `later` are known as well. What only moves a value is done again, and so is what needs no input,
 * and what stands behind a barrier.
 */
export function residuals(p: Program, later: readonly Id[], outputs: readonly Id[]): Id[] {
  const again = p.steps.flatMap((s) => s.op === "barrier" ? s.outs : []);
  const unknown = dependents(p, [...later, ...again]);
  const known = dependents(p, p.inputs.filter((i) => !unknown.has(i)));
  const writer = new Map<Id, Step>();
  for (const s of p.steps) for (const o of s.outs) writer.set(o, s);
  const found = new Set<Id>();
  const seen = new Set<Id>();
  const visit = (id: Id): void => {
    if (seen.has(id)) return;
    seen.add(id);
    const s = writer.get(id);
    if (unknown.has(id)) {
      s?.ins.forEach(visit);
      return;
    }
    if (!known.has(id)) return; // numbers of the program's text
    const source = s?.ins[0];
    const cheap = s !== undefined && source !== undefined && CHEAP.has(s.op) &&
      p.avals[source]!.bytes <= p.avals[id]!.bytes;
    if (cheap) visit(source);
    else found.add(id);
  };
  outputs.forEach(visit);
  return [...found];
}
