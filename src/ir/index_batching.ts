/**
 * Batching rules of ops whose element positions are data. Where each example has positions of its
 * own, they become gathers and scatters along one axis.
 *
 * @module
 */
import { sizeOf } from "../base/shape.ts";
import { forEach, toFront } from "./batching.ts";
import type { Batch, BatchContext } from "./def.ts";
import type { Value } from "./value.ts";

interface Along {
  readonly axis: number;
}

/** Indices, one list for each example, repeated beside what stands before and behind their axis. */
function beside(index: Value, pre: readonly number[], post: readonly number[]): Value {
  const [size, ...own] = index.shape;
  const n = sizeOf(own);
  const ones = (list: readonly number[]) => list.map(() => 1);
  return index.reshape([size!, ...ones(pre), n, ...ones(post)])
    .broadcastTo([size!, ...pre, n, ...post]);
}

/** take: an index of each example's own reads along an axis. */
export const take: Batch<Along & { readonly outside: "fill" | "zero" }> = (
  [x, index],
  batched,
  p,
  c,
) => {
  const { axis } = p;
  if (!batched[1]) return c.again([x!, index!], { ...p, axis: axis + 1 });
  if (!batched[0]) return [toFront(c.again([x!, index!], p)[0]!, axis)];
  const pre = x!.shape.slice(1, axis + 1);
  const post = x!.shape.slice(axis + 2);
  const out = x!.emit("takeAlong", [beside(index!, pre, post)], { ...p, axis: axis + 1 })[0]!;
  return [out.reshape([c.size, ...pre, ...index!.shape.slice(1), ...post])];
};

/** scatterAdd: the transpose of take. */
export const scatterAdd: Batch<Along> = (ins, batched, p, c) => {
  const index = ins[1]!;
  const [x, u] = [forEach(ins[0]!, batched[0]!, c.size), forEach(ins[2]!, batched[2]!, c.size)];
  const axis = p.axis + 1;
  if (!batched[1]) return c.again([x, index, u], { axis });
  const at = beside(index, x.shape.slice(1, axis), x.shape.slice(axis + 1));
  return x.emit("scatterAlong", [at, u.reshape(at.shape)], { axis });
};

/** Starts of windows for an array with an axis of examples in front: all of that. */
function withExamples(starts: Value): Value {
  return starts.zeros([1]).emit("concatenate", [starts], { axis: 0 })[0]!;
}

/** Where each example's window of `size` of `n` begins along an axis, moved inside: [examples, 1]. */
function startOf(starts: Value, axis: number, n: number, size: number): Value {
  const raw = starts.emit("slice", [], {
    start: [0, axis],
    size: [starts.shape[0]!, 1],
    step: [1, 1],
  })[0]!;
  const zero = raw.zeros([]);
  return raw.emit("maximum", [zero])[0]!.emit("minimum", [zero.add(n - size)])[0]!;
}

const counted = (c: BatchContext, n: number): Value =>
  c.emit("iota", [], { shape: [n], axis: 0, dtype: "int32" })[0]!;

/** Reads each example along an axis at indices of its own, [examples, n]. */
function readAlong(x: Value, index: Value, axis: number): Value {
  const at = beside(index, x.shape.slice(1, axis), x.shape.slice(axis + 1));
  return x.emit("takeAlong", [at], { axis, outside: "zero" })[0]!;
}

/** dynamicSlice: with starts of each example's own, a gather along each axis that is cut. */
export const dynamicSlice: Batch<{ readonly size: readonly number[] }> = (
  [x, starts],
  batched,
  { size },
  c,
) => {
  if (!batched[1]) return c.again([x!, withExamples(starts!)], { size: [c.size, ...size] });
  let [out, has] = [x!, batched[0]!];
  size.forEach((n, axis) => {
    const whole = out.shape[axis + (has ? 1 : 0)]!;
    if (n === whole) return;
    const at = startOf(starts!, axis, whole, n).add(counted(c, n));
    out = has
      ? readAlong(out, at, axis + 1)
      : toFront(out.emit("take", [at], { axis, outside: "zero" })[0]!, axis);
    has = true;
  });
  return [forEach(out, has, c.size)];
};

/** dynamicUpdate: with starts of each example's own, a choice between both arrays everywhere. */
export const dynamicUpdate: Batch<object> = ([old, update, starts], batched, p, c) => {
  const x = forEach(old!, batched[0]!, c.size);
  let u = forEach(update!, batched[1]!, c.size);
  if (!batched[2]) return c.again([x, u, withExamples(starts!)], p);
  if (u.aval.size === 0) return [x];
  const rank = x.shape.length - 1;
  let inside: Value | null = null;
  for (let axis = 0; axis < rank; axis++) {
    const [n, size] = [x.shape[axis + 1]!, u.shape[axis + 1]!];
    if (n === size) continue;
    const at = counted(c, n).sub(startOf(starts!, axis, n, size));
    const zero = at.zeros([]);
    const last = zero.add(size - 1);
    u = readAlong(u, at.emit("maximum", [zero])[0]!.emit("minimum", [last])[0]!, axis + 1);
    const own = at.ge(0).emit("and", [at.lt(size)])[0]!;
    const wide = own.reshape([c.size, ...x.shape.slice(1).map((s, i) => i === axis ? s : 1)]);
    inside = inside === null ? wide : inside.emit("and", [wide])[0]!;
  }
  return [inside === null ? u : inside.emit("where", [u, x])[0]!];
};
