/**
 * Conversions that undo each other, or of which one step says what two said.
 *
 * @module
 */
import { type DType, DTYPES, isFloat } from "../../../base/dtype.ts";
import type { Rule, Rules } from "../rewrite.ts";

/** The bits of the integers that a type holds exactly; a sign counts as one. */
function width(d: DType): { bits: number; signed: boolean } {
  const { kind, bytes } = DTYPES[d];
  if (kind === "bool") return { bits: 1, signed: false };
  if (kind === "float") return { bits: d === "float32" ? 25 : 54, signed: true };
  return { bits: 8 * bytes, signed: kind === "int" };
}

/** Whether every value of `from` is a value of `to`. */
function holds(to: DType, from: DType): boolean {
  if (isFloat(from)) return isFloat(to) && DTYPES[to].bytes >= DTYPES[from].bytes;
  const [a, b] = [width(from), width(to)];
  if (a.signed && !b.signed) return false;
  return b.bits >= a.bits + (b.signed && !a.signed ? 1 : 0);
}

/** A conversion to the type that it has. */
const toItself: Rule = (s, w) =>
  w.aval(s.ins[0]!).dtype === w.aval(s.outs[0]!).dtype ? s.ins[0]! : null;

/**
 * a -> b -> c = a -> c, where b holds every a. Floats become integers by saturation and integers by
 * wrapping, so that b may be a float and c an integer only where a is a float too, or c holds it.
 */
const through: Rule = (s, w) => {
  const inner = w.made(s.ins[0]!, "cast");
  if (inner === null) return null;
  const source = inner.ins[0]!;
  const [a, b, c] = [source, s.ins[0]!, s.outs[0]!].map((i) => w.aval(i).dtype) as [
    DType,
    DType,
    DType,
  ];
  // integers of one width are the same bits
  const bits = !isFloat(a) && !isFloat(b) && !isFloat(c) && a === c &&
    DTYPES[a].bytes === DTYPES[b].bytes && DTYPES[b].kind !== "bool";
  if (!bits && !holds(b, a)) return null;
  if (!isFloat(a) && isFloat(b) && !isFloat(c) && c !== "bool" && !holds(c, a)) return null;
  return w.emit("cast", [source], { dtype: c });
};

/** The rules for conversions. */
export const CASTS: Rules = { cast: [toItself, through] };
