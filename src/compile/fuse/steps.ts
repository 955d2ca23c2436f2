/**
 * Steps that move from one kernel into another get new numbers.
 *
 * @module
 */
import type { ScalarStep, View } from "../../ir/kernel.ts";
import type { LoweredStep } from "../lower.ts";

/** A kernel and the values that its arguments stand for. */
export type KernelStep = Extract<LoweredStep, { kind: "kernel" }>;

/** A step whose operands have new numbers. */
export function renumbered(
  s: ScalarStep,
  numbers: readonly number[],
  view: (v: View) => View,
): ScalarStep {
  if (s.op === "load") return { ...s, view: view(s.view) };
  return "args" in s ? { ...s, args: s.args.map((a) => numbers[a]!) } : s;
}

/** A view whose indirect positions have new numbers. */
export function renumberedView(v: View, numbers: readonly number[]): View {
  return v.at === undefined ? v : { ...v, at: v.at.map((a) => ({ ...a, step: numbers[a.step]! })) };
}
