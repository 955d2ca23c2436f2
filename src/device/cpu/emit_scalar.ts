/**
 * How each scalar operation is written in WebAssembly SIMD, four lanes at a time: float32 as f32x4,
 * float64 as a pair of f64x2, int32, uint32 and uint8 as i32x4 (uint8 values stay in 0..255), bool
 * as an i32x4 mask.
 *
 * @module
 */
import { type DType, isFloat } from "../../base/dtype.ts";
import type { ScalarName } from "../../ir/scalar.ts";
import type { Callable, FunctionBuilder, Local } from "./asm.ts";
import type { HostName } from "./emit_host.ts";
import type { PlainName } from "./opcodes.ts";

/** Four lanes of a value: one vector, or for float64 the low and the high pair. */
export type Reg = readonly Local[];

/** What the writers of instructions share. */
export interface Writer {
  readonly f: FunctionBuilder;
  /** Whether relaxed SIMD may be used. */
  readonly relaxed: boolean;
  /** Takes a v128 local until the end of the running scope. */
  vector(): Local;
  /** Takes an i32 local until the end of the running scope. */
  integer(): Local;
  /** A function of the host. */
  host(name: HostName): Callable;
}

/** The scalar operations that kernels may contain when they come to the emitter. */
export const NATIVE: ReadonlySet<ScalarName> = new Set<ScalarName>(
  // deno-fmt-ignore
  [
    "add", "sub", "mul", "div", "rem", "fma", "neg", "abs", "min", "max", "sqrt", "floor", "ceil",
    "trunc", "round", "and", "or", "xor", "not", "shl", "shr", "eq", "ne", "lt", "le", "gt", "ge",
    "where", "cast", "ldexp", "exponent", "mantissa", "sign", "pow",
  ],
);

// deno-fmt-ignore
const FLOAT = {
  add: "add", sub: "sub", mul: "mul", div: "div", neg: "neg", abs: "abs", min: "min", max: "max",
  sqrt: "sqrt", floor: "floor", ceil: "ceil", trunc: "trunc", round: "nearest",
  eq: "eq", ne: "ne", lt: "lt", le: "le", gt: "gt", ge: "ge",
} as const;
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

const has = <T extends object>(table: T, op: PropertyKey): op is keyof T =>
  Object.hasOwn(table, op);
const isComparison = (op: ScalarName): boolean =>
  op === "eq" || op === "ne" || op === "lt" || op === "le" || op === "gt" || op === "ge";

/** Bytes that swap the two halves of a vector. */
export const SWAP_HALVES = [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7] as const;
/** Bytes that swap the neighbours among the four lanes of a vector. */
export const SWAP_NEIGHBOURS = [4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11] as const;
const LOW_WORDS = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27] as const;
const LOW_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23] as const;

/** How many vectors hold four values of a type. */
export function partsOf(dtype: DType): 1 | 2 {
  return dtype === "float64" ? 2 : 1;
}

/** Takes locals for four values of a type. */
export function allocateReg(w: Writer, dtype: DType): Reg {
  return dtype === "float64" ? [w.vector(), w.vector()] : [w.vector()];
}

/** Copies a value into other locals. */
export function copyReg(w: Writer, from: Reg, to: Reg): void {
  to.forEach((local, p) => {
    if (local !== from[p]!) w.f.get(from[p]!).set(local);
  });
}

/** Pushes one part of a constant. */
export function pushConstant(w: Writer, dtype: DType, value: number): void {
  if (dtype === "float32") w.f.f32x4.const(value);
  else if (dtype === "float64") w.f.f64x2.const(value);
  else if (dtype === "bool") w.f.i32x4.const(value !== 0 ? -1 : 0);
  else w.f.i32x4.const(dtype === "uint8" ? value & 255 : value);
}

/** A constant in all lanes. */
export function emitConstant(w: Writer, dtype: DType, value: number): Reg {
  const x = w.vector();
  pushConstant(w, dtype, value);
  w.f.set(x);
  return dtype === "float64" ? [x, x] : [x];
}

