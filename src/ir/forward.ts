/**
 * Forward rules that many ops share.
 *
 * @module
 */
import type { Grad, Jvp, Vjp } from "./def.ts";

/**
 * The rule of elementwise ops: their Jacobians are diagonal, so that for each operand the reverse
 * rule gives the tangent too.
 */
export function diagonal<P>(vjp: Vjp<P>): Jvp<P> {
  return (ins, tangents, params, run, context) => {
    const outs = run();
    let sum: Grad = null;
    tangents.forEach((t, i) => {
      if (t === null) return;
      const flow = vjp([t.broadcastTo(outs[0]!.shape)], ins, outs, params, context)[i]!;
      if (flow !== null) sum = sum === null ? flow : sum.add(flow);
    });
    return { outs, tangents: [sum] };
  };
}

/** The rule of an op of one output that is linear in the operands numbered: itself, on tangents. */
export function linearIn(...of: readonly number[]): Jvp<unknown> {
  return (ins, tangents, _params, run) => {
    const outs = run();
    const moved = ins.map((x, i) => of.includes(i) ? tangents[i] ?? x.zeros() : x);
    return { outs, tangents: run(moved) };
  };
}

/** The rule of a sum or an arrangement of any number of operands: itself, on tangents. */
export const linear: Jvp<unknown> = (ins, tangents, _params, run) => {
  const outs = run();
  return { outs, tangents: run(ins.map((x, i) => tangents[i] ?? x.zeros())) };
};

/** The rule of a product of two operands. */
export const bilinear: Jvp<unknown> = ([a, b], [s, t], _params, run) => {
  const outs = run();
  const left = s ? run([s, b!])[0]! : null;
  const right = t ? run([a!, t])[0]! : null;
  return { outs, tangents: [left && right ? left.add(right) : left ?? right] };
};
