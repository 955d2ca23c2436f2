/**
 * How each scalar operation is written in vector instructions: the table from names to them.
 *
 * @module
 */
import { type DType, isFloat } from "../../base/dtype.ts";
import { BIAS, PIVOT, type ScalarName } from "../../ir/scalar.ts";
import { emitHosted, emitHostedWhere } from "./emit_call.ts";
import { emitCast } from "./emit_cast.ts";
import { WHERE_HOSTS } from "./emit_host.ts";
import { emitInteger } from "./emit_integer.ts";
import {
  allocateReg,
  type Each,
  hasRow,
  pushConstant,
  type Reg,
  type ScalarShape,
  wideMask,
  type Writer,
  wrong,
} from "./emit_values.ts";
import type { PlainName } from "../../wasm/opcodes.ts";

/** The scalar operations that kernels may contain when they come to the emitter. */
export const NATIVE: ReadonlySet<ScalarName> = new Set<ScalarName>(
  // deno-fmt-ignore
  [
    "add", "sub", "mul", "div", "rem", "fma", "neg", "abs", "min", "max", "sqrt", "floor", "ceil",
    "trunc", "round", "and", "or", "xor", "not", "shl", "shr", "eq", "ne", "lt", "le", "gt", "ge",
    "where", "sinWhere", "cosWhere", "tanWhere", "cast", "ldexp", "pow2", "scale", "copysign",
    "exponent", "mantissa", "sign", "pow",
  ],
);

// deno-fmt-ignore
const FLOAT = {
  add: "add", sub: "sub", mul: "mul", div: "div", neg: "neg", abs: "abs", min: "min", max: "max",
  sqrt: "sqrt", floor: "floor", ceil: "ceil", trunc: "trunc", round: "nearest",
  eq: "eq", ne: "ne", lt: "lt", le: "le", gt: "gt", ge: "ge",
} as const;
const isComparison = (op: ScalarName): boolean =>
  op === "eq" || op === "ne" || op === "lt" || op === "le" || op === "gt" || op === "ge";

/**
 * Writes one scalar operation on operands of dtype `from` (a mask that selects aside) with a result
 * of dtype `to`, and returns where the result lies: in new locals, in those asked for, or, when
 * there is nothing to do, in those of an operand.
 */
export function emitScalar(
  w: Writer,
  op: ScalarName,
  from: DType,
  to: DType,
  args: readonly Reg[],
  shape: ScalarShape,
): Reg {
  if (op === "cast") return emitCast(w, from, to, args[0]!, shape);
  if (from === "float32" && hasRow(FLOAT, op) && op !== "min" && op !== "max") {
    return emitPlain(w, `f32x4.${FLOAT[op]}`, args, shape.into ?? allocateReg(w, to));
  }
  return emitOther(w, op, from, to, args, shape);
}

/** The operations that are more than an instruction on singles. */
function emitOther(
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
  const plain = (name: PlainName): Reg => emitPlain(w, name, args, result());

  if (op === "where") {
    const mask = from === "float64" ? wideMask(w, a) : a;
    const isZero = (i: number) => Object.is(shape.constants?.[i], 0);
    if (isZero(1)) return each((p) => f.get(c[p]!).get(mask[p]!).op("v128.andnot"));
    if (isZero(2)) return each((p) => f.get(b[p]!).get(mask[p]!).op("v128.and"));
    return each((p) => {
      f.get(b[p]!).get(c[p]!).get(mask[p]!);
      pushSelect(w, from);
    });
  }
  if (from === "bool") return emitLogical(w, op, a, b, c, each);
  if (isFloat(from)) {
    const F = from === "float32" ? "f32x4" : "f64x2";
    if (isComparison(op) && from === "float64") {
      const name: PlainName = `${F}.${op as "eq"}`;
      return each(() => {
        for (const p of [0, 1]) f.get(a[p]!).get(b[p]!).op(name);
        w.lanes.narrow();
      });
    }
    if (op === "min" || op === "max") {
      const [first, second] = shape.constants ?? [];
      const [x, limit, value] = first === undefined ? [a, b, second] : [b, a, first];
      // a NaN is beyond no limit, and stays
      if (value !== undefined && !Number.isNaN(value) && !(op === "min" && Object.is(value, -0))) {
        return each((p) => {
          f.get(x[p]!).get(limit[p]!).op(`${F}.p${op}`);
          if (op === "max" && Object.is(value, 0)) f.get(limit[p]!).op(`${F}.add`); // of -0
        });
      }
    }
    if (hasRow(FLOAT, op)) return plain(`${F}.${FLOAT[op]}`);
    if (op === "fma") {
      return w.relaxed
        ? plain(`${F}.relaxed_madd`)
        : each((p) => f.get(a[p]!).get(b[p]!).op(`${F}.mul`).get(c[p]!).op(`${F}.add`));
    }
    if (op === "rem" || op === "pow") return emitHosted(w, op, from, a, b, shape.lanes, result());
    if (hasRow(WHERE_HOSTS, op)) {
      return emitHostedWhere(w, WHERE_HOSTS[op], from, args, shape.lanes, result());
    }
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

/** One instruction on the parts of its operands. */
function emitPlain({ f }: Writer, name: PlainName, args: readonly Reg[], out: Reg): Reg {
  for (let part = 0; part < out.length; part++) {
    for (let i = 0; i < args.length; i++) f.get(args[i]![part]!);
    f.op(name).set(out[part]!);
  }
  return out;
}

/** Pops two values and a mask whose lanes are all ones or all zeros, and pushes the choice. */
export function pushSelect({ f, relaxed }: Writer, of: DType): void {
  f.op(
    !relaxed
      ? "v128.bitselect"
      : of === "float64"
      ? "i64x2.relaxed_laneselect"
      : "i32x4.relaxed_laneselect",
  );
}

/** Operations that put floats together, or take them apart, by their bits. */
function emitFloatBits(w: Writer, op: ScalarName, from: DType, a: Reg, b: Reg, each: Each): Reg {
  const { f } = w;
  const wide = from === "float64";
  const I = wide ? "i64x2" : "i32x4";
  const F = wide ? "f64x2" : "f32x4";
  const digits = wide ? 52 : 23;
  if (op === "pow2") return each((p) => f.get(a[p]!).i32.const(digits).op(`${I}.shl`));
  if (op === "scale" && w.lanes.masks) {
    const float = wide ? "float64" : "float32";
    return each((p) => {
      f.get(a[p]!).get(b[p]!);
      pushConstant(w, from, PIVOT[float] + 2 * BIAS[float]);
      f.op(`${F}.sub`);
      w.lanes.scale(wide ? 8 : 4);
    });
  }
  if (op === "scale") {
    const half = w.vector();
    return each((p) => {
      f.get(b[p]!).i32.const(1).op(`${I}.shr_u`).set(half);
      f.get(a[p]!).get(half).i32.const(digits).op(`${I}.shl`).op(`${F}.mul`);
      f.get(b[p]!).get(half).op(`${I}.sub`).i32.const(digits).op(`${I}.shl`).op(`${F}.mul`);
    });
  }
  if (op === "copysign") {
    return each((p) =>
      f.get(b[p]!).get(b[p]!).op(`${F}.abs`).op("v128.xor").get(a[p]!).op("v128.or")
    );
  }
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
    return each(() => {
      for (const part of a) f.get(part).i32.const(52).op("i64x2.shr_u");
      w.lanes.narrow().i32x4.const(1022).op("i32x4.sub");
    });
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