/** How a step is to be written. */
export interface ScalarShape {
  /** How many of the lanes matter: 4, or 1 for the lowest only. */
  readonly lanes: number;
  /** Whether all lanes of the second operand are equal. */
  readonly uniformSecond?: boolean;
  /** Where the result goes; new locals by default. May be an operand. */
  readonly into?: Reg;
}

/**
 * Writes one scalar operation on operands of dtype `from` (for `where`: of the values chosen from)
 * with a result of dtype `to`, and returns where the result lies: in new locals, in those asked
 * for, or, when there is nothing to do, in those of an operand.
 */
export function emitScalar(
  w: Writer,
  op: ScalarName,
  from: DType,
  to: DType,
  args: readonly Reg[],
  shape: ScalarShape,
): Reg {
  const { f } = w;
  const [a, b, c] = args as readonly [Reg, Reg, Reg];
  const result = (): Reg => shape.into ?? allocateReg(w, to);
  const each = (write: (part: number) => void): Reg => {
    const out = result();
    out.forEach((local, part) => {
      write(part);
      f.set(local);
    });
    return out;
  };
  const plain = (name: PlainName): Reg =>
    each((p) => {
      for (const arg of args) f.get(arg[p]!);
      f.op(name);
    });

  if (op === "cast") return emitCast(w, from, to, a, shape);
  if (op === "where") {
    const mask = from === "float64" ? wideMask(w, a) : a;
    return each((p) => f.get(b[p]!).get(c[p]!).get(mask[p]!).op("v128.bitselect"));
  }
  if (from === "bool") return emitLogical(w, op, a, b, c, each);
  if (isFloat(from)) {
    const F = from === "float32" ? "f32x4" : "f64x2";
    if (isComparison(op) && from === "float64") {
      const name: PlainName = `${F}.${op as "eq"}`;
      return each(() =>
        f.get(a[0]!).get(b[0]!).op(name).get(a[1]!).get(b[1]!).op(name).shuffle(LOW_WORDS)
      );
    }
    if (has(FLOAT, op)) return plain(`${F}.${FLOAT[op]}`);
    if (op === "fma") {
      return w.relaxed
        ? plain(`${F}.relaxed_madd`)
        : each((p) => f.get(a[p]!).get(b[p]!).op(`${F}.mul`).get(c[p]!).op(`${F}.add`));
    }
    if (op === "rem" || op === "pow") return emitHosted(w, op, from, a, b, shape.lanes, result());
    if (op === "sign") {
      return each((p) => {
        f.get(a[p]!);
        pushConstant(w, from, -0);
        f.op("v128.and");
        pushConstant(w, from, 1);
        f.op("v128.or").get(a[p]!).get(a[p]!);
        pushConstant(w, from, 0);
        f.op(`${F}.lt`).get(a[p]!);
        pushConstant(w, from, 0);
        f.op(`${F}.gt`).op("v128.or").op("v128.bitselect");
      });
    }
    return emitFloatBits(w, op, from, a, b, each);
  }
  return emitInteger(w, op, from, args, shape, each, result);
}

function wrong(op: ScalarName, from: DType): never {
  throw new TypeError(
    `Cannot emit ${op} of ${from}: an operation of the emitter's native set on a type it is ` +
      `defined for is wanted: expand the kernel first`,
  );
}

type Each = (write: (part: number) => void) => Reg;

/** ldexp, exponent and mantissa take a float apart by its bits. */
function emitFloatBits(w: Writer, op: ScalarName, from: DType, a: Reg, b: Reg, each: Each): Reg {
  const { f } = w;
  const wide = from === "float64";
  if (op === "ldexp") {
    if (!wide) {
      return each(() =>
        f.get(a[0]!).get(b[0]!).i32x4.const(127).op("i32x4.add").i32.const(23).op("i32x4.shl")
          .op("f32x4.mul")
      );
    }
    return each((p) =>
      f.get(a[p]!).get(b[0]!)
        .op(p === 0 ? "i64x2.extend_low_i32x4_s" : "i64x2.extend_high_i32x4_s")
        .i64x2.const(1023).op("i64x2.add").i32.const(52).op("i64x2.shl").op("f64x2.mul")
    );
  }
  if (op === "exponent") {
    if (!wide) {
      return each(() =>
        f.get(a[0]!).i32.const(23).op("i32x4.shr_u").i32x4.const(126).op("i32x4.sub")
      );
    }
    return each(() =>
      f.get(a[0]!).i32.const(52).op("i64x2.shr_u").get(a[1]!).i32.const(52).op("i64x2.shr_u")
        .shuffle(LOW_WORDS).i32x4.const(1022).op("i32x4.sub")
    );
  }
  if (op === "mantissa") {
    return each((p) => {
      f.get(a[p]!);
      if (wide) f.i64x2.const(0x000fffffffffffffn).op("v128.and").f64x2.const(0.5).op("v128.or");
      else f.i32x4.const(0x007fffff).op("v128.and").f32x4.const(0.5).op("v128.or");
    });
  }
  return wrong(op, from);
}

