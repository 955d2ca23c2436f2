/**
 * sign, rsqrt, floored division and its remainder, and integer powers.
 *
 * @module
 */
import { type DType, DTYPES, isFloat } from "../../base/dtype.ts";
import type { Builder, Value } from "./builder.ts";

/** -1, 0 or 1; a zero or NaN is itself. */
export function sign(b: Builder, x: Value): Value {
  if (x.dtype === "bool") return x;
  const kind = DTYPES[x.dtype].kind;
  const rest = kind === "uint" ? x : b.where(b.lt(x, 0), -1, x);
  return b.where(b.gt(x, 0), 1, rest);
}

/** 1 / sqrt x. */
export function rsqrt(b: Builder, x: Value): Value {
  return b.div(1, b.sqrt(x));
}

/** Whether a remainder is not 0 and lies on the other side of 0 than the divisor. */
function crosses(b: Builder, r: Value, y: Value): Value {
  return b.and(b.ne(r, 0), b.xor(b.lt(r, 0), b.lt(y, 0)));
}

/** x - y floor(x / y), with the sign of y; integer x mod 0 is 0. */
export function mod(b: Builder, x: Value, y: Value): Value {
  const r = b.rem(x, y);
  if (DTYPES[x.dtype].kind === "uint" || x.dtype === "bool") return r;
  const moved = b.where(crosses(b, r, y), b.add(r, y), r);
  if (!isFloat(x.dtype)) return moved;
  const zero = b.where(b.lt(y, 0), b.const(x.dtype, -0), 0);
  return b.where(b.eq(r, 0), zero, moved);
}

/** floor(x / y); integer x / 0 is 0. */
export function floorDiv(b: Builder, x: Value, y: Value): Value {
  if (isFloat(x.dtype)) return floatFloorDiv(b, x, y);
  const q = b.div(x, y);
  if (x.dtype !== "int32") return q;
  // x - q y is x where y is 0
  const r = b.sub(x, b.mul(q, y));
  const crossing = b.and(crosses(b, r, y), b.ne(y, 0));
  return b.where(crossing, b.sub(q, 1), q);
}

function floatFloorDiv(b: Builder, x: Value, y: Value): Value {
  const plain = b.div(x, y);
  const r = b.rem(x, y);
  const near = b.div(b.sub(x, r), y);
  const q = b.where(crosses(b, r, y), b.sub(near, 1), near);
  // q is a whole number but for the rounding of its division
  const f = b.floor(q);
  const whole = b.where(b.gt(b.sub(q, f), 0.5), b.add(f, 1), f);
  const zero = b.mul(plain, 0);
  return b.where(b.eq(y, 0), plain, b.where(b.eq(q, 0), zero, whole));
}

/** x^n of wrapping integers, by squaring; negative powers are 0 but for those of 1 and -1. */
export function power(b: Builder, x: Value, n: Value, dtype: DType): Value {
  if (dtype === "bool") return b.or(x, b.not(n));
  const signed = DTYPES[dtype].kind === "int";
  const known = b.numberOf(n);
  if (known !== undefined && known >= 0) return knownPower(b, x, known);
  // x^(2^30) is 0 or 1 in 32 bits, and further squares are the same
  const rounds = Math.min(8 * DTYPES[dtype].bytes, 30);
  let result: Value = b.const(dtype, 1);
  let square = x;
  for (let i = 0; i < rounds; i++) {
    const bit = b.ne(b.and(n, 2 ** i), 0);
    result = b.mul(result, b.where(bit, square, 1));
    square = b.mul(square, square);
  }
  if (!signed) {
    return rounds < 30 ? result : b.mul(result, b.where(b.ge(n, 2 ** 30), square, 1));
  }
  result = b.mul(result, b.where(b.ge(n, 2 ** 30), square, 1));
  const unit = b.or(b.eq(x, 1), b.eq(x, -1));
  return b.where(b.or(b.ge(n, 0), unit), result, 0);
}

function knownPower(b: Builder, x: Value, n: number): Value {
  let result: Value | undefined;
  let square = x;
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = result === undefined ? square : b.mul(result, square);
    if (rest > 1) square = b.mul(square, square);
  }
  return result ?? b.const(x.dtype, 1);
}
