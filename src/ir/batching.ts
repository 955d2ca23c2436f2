/**
 * Batching rules that many ops share. Examples lie along an axis in front of an op's own.
 *
 * @module
 */
import type { Batch } from "./def.ts";
import type { Value } from "./value.ts";

/** The value once for each example: itself where it has them already. */
export function forEach(x: Value, batched: boolean, size: number): Value {
  return batched ? x : x.broadcastTo([size, ...x.shape]);
}

/** The axis moved to the front. */
export function toFront(x: Value, axis: number): Value {
  const rest = x.shape.map((_, i) => i).filter((i) => i !== axis);
  return x.transpose([axis, ...rest]);
}

/** Examples given leading axes of size 1, up to `rank` of them. */
export function raise(x: Value, batched: boolean, rank: number): Value {
  const missing = batched ? rank + 1 - x.shape.length : 0;
  if (missing <= 0) return x;
  return x.reshape([x.shape[0]!, ...new Array<number>(missing).fill(1), ...x.shape.slice(1)]);
}

/** The rule of ops that broadcast their operands against each other. */
export const pointwise: Batch<object> = (ins, batched, params, c) => {
  const rank = Math.max(...ins.map((x, i) => x.shape.length - (batched[i] ? 1 : 0)));
  return c.again(ins.map((x, i) => raise(x, batched[i]!, rank)), params);
};

/** The rule of ops that do the same with one axis more in front of all operands. */
export function shifted<P extends object>(params: (p: P, size: number) => P): Batch<P> {
  return (ins, batched, p, c) =>
    c.again(ins.map((x, i) => forEach(x, batched[i]!, c.size)), params(p, c.size));
}

/** The rule of ops along one axis. */
export const alongAxis: Batch<{ readonly axis: number }> = shifted((p) => ({
  ...p,
  axis: p.axis + 1,
}));

/** The rule of ops of one operand whose own first axis is a batch already. */
export const folded: Batch<object> = ([x], _batched, params, c) => {
  const [examples, batch, ...rest] = x!.shape;
  return c.again([x!.reshape([examples! * batch!, ...rest])], params)
    .map((y) => y.reshape([examples!, batch!, ...y.shape.slice(1)]));
};

/** The rule of ops without operands: nothing of them can be batched. */
export const noOperand: Batch<unknown> = () => {
  throw new Error("An op without operands cannot be batched");
};

/** The rule of effects: one example after the other. */
export const inTurn: Batch<object> = (ins, batched, params, c) => {
  for (let i = 0; i < c.size; i++) {
    c.again(
      ins.map((x, k) => {
        if (!batched[k]) return x;
        const own = x.shape.slice(1);
        const zeros = own.map(() => 0);
        const row = { start: [i, ...zeros], size: [1, ...own], step: x.shape.map(() => 1) };
        return x.emit("slice", [], row)[0]!.reshape(own);
      }),
      params,
    );
  }
  return [];
};
