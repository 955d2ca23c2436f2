/**
 * Programs within programs, and which steps must run for what they do.
 *
 * @module
 */
import { effect } from "./ops/effect.ts";
import type { Program, Step } from "./program.ts";

/** Whether a parameter of an op is a program. */
export function isProgram(x: unknown): x is Program {
  return typeof x === "object" && x !== null && "steps" in x && "outputs" in x;
}

const NONE: readonly Program[] = [];

/** The programs within a step, as the branches and bodies of control flow are. */
export function innerPrograms(s: Step): readonly Program[] {
  let found: Program[] | null = null;
  // every pass asks it of every step: nothing is made where there is none
  for (const key in s.params) {
    const x = s.params[key];
    if (typeof x !== "object" || x === null) continue;
    if (isProgram(x)) (found ??= []).push(x);
    else if (Array.isArray(x) && isProgram(x[0])) (found ??= []).push(...x.filter(isProgram));
  }
  return found ?? NONE;
}

const effectful = new WeakMap<Program, boolean>();

/** Whether a step is there for what it does: it must run, once, in its place. */
export function hasEffect(s: Step): boolean {
  if (s.op in effect) return true;
  const inner = innerPrograms(s);
  return inner.length > 0 && inner.some((p) => {
    let known = effectful.get(p);
    if (known === undefined) effectful.set(p, known = p.steps.some(hasEffect));
    return known;
  });
}
