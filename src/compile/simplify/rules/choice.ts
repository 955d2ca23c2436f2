/**
 * Choices that are made already: selections by a known condition, extremes and comparisons of a
 * value with itself, and bits combined with all or none.
 *
 * @module
 */
import { type DType, DTYPES, isFloat } from "../../../base/dtype.ts";
import type { OpName } from "../../../ir/ops.ts";
import type { Id } from "../../../ir/program.ts";
import type { Rule, Rules } from "../rewrite.ts";

/** where(true, a, b) and where(false, a, b). */
const known: Rule = (s, w) => {
  const c = w.number(s.ins[0]!);
  return c === null ? null : w.broadcast(s.ins[c !== 0 ? 1 : 2]!, w.aval(s.outs[0]!).shape);
};

/** where(c, a, a). */
const equalChoices: Rule = (s, w) =>
  s.ins[1] === s.ins[2] ? w.broadcast(s.ins[1]!, w.aval(s.outs[0]!).shape) : null;

/** where(not c, a, b) = where(c, b, a). */
const turned: Rule = (s, w) => {
  const c = w.made(s.ins[0]!, "not");
  return c === null ? null : w.emit("where", [c.ins[0]!, s.ins[2]!, s.ins[1]!]);
};

/** The greater, the lesser, both or any of x and x. */
const withItself: Rule = (s) => s.ins[0] === s.ins[1] ? s.ins[0]! : null;

/** x compared with x: NaN is equal to nothing. */
const compared: Rule = (s, w) => {
  if (s.ins[0] !== s.ins[1]) return null;
  const strict = s.op === "lt" || s.op === "gt";
  if (!strict && isFloat(w.aval(s.ins[0]!).dtype)) return null;
  const holds = s.op === "eq" || s.op === "le" || s.op === "ge";
  return w.full("bool", w.aval(s.outs[0]!).shape, holds ? 1 : 0);
};

const OPPOSITE: Partial<Record<OpName, OpName>> = {
  eq: "ne",
  ne: "eq",
  lt: "ge",
  ge: "lt",
  gt: "le",
  le: "gt",
};

/** not (a < b) = a >= b where no NaN can be; not (a == b) = (a != b) always. */
const opposite: Rule = (s, w) => {
  for (const op of ["eq", "ne", "lt", "le", "gt", "ge"] as const) {
    const c = w.made(s.ins[0]!, op);
    if (c === null) continue;
    const ordered = op !== "eq" && op !== "ne";
    if (ordered && isFloat(w.aval(c.ins[0]!).dtype)) return null;
    return w.emit(OPPOSITE[op]!, c.ins);
  }
  return null;
};

const twice: Rule = (s, w) => w.made(s.ins[0]!, "not")?.ins[0] ?? null;

/** All bits of a type set, as its numbers have it. */
function ones(dtype: DType): number {
  const { kind, bytes } = DTYPES[dtype];
  return kind === "bool" ? 1 : kind === "int" ? -1 : 2 ** (8 * bytes) - 1;
}

/** The operand beside one that is this number, as `of` makes the result of it. */
function beside(n: (d: DType) => number, of: "other" | "number"): Rule {
  return (s, w) => {
    const { dtype, shape } = w.aval(s.outs[0]!);
    const at = s.ins.findIndex((i: Id) => w.is(i, n(dtype)));
    if (at < 0) return null;
    return w.broadcast(s.ins[of === "number" ? at : 1 - at]!, shape);
  };
}

const none = () => 0;

/** x ^ x. */
const differences: Rule = (s, w) => {
  const { dtype, shape } = w.aval(s.outs[0]!);
  return s.ins[0] === s.ins[1] ? w.full(dtype, shape, 0) : null;
};

/** x shifted by nothing. */
const unshifted: Rule = (s, w) =>
  w.is(s.ins[1]!, 0) ? w.broadcast(s.ins[0]!, w.aval(s.outs[0]!).shape) : null;

/** The rules for choices and bits. */
export const CHOICE: Rules = {
  where: [known, equalChoices, turned],
  maximum: [withItself],
  minimum: [withItself],
  and: [withItself, beside(ones, "other"), beside(none, "number")],
  or: [withItself, beside(none, "other"), beside(ones, "number")],
  xor: [differences, beside(none, "other")],
  not: [twice, opposite],
  shl: [unshifted],
  shr: [unshifted],
  eq: [compared],
  ne: [compared],
  lt: [compared],
  le: [compared],
  gt: [compared],
  ge: [compared],
};
