/**
 * What every lowering rule is, and the walks over arrays that several of them share.
 *
 * @module
 */
import type { DType } from "../../base/dtype.ts";
import { stridesOf } from "../../base/shape.ts";
import type { Aval } from "../../ir/aval.ts";
import type { Params } from "../../ir/def.ts";
import type { View } from "../../ir/kernel.ts";
import type { OpName } from "../../ir/ops.ts";
import type { Id } from "../../ir/program.ts";
import type { LoweredStep } from "../lower.ts";
import { KernelBuilder } from "./builder.ts";

/** The op of a step and the values that it is applied to. */
export interface Context {
  readonly name: OpName;
  readonly ins: readonly Id[];
  readonly outs: readonly Id[];
  /** Avals of inputs and outputs. */
  readonly a: readonly Aval[];
  readonly o: readonly Aval[];
}

/** A view of constant strides. */
export function view(strides: readonly number[], offset = 0): View {
  return { offset, strides };
}

/** A copy of `from` (through a view) to `to` (through a view), over `shape`. */
export function copy(
  name: string,
  shape: readonly number[],
  from: Id,
  source: View,
  to: Id,
  target: View,
  dtype: DType,
): LoweredStep {
  const b = new KernelBuilder();
  b.store(to, dtype, target, b.load(from, dtype, source));
  return b.kernel(name, shape);
}

/** How an op is written. */
export type Rule = (c: Context, p: Params) => LoweredStep[];

/** A rule that names its parameters. */
export function by<P>(rule: (c: Context, p: P) => LoweredStep[]): Rule {
  return rule as unknown as Rule;
}

/** Strides with which an array of `from` is read when it broadcasts to `to`. */
export function broadcastStrides(from: readonly number[], to: readonly number[]): number[] {
  const own = stridesOf(from);
  const lead = to.length - from.length;
  return to.map((_, i) => i < lead || from[i - lead] === 1 ? 0 : own[i - lead]!);
}
