/**
 * Ops that move values: copies through views.
 *
 * @module
 */
import { stridesOf } from "../../base/shape.ts";
import type { PadParams, SliceParams } from "../../ir/ops/movement.ts";
import type { Params } from "../../ir/def.ts";
import { broadcastStrides, by, type Context, copy, type Rule, view } from "./rule.ts";

/** Copies that read the input through strides over the output's shape. */
export function moved(
  strides: (c: Context, p: Params) => { offset: number; strides: readonly number[] },
): Rule {
  return (c, p) => {
    const out = c.o[0]!;
    const target = view(stridesOf(out.shape));
    return [copy(c.name, out.shape, c.ins[0]!, strides(c, p), c.outs[0]!, target, out.dtype)];
  };
}

const whole = moved((c) => ({ offset: 0, strides: stridesOf(c.o[0]!.shape) }));
/** How each movement op is written. */
export const movementRules = {
  reshape: whole,
  same: whole,
  stop: whole,
  transpose: moved((c, p) => {
    const own = stridesOf(c.a[0]!.shape);
    return { offset: 0, strides: (p["perm"] as number[]).map((i) => own[i]!) };
  }),
  broadcast: moved((c) => ({ offset: 0, strides: broadcastStrides(c.a[0]!.shape, c.o[0]!.shape) })),
  flip: moved((c, p) => {
    const own = stridesOf(c.a[0]!.shape);
    const axes = p["axes"] as number[];
    return {
      offset: axes.reduce((at, i) => at + (c.a[0]!.shape[i]! - 1) * own[i]!, 0),
      strides: own.map((s, i) => axes.includes(i) ? -s : s),
    };
  }),
  slice: moved((c, p) => {
    const { start, step } = p as unknown as SliceParams;
    const own = stridesOf(c.a[0]!.shape);
    return {
      offset: start.reduce((at, s, i) => at + s * own[i]!, 0),
      strides: own.map((s, i) => s * step[i]!),
    };
  }),
  pad: by<PadParams>((c, { low, inner }) => {
    const [x, out] = [c.a[0]!, c.o[0]!];
    const own = stridesOf(out.shape);
    const fill = copy(
      "pad",
      out.shape,
      c.ins[1]!,
      view(out.shape.map(() => 0)),
      c.outs[0]!,
      view(own),
      out.dtype,
    );
    const target = {
      offset: low.reduce((at, l, i) => at + l * own[i]!, 0),
      strides: own.map((s, i) => s * (inner[i]! + 1)),
    };
    return [
      fill,
      copy("pad", x.shape, c.ins[0]!, view(stridesOf(x.shape)), c.outs[0]!, target, x.dtype),
    ];
  }),
  concatenate: by<{ axis: number }>((c, { axis }) => {
    const own = stridesOf(c.o[0]!.shape);
    let at = 0;
    return c.ins.map((id, i) => {
      const a = c.a[i]!;
      const target = view(own, at * own[axis]!);
      at += a.shape[axis]!;
      return copy(
        "concatenate",
        a.shape,
        id,
        view(stridesOf(a.shape)),
        c.outs[0]!,
        target,
        a.dtype,
      );
    });
  }),
} satisfies { readonly [name: string]: Rule };
