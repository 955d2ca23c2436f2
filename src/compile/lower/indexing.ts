/**
 * Ops whose positions are values: gathers, scatters, windows with a start of their own.
 *
 * @module
 */
import { type DType, isFloat } from "../../base/dtype.ts";
import { sizeOf, stridesOf } from "../../base/shape.ts";
import type { Aval } from "../../ir/aval.ts";
import type { Params } from "../../ir/def.ts";
import type { View } from "../../ir/kernel.ts";
import type { Id } from "../../ir/program.ts";
import type { LoweredStep } from "../lower.ts";
import { KernelBuilder } from "./builder.ts";
import { by, type Context, copy, type Rule, view } from "./rule.ts";

function fillValue(outside: "fill" | "zero", dtype: DType): number {
  if (outside === "zero") return 0;
  if (isFloat(dtype)) return NaN;
  return {
    bool: 1,
    uint8: 255,
    int32: -(2 ** 31),
    uint32: 2 ** 32 - 1,
    float32: NaN,
    float64: NaN,
  }[
    dtype
  ];
}

/** Loads an index, wraps negatives once; the position clamped into range, and whether it was inside. */
function position(b: KernelBuilder, id: Id, v: View, n: number): { at: number; inside: number } {
  const raw = b.load(id, "int32", v);
  const zero = b.const("int32", 0);
  const size = b.const("int32", n);
  const wrapped = b.op("add", "int32", raw, size);
  const index = b.op("where", "int32", b.op("lt", "bool", raw, zero), wrapped, raw);
  const inside = b.op(
    "and",
    "bool",
    b.op("ge", "bool", index, zero),
    b.op("lt", "bool", index, size),
  );
  const last = b.const("int32", Math.max(0, n - 1));
  return { at: b.op("max", "int32", zero, b.op("min", "int32", index, last)), inside };
}

/** The views of a gather: loop over the output; where the index lies; where x lies but for axis. */
function gatherViews(x: Aval, index: Aval, loop: readonly number[], axis: number, along: boolean) {
  const xs = stridesOf(x.shape);
  const is = stridesOf(index.shape);
  if (along) return { of: xs.map((s, i) => i === axis ? 0 : s), at: is, stride: xs[axis]! };
  const rank = index.shape.length;
  return {
    of: loop.map((_, i) => i < axis ? xs[i]! : i < axis + rank ? 0 : xs[i - rank + 1]!),
    at: loop.map((_, i) => i >= axis && i < axis + rank ? is[i - axis]! : 0),
    stride: xs[axis]!,
  };
}

function gather(along: boolean) {
  return (c: Context, p: Params): LoweredStep[] => {
    const { axis, outside } = p as unknown as { axis: number; outside: "fill" | "zero" };
    const [x, index] = [c.a[0]!, c.a[1]!];
    const out = c.o[0]!;
    const n = x.shape[axis]!;
    const target = view(stridesOf(out.shape));
    const b = new KernelBuilder();
    const fill = fillValue(outside, x.dtype);
    if (n === 0) {
      b.store(c.outs[0]!, x.dtype, target, b.const(x.dtype, fill));
      return [b.kernel(c.name, out.shape)];
    }
    const v = gatherViews(x, index, out.shape, axis, along);
    const { at, inside } = position(b, c.ins[1]!, view(v.at), n);
    const value = b.load(c.ins[0]!, x.dtype, {
      offset: 0,
      strides: v.of,
      at: [{ step: at, stride: v.stride }],
    });
    const kept = b.op("where", x.dtype, inside, value, b.const(x.dtype, fill));
    b.store(c.outs[0]!, x.dtype, target, kept);
    return [b.kernel(c.name, out.shape)];
  };
}

function scatter(along: boolean) {
  return (c: Context, p: Params): LoweredStep[] => {
    const { axis } = p as unknown as { axis: number };
    const [x, index, u] = [c.a[0]!, c.a[1]!, c.a[2]!];
    const whole = view(stridesOf(x.shape));
    const start = copy(c.name, x.shape, c.ins[0]!, whole, c.outs[0]!, whole, x.dtype);
    const n = x.shape[axis]!;
    if (n === 0 || u.size === 0) return [start];
    const b = new KernelBuilder();
    const v = gatherViews(x, index, u.shape, axis, along);
    const { at, inside } = position(b, c.ins[1]!, view(v.at), n);
    const value = b.load(c.ins[2]!, x.dtype, view(stridesOf(u.shape)));
    // what falls outside adds nothing: -0 keeps even a stored -0
    const none = b.const(x.dtype, isFloat(x.dtype) ? -0 : 0);
    const kept = b.op("where", x.dtype, inside, value, none);
    b.store(
      c.outs[0]!,
      x.dtype,
      {
        offset: 0,
        strides: v.of,
        at: [{ step: at, stride: v.stride }],
      },
      kept,
      true,
    );
    return [start, b.kernel(c.name, u.shape)];
  };
}

/** The clamped starts of a window, one int32 step per axis; nothing where there is no axis. */
function starts(
  b: KernelBuilder,
  id: Id,
  x: Aval,
  size: readonly number[],
  loopRank: number,
): Pick<View, "at"> {
  if (size.length === 0) return {};
  const own = stridesOf(x.shape);
  const at = size.map((n, i) => {
    const raw = b.load(id, "int32", { offset: i, strides: new Array<number>(loopRank).fill(0) });
    const low = b.op("max", "int32", raw, b.const("int32", 0));
    const step = b.op("min", "int32", low, b.const("int32", x.shape[i]! - n));
    return { step, stride: own[i]! };
  });
  return { at };
}

/** How each indexing op is written. */
export const indexingRules = {
  take: gather(false),
  takeAlong: gather(true),
  scatterAdd: scatter(false),
  scatterAlong: scatter(true),
  dynamicSlice: by<{ size: readonly number[] }>((c, { size }) => {
    const b = new KernelBuilder();
    const x = c.a[0]!;
    const at = starts(b, c.ins[1]!, x, size, size.length);
    const value = b.load(c.ins[0]!, x.dtype, { ...view(stridesOf(x.shape)), ...at });
    b.store(c.outs[0]!, x.dtype, view(stridesOf(size)), value);
    return [b.kernel("dynamicSlice", size)];
  }),
  dynamicUpdate: (c) => {
    const b = new KernelBuilder();
    const [x, u] = [c.a[0]!, c.a[1]!];
    const own = view(stridesOf(x.shape));
    const at = starts(b, c.ins[2]!, x, u.shape, u.shape.length);
    const value = b.load(c.ins[1]!, x.dtype, view(stridesOf(u.shape)));
    b.store(c.outs[0]!, x.dtype, { ...own, ...at }, value);
    return [
      copy("dynamicUpdate", x.shape, c.ins[0]!, own, c.outs[0]!, own, x.dtype),
      b.kernel("dynamicUpdate", u.shape),
    ];
  },
  sort: by<{ axis: number }>((c, { axis }) => {
    const x = c.a[0]!;
    return [{
      kind: "call",
      call: {
        name: "sort",
        dtype: x.dtype,
        outer: sizeOf(x.shape.slice(0, axis)),
        size: x.shape[axis]!,
        inner: sizeOf(x.shape.slice(axis + 1)),
      },
      args: [c.ins[0]!, c.outs[0]!, c.outs[1]!],
    }];
  }),
} satisfies { readonly [name: string]: Rule };