/** Operations on bool are operations on masks; arithmetic counts any nonzero result as true. */
function emitLogical(w: Writer, op: ScalarName, a: Reg, b: Reg, c: Reg, each: Each): Reg {
  const { f } = w;
  const two = (x: Reg, y: Reg, name: PlainName) => each(() => f.get(x[0]!).get(y[0]!).op(name));
  const twoNot = (x: Reg, y: Reg, name: PlainName) =>
    each(() => f.get(x[0]!).get(y[0]!).op(name).op("v128.not"));
  switch (op) {
    case "add":
    case "or":
    case "max":
      return two(a, b, "v128.or");
    case "mul":
    case "div":
    case "and":
    case "min":
      return two(a, b, "v128.and");
    case "sub":
    case "xor":
    case "ne":
      return two(a, b, "v128.xor");
    case "eq":
      return twoNot(a, b, "v128.xor");
    case "lt":
      return two(b, a, "v128.andnot");
    case "gt":
    case "shr":
      return two(a, b, "v128.andnot");
    case "le":
      return twoNot(a, b, "v128.andnot");
    case "ge":
    case "pow":
      return twoNot(b, a, "v128.andnot");
    case "not":
      return each(() => f.get(a[0]!).op("v128.not"));
    case "rem":
      return each(() => f.i32x4.const(0));
    case "fma":
      return each(() => f.get(a[0]!).get(b[0]!).op("v128.and").get(c[0]!).op("v128.or"));
    case "neg":
    case "abs":
    case "sign":
    case "shl":
    case "floor":
    case "ceil":
    case "trunc":
    case "round":
      return a;
    default:
      return wrong(op, "bool");
  }
}

function emitInteger(
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
  if (signed && has(SIGNED, op)) {
    return each(() => {
      for (const x of args) f.get(x[0]!);
      f.op(`i32x4.${SIGNED[op]}`);
    });
  }
  if (!signed && has(UNSIGNED, op)) {
    return each(() => {
      for (const x of args) f.get(x[0]!);
      f.op(`i32x4.${UNSIGNED[op]}`);
      if (op === "add" || op === "sub" || op === "mul" || op === "neg") wrap();
    });
  }
  if (has(BITS, op)) return each(() => f.get(a[0]!).get(b[0]!).op(BITS[op]));
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
      f.get(x);
      if (part === 1) f.get(x).shuffle(SWAP_HALVES);
      f.op(convert);
    }
    f.op("f64x2.div").op("f64x2.trunc").f64x2.const(6755399441055744).op("f64x2.add");
  }
  f.shuffle(LOW_WORDS).get(b[0]!).i32x4.const(0).op("i32x4.ne").op("v128.and");
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

