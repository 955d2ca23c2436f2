/**
 * Lowering: each step of a program becomes kernels and calls on values. One kernel per op; what an
 * op needs beyond its class stands in the table below.
 *
 * @module
 */
import { type DType, isFloat } from "../base/dtype.ts";
import { stridesOf } from "../base/shape.ts";
import type { Aval } from "../ir/aval.ts";
import type { Params } from "../ir/def.ts";
import type {
  Accumulator,
  Combine,
  Kernel,
  KernelArg,
  ScalarStep,
  Store,
  View,
} from "../ir/kernel.ts";
import { opDef, type OpName } from "../ir/ops.ts";
import type { UnwindowParams, WindowParams } from "../ir/ops/convolve.ts";
import type { flow } from "../ir/ops/control.ts";
import type { elementwise as elementwiseOps } from "../ir/ops/elementwise.ts";
import type { PadParams, SliceParams } from "../ir/ops/movement.ts";
import type { CumulativeParams, ReduceParams } from "../ir/ops/reduce.ts";
import type { Id, Step } from "../ir/program.ts";
import type { ScalarName } from "../ir/scalar.ts";
import type { CallbackParams } from "../ir/ops/effect.ts";
import type { PlanStep } from "./plan.ts";

/** A step of a plan, on values of the program in the place of slots. */
export type LoweredStep = PlanStep;

/** Strides with which an array of `from` is read when it broadcasts to `to`. */
export function broadcastStrides(from: readonly number[], to: readonly number[]): number[] {
  const own = stridesOf(from);
  const lead = to.length - from.length;
  return to.map((_, i) => i < lead || from[i - lead] === 1 ? 0 : own[i - lead]!);
}

/** Collects the steps of one kernel, so that lowering rules read like loops. */
class Body {
  readonly steps: ScalarStep[] = [];
  readonly args: KernelArg[] = [];
  readonly ids: Id[] = [];
  readonly stores: Store[] = [];
  readonly #first: number;

  /** `first`: the number of its first step. */
  constructor(first = 0) {
    this.#first = first;
  }

  arg(id: Id, dtype: DType, writes = false): number {
    this.args.push({ dtype, writes });
    this.ids.push(id);
    return this.args.length - 1;
  }
  add(step: ScalarStep): number {
    return this.#first + this.steps.push(step) - 1;
  }
  load(id: Id, dtype: DType, view: View): number {
    return this.add({ op: "load", dtype, arg: this.arg(id, dtype), view });
  }
  const(dtype: DType, value: number): number {
    return this.add({ op: "const", dtype, value });
  }
  op(op: ScalarName, dtype: DType, ...args: number[]): number {
    return this.add({ op, dtype, args });
  }
  index(axis: number): number {
    return this.add({ op: "index", dtype: "int32", axis });
  }
  store(id: Id, dtype: DType, view: View, value: number, add = false): void {
    this.stores.push({ arg: this.arg(id, dtype, true), view, value, ...(add ? { add } : {}) });
  }
  kernel(
    name: string,
    shape: readonly number[],
    more: {
      reduce?: readonly number[];
      accumulators?: readonly Accumulator[];
      epilogue?: readonly ScalarStep[];
      scan?: boolean;
    } = {},
  ): LoweredStep {
    const kernel: Kernel = {
      name,
      shape,
      reduce: more.reduce ?? [],
      args: this.args,
      body: this.steps,
      accumulators: more.accumulators ?? [],
      epilogue: more.epilogue ?? [],
      stores: this.stores,
      ...(more.scan ? { scan: true } : {}),
    };
    return { kind: "kernel", kernel, args: this.ids };
  }
}

interface Context {
  readonly name: OpName;
  readonly ins: readonly Id[];
  readonly outs: readonly Id[];
  /** Avals of inputs and outputs. */
  readonly a: readonly Aval[];
  readonly o: readonly Aval[];
}

const view = (strides: readonly number[], offset = 0): View => ({ offset, strides });

/** A copy of `from` (through a view) to `to` (through a view), over `shape`. */
function copy(
  name: string,
  shape: readonly number[],
  from: Id,
  source: View,
  to: Id,
  target: View,
  dtype: DType,
): LoweredStep {
  const b = new Body();
  b.store(to, dtype, target, b.load(from, dtype, source));
  return b.kernel(name, shape);
}

function elementwise(c: Context): LoweredStep[] {
  const b = new Body();
  const out = c.o[0]!;
  const args = c.ins.map((id, i) =>
    b.load(id, c.a[i]!.dtype, view(broadcastStrides(c.a[i]!.shape, out.shape)))
  );
  const value = b.op(opDef(c.name).scalar!, out.dtype, ...args);
  b.store(c.outs[0]!, out.dtype, view(stridesOf(out.shape)), value);
  return [b.kernel(c.name, out.shape)];
}

