/**
 * What control ops hold, and pieces that their rules share.
 *
 * @module
 */
import { type Aval, makeAval } from "../aval.ts";
import type { RuleContext } from "../def.ts";
import type { Id, Program } from "../program.ts";
import type { Value } from "../value.ts";

/** Parameters of `switch`: programs of equal inputs and outputs. Operands: the index, then theirs. */
export interface SwitchParams {
  readonly branches: readonly Program[];
}

/** Parameters of `while`. Operands: constants of the condition, of the body, the carry. */
export interface WhileParams {
  readonly cond: Program;
  readonly body: Program;
  readonly condConsts: number;
  readonly bodyConsts: number;
}

/**
 * Parameters of `scan`. Operands: constants, carry, then arrays of which step `i` gets row `i`. The
 * body gives the next carry, then rows of the outputs.
 */
export interface ScanParams {
  readonly body: Program;
  readonly consts: number;
  readonly carry: number;
  readonly length: number;
  readonly reverse: boolean;
}

/** The avals of some values of a program. */
export const avalsOf = (p: Program, ids: readonly Id[]): Aval[] => ids.map((i) => p.avals[i]!);

/** The same aval, not weak. */
export const strong = (a: Aval): Aval => a.weak ? makeAval(a.shape, a.dtype) : a;

/** Zeros where no value of the dtype is at hand. */
export function zeros(a: Aval, c: RuleContext): Value {
  const zero = c.emit("literal", [], { dtype: a.dtype, shape: [], values: [0], weak: false })[0]!;
  return zero.broadcastTo(a.shape);
}
