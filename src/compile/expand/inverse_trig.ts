/**
 * asin, acos, atan and atan2: a polynomial on a small range, reached by half angles and reciprocals.
 *
 * @module
 */
import type { Builder, FloatType, Value } from "./builder.ts";
import { ASIN, ATAN, PI_SPLIT } from "./coefficients.ts";

/** Below this asin is a polynomial; above, asin x = pi/2 - 2 asin(sqrt((1 - x) / 2)). */
const SMALL = 0.5625;

/** asin of x where that is small, else of sqrt((1 - |x|) / 2), which is NaN outside [-1, 1]. */
function core(b: Builder, x: Value, t: FloatType): { small: Value; p: Value } {
  const a = b.abs(x);
  const small = b.lt(a, SMALL);
  const z = b.where(small, b.mul(x, x), b.mul(b.sub(1, a), 0.5));
  const s = b.where(small, x, b.sqrt(z));
  return { small, p: b.fma(b.mul(s, z), b.polynomial(z, ASIN[t]), s) };
}

/** n pi/2 - y, with more digits of pi than a number holds. */
function fromHalfPi(b: Builder, n: number, y: Value, t: FloatType): Value {
  const [high, low] = PI_SPLIT[t];
  return b.sub(n * high, b.sub(y, n * low));
}

/** asin x. */
export function asin(b: Builder, x: Value, t: FloatType): Value {
  const { small, p } = core(b, x, t);
  const large = fromHalfPi(b, 1, b.add(p, p), t);
  return b.where(small, p, b.where(b.lt(x, 0), b.neg(large), large));
}

/** acos x. */
export function acos(b: Builder, x: Value, t: FloatType): Value {
  const { small, p } = core(b, x, t);
  const twice = b.add(p, p);
  const large = b.where(b.lt(x, 0), fromHalfPi(b, 2, twice, t), twice);
  return b.where(small, fromHalfPi(b, 1, p, t), large);
}

/** atan u for u in [0, 1]. */
function arc(b: Builder, u: Value, t: FloatType): Value {
  const z = b.mul(u, u);
  return b.fma(b.mul(u, z), b.polynomial(z, ATAN[t]), u);
}

/** atan x. */
export function atan(b: Builder, x: Value, t: FloatType): Value {
  const a = b.abs(x);
  const steep = b.gt(a, 1);
  const p = arc(b, b.where(steep, b.div(1, a), a), t);
  return b.withSign(b.where(steep, fromHalfPi(b, 1, p, t), p), x);
}

/** The angle of the point (x, y), with the signs of zeros. */
export function atan2(b: Builder, y: Value, x: Value, t: FloatType): Value {
  const [v, h] = [b.abs(y), b.abs(x)];
  const steep = b.gt(v, h);
  const large = b.max(v, h);
  const ratio = b.div(b.min(v, h), b.where(b.eq(large, 0), 1, large));
  // inf / inf
  const both = b.eq(b.min(v, h), Infinity);
  const p = arc(b, b.where(both, 1, ratio), t);
  const right = b.where(steep, fromHalfPi(b, 1, p, t), p);
  const negative = (n: Value): Value => b.lt(b.where(b.eq(n, 0), b.div(1, n), n), 0);
  const angle = b.where(negative(x), fromHalfPi(b, 2, right, t), right);
  return b.where(negative(y), b.neg(angle), angle);
}
