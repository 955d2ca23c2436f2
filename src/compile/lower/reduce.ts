/**
 * Reductions and running ones: an accumulator over the reduced axes.
 *
 * @module
 */
import { stridesOf } from "../../base/shape.ts";
import type { Combine, View } from "../../ir/kernel.ts";
import type { CumulativeParams, ReduceParams } from "../../ir/ops/reduce.ts";
import type { LoweredStep } from "../lower.ts";
import { KernelBuilder } from "./builder.ts";
import { by, type Context, type Rule, view } from "./rule.ts";

/** A reduction over `axes` of the input, one accumulator. */
function reduction(c: Context, axes: readonly number[], combine: Combine): LoweredStep[] {
  const [a, out] = [c.a[0]!, c.o[0]!];
  const b = new KernelBuilder();
  const strides = stridesOf(a.shape);
  const kept = a.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const order = [...kept, ...axes];
  const value = b.load(c.ins[0]!, a.dtype, view(order.map((i) => strides[i]!)));
  const shape = kept.map((i) => a.shape[i]!);
  b.store(c.outs[0]!, out.dtype, view([...stridesOf(shape), ...axes.map(() => 0)]), b.steps.length);
  return [b.kernel(c.name, shape, {
    reduce: axes.map((i) => a.shape[i]!),
    accumulators: [{ combine, dtype: out.dtype, value }],
    epilogue: [{ op: "acc", dtype: out.dtype, acc: 0 }],
  })];
}

function running(c: Context, { axis, reverse }: CumulativeParams, combine: Combine): LoweredStep[] {
  const out = c.o[0]!;
  const b = new KernelBuilder();
  const own = stridesOf(out.shape);
  const n = out.shape[axis]!;
  const shape = out.shape.filter((_, i) => i !== axis);
  const way: View = {
    offset: reverse ? (n - 1) * own[axis]! : 0,
    strides: [...own.filter((_, i) => i !== axis), reverse ? -own[axis]! : own[axis]!],
  };
  const values = c.ins.map((id, i) => b.load(id, c.a[i]!.dtype, way));
  const linear = combine === "linear";
  b.store(c.outs[0]!, out.dtype, way, b.steps.length);
  return [b.kernel(c.name, shape, {
    reduce: [n],
    scan: true,
    accumulators: [{
      combine,
      dtype: out.dtype,
      value: values[linear ? 1 : 0]!,
      ...(linear ? { factor: values[0]! } : {}),
    }],
    epilogue: [{ op: "acc", dtype: out.dtype, acc: 0 }],
  })];
}

/** How each reduction is written. */
export const reduceRules = {
  sum: by<ReduceParams>((c, p) => reduction(c, p.axes, "add")),
  prod: by<ReduceParams>((c, p) => reduction(c, p.axes, "mul")),
  max: by<ReduceParams>((c, p) => reduction(c, p.axes, "max")),
  min: by<ReduceParams>((c, p) => reduction(c, p.axes, "min")),
  argmax: by<{ axis: number }>((c, p) => reduction(c, [p.axis], "argmax")),
  argmin: by<{ axis: number }>((c, p) => reduction(c, [p.axis], "argmin")),
  cumsum: by<CumulativeParams>((c, p) => running(c, p, "add")),
  cumprod: by<CumulativeParams>((c, p) => running(c, p, "mul")),
  recurrence: by<CumulativeParams>((c, p) => running(c, p, "linear")),
} satisfies { readonly [name: string]: Rule };
