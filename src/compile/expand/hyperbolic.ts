/**
 * Hyperbolic functions and their inverses, by the exponential and the logarithm.
 *
 * @module
 */
import type { Builder, FloatType, Value } from "./builder.ts";
import { SINH } from "./coefficients.ts";
import { expTimes } from "./exp.ts";

/** Beyond this, sqrt(x^2 + 1) = x and x^2 is still a number. */
const LARGE = { float32: 2 ** 30, float64: 2 ** 60 } as const;

/** sinh x: a polynomial below 1, else e^|x|/2 - e^-|x|/2. */
export function sinh(b: Builder, x: Value, t: FloatType): Value {
  const a = b.abs(x);
  const z = b.mul(x, x);
  const small = b.fma(b.mul(x, z), b.polynomial(z, SINH[t]), x);
  const e = expTimes(b, a, t, -1);
  const large = b.sub(e, b.div(0.25, e));
  return b.where(b.lt(a, 1), small, b.where(b.lt(x, 0), b.neg(large), large));
}

/** cosh x = e^|x|/2 + e^-|x|/2. */
export function cosh(b: Builder, x: Value, t: FloatType): Value {
  const e = expTimes(b, b.abs(x), t, -1);
  return b.add(e, b.div(0.25, e));
}

/** asinh x = log1p(|x| + x^2 / (1 + sqrt(x^2 + 1))); log(2|x|) where x^2 could overflow. */
export function asinh(b: Builder, x: Value, t: FloatType): Value {
  const a = b.abs(x);
  const large = b.gt(a, LARGE[t]);
  const square = b.mul(a, a);
  const u = b.add(a, b.div(square, b.add(b.sqrt(b.add(square, 1)), 1)));
  const l = b.log1p(b.where(large, a, u));
  return b.withSign(b.add(l, b.where(large, b.const(t, Math.LN2), 0)), x);
}

/**
 * acosh x = log1p(v + sqrt(v (v + 2))) with v = x - 1, and what rounding took from that sum;
 * log(2x) where v^2 could overflow.
 */
export function acosh(b: Builder, x: Value, t: FloatType): Value {
  const large = b.gt(x, LARGE[t]);
  const v = b.sub(x, 1);
  const s = b.sqrt(b.fma(v, v, b.add(v, v)));
  const u = b.add(v, s);
  const lost = b.div(b.sub(v, b.sub(u, s)), b.add(u, 1));
  const l = b.log1p(b.where(large, x, u));
  const y = b.add(l, b.where(large, b.const(t, Math.LN2), lost));
  return b.where(b.lt(x, 1), NaN, y);
}

/** atanh x = log1p(2a + 2a^2 / (1 - a)) / 2 with a = |x|. */
export function atanh(b: Builder, x: Value, _t: FloatType): Value {
  const a = b.abs(x);
  const twice = b.add(a, a);
  const u = b.add(twice, b.div(b.mul(twice, a), b.sub(1, a)));
  const y = b.mul(b.log1p(u), 0.5);
  return b.withSign(b.where(b.gt(a, 1), NaN, y), x);
}