/** A reduction over `axes` of the input, one accumulator. */
function reduction(c: Context, axes: readonly number[], combine: Combine): LoweredStep[] {
  const [a, out] = [c.a[0]!, c.o[0]!];
  const b = new Body();
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
  const b = new Body();
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
function position(b: Body, id: Id, v: View, n: number): { at: number; inside: number } {
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
    const b = new Body();
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
    const b = new Body();
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
  b: Body,
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

function dot(c: Context, p: Params): LoweredStep[] {
  const { ta, tb } = p as unknown as { ta: boolean; tb: boolean };
  const [a, b, o] = [c.a[0]!, c.a[1]!, c.o[0]!];
  const rank = o.shape.length;
  const [m, n] = [o.shape[rank - 2]!, o.shape[rank - 1]!];
  const k = a.shape[ta ? rank - 2 : rank - 1]!;
  const batch = o.shape.slice(0, -2).reduce((x, y) => x * y, 1);
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
  const body = new Body();
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

/** How an array is walked by [batch, ...counts, ...size, channels]. */
function windowView(shape: readonly number[], p: Omit<WindowParams, "size">): View {
  const own = stridesOf(shape);
  const along = (steps: readonly number[]) => steps.map((n, i) => n * own[i + 1]!);
  return view([own[0]!, ...along(p.strides), ...along(p.dilation), own[shape.length - 1]!]);
}

function unwindows(c: Context, p: UnwindowParams): LoweredStep[] {
  const [g, out] = [c.a[0]!, c.o[0]!];
  const rank = p.shape.length;
  const size = g.shape.slice(1 + rank, 1 + 2 * rank);
  const overlap = size.some((k, i) => p.strides[i]! <= (k - 1) * p.dilation[i]!);
  const b = new Body();
  const value = b.load(c.ins[0]!, g.dtype, view(stridesOf(g.shape)));
  b.store(c.outs[0]!, g.dtype, windowView(out.shape, p), value, overlap);
  const steps = [b.kernel("unwindows", g.shape)];
  if (overlap || g.size < out.size) {
    const zero = new Body();
    zero.store(c.outs[0]!, out.dtype, view(stridesOf(out.shape)), zero.const(out.dtype, 0));
    steps.unshift(zero.kernel("unwindows", out.shape));
  }
  return steps;
}

/** Divisions by up to so many steps are comparisons, which have vector instructions. */
const MOST_COMPARISONS = 16;

function windowArgmax(c: Context, p: WindowParams): LoweredStep[] {
  const [x, out] = [c.a[0]!, c.o[0]!];
  const rank = p.size.length;
  const { strides } = windowView(x.shape, p);
  const b = new Body();
  // outer axes batch, counts, channels; reduced axes the cells of a window
  const value = b.load(
    c.ins[0]!,
    x.dtype,
    view([...strides.slice(0, 1 + rank), strides[2 * rank + 1]!, ...strides.slice(1 + rank, -1)]),
  );
  const e = new Body(b.steps.length);
  const int = (op: ScalarName, ...args: number[]) => e.op(op, "int32", ...args);
  const times = (i: number, n: number) => n === 1 ? i : int("mul", i, e.const("int32", n));
  const first = e.add({ op: "acc", dtype: "int32", acc: 0 });
  const cells = stridesOf(x.shape.slice(1, -1));
  const inner = stridesOf(p.size);
  let at = -1;
  const plus = (i: number, n: number) => {
    if (n !== 0) at = at < 0 ? times(i, n) : int("add", at, times(i, n));
  };
  for (let i = 0; i < rank; i++) {
    plus(e.index(i + 1), p.strides[i]! * cells[i]!);
    // the winner lies in row `q` of the window, counted over all axes before
    let q = first;
    const rows = p.size.slice(0, i + 1).reduce((n, k) => n * k, 1);
    if (inner[i]! > 1) {
      if (rows - 1 > MOST_COMPARISONS) q = int("div", first, e.const("int32", inner[i]!));
      else {
        q = e.const("int32", 0);
        for (let row = 1; row < rows; row++) {
          const past = e.op("ge", "bool", first, e.const("int32", row * inner[i]!));
          q = int("add", q, int("cast", past));
        }
      }
    }
    const next = i + 1 < rank ? p.size[i + 1]! * p.dilation[i + 1]! * cells[i + 1]! : 0;
    plus(q, p.dilation[i]! * cells[i]! - next);
  }
  if (at < 0) at = first;
  const own = [...stridesOf(out.shape), ...p.size.map(() => 0)];
  b.store(c.outs[0]!, "int32", view(own), at);
  return [b.kernel("windowArgmax", out.shape, {
    reduce: p.size,
    accumulators: [{ combine: "argmax", dtype: "int32", value }],
    epilogue: e.steps,
  })];
}

const ROTATIONS = [[13, 15, 26, 6], [17, 29, 16, 24]] as const;

/** Threefry-2x32 with 20 rounds, written out in scalar steps. */
function threefry(c: Context): LoweredStep[] {
  const b = new Body();
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

type Rule = (c: Context, p: Params) => LoweredStep[];

/** Copies that read the input through strides over the output's shape. */
function moved(
  strides: (c: Context, p: Params) => { offset: number; strides: readonly number[] },
): Rule {
  return (c, p) => {
    const out = c.o[0]!;
    const target = view(stridesOf(out.shape));
    return [copy(c.name, out.shape, c.ins[0]!, strides(c, p), c.outs[0]!, target, out.dtype)];
  };
}

const whole = moved((c) => ({ offset: 0, strides: stridesOf(c.o[0]!.shape) }));
const by = <P>(rule: (c: Context, p: P) => LoweredStep[]): Rule => rule as unknown as Rule;

/** Ops that are gone before anything is lowered, have no code, or hold programs. */
type Unwritten = "literal" | "checkpoint" | "custom" | "barrier" | keyof typeof flow;

/** How each op that is not elementwise is written; complete by type. */
const RULES: { readonly [K in Exclude<OpName, keyof typeof elementwiseOps | Unwritten>]: Rule } = {
  sum: by<ReduceParams>((c, p) => reduction(c, p.axes, "add")),
  prod: by<ReduceParams>((c, p) => reduction(c, p.axes, "mul")),
  max: by<ReduceParams>((c, p) => reduction(c, p.axes, "max")),
  min: by<ReduceParams>((c, p) => reduction(c, p.axes, "min")),
  argmax: by<{ axis: number }>((c, p) => reduction(c, [p.axis], "argmax")),
  argmin: by<{ axis: number }>((c, p) => reduction(c, [p.axis], "argmin")),
  cumsum: by<CumulativeParams>((c, p) => running(c, p, "add")),
  cumprod: by<CumulativeParams>((c, p) => running(c, p, "mul")),
  recurrence: by<CumulativeParams>((c, p) => running(c, p, "linear")),

  reshape: whole,
  same: whole,
  stop: whole,
  transpose: moved((c, p) => {
    const own = stridesOf(c.a[0]!.shape);
    return { offset: 0, strides: (p.perm as number[]).map((i) => own[i]!) };
  }),
  broadcast: moved((c) => ({ offset: 0, strides: broadcastStrides(c.a[0]!.shape, c.o[0]!.shape) })),
  flip: moved((c, p) => {
    const own = stridesOf(c.a[0]!.shape);
    const axes = p.axes as number[];
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

  dot,
  windows: moved((c, p) => windowView(c.a[0]!.shape, p as unknown as WindowParams)),
  unwindows: by<UnwindowParams>(unwindows),
  windowArgmax: by<WindowParams>(windowArgmax),
  take: gather(false),
  takeAlong: gather(true),
  scatterAdd: scatter(false),
  scatterAlong: scatter(true),
  dynamicSlice: by<{ size: readonly number[] }>((c, { size }) => {
    const b = new Body();
    const x = c.a[0]!;
    const at = starts(b, c.ins[1]!, x, size, size.length);
    const value = b.load(c.ins[0]!, x.dtype, { ...view(stridesOf(x.shape)), ...at });
    b.store(c.outs[0]!, x.dtype, view(stridesOf(size)), value);
    return [b.kernel("dynamicSlice", size)];
  }),
  dynamicUpdate: (c) => {
    const b = new Body();
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
    const product = (sizes: readonly number[]) => sizes.reduce((p, n) => p * n, 1);
    return [{
      kind: "call",
      call: {
        name: "sort",
        dtype: x.dtype,
        outer: product(x.shape.slice(0, axis)),
        size: x.shape[axis]!,
        inner: product(x.shape.slice(axis + 1)),
      },
      args: [c.ins[0]!, c.outs[0]!, c.outs[1]!],
    }];
  }),

  iota: by<{ axis: number }>((c, { axis }) => {
    const out = c.o[0]!;
    const b = new Body();
    const i = b.index(axis);
    const value = out.dtype === "int32" ? i : b.op("cast", out.dtype, i);
    b.store(c.outs[0]!, out.dtype, view(stridesOf(out.shape)), value);
    return [b.kernel("iota", out.shape)];
  }),
  threefry,

  callback: by<CallbackParams>((c, { call }) => [
    { kind: "host", call, avals: c.a, args: c.ins },
  ]),
};

/** Lowers one step. A `literal` has no code: it becomes a slot of the plan. */
export function lowerStep(step: Step, avals: readonly Aval[]): LoweredStep[] {
  const context: Context = {
    name: step.op,
    ins: step.ins,
    outs: step.outs,
    a: step.ins.map((i) => avals[i]!),
    o: step.outs.map((i) => avals[i]!),
  };
  if (opDef(step.op).class === "elementwise") return elementwise(context);
  if (!(step.op in RULES)) throw new Error(`Op ${step.op} has no lowering`);
  return RULES[step.op as keyof typeof RULES](context, step.params);
}
