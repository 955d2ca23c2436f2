/**
 * Values made from positions and counters alone.
 *
 * @module
 */
import { stridesOf } from "../../base/shape.ts";
import type { ScalarName } from "../../ir/scalar.ts";
import type { LoweredStep } from "../lower.ts";
import { KernelBuilder } from "./builder.ts";
import { broadcastStrides, by, type Context, type Rule, view } from "./rule.ts";

const ROTATIONS = [[13, 15, 26, 6], [17, 29, 16, 24]] as const;

/** Threefry-2x32 with 20 rounds, written out in scalar steps. */
function threefry(c: Context): LoweredStep[] {
  const b = new KernelBuilder();
  const shape = c.o[0]!.shape;
  const [k0, k1, c0, c1] = c.ins.map((id, i) =>
    b.load(id, "uint32", view(broadcastStrides(c.a[i]!.shape, shape)))
  ) as [number, number, number, number];
  const u = (op: ScalarName, x: number, y: number) => b.op(op, "uint32", x, y);
  const word = (v: number) => b.const("uint32", v);
  const rotate = (x: number, r: number) => u("or", u("shl", x, word(r)), u("shr", x, word(32 - r)));
  const keys = [k0, k1, u("xor", u("xor", k0, k1), word(0x1BD11BDA))];
  let x0 = u("add", c0, k0);
  let x1 = u("add", c1, k1);
  for (let group = 1; group <= 5; group++) {
    for (const r of ROTATIONS[(group - 1) % 2]!) {
      x0 = u("add", x0, x1);
      x1 = u("xor", rotate(x1, r), x0);
    }
    x0 = u("add", x0, keys[group % 3]!);
    x1 = u("add", u("add", x1, keys[(group + 1) % 3]!), word(group));
  }
  const target = view(stridesOf(shape));
  b.store(c.outs[0]!, "uint32", target, x0);
  b.store(c.outs[1]!, "uint32", target, x1);
  return [b.kernel("threefry", shape)];
}

/** How each op without arrays to read is written. */
export const createRules = {
  iota: by<{ axis: number }>((c, { axis }) => {
    const out = c.o[0]!;
    const b = new KernelBuilder();
    const i = b.index(axis);
    const value = out.dtype === "int32" ? i : b.op("cast", out.dtype, i);
    b.store(c.outs[0]!, out.dtype, view(stridesOf(out.shape)), value);
    return [b.kernel("iota", out.shape)];
  }),
  threefry,
} satisfies { readonly [name: string]: Rule };
