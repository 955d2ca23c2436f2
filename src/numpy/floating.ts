/**
 * What floating-point numbers are made of: their neighbours, signs, fractions and exponents.
 *
 * @module
 */
import { cast, emit, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { float, floats, indices, select } from "./operands.ts";

/** The least positive number, the greatest finite one, and the unit roundoff of each float dtype. */
const LIMITS: Readonly<Record<string, { least: number; greatest: number; half: number }>> = {
  float32: { least: 2 ** -149, greatest: 3.4028234663852886e38, half: 2 ** -24 },
  float64: { least: Number.MIN_VALUE, greatest: Number.MAX_VALUE, half: 2 ** -53 },
};

/**
 * The next floating-point number after `x` in the direction of `y`; NaN where either is NaN. Its
 * derivative in `x` is 0, as in JAX.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.nextafter(1, 2).item(), 1 + 2 ** -23);
 * ```
 */
export function nextafter(x: TensorLike, y: TensorLike): Tensor {
  const action = "take the neighbour of";
  const [a, b] = floats(x, y, action).map((t) => emit("stop", [t])) as [Tensor, Tensor];
  const { least, greatest, half } = LIMITS[a.dtype]!;
  // five quarters of half a unit: rounds to the neighbour, also below a power of two
  const step = a.abs().mul(1.25 * half).maximum(least);
  const next = select(a.lt(b), a.add(step), a.sub(step));
  const inward = select(
    a.isinf(),
    select(a.lt(0).broadcastTo(next.shape), next.zeros().sub(greatest), greatest),
    next,
  );
  return select(a.eq(b), b, select(emit("or", [a.isnan(), b.isnan()]), NaN, inward));
}

/**
 * The distance from `x` to the next number away from 0, with the sign of `x`; NaN for NaN and
 * infinities. Its derivative is 0.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.spacing([1, -4]).toArray(), [2 ** -23, -(2 ** -21)]);
 * ```
 */
export function spacing(x: TensorLike): Tensor {
  const t = emit("stop", [float(x, "take the spacing of")]);
  const away = select(signbit(t), -Infinity, t.zeros().add(Infinity));
  const step = nextafter(t, away).sub(t);
  return select(t.isfinite(), step, NaN);
}

/**
 * Whether the sign is set: true for negative numbers and for -0. The sign of NaN counts as not set.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.signbit([-1, -0, 0, 2]).toArray(), [true, true, false, false]);
 * ```
 */
export function signbit(x: TensorLike): Tensor {
  const t = toTensor(x, "take the sign of");
  if (t.dtype === "bool") return t.zeros();
  const below = t.lt(0);
  return t.dtype.startsWith("float") ? emit("or", [below, t.reciprocal().lt(0)]) : below;
}

/**
 * The absolute value as a float; integers become float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.fabs([-1.5, 2]).toArray(), [1.5, 2]);
 * ```
 */
export function fabs(x: TensorLike): Tensor {
  return float(x, "take the absolute value of").abs();
}

/**
 * Whether elements are negative infinity.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.isneginf([-Infinity, 1]).toArray(), [true, false]);
 * ```
 */
export function isneginf(x: TensorLike): Tensor {
  return float(x, "look for infinities in").eq(-Infinity);
}

/**
 * Whether elements are positive infinity.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.isposinf([-Infinity, Infinity]).toArray(), [false, true]);
 * ```
 */
export function isposinf(x: TensorLike): Tensor {
  return float(x, "look for infinities in").eq(Infinity);
}

/**
 * The fractional and the integral part, both with the sign of the number; the fraction of an infinity is
 * NaN, as in JAX.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.modf([1.5, -2.25]).map((t) => t.toArray()), [[0.5, -0.25], [1, -2]]);
 * ```
 */
export function modf(x: TensorLike): [fraction: Tensor, whole: Tensor] {
  const t = float(x, "take the fraction of");
  const whole = t.trunc();
  return [t.sub(whole), whole];
}

/**
 * x * 2 ** n for integers n.
 *
 * @throws {TypeError} when `n` holds no integers
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.ldexp([1, 3], [4, -1]).toArray(), [16, 1.5]);
 * ```
 */
export function ldexp(x: TensorLike, n: TensorLike): Tensor {
  let t = float(x, "scale by a power of two");
  const power = indices(n, "scale by a power of two");
  const bits = t.dtype === "float64" ? 12 : 9;
  const count = power.abs().minimum(2 ** bits - 1);
  for (let b = bits - 1; b >= 0; b--) {
    const set = emit("and", [emit("shr", [count, count.zeros([]).add(b)]), count.zeros([]).add(1)])
      .eq(1);
    // in factors that every float dtype can hold
    const times = Math.max(1, 2 ** (b - 6));
    const base = 2 ** (2 ** Math.min(b, 6));
    const up = emit("and", [set, power.gt(0)]);
    const down = emit("and", [set, power.lt(0)]);
    const one = t.zeros([]).add(1);
    const factor = select(up, one.mul(base), select(down, one.div(base), one));
    for (let i = 0; i < times; i++) t = t.mul(factor);
  }
  return t;
}

/**
 * Mantissas in [0.5, 1) and exponents (int32): x = mantissa * 2 ** exponent. Zero, NaN and infinities
 * are their own mantissas, with exponent 0. Mantissas have the derivative 2 ** -exponent.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.frexp([8, 0.75]).map((t) => t.toArray()), [[0.5, 0.75], [4, 0]]);
 * ```
 */
export function frexp(x: TensorLike): [mantissa: Tensor, exponent: Tensor] {
  const t = float(x, "take the exponent of");
  const plain = emit("and", [t.isfinite(), t.ne(0)]);
  const size = emit("stop", [select(plain, t.abs(), 1)]);
  let exponent = cast(size.log2().floor(), "int32").add(1);
  const first = ldexp(size, exponent.neg());
  exponent = exponent.add(cast(first.ge(1), "int32")).sub(cast(first.lt(0.5), "int32"));
  exponent = select(plain, exponent, 0);
  return [ldexp(t, exponent.neg()), exponent];
}
