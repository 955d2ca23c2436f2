/**
 * Steps that move from one kernel into another get new numbers.
 *
 * @module
 */
import type { Accumulator, ScalarStep, View } from "../../ir/kernel.ts";
import type { LoweredStep } from "../lower.ts";

/** A kernel and the values that its arguments stand for. */
export type KernelStep = Extract<LoweredStep, { kind: "kernel" }>;

/** A step whose operands have new numbers. */
export function renumbered(s: ScalarStep, numbers: readonly number[]): ScalarStep {
  if (s.op === "load") {
    return s.view.at === undefined ? s : { ...s, view: renumberedView(s.view, numbers) };
  }
  if (!("args" in s)) return s;
  const [a, b] = s.args as readonly [number, number];
  const args = s.args.length === 1
    ? [numbers[a]!]
    : s.args.length === 2
    ? [numbers[a]!, numbers[b]!]
    : s.args.map((i) => numbers[i]!);
  return { op: s.op, dtype: s.dtype, args };
}

/** A view whose indirect positions have new numbers. */
export function renumberedView(v: View, numbers: readonly number[]): View {
  return v.at === undefined ? v : { ...v, at: v.at.map((a) => ({ ...a, step: numbers[a.step]! })) };
}

/** An accumulator of steps that have new numbers. */
export function renumberedAccumulator(a: Accumulator, numbers: readonly number[]): Accumulator {
  const value = numbers[a.value]!;
  return a.factor === undefined ? { ...a, value } : { ...a, value, factor: numbers[a.factor]! };
}
