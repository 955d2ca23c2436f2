/**
 * Contractions: what a BLAS does.
 *
 * @module
 */
import { formatShape } from "../../base/errors.ts";
import { sameShape } from "../../base/shape.ts";
import { makeAval } from "../aval.ts";
import { alike, def, need, NUMBER, one } from "../def.ts";
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
  }),
};
