/**
 * The error function and its inverse.
 *
 * @module
 */
import type { Builder, FloatType, Value } from "./builder.ts";
import { ERF, ERFC_LOG, ERFINV_CENTRE, ERFINV_TAIL } from "./coefficients.ts";
import { expMiddle } from "./exp.ts";

/** From here on erf rounds to 1. */
const ONE = { float32: 4, float64: 6 } as const;

/** erf x: a polynomial below 1, else 1 - erfc, whose logarithm is nearly a parabola. */
export function erf(b: Builder, x: Value, t: FloatType): Value {
  const a = b.abs(x);
  const small = b.fma(x, b.polynomial(b.mul(x, x), ERF[t]), x);
  const tail = b.polynomial(b.max(b.min(a, ONE[t]), 1), ERFC_LOG[t]);
  const large = b.sub(1, expMiddle(b, tail, t));
  return b.where(b.lt(a, 1), small, b.where(b.lt(x, 0), b.neg(large), large));
}

/**
 * M. Giles, "Approximating the erfinv function" (GPU Computing Gems, 2011), single precision, lowest
 * coefficient first. Random normal numbers are defined by these.
 */
const GILES_CENTRE = [
  1.50140941,
  0.246640727,
  -0.00417768164,
  -0.00125372503,
  0.00021858087,
  -4.39150654e-06,
  -3.5233877e-06,
  3.43273939e-07,
  2.81022636e-08,
];
const GILES_TAIL = [
  2.83297682,
  1.00167406,
  0.00943887047,
  -0.0076224613,
  0.00573950773,
  -0.00367342844,
  0.00134934322,
  0.000100950558,
  -0.000200214257,
];

/** The inverse of erf: x times a polynomial in w = -log(1 - x^2), or in its root where w is large. */
export function erfinv(b: Builder, x: Value, t: FloatType): Value {
  let factor: Value;
  if (t === "float32") {
    const w = b.neg(b.log1p(b.neg(b.mul(x, x))));
    const centre = b.polynomial(b.sub(w, 2.5), GILES_CENTRE);
    const tail = b.polynomial(b.sub(b.sqrt(w), 3), GILES_TAIL);
    factor = b.where(b.lt(w, 5), centre, tail);
  } else {
    const w = b.neg(b.log(b.mul(b.sub(1, x), b.add(x, 1))));
    const centre = b.polynomial(b.sub(w, 3), ERFINV_CENTRE[t]);
    const tail = b.polynomial(b.sub(b.sqrt(w), 4), ERFINV_TAIL[t]);
    factor = b.where(b.lt(w, 6), centre, tail);
  }
  return b.where(b.eq(b.abs(x), 1), b.mul(x, Infinity), b.mul(x, factor));
}
