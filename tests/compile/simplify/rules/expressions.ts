/**
 * What the tests of the rules share: an expression, and the ops that are left of it. Every case is run
 * with and without the rules, on floats of every kind, and compared to the bit.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { algebra, removeDead, shareCommon } from "../../../../src/compile/simplify/mod.ts";
import type { Tensor } from "../../../../src/core/mod.ts";
import type { GoldenArray } from "../../../goldens/read.ts";
import type { Body } from "../../random_programs.ts";
import { after, D, F, I, ops, run, U } from "../cases.ts";

export type One = (x: Tensor, y: Tensor) => Tensor;

/** What is left of an expression of x and y; a literal's step is not told. */
function left(f: One, x: GoldenArray, y: GoldenArray): string {
  const body: Body = (a, b) => [f(a!, b!)];
  const p = after((p) => removeDead(algebra(shareCommon(p))), body, x, y);
  return ops(p).replaceAll("literal ", "").replace(/^literal$/, "");
}

/** What is left of each case. */
export function check(
  x: GoldenArray,
  y: GoldenArray,
  cases: readonly (readonly [One, string])[],
): void {
  for (const [f, want] of cases) assertEquals(left(f, x, y), want, `${f} of ${x.dtype}`);
}

export const cast = (x: Tensor, dtype: string) => run("cast", [x], { dtype });
export const not = (x: Tensor) => run("not", [x]);
export const two = (
  op: "div" | "and" | "or" | "xor" | "shl" | "shr" | "eq" | "lt" | "ge" | "rem" | "floorDiv",
) => {
  return (a: Tensor, b: Tensor) => run(op, [a, b]);
};
export const where = (c: Tensor, a: Tensor, b: Tensor) => run("where", [c, a, b]);
export const perm = (x: Tensor, ...axes: number[]) => run("transpose", [x], { perm: axes });
export const wide = (x: Tensor, ...shape: number[]) => run("broadcast", [x], { shape });
export const slice = (x: Tensor, start: number[], size: number[], step = size.map(() => 1)) =>
  run("slice", [x], { start, size, step });
export const sum = (x: Tensor, ...axes: number[]) => run("sum", [x], { axes, keepdims: false });
export const floats = [F, D];
export const integers = [I, U];
