/**
 * Logarithms: x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)), and a series in
 * s = f / (2 + f), for which log(1 + f) = 2 atanh(s).
 *
 * @module
 */
import type { Builder, FloatType, Value } from "./builder.ts";
import { LN2, LOG } from "./coefficients.ts";
import { TINY } from "./exp.ts";

/** The least normal number, and a power of two (with its exponent) that makes denormals normal. */
const NORMAL = { float32: [2 ** -126, 2 ** 24, 24], float64: [2 ** -1022, 2 ** 53, 53] } as const;

/** The exponent k (as float) and f of a positive normal number 2^k (1 + f). */
function split(b: Builder, x: Value, t: FloatType): { k: Value; f: Value } {
  const m = b.op("mantissa", t, [x]);
  const e = b.cast(b.op("exponent", "int32", [x]), t);
  const upper = b.ge(m, Math.SQRT1_2);
  return {
    k: b.where(upper, e, b.sub(e, 1)),
    f: b.sub(b.where(upper, m, b.add(m, m)), 1),
  };
}

/** k ln 2 + log(1 + f), summed from the small terms up. */
function joined(b: Builder, k: Value, f: Value, t: FloatType): Value {
  const s = b.div(f, b.add(f, 2));
  const z = b.mul(s, s);
  const series = b.mul(z, b.polynomial(z, LOG[t]));
  const half = b.mul(b.mul(f, 0.5), f);
  const small = b.fma(k, LN2[t][1], b.mul(s, b.add(half, series)));
  return b.fma(k, LN2[t][0], b.sub(f, b.sub(half, small)));
}

/** `y` for x in (0, inf), and the values of a logarithm at 0, below 0, at inf and at NaN. */
function poles(b: Builder, x: Value, zero: number, y: Value): Value {
  const t = x.dtype;
  const rest = b.where(b.eq(x, zero), b.const(t, -Infinity), NaN);
  return b.where(b.lt(x, Infinity), b.where(b.gt(x, zero), y, rest), x);
}

/** log x. */
export function log(b: Builder, x: Value, t: FloatType): Value {
  const [least, scale, shift] = NORMAL[t];
  const denormal = b.lt(x, least);
  const { k, f } = split(b, b.where(denormal, b.mul(x, scale), x), t);
  const exponent = b.sub(k, b.where(denormal, b.const(t, shift), 0));
  return poles(b, x, 0, joined(b, exponent, f, t));
}

/** log(1 + x): the logarithm of u = 1 + x (rounded), and what rounding took, over u. */
export function log1p(b: Builder, x: Value, t: FloatType): Value {
  const u = b.add(x, 1);
  const { k, f } = split(b, u, t);
  const lost = b.where(b.lt(x, 1), b.sub(x, b.sub(u, 1)), b.sub(1, b.sub(u, x)));
  const near = b.eq(k, 0);
  const l = joined(b, k, b.where(near, x, f), t);
  const y = b.where(near, l, b.add(l, b.div(lost, u)));
  return b.where(b.lt(b.abs(x), TINY[t]), x, poles(b, x, -1, y));
}

/** log(e^x + e^y) = max + log1p(e^-|x-y|). Near its zero the error is that of the larger operand. */
export function logaddexp(b: Builder, x: Value, y: Value): Value {
  const l = b.log1p(b.exp(b.neg(b.abs(b.sub(x, y)))));
  return b.where(b.eq(x, y), b.add(x, Math.LN2), b.add(b.max(x, y), l));
}
