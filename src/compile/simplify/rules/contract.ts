/**
 * Products of matrices: a transpose before one is a flag of it.
 *
 * @module
 */
import type { DotParams } from "../../../ir/ops/contract.ts";
import type { Rule, Rules } from "../rewrite.ts";

/** Whether a permutation exchanges the last two axes and moves no other. */
function isTurn(perm: readonly number[]): boolean {
  const n = perm.length;
  return perm.every((axis, i) => axis === (i < n - 2 ? i : i === n - 2 ? n - 1 : n - 2));
}

/** A product of transposed matrices. */
const turned: Rule = (s, w) => {
  const { ta, tb } = s.params as unknown as DotParams;
  const [a, b] = s.ins.map((i) => {
    const t = w.made(i, "transpose");
    return t !== null && isTurn(t.params["perm"] as number[]) ? t.ins[0]! : null;
  }) as [number | null, number | null];
  if (a === null && b === null) return null;
  return w.emit("dot", [a ?? s.ins[0]!, b ?? s.ins[1]!], {
    ta: ta !== (a !== null),
    tb: tb !== (b !== null),
  });
};

/** The rules for products. */
export const CONTRACT: Rules = { dot: [turned] };
