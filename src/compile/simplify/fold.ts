/**
 * Constant folding: what is computed from numbers written in the program is computed once, by the
 * kernels' own steps and the scalar table. Only what every device computes to the same bits is
 * folded; transcendentals and float sums that round stay.
 *
 * @module
 */
import { type DType, DTYPES, isFloat } from "../../base/dtype.ts";
import type { ReduceParams } from "../../ir/ops/reduce.ts";
import { opDef, type OpName, OPS } from "../../ir/ops.ts";
import { operandType } from "../../ir/kernel.ts";
import type { Program, Step } from "../../ir/program.ts";
import { runKernel } from "../../ir/run_kernel.ts";
import { runScalar, type ScalarName } from "../../ir/scalar.ts";
import { lowerStep } from "../lower.ts";
import { rewrite, type Rewriter, type Rule, type Rules } from "./rewrite.ts";

/** Scalar operations whose result is one number, the same on every device. */
const EXACT: ReadonlySet<ScalarName> = new Set<ScalarName>([
  ..."add sub mul div rem mod floorDiv neg abs sign min max sqrt floor ceil trunc round".split(" "),
  ..."and or xor not shl shr eq ne lt le gt ge where cast".split(" "),
] as ScalarName[]);

/** Movements that only choose and repeat elements of their first operand. */
const CHOOSING: readonly OpName[] = ["reshape", "transpose", "broadcast", "flip", "slice"];

/** Other ops whose kernels copy elements or compute them by exact steps. */
const COPYING: readonly OpName[] = [
  "pad",
  "concatenate",
  "take",
  "takeAlong",
  "dynamicSlice",
  "dynamicUpdate",
];

/** Results with more elements are better computed than stored. */
const MOST_ELEMENTS = 64;

/** An elementwise op of values that are one number each. */
const uniform: Rule = (s, w) => {
  const name = opDef(s.op).scalar!;
  if (!EXACT.has(name)) return null;
  const numbers: number[] = [];
  for (const i of s.ins) {
    const n = w.number(i);
    if (n === null) return null;
    numbers.push(n);
  }
  const { dtype, shape } = w.aval(s.outs[0]!);
  const steps = s.ins.map((i) => ({ op: "const", dtype: w.aval(i).dtype, value: 0 }) as const);
  const from = operandType(steps, { op: name, dtype, args: s.ins.map((_, i) => i) });
  const [a = 0, b = 0, c = 0] = numbers;
  return w.full(dtype, shape, runScalar(name, from, dtype, a, b, c));
};

/** An exact op of small arrays of numbers: its kernels are run. */
const small: Rule = (s, w) => {
  const ins: (readonly number[])[] = [];
  for (const i of s.ins) {
    const values = w.values(i);
    if (values === null) return null;
    ins.push(values);
  }
  const out = w.aval(s.outs[0]!);
  if (ins.length === 0 || out.size > MOST_ELEMENTS) return null;
  const scalar = opDef(s.op).scalar;
  if (scalar !== undefined && !EXACT.has(scalar)) return null;
  const values = runStep(s, ins, w);
  return values === null ? null : w.literal(out.dtype, out.shape, values);
};

/** A choice among elements that are known. */
const chosen: Rule = (s, w) => {
  const n = w.number(s.ins[0]!);
  if (n === null) return small(s, w);
  // a broadcast number is what such values are written as
  if (s.op === "broadcast" && w.made(s.ins[0]!, "literal") && w.hasShape(s.ins[0]!, [])) {
    return null;
  }
  const { dtype, shape } = w.aval(s.outs[0]!);
  return w.full(dtype, shape, n);
};

/** The elements of the one output of a step whose kernels have exact steps; null for a routine. */
function runStep(s: Step, ins: readonly (readonly number[])[], w: Rewriter): number[] | null {
  const ids = [...s.ins, s.outs[0]!];
  const avals = ids.map((i) => w.aval(i));
  const room = (bytes: number) => Math.ceil((bytes + 1) / 8) * 8;
  let top = 0;
  const addresses = avals.map((a) => (top += room(a.bytes)) - room(a.bytes));
  const buffer = new ArrayBuffer(top);
  const array = (i: number) =>
    new DTYPES[avals[i]!.dtype].array(buffer, addresses[i]!, avals[i]!.size);
  ins.forEach((values, i) => array(i).set(values));
  const local = { ...s, ins: ins.map((_, i) => i), outs: [ins.length] };
  for (const step of lowerStep(local, avals)) {
    if (step.kind !== "kernel") return null;
    runKernel(step.kernel, buffer, step.args.map((i) => addresses[i]!));
  }
  return [...array(ins.length)];
}

/** The greatest or least of equal numbers. */
const extreme: Rule = (s, w) => {
  const [x, out] = [w.aval(s.ins[0]!), w.aval(s.outs[0]!)];
  const n = w.number(s.ins[0]!);
  return n === null || x.size === 0 ? null : w.full(out.dtype, out.shape, n);
};

/** The sum of equal numbers, where it is exact in every order. */
const total: Rule = (s, w) => {
  const n = w.number(s.ins[0]!);
  if (n === null) return null;
  const [x, out] = [w.aval(s.ins[0]!), w.aval(s.outs[0]!)];
  const { axes } = s.params as unknown as ReduceParams;
  const count = axes.reduce((product, i) => product * x.shape[i]!, 1);
  if (!isExactSum(n, count, x.dtype)) return null;
  const sum = isFloat(x.dtype) ? n * count + 0 : Math.imul(n, count);
  return w.full(out.dtype, out.shape, runScalar("cast", out.dtype, out.dtype, sum, 0, 0));
};

/** Whether every partial sum of `count` numbers n is a number of the type. */
function isExactSum(n: number, count: number, dtype: DType): boolean {
  if (!isFloat(dtype)) return count < 2 ** 31;
  if (!Number.isFinite(n)) return false;
  // n = m * 2^e with an integer m: all sums are multiples of 2^e
  let m = Math.abs(n);
  if (m === 0) return true;
  if (m < 2 ** -64 || m > 2 ** 64) return false;
  while (!Number.isInteger(m)) m *= 2;
  while (m % 2 === 0) m /= 2;
  return m * count <= 2 ** (dtype === "float32" ? 24 : 53);
}

const elementwise = (Object.keys(OPS) as OpName[]).filter((op) =>
  opDef(op).class === "elementwise"
);

const RULES: Rules = {
  ...Object.fromEntries(elementwise.map((op) => [op, [uniform, small]])),
  ...Object.fromEntries(CHOOSING.map((op) => [op, [chosen]])),
  ...Object.fromEntries(COPYING.map((op) => [op, [small]])),
  max: [extreme],
  min: [extreme],
  sum: [total],
};

/** Computes what is known when the program is compiled. */
export function fold(p: Program): Program {
  return rewrite(p, RULES);
}
