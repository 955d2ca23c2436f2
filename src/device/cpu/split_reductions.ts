/**
 * Divides a reduction that has too few results to be cut between threads (the sum of everything), or
 * that would walk down the columns of a large array, in two: partial results over chunks, then what
 * is made of them. The chunks follow from the sizes alone,
 * so that the number of threads never shows in a result.
 *
 * @module
 */
import { DTYPES } from "../../base/dtype.ts";
import { sizeOf, stridesOf } from "../../base/shape.ts";
import {
  type Accumulator,
  allSteps,
  type Kernel,
  type KernelArg,
  type ScalarStep,
  type View,
} from "../../ir/kernel.ts";

/** A divided reduction. All its kernels take the arguments of the whole, then the partial results. */
export interface SplitReduction {
  /** The chunks, which may run in any order: all that are equally long, then what is left. */
  readonly chunks: readonly Kernel[];
  /** Reduces the partial results, and ends as the whole does. */
  readonly last: Kernel;
  /** Bytes of each argument of partial results. */
  readonly partials: readonly number[];
}

/** Chunks of equal length. */
const CHUNKS = 64;
/** Most partial results of one accumulator. */
const MOST_PARTIALS = 1 << 14;

/** The type in which a partial result is kept: float32 sums and products are carried in float64. */
function partialType({ combine, dtype }: Accumulator): Accumulator["dtype"] {
  const carried = dtype === "float32" && (combine === "add" || combine === "mul");
  return carried ? "float64" : dtype;
}

/** Rows of a chunk that is walked down its columns: few enough pages, long enough sums. */
const ROWS = 32;
/** Bytes from row to row, and of the whole walk, from which a walk down columns costs pages. */
const FAR = 2048;
const LONG = 4 << 20;

/**
 * The reduced axis along which a kernel walks down the columns of a large array, a few elements of
 * each row at a time, so that every row is another page; -1 when it does not.
 */
export function farAxis(k: Kernel): number {
  const outer = k.shape.length;
  for (const s of k.body) {
    if (s.op !== "load" || s.view.at) continue;
    const { strides } = s.view;
    if (!strides.slice(0, outer).includes(1)) continue;
    const axis = strides.findIndex((stride, a) => {
      const step = Math.abs(stride) * DTYPES[s.dtype].bytes;
      const rows = k.reduce[a - outer] ?? 0;
      return rows >= 2 * ROWS && step >= FAR && step * rows >= LONG;
    });
    if (axis >= 0) return axis;
  }
  return -1;
}

