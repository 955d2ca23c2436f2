/**
 * sin, cos and tan: x = k pi/2 + r with |r| <= pi/4 by subtracting pi/2 in parts, then polynomials
 * in r. Where |x| is too large for that, each device calls a function of its own.
 *
 * @module
 */
import type { Builder, FloatType, Value } from "./builder.ts";
import { COS, HALF_PI, SIN, TAN } from "./coefficients.ts";
import { TINY } from "./exp.ts";

/** Beyond this, k no longer multiplies the parts of pi/2 without rounding. */
const LIMIT = { float32: 1.02e5, float64: 1.6e9 } as const;

/** `near` where the reduction holds, and the function itself, infinities included, beyond. */
function anywhere(
  b: Builder,
  op: "sinWhere" | "cosWhere" | "tanWhere",
  x: Value,
  near: Value,
  t: FloatType,
): Value {
  return b.op(op, t, [b.ge(b.abs(x), LIMIT[t]), x, near]);
}

/** r as the sum of two numbers, and k as a float. */
function reduce(b: Builder, x: Value, t: FloatType): { k: Value; r: Value; low: Value } {
  const parts = HALF_PI[t];
  const last = parts.length - 1;
  const part = (i: number): number => parts[i]!;
  const k = b.round(b.mul(x, 2 / Math.PI));
  let exact = x;
  for (let i = 0; i < last - 2; i++) exact = b.fma(k, -part(i), exact);
  const u = b.mul(k, part(last - 2));
  const v = b.sub(exact, u);
  const w = b.sub(b.sub(b.sub(exact, v), u), b.mul(k, part(last - 1)));
  const r = b.add(v, w);
  return { k, r, low: b.fma(k, -part(last), b.sub(w, b.sub(r, v))) };
}

/** sin r and cos r of the reduced argument. */
function both(b: Builder, r: Value, low: Value, t: FloatType): { s: Value; c: Value } {
  const z = b.mul(r, r);
  const half = b.mul(z, 0.5);
  const w = b.sub(1, half);
  const s = b.add(r, b.fma(b.mul(r, z), b.polynomial(z, SIN[t]), b.mul(low, w)));
  const rest = b.sub(b.mul(b.mul(z, z), b.polynomial(z, COS[t])), b.mul(r, low));
  return { s, c: b.add(w, b.add(b.sub(b.sub(1, w), half), rest)) };
}

/** Whether the whole number `k` (a float) is odd, and floor(k / 2). */
function halve(b: Builder, k: Value): { odd: Value; half: Value } {
  const h = b.mul(k, 0.5);
  const half = b.floor(h);
  return { odd: b.ne(h, half), half };
}

/** sin x. */
export function sin(b: Builder, x: Value, t: FloatType): Value {
  const { k, r, low } = reduce(b, x, t);
  const { s, c } = both(b, r, low, t);
  const { odd, half } = halve(b, k);
  const y = b.where(odd, c, s);
  const near = b.where(b.lt(b.abs(x), TINY[t]), x, b.where(halve(b, half).odd, b.neg(y), y));
  return anywhere(b, "sinWhere", x, near, t);
}

/** cos x. */
export function cos(b: Builder, x: Value, t: FloatType): Value {
  const { k, r, low } = reduce(b, x, t);
  const { s, c } = both(b, r, low, t);
  const y = b.where(halve(b, k).odd, s, c);
  const near = b.where(halve(b, halve(b, b.add(k, 1)).half).odd, b.neg(y), y);
  return anywhere(b, "cosWhere", x, near, t);
}

/** tan x. */
export function tan(b: Builder, x: Value, t: FloatType): Value {
  const { k, r, low } = reduce(b, x, t);
  const z = b.mul(r, r);
  const rest = b.mul(b.mul(r, z), b.polynomial(z, TAN[t]));
  const rough = b.add(r, rest);
  const p = b.add(r, b.fma(low, b.fma(rough, rough, 1), rest));
  const y = b.where(halve(b, k).odd, b.div(-1, p), p);
  return anywhere(b, "tanWhere", x, b.where(b.lt(b.abs(x), TINY[t]), x, y), t);
}
