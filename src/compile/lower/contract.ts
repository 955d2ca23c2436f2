/**
 * Products of matrices: a routine for floats, a kernel for integers.
 *
 * @module
 */
import { isFloat } from "../../base/dtype.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Params } from "../../ir/def.ts";
import type { LoweredStep } from "../lower.ts";
import { KernelBuilder } from "./builder.ts";
import { type Context, view } from "./rule.ts";

/** Lowers a batch of products. */
export function dot(c: Context, p: Params): LoweredStep[] {
  const { ta, tb } = p as unknown as { ta: boolean; tb: boolean };
  const [a, b, o] = [c.a[0]!, c.a[1]!, c.o[0]!];
  const rank = o.shape.length;
  const [m, n] = [o.shape[rank - 2]!, o.shape[rank - 1]!];
  const k = a.shape[ta ? rank - 2 : rank - 1]!;
  const batch = sizeOf(o.shape.slice(0, -2));
  if (isFloat(o.dtype)) {
    return [{
      kind: "call",
      call: {
        name: "gemm",
        dtype: o.dtype as "float32" | "float64",
        ta,
        tb,
        m,
        n,
        k,
        batch,
        beta: 0,
      },
      args: [c.ins[0]!, c.ins[1]!, c.outs[0]!],
    }];
  }
  const body = new KernelBuilder();
  const x = body.load(c.ins[0]!, a.dtype, view([m * k, ta ? 1 : k, 0, ta ? m : 1]));
  const y = body.load(c.ins[1]!, b.dtype, view([k * n, 0, tb ? k : 1, tb ? 1 : n]));
  const value = body.op("mul", o.dtype, x, y);
  body.store(c.outs[0]!, o.dtype, view([m * n, n, 1, 0]), body.steps.length);
  return [body.kernel("dot", [batch, m, n], {
    reduce: [k],
    accumulators: [{ combine: "add", dtype: o.dtype, value }],
    epilogue: [{ op: "acc", dtype: o.dtype, acc: 0 }],
  })];
}
