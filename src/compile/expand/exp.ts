/**
 * The exponential and its relatives: x = k ln 2 + r with |r| <= ln(2)/2, a polynomial in r, and a
 * multiplication by 2^k.
 *
 * @module
 */
import type { Builder, FloatType, Value } from "./builder.ts";
import { EXP, LN2, TANH } from "./coefficients.ts";

/** Below this magnitude f(x) = x for every function here that is x near 0. */
export const TINY: Readonly<Record<FloatType, number>> = { float32: 2 ** -30, float64: 2 ** -60 };

/** Beyond these, e^x has rounded to 0 or overflowed. */
const RANGE = { float32: [-104.5, 90], float64: [-746, 711] } as const;

/** Beyond these, e^x - 1 has rounded to -1 or overflowed; 2^(k-1) is still a number. */
const RANGE_M1 = { float32: [-20, 88.8], float64: [-40, 709.9] } as const;

/** Beyond this, tanh has rounded to 1; below the other, it is a polynomial. */
const RANGE_TANH = { float32: [0.55, 10], float64: [0.55, 20] } as const;

/** 1 + r + r^2 EXP(r), which is e^r for |r| <= ln(2)/2. */
function nearOne(b: Builder, r: Value, t: FloatType): Value {
  return b.polynomial(r, [1, 1, ...EXP[t]]);
}

/** e^x = 2^n e^r, with n as int32. The product of n with the first part of ln 2 is exact. */
function parts(b: Builder, x: Value, t: FloatType): { p: Value; n: Value } {
  const k = b.round(b.mul(x, Math.LOG2E));
  const r = b.fma(k, -LN2[t][1], b.fma(k, -LN2[t][0], x));
  return { p: nearOne(b, r, t), n: b.cast(k, "int32") };
}

/** e^x = 2^n (1 + r + q), with what rounding took from r in q: for what cancels against 1. */
function partsM1(b: Builder, x: Value, t: FloatType): { r: Value; q: Value; n: Value } {
  const k = b.round(b.mul(x, Math.LOG2E));
  const high = b.fma(k, -LN2[t][0], x);
  const low = b.mul(k, LN2[t][1]);
  const r = b.sub(high, low);
  const tail = b.sub(b.sub(high, r), low);
  const q = b.fma(b.mul(r, r), b.polynomial(r, EXP[t]), tail);
  return { r, q, n: b.cast(k, "int32") };
}

/** e^x * 2^shift, with one rounding where the result is denormal. */
export function expTimes(b: Builder, x: Value, t: FloatType, shift: number): Value {
  const { p, n } = parts(b, b.max(b.min(x, RANGE[t][1]), RANGE[t][0]), t);
  const shifted = shift === 0 ? n : b.add(n, shift);
  const half = b.op("shr", "int32", [shifted, b.const("int32", 1)]);
  return b.ldexp(b.ldexp(p, half, t), b.sub(shifted, half), t);
}

/** e^x. */
export function exp(b: Builder, x: Value, t: FloatType): Value {
  return expTimes(b, x, t, 0);
}

/** e^x for x in [-80, 80]. */
export function expMiddle(b: Builder, x: Value, t: FloatType): Value {
  const { p, n } = parts(b, x, t);
  return b.ldexp(p, n, t);
}

/** e^x - 1. */
export function expm1(b: Builder, x: Value, t: FloatType): Value {
  const { r, q, n } = partsM1(b, b.max(b.min(x, RANGE_M1[t][1]), RANGE_M1[t][0]), t);
  const s = b.ldexp(1, b.sub(n, 1), t);
  const half = b.fma(s, q, b.fma(s, r, b.sub(s, 0.5)));
  return b.where(b.lt(b.abs(x), TINY[t]), x, b.add(half, half));
}

/** tanh x: a polynomial near 0, else 1 - 2 / (e^2|x| + 1). */
export function tanh(b: Builder, x: Value, t: FloatType): Value {
  const [low, high] = RANGE_TANH[t];
  const z = b.mul(x, x);
  const small = b.mul(x, b.polynomial(z, [1, ...TANH[t]]));
  const a = b.abs(x);
  const y = b.min(a, high);
  // a rounded k ln 2 is enough: where k is large, e^2|x| hardly counts
  const k = b.round(b.mul(y, 2 * Math.LOG2E));
  const r = b.fma(k, -Math.LN2, b.add(y, y));
  const e = b.ldexp(nearOne(b, r, t), b.cast(k, "int32"), t);
  const large = b.sub(1, b.div(2, b.add(e, 1)));
  return b.where(b.lt(a, low), small, b.where(b.lt(x, 0), b.neg(large), large));
}

/** 1 / (1 + e^-x), as e^x / (1 + e^x) for negative x. */
export function sigmoid(b: Builder, x: Value, _t: FloatType): Value {
  const e = b.exp(b.neg(b.abs(x)));
  const n = b.where(b.lt(x, 0), e, 1);
  return b.fma(b.neg(n), b.div(e, b.add(e, 1)), n);
}