/** Calls the host for each lane; with one lane, its result goes to all of them. */
function emitHosted(
  w: Writer,
  name: HostName,
  from: DType,
  a: Reg,
  b: Reg,
  lanes: number,
  out: Reg,
): Reg {
  const { f } = w;
  const callee = w.host(name);
  const form = from === "float32" ? "f32x4" : from === "float64" ? "f64x2" : "i32x4";
  const perPart = 4 / partsOf(from);
  const push = (x: Local, lane: number) => {
    f.get(x).lane(`${form}.extract_lane`, lane);
    if (from === "float32") f.op("f64.promote_f32");
    else if (from !== "float64") f.op(from === "int32" ? "f64.convert_i32_s" : "f64.convert_i32_u");
  };
  const call = (part: number, lane: number) => {
    push(a[part]!, lane);
    push(b[part]!, lane);
    f.call(callee);
    if (from === "float32") f.op("f32.demote_f64");
    else if (from !== "float64") f.op("i32.trunc_sat_f64_s");
  };
  out.forEach((local, part) => {
    if (part > 0 && lanes === 1) return f.get(out[0]!).set(local);
    call(part, 0);
    f.op(`${form}.splat`);
    if (lanes > 1) {
      for (let lane = 1; lane < perPart; lane++) {
        call(part, lane);
        f.lane(`${form}.replace_lane`, lane);
      }
    }
    if (from === "uint8") f.i32x4.const(255).op("v128.and");
    f.set(local);
  });
  return out;
}

/** The two 64-bit masks of a mask of four lanes. */
export function wideMask(w: Writer, mask: Reg): Reg {
  const out = [w.vector(), w.vector()];
  w.f.get(mask[0]!).op("i64x2.extend_low_i32x4_s").set(out[0]!);
  w.f.get(mask[0]!).op("i64x2.extend_high_i32x4_s").set(out[1]!);
  return out;
}

/** Floats to integers truncate and saturate, integers wrap, bool is "not zero". */
function emitCast(w: Writer, from: DType, to: DType, a: Reg, shape: ScalarShape): Reg {
  const { f } = w;
  if (from === to) return a;
  const out = (): Reg => shape.into ?? allocateReg(w, to);
  const single = (write: () => void): Reg => {
    const r = out();
    write();
    f.set(r[0]!);
    return r;
  };
  if (from === "float64") {
    if (to === "bool") {
      const zero = emitConstant(w, "float64", 0);
      return emitScalar(w, "ne", "float64", "bool", [a, zero], shape);
    }
    return single(() => {
      const name: PlainName = to === "float32"
        ? "f32x4.demote_f64x2_zero"
        : to === "uint32"
        ? "i32x4.trunc_sat_f64x2_u_zero"
        : "i32x4.trunc_sat_f64x2_s_zero";
      f.get(a[0]!).op(name).get(a[1]!).op(name).shuffle(LOW_HALVES);
      if (to === "uint8") clampToByte(w);
    });
  }
  if (to === "float64") {
    const name: PlainName = from === "float32"
      ? "f64x2.promote_low_f32x4"
      : from === "uint32"
      ? "f64x2.convert_low_i32x4_u"
      : "f64x2.convert_low_i32x4_s";
    const r = out();
    [0, 1].forEach((part) => {
      f.get(a[0]!);
      if (part === 1) f.get(a[0]!).shuffle(SWAP_HALVES);
      if (from === "bool") f.i32x4.const(1).op("v128.and");
      f.op(name).set(r[part]!);
    });
    return r;
  }
  if (from === "float32") {
    if (to === "bool") return single(() => f.get(a[0]!).f32x4.const(0).op("f32x4.ne"));
    return single(() => {
      f.get(a[0]!)
        .op(to === "uint32" ? "i32x4.trunc_sat_f32x4_u" : "i32x4.trunc_sat_f32x4_s");
      if (to === "uint8") clampToByte(w);
    });
  }
  if (to === "float32") {
    return single(() => {
      f.get(a[0]!);
      if (from === "bool") f.f32x4.const(1).op("v128.and");
      else f.op(from === "uint32" ? "f32x4.convert_i32x4_u" : "f32x4.convert_i32x4_s");
    });
  }
  if (to === "bool") return single(() => f.get(a[0]!).i32x4.const(0).op("i32x4.ne"));
  if (from === "bool") return single(() => f.get(a[0]!).i32x4.const(1).op("v128.and"));
  if (to === "uint8") return single(() => f.get(a[0]!).i32x4.const(255).op("v128.and"));
  return a;
}

function clampToByte(w: Writer): void {
  w.f.i32x4.const(0).op("i32x4.max_s").i32x4.const(255).op("i32x4.min_s");
}
