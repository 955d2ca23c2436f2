/**
 * Contractions: what a BLAS does.
 *
 * @module
 */
import { formatShape } from "../../base/errors.ts";
import { sameShape } from "../../base/shape.ts";
import { makeAval } from "../aval.ts";
import { forEach } from "../batching.ts";
import { def, one } from "../def.ts";
import { alike, need, NUMBER } from "../operands.ts";
import { bilinear } from "../forward.ts";
import type { Value } from "../value.ts";

/** Whether the operands' last two axes are read transposed. */
export interface DotParams {
  readonly ta: boolean;
  readonly tb: boolean;
}

const dot = (a: Value, b: Value, ta: boolean, tb: boolean): Value =>
  a.emit("dot", [b], { ta, tb })[0]!;

export const contract = {
  /** [...,m,k] by [...,k,n] with equal leading axes. */
  dot: def<DotParams>({
    class: "contract",
    avals: ([a, b], { ta, tb }) => {
      need(NUMBER, "matmul", a!);
      alike("matmul", [a!, b!]);
      const rank = a!.shape.length;
      if (
        rank < 2 || b!.shape.length !== rank ||
        !sameShape(a!.shape.slice(0, -2), b!.shape.slice(0, -2))
      ) {
        throw new RangeError(
          `Cannot matmul ${formatShape(a!.shape)} with ${formatShape(b!.shape)}: ` +
            `both need two axes, and equal ones before them`,
        );
      }
      const [m, k] = ta
        ? [a!.shape[rank - 1]!, a!.shape[rank - 2]!]
        : [a!.shape[rank - 2]!, a!.shape[rank - 1]!];
      const [q, n] = tb
        ? [b!.shape[rank - 1]!, b!.shape[rank - 2]!]
        : [b!.shape[rank - 2]!, b!.shape[rank - 1]!];
      if (k !== q) {
        throw new RangeError(
          `Cannot matmul ${formatShape(a!.shape)} with ${formatShape(b!.shape)}: ` +
            `inner sizes must match (${k} and ${q})`,
        );
      }
      return [makeAval([...a!.shape.slice(0, -2), m, n], a!.dtype, a!.weak && b!.weak)];
    },
    vjp: one((g, [a, b], _out, { ta, tb }) => [
      ta ? dot(b!, g, tb, true) : dot(g, b!, false, !tb),
      tb ? dot(g, a!, true, ta) : dot(a!, g, !ta, false),
    ]),
    jvp: bilinear,
    batch: ([a, b], batched, { ta, tb }, { size }) => {
      const shared = batched[0] !== batched[1] ? (batched[0] ? b! : a!) : null;
      if (shared === null || shared.shape.length > 2) {
        return [dot(forEach(a!, batched[0]!, size), forEach(b!, batched[1]!, size), ta, tb)];
      }
      // one operand is the same matrix for all: one large product instead of many small ones
      if (batched[0]) {
        const rows = ta ? a!.transpose([0, 2, 1]) : a!;
        const [, m, k] = rows.shape as [number, number, number];
        const out = dot(rows.reshape([size * m, k]), b!, false, tb);
        return [out.reshape([size, m, out.shape[1]!])];
      }
      const columns = tb ? b! : b!.transpose([0, 2, 1]);
      const [, n, k] = columns.shape as [number, number, number];
      const out = dot(columns.reshape([size * n, k]), a!, false, !ta);
      return [out.reshape([size, n, out.shape[1]!]).transpose([0, 2, 1])];
    },
  }),
};
