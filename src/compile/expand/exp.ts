/**
 * The exponential and its relatives: x = k ln 2 + r with |r| <= ln(2)/2, a polynomial in r, and a
 * multiplication by 2^k.
 *
 * @module
 */
import { BIAS, PIVOT } from "../../ir/scalar.ts";
import type { Builder, FloatType, Value } from "./builder.ts";
import { EXP, LN2 } from "./coefficients.ts";

/** Below this magnitude f(x) = x for every function here that is x near 0. */
export const TINY: Readonly<Record<FloatType, number>> = { float32: 2 ** -30, float64: 2 ** -60 };

/** Beyond these, e^x has rounded to 0 or overflowed. */
const RANGE = { float32: [-104.5, 90], float64: [-746, 711] } as const;

/** Beyond these, e^x - 1 has rounded to -1 or overflowed; 2^(k-1) is still a number. */
const RANGE_M1 = { float32: [-20, 88.8], float64: [-40, 709.9] } as const;

/** Beyond this, tanh has rounded to 1. */
const RANGE_TANH = { float32: 10, float64: 20 } as const;

/** Beyond this, sigmoid has rounded to 1. */
const RANGE_SIGMOID = { float32: 20, float64: 40 } as const;

/** 1 + r + r^2 EXP(r), which is e^r for |r| <= ln(2)/2. */
function nearOne(b: Builder, r: Value, t: FloatType): Value {
  return b.polynomial(r, [1, 1, ...EXP[t]]);
}

/**
 * x log2(e) rounded to a whole number k: k itself, and PIVOT + k + `biases` BIAS, whose lowest bits
 * make powers of two.
 */
function wholes(
  b: Builder,
  x: Value,
  t: FloatType,
  factor: number,
  biases: number,
): { k: Value; pivoted: Value } {
  const pivot = PIVOT[t] + biases * BIAS[t];
  const pivoted = b.fma(x, factor, pivot);
  return { k: b.sub(pivoted, pivot), pivoted };
}

/** e^x = 2^k e^r. The product of k with the first part of ln 2 is exact. */
function parts(
  b: Builder,
  x: Value,
  t: FloatType,
  biases: number,
): { p: Value; pivoted: Value } {
  const { k, pivoted } = wholes(b, x, t, Math.LOG2E, biases);
  const r = b.fma(k, -LN2[t][1], b.fma(k, -LN2[t][0], x));
  return { p: nearOne(b, r, t), pivoted };
}

/** e^x * 2^shift for x within RANGE, with one rounding where the result is denormal. */
function expWithin(b: Builder, x: Value, t: FloatType, shift: number): Value {
  const { p, pivoted } = parts(b, x, t, 2);
  return b.scale(p, shift === 0 ? pivoted : b.add(pivoted, shift));
}

/** e^x * 2^shift, with one rounding where the result is denormal. */
export function expTimes(b: Builder, x: Value, t: FloatType, shift: number): Value {
  const [low, high] = RANGE[t];
  const below = b.isNotPositive(x) ? x : b.min(x, high);
  if (b.isNotNegative(x)) return expWithin(b, below, t, shift);
  // what rounds to 0, as all that a mask took away, must not pass through denormal products
  const gone = b.lt(x, low);
  return b.where(gone, 0, expWithin(b, b.where(gone, 0, below), t, shift));
}

/** e^x. */
export function exp(b: Builder, x: Value, t: FloatType): Value {
  return expTimes(b, x, t, 0);
}

/** e^x for x in [-80, 80]. */
export function expMiddle(b: Builder, x: Value, t: FloatType): Value {
  const { p, pivoted } = parts(b, x, t, 1);
  return b.mul(p, b.pow2(pivoted));
}

/** e^x - 1 = 2^k (1 + r + q) - 1, with what rounding took from r in q. */
export function expm1(b: Builder, x: Value, t: FloatType): Value {
  const y = b.max(b.min(x, RANGE_M1[t][1]), RANGE_M1[t][0]);
  const { k, pivoted } = wholes(b, y, t, Math.LOG2E, 1);
  const high = b.fma(k, -LN2[t][0], y);
  const low = b.mul(k, LN2[t][1]);
  const r = b.sub(high, low);
  const tail = b.sub(b.sub(high, r), low);
  const q = b.fma(b.mul(r, r), b.polynomial(r, EXP[t]), tail);
  const s = b.pow2(b.sub(pivoted, 1)); // halved: 2^k may be too large
  const half = b.fma(s, q, b.fma(s, r, b.sub(s, 0.5)));
  return b.where(b.lt(b.abs(x), TINY[t]), x, b.add(half, half));
}

/** tanh x = u / (u + 1) with u = (e^2|x| - 1) / 2 = 2^k v + (2^k - 1) / 2, v = (e^2r - 1) / 2. */
export function tanh(b: Builder, x: Value, t: FloatType): Value {
  const a = b.min(b.abs(x), RANGE_TANH[t]);
  const { k, pivoted } = wholes(b, a, t, 2 * Math.LOG2E, 1);
  // a rounded k ln 2 is enough: where k is large, e^2|x| hardly counts
  const r = b.fma(k, -Math.LN2 / 2, a);
  const v = b.fma(b.mul(r, r), b.polynomial(r, EXP[t].map((c, i) => c * 2 ** (i + 1))), r);
  const s = b.pow2(pivoted);
  const u = b.fma(s, v, b.fma(s, 0.5, -0.5));
  return b.copysign(b.div(u, b.add(u, 1)), x);
}

/** 1 / (1 + e^-x) = e^x / (e^x + 1). */
export function sigmoid(b: Builder, x: Value, t: FloatType): Value {
  const e = expWithin(b, b.max(b.min(x, RANGE_SIGMOID[t]), RANGE[t][0]), t, 0);
  return b.div(e, b.add(e, 1));
}