/** Divides a reduction; null when it cannot be. */
export function splitReduction(k: Kernel): SplitReduction | null {
  const outer = k.shape.length;
  const splittable = (a: Accumulator) =>
    a.combine === "add" || a.combine === "mul" || a.combine === "max" || a.combine === "min";
  if (k.scan || k.accumulators.length === 0 || !k.accumulators.every(splittable)) return null;
  const steps = allSteps(k);
  const indexed = new Set(steps.map((s) => s.op === "index" ? s.axis : -1));
  const results = sizeOf(k.shape);
  const far = farAxis(k);
  let axis = indexed.has(far) ? -1 : far;
  if (axis < 0) {
    for (let a = outer; a < outer + k.reduce.length; a++) {
      const size = k.reduce[a - outer]!;
      if (indexed.has(a) || size < 4) continue;
      if (axis < 0 || size > k.reduce[axis - outer]!) axis = a;
      if (size >= 2 * CHUNKS) break;
    }
  }
  if (axis < 0) return null;
  const size = k.reduce[axis - outer]!;
  const count = axis === far ? Math.floor(size / ROWS) : Math.min(CHUNKS, Math.floor(size / 2));
  const length = Math.floor(size / count);
  const rest = size - count * length;
  const places = count + (rest > 0 ? 1 : 0);
  if (axis !== far && places * results > MOST_PARTIALS) return null;
  const needed = neededAfter(k);
  if (needed === null) return null;

  const partialArgs = (writes: boolean): KernelArg[] =>
    k.accumulators.map((a) => ({ dtype: partialType(a), writes }));
  // results of one chunk lie side by side, in the order of `shape`
  const contiguous = stridesOf(k.shape);
  const chunk = (first: number, chunks: number, points: number): Kernel => {
    const view = (v: View): View => ({
      ...v,
      offset: v.offset + first * length * v.strides[axis]!,
      strides: [v.strides[axis]! * length, ...v.strides],
    });
    return {
      name: `${k.name}, part`,
      shape: [chunks, ...k.shape],
      reduce: k.reduce.map((n, i) => i === axis - outer ? points : n),
      args: [...k.args, ...partialArgs(true)],
      body: k.body.map((s): ScalarStep =>
        s.op === "load"
          ? { ...s, view: view(s.view) }
          : s.op === "index"
          ? { ...s, axis: s.axis + 1 }
          : s
      ),
      accumulators: k.accumulators,
      epilogue: k.accumulators.map((a, acc) => ({ op: "acc", dtype: partialType(a), acc })),
      stores: k.accumulators.map((_, i) => ({
        arg: k.args.length + i,
        view: {
          offset: first * results,
          strides: [results, ...contiguous, ...k.reduce.map(() => 0)],
        },
        value: k.body.length + i,
      })),
    };
  };

  const number = new Map<number, number>();
  const move = (v: View): View => ({
    offset: v.offset,
    strides: [...v.strides.slice(0, outer), 0],
    ...(v.at ? { at: v.at.map((a) => ({ ...a, step: number.get(a.step)! })) } : {}),
  });
  const renumber = (s: ScalarStep): ScalarStep =>
    s.op === "load"
      ? { ...s, view: move(s.view) }
      : "args" in s
      ? { ...s, args: s.args.map((a) => number.get(a)!) }
      : s;
  const body: ScalarStep[] = [];
  for (const i of needed) {
    body.push(renumber(k.body[i]!));
    number.set(i, body.length - 1);
  }
  const accumulators = k.accumulators.map((a, i): Accumulator => {
    const dtype = partialType(a);
    const view = { offset: 0, strides: [...contiguous, results] };
    body.push({ op: "load", dtype, arg: k.args.length + i, view });
    return { combine: a.combine, dtype, value: body.length - 1 };
  });
  const epilogue: ScalarStep[] = [];
  k.epilogue.forEach((s, i) => {
    epilogue.push(renumber(s));
    number.set(k.body.length + i, body.length + i);
  });
  return {
    chunks: [
      chunk(0, count, length),
      ...(rest > 0 ? [chunk(count, 1, rest)] : []),
    ],
    last: {
      name: k.name,
      shape: k.shape,
      reduce: [places],
      args: [...k.args, ...partialArgs(false)],
      body,
      accumulators,
      epilogue,
      stores: k.stores.map((s) => ({ ...s, view: move(s.view), value: number.get(s.value)! })),
    },
    partials: k.accumulators.map((a) => places * results * (partialType(a) === "float64" ? 8 : 4)),
  };
}

/**
 * The steps of the body that are used after the reduction, in order; null when one of them changes
 * within it.
 */
function neededAfter(k: Kernel): number[] | null {
  const needed = new Set<number>();
  const use = (i: number): boolean => {
    if (i >= k.body.length || needed.has(i)) return true;
    const s = k.body[i]!;
    needed.add(i);
    if (s.op === "index") return s.axis < k.shape.length;
    if (s.op === "load") {
      return s.view.strides.slice(k.shape.length).every((n) => n === 0) &&
        (s.view.at ?? []).every((a) => use(a.step));
    }
    return !("args" in s) || s.args.every(use);
  };
  const after = [...k.epilogue, ...k.stores.map((s) => ({ args: [s.value], view: s.view }))];
  for (const s of after) {
    if ("args" in s && !s.args.every(use)) return null;
    if ("view" in s && !(s.view.at ?? []).every((a) => use(a.step))) return null;
  }
  return [...needed].sort((a, b) => a - b);
}
