/**
 * Arithmetic that changes nothing. Each rule holds for every float: NaN, infinities, both zeros and
 * what rounds; so x + 0 stays (it makes 0 of -0), and so does x * 0.
 *
 * @module
 */
import { type DType, DTYPES, isFloat, isInteger } from "../../../base/dtype.ts";
import type { Rewriter, Rule, Rules } from "../rewrite.ts";
import type { Step } from "../../../ir/program.ts";

/** Operand i of a step in the shape of its result. */
function operand(s: Step, i: number, w: Rewriter): number {
  return w.broadcast(s.ins[i]!, w.aval(s.outs[0]!).shape);
}

const dtypeOf = (s: Step, w: Rewriter): DType => w.aval(s.ins[0]!).dtype;

/** x + -0, and x + 0 of integers. */
const addNothing: Rule = (s, w) => {
  const zero = isInteger(dtypeOf(s, w)) ? 0 : -0;
  if (w.is(s.ins[1]!, zero)) return operand(s, 0, w);
  return w.is(s.ins[0]!, zero) ? operand(s, 1, w) : null;
};

/** x - 0. */
const subtractNothing: Rule = (s, w) => w.is(s.ins[1]!, 0) ? operand(s, 0, w) : null;

/** x - x of integers. */
const subtractItself: Rule = (s, w) => {
  const { dtype, shape } = w.aval(s.outs[0]!);
  return s.ins[0] === s.ins[1] && isInteger(dtype) ? w.full(dtype, shape, 0) : null;
};

/** x * 1. */
const timesOne: Rule = (s, w) => {
  if (w.is(s.ins[1]!, 1)) return operand(s, 0, w);
  return w.is(s.ins[0]!, 1) ? operand(s, 1, w) : null;
};

/** x * 0 of integers. */
const timesZero: Rule = (s, w) => {
  const { dtype, shape } = w.aval(s.outs[0]!);
  if (!isInteger(dtype)) return null;
  return w.is(s.ins[0]!, 0) || w.is(s.ins[1]!, 0) ? w.full(dtype, shape, 0) : null;
};

/** x / 1; of integers also floored. */
const overOne: Rule = (s, w) => {
  // a float is rounded down
  if (s.op === "floorDiv" && isFloat(dtypeOf(s, w))) return null;
  return w.is(s.ins[1]!, 1) ? operand(s, 0, w) : null;
};

/** x / 2^k = x * 2^-k, where both powers are normal numbers. */
const overPower: Rule = (s, w) => {
  const { dtype } = w.aval(s.outs[0]!);
  const n = w.number(s.ins[1]!);
  if (n === null || !isFloat(dtype) || !isPowerOfTwo(n, dtype)) return null;
  return w.emit("mul", [s.ins[0]!, w.full(dtype, w.aval(s.ins[1]!).shape, 1 / n)]);
};

function isPowerOfTwo(n: number, dtype: DType): boolean {
  const e = Math.log2(Math.abs(n));
  return Number.isInteger(e) && Math.abs(e) <= (dtype === "float32" ? 126 : 1022) &&
    2 ** e === Math.abs(n);
}

/** The remainder of a division of integers by 1. */
const byOne: Rule = (s, w) => {
  const { dtype, shape } = w.aval(s.outs[0]!);
  return isInteger(dtype) && w.is(s.ins[1]!, 1) ? w.full(dtype, shape, 0) : null;
};

/** x ** 1 and x ** 2: what a correctly rounded power gives. */
const smallPower: Rule = (s, w) => {
  if (w.is(s.ins[1]!, 1)) return operand(s, 0, w);
  if (!w.is(s.ins[1]!, 2)) return null;
  const x = operand(s, 0, w);
  return w.emit("mul", [x, x]);
};

/** -(-x), and the same of `not`. */
const twice: Rule = (s, w) => w.made(s.ins[0]!, s.op)?.ins[0] ?? null;

/** a + -b = a - b. */
const addNegated: Rule = (s, w) => {
  const [a, b] = s.ins as [number, number];
  const right = w.made(b, "neg");
  if (right !== null) return w.emit("sub", [a, right.ins[0]!]);
  const left = w.made(a, "neg");
  return left === null ? null : w.emit("sub", [b, left.ins[0]!]);
};

/** a - -b = a + b. */
const subtractNegated: Rule = (s, w) => {
  const right = w.made(s.ins[1]!, "neg");
  return right === null ? null : w.emit("add", [s.ins[0]!, right.ins[0]!]);
};

/** -a * -b = a * b, and the same of a quotient of floats. */
const bothNegated: Rule = (s, w) => {
  if (s.op === "div" && !isFloat(dtypeOf(s, w))) return null;
  const [a, b] = s.ins.map((i) => w.made(i, "neg")?.ins[0]);
  return a === undefined || b === undefined ? null : w.emit(s.op, [a, b]);
};

/** |-x| = |x|; the negative of an unsigned integer is another number. */
const absNegated: Rule = (s, w) => {
  const x = w.made(s.ins[0]!, "neg");
  if (x === null || DTYPES[dtypeOf(s, w)].kind === "uint") return null;
  return w.emit("abs", [x.ins[0]!]);
};

/** | |x| | = |x|. */
const absTwice: Rule = (s, w) => w.made(s.ins[0]!, "abs") === null ? null : s.ins[0]!;

/** The rules for arithmetic. */
export const ARITHMETIC: Rules = {
  add: [addNothing, addNegated],
  sub: [subtractNothing, subtractItself, subtractNegated],
  mul: [timesOne, timesZero, bothNegated],
  div: [overOne, overPower, bothNegated],
  floorDiv: [overOne],
  mod: [byOne],
  rem: [byOne],
  pow: [smallPower],
  neg: [twice],
  abs: [absNegated, absTwice],
};
