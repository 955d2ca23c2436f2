/**
 * Axes: how one kernel's loops are cut finer, and where the point of one loop nest lies in another.
 *
 * @module
 */
import { stridesOf } from "../../base/shape.ts";
import { allSteps, type Kernel, type ScalarStep, type View } from "../../ir/kernel.ts";

/** The same kernel with an axis cut in two, the inner one of `inner` points; null when its index is read. */
export function splitAxis(k: Kernel, axis: number, inner: number): Kernel | null {
  if (allSteps(k).some((s) => s.op === "index" && s.axis === axis)) return null;
  const view = (v: View): View => ({
    ...v,
    strides: v.strides.flatMap((s, i) => i === axis ? [s * inner, s] : [s]),
  });
  const step = (s: ScalarStep): ScalarStep =>
    s.op === "load"
      ? { ...s, view: view(s.view) }
      : s.op === "index" && s.axis > axis
      ? { ...s, axis: s.axis + 1 }
      : s;
  const cut = (sizes: readonly number[], first: number) =>
    sizes.flatMap((n, i) => first + i === axis ? [n / inner, inner] : [n]);
  return {
    ...k,
    shape: cut(k.shape, 0),
    reduce: cut(k.reduce, k.shape.length),
    body: k.body.map(step),
    epilogue: k.epilogue.map(step),
    stores: k.stores.map((s) => ({ ...s, view: view(s.view) })),
  };
}

/** The coarsest sizes that both lists are groups of, in order; null when there are none. */
export function commonSizes(a: readonly number[], b: readonly number[]): number[] | null {
  const product = (sizes: readonly number[]) => sizes.reduce((n, m) => n * m, 1);
  if (product(a) !== product(b) || product(a) === 0) return null;
  const [x, y] = [a.filter((n) => n !== 1), b.filter((n) => n !== 1)];
  const out: number[] = [];
  let [m, n] = [x.pop() ?? 1, y.pop() ?? 1];
  while (m !== 1) {
    const small = Math.min(m, n);
    if (m % small !== 0 || n % small !== 0) return null;
    out.unshift(small);
    m /= small;
    n /= small;
    if (m === 1) m = x.pop() ?? 1;
    if (n === 1) n = y.pop() ?? 1;
  }
  return out;
}

/**
 * The kernel with the loops of one part cut to `sizes` (see {@linkcode commonSizes}), axes of size 1
 * gone; null when the index of such an axis is read.
 */
export function cutTo(
  k: Kernel,
  part: "shape" | "reduce",
  sizes: readonly number[],
): Kernel | null {
  const first = part === "shape" ? 0 : k.shape.length;
  let now: Kernel | null = k;
  let axis = k[part].length - 1;
  for (let i = sizes.length - 1; i >= 0 && axis >= 0;) {
    const n: number = now[part][axis]!;
    if (n === 1) axis--;
    else {
      if (n !== sizes[i]) {
        now = splitAxis(now, first + axis, sizes[i]!);
        if (now === null) return null;
        i--;
        continue; // the outer half stands at `axis` now
      }
      i--;
      axis--;
    }
  }
  return dropUnitAxes(now, part);
}

/** The kernel without axes of size 1 in one part; null when the index of one is read. */
function dropUnitAxes(k: Kernel, part: "shape" | "reduce"): Kernel | null {
  const first = part === "shape" ? 0 : k.shape.length;
  const gone = new Set(k[part].flatMap((n, i) => n === 1 ? [first + i] : []));
  if (gone.size === 0) return k;
  if (allSteps(k).some((s) => s.op === "index" && gone.has(s.axis))) return null;
  const view = (v: View): View => ({ ...v, strides: v.strides.filter((_, i) => !gone.has(i)) });
  const step = (s: ScalarStep): ScalarStep =>
    s.op === "load"
      ? { ...s, view: view(s.view) }
      : s.op === "index"
      ? { ...s, axis: s.axis - [...gone].filter((g) => g < s.axis).length }
      : s;
  return {
    ...k,
    [part]: k[part].filter((n) => n !== 1),
    body: k.body.map(step),
    epilogue: k.epilogue.map(step),
    stores: k.stores.map((s) => ({ ...s, view: view(s.view) })),
  };
}

/** Each axis of a value as a sum over loop axes: `offsets[j] + sum(factors[j][i] * index[i])`. */
export interface IndexMap {
  readonly offsets: readonly number[];
  readonly factors: readonly (readonly number[])[];
}

/**
 * Where the points of a loop nest lie in a value of `shape` that is read through `view`: the map; or
 * the loop axis to cut first; or null when there is no such map.
 */
export function mapIndex(
  view: View,
  loop: readonly number[],
  shape: readonly number[],
): IndexMap | { readonly axis: number; readonly inner: number } | null {
  if (view.at !== undefined || view.offset < 0) return null;
  const own = stridesOf(shape);
  const factors = shape.map(() => loop.map(() => 0));
  for (let i = 0; i < loop.length; i++) {
    const stride = view.strides[i]!;
    const m = loop[i]!;
    if (m <= 1 || stride === 0) continue;
    const reach = Math.abs(stride);
    const j = shape.findIndex((n, j) => n > 1 && own[j]! <= reach);
    if (j < 0 || reach % own[j]! !== 0) return null;
    const step = reach / own[j]!;
    if (step * (m - 1) < shape[j]!) {
      factors[j]![i] = Math.sign(stride) * step;
      continue;
    }
    const inner = shape[j]! / step;
    if (!Number.isInteger(inner) || inner <= 1 || m % inner !== 0) return null;
    return { axis: i, inner };
  }
  let rest = view.offset;
  const offsets = own.map((s) => {
    const digit = Math.floor(rest / s);
    rest -= digit * s;
    return digit;
  });
  const inside = shape.every((n, j) => {
    let [low, high] = [offsets[j]!, offsets[j]!];
    factors[j]!.forEach((f, i) => {
      if (f < 0) low += f * (loop[i]! - 1);
      else high += f * (loop[i]! - 1);
    });
    return low >= 0 && high < n;
  });
  return inside ? { offsets, factors } : null;
}

/** Whether the points of a loop nest reach `size` different elements through the strides: each once. */
export function readsOnce(
  strides: readonly number[],
  loop: readonly number[],
  size: number,
): boolean {
  if (loop.reduce((n, m) => n * m, 1) !== size) return false;
  let reach = 0;
  const moves = strides.map((s, i) => [Math.abs(s), loop[i]!] as const)
    .filter(([, n]) => n > 1).sort((a, b) => a[0] - b[0]);
  for (const [stride, n] of moves) {
    if (stride <= reach) return false;
    reach += stride * (n - 1);
  }
  return true;
}
