/**
 * How scalar operations on int32, uint32 and uint8 are written in vector instructions, which have no
 * integer division and shift all lanes alike.
 *
 * @module
 */
import type { DType } from "../../base/dtype.ts";
import type { ScalarName } from "../../ir/scalar.ts";
import { emitHosted } from "./emit_call.ts";
import {
  type Each,
  hasRow,
  type Reg,
  type ScalarShape,
  type Writer,
  wrong,
} from "./emit_values.ts";
import type { PlainName } from "../../wasm/opcodes.ts";

// deno-fmt-ignore
const SIGNED = {
  add: "add", sub: "sub", mul: "mul", neg: "neg", abs: "abs", min: "min_s", max: "max_s",
  eq: "eq", ne: "ne", lt: "lt_s", le: "le_s", gt: "gt_s", ge: "ge_s",
} as const;
// deno-fmt-ignore
const UNSIGNED = {
  add: "add", sub: "sub", mul: "mul", neg: "neg", min: "min_u", max: "max_u",
  eq: "eq", ne: "ne", lt: "lt_u", le: "le_u", gt: "gt_u", ge: "ge_u",
} as const;
const BITS = { and: "v128.and", or: "v128.or", xor: "v128.xor" } as const;

/** Writes an operation on integers of type `from`; see emitScalar. */
export function emitInteger(
  w: Writer,
  op: ScalarName,
  from: DType,
  args: readonly Reg[],
  shape: ScalarShape,
  each: Each,
  result: () => Reg,
): Reg {
  const { f } = w;
  const [a, b, c] = args as readonly [Reg, Reg, Reg];
  const signed = from === "int32";
  /** Ends an expression whose bits above the type's may be set. */
  const wrap = () => {
    if (from === "uint8") f.i32x4.const(255).op("v128.and");
  };
  if (signed && hasRow(SIGNED, op)) {
    return each(() => {
      for (const x of args) f.get(x[0]!);
      f.op(`i32x4.${SIGNED[op]}`);
    });
  }
  if (!signed && hasRow(UNSIGNED, op)) {
    return each(() => {
      for (const x of args) f.get(x[0]!);
      f.op(`i32x4.${UNSIGNED[op]}`);
      if (op === "add" || op === "sub" || op === "mul" || op === "neg") wrap();
    });
  }
  if (hasRow(BITS, op)) return each(() => f.get(a[0]!).get(b[0]!).op(BITS[op]));
  switch (op) {
    case "abs":
    case "floor":
    case "ceil":
    case "trunc":
    case "round":
      return a;
    case "not":
      return each(() => {
        f.get(a[0]!).op("v128.not");
        wrap();
      });
    case "fma":
      return each(() => {
        f.get(a[0]!).get(b[0]!).op("i32x4.mul").get(c[0]!).op("i32x4.add");
        wrap();
      });
    case "sign":
      return each(() => {
        f.get(a[0]!).i32x4.const(0);
        if (signed) f.op("i32x4.lt_s").get(a[0]!).i32x4.const(0).op("i32x4.gt_s").op("i32x4.sub");
        else f.op("i32x4.ne").i32x4.const(1).op("v128.and");
      });
    case "div":
      return each(() => pushQuotient(w, signed, a, b));
    case "rem":
      return each(() => {
        f.get(a[0]!);
        pushQuotient(w, signed, a, b);
        f.get(b[0]!).op("i32x4.mul").op("i32x4.sub");
        f.get(b[0]!).i32x4.const(0).op("i32x4.ne").op("v128.and");
      });
    case "shl":
    case "shr":
      return emitShift(w, op, from, a, b, shape, result());
    case "pow":
      return emitHosted(w, "integerPow", from, a, b, shape.lanes, result());
    default:
      return wrong(op, from);
  }
}

/**
 * Pushes a / b truncated, 0 where b is 0. The quotient of two 32-bit integers in double, truncated,
 * is exact; adding 1.5 * 2^52 leaves it modulo 2^32 in the low word.
 */
function pushQuotient(w: Writer, signed: boolean, a: Reg, b: Reg): void {
  const { f } = w;
  const convert: PlainName = signed ? "f64x2.convert_low_i32x4_s" : "f64x2.convert_low_i32x4_u";
  for (const part of [0, 1]) {
    for (const x of [a[0]!, b[0]!]) {
      (part === 1 ? w.lanes.upper(x) : f.get(x)).op(convert);
    }
    f.op("f64x2.div").op("f64x2.trunc").f64x2.const(6755399441055744).op("f64x2.add");
  }
  w.lanes.narrow().get(b[0]!).i32x4.const(0).op("i32x4.ne").op("v128.and");
}

function emitShift(
  w: Writer,
  op: "shl" | "shr",
  from: DType,
  a: Reg,
  b: Reg,
  shape: ScalarShape,
  out: Reg,
): Reg {
  const { f } = w;
  const kind = op === "shl" ? "shl" : from === "int32" ? "shr_s" : "shr_u";
  const mask = () => {
    f.get(b[0]!).i32x4.const(32).op("i32x4.lt_u").op("v128.and");
    if (from === "uint8") f.i32x4.const(255).op("v128.and");
  };
  // a count of 32 or more keeps only the sign, which a shift by 31 does
  const known = shape.constants?.[1];
  if (known !== undefined && known >= 0 && known < 32) {
    f.get(a[0]!).i32.const(known).op(`i32x4.${kind}`);
    if (from === "uint8") f.i32x4.const(255).op("v128.and");
    f.set(out[0]!);
    return out;
  }
  const count = (lane: number) => {
    const n = w.integer();
    f.get(b[0]!).lane("i32x4.extract_lane", lane).tee(n);
    if (kind === "shr_s") f.i32.const(31).get(n).i32.const(32).op("i32.lt_u").op("select");
  };
  if (shape.uniformSecond || shape.lanes === 1) {
    f.get(a[0]!);
    count(0);
    f.op(`i32x4.${kind}`);
  } else {
    f.get(a[0]!);
    for (let lane = 0; lane < 4; lane++) {
      f.get(a[0]!).lane("i32x4.extract_lane", lane);
      count(lane);
      f.op(`i32.${kind}`).lane("i32x4.replace_lane", lane);
    }
  }
  if (kind !== "shr_s") mask();
  f.set(out[0]!);
  return out;
}
