/**
 * Windows of convolutions and pools: overlapping views, and the winner of each.
 *
 * @module
 */
import { sizeOf, stridesOf } from "../../base/shape.ts";
import type { View } from "../../ir/kernel.ts";
import type { UnwindowParams, WindowParams } from "../../ir/ops/convolve.ts";
import type { ScalarName } from "../../ir/scalar.ts";
import type { LoweredStep } from "../lower.ts";
import { KernelBuilder } from "./builder.ts";
import { moved } from "./movement.ts";
import { by, type Context, type Rule, view } from "./rule.ts";

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
  const b = new KernelBuilder();
  const value = b.load(c.ins[0]!, g.dtype, view(stridesOf(g.shape)));
  b.store(c.outs[0]!, g.dtype, windowView(out.shape, p), value, overlap);
  const steps = [b.kernel("unwindows", g.shape)];
  if (overlap || g.size < out.size) {
    const zero = new KernelBuilder();
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
  const b = new KernelBuilder();
  // outer axes batch, counts, channels; reduced axes the cells of a window
  const value = b.load(
    c.ins[0]!,
    x.dtype,
    view([...strides.slice(0, 1 + rank), strides[2 * rank + 1]!, ...strides.slice(1 + rank, -1)]),
  );
  const e = new KernelBuilder(b.steps.length);
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
    const rows = sizeOf(p.size.slice(0, i + 1));
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

/** How each op on windows is written. */
export const windowRules = {
  windows: moved((c, p) => windowView(c.a[0]!.shape, p as unknown as WindowParams)),
  unwindows: by<UnwindowParams>(unwindows),
  windowArgmax: by<WindowParams>(windowArgmax),
} satisfies { readonly [name: string]: Rule };
