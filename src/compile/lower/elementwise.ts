/**
 * Elementwise ops: one scalar step on broadcast operands.
 *
 * @module
 */
import { stridesOf } from "../../base/shape.ts";
import { opDef } from "../../ir/ops.ts";
import type { LoweredStep } from "../lower.ts";
import { KernelBuilder } from "./builder.ts";
import { broadcastStrides, type Context, view } from "./rule.ts";

/** Lowers an elementwise op by its scalar name. */
export function elementwise(c: Context): LoweredStep[] {
  const b = new KernelBuilder();
  const out = c.o[0]!;
  const args = c.ins.map((id, i) =>
    b.load(id, c.a[i]!.dtype, view(broadcastStrides(c.a[i]!.shape, out.shape)))
  );
  const value = b.op(opDef(c.name).scalar!, out.dtype, ...args);
  b.store(c.outs[0]!, out.dtype, view(stridesOf(out.shape)), value);
  return [b.kernel(c.name, out.shape)];
}
