/**
 * The scalar operations that kernels are written in: arity and meaning. The meaning is exact enough
 * to be the oracle of every emitter.
 *
 * @module
 */
import { convertNumber, type DType, isFloat } from "../base/dtype.ts";

interface Row {
  readonly arity: number;
  /** Whether the result is bool whatever the operands are. */
  readonly bool?: true;
  /** Whether the first operand is a bool that selects between what the others stand for. */
  readonly selects?: true;
  /**
   * The value for operands of dtype `t`. The caller rounds it to the result's dtype, and integer
   * results wrap.
   */
  readonly run: (a: number, b: number, c: number, t: DType) => number;
}

/**
 * Where the numbers of a float type lie 1 apart: `x + PIVOT - PIVOT` is x rounded to a whole number,
 * and the lowest bits of `x + PIVOT` are that number's.
 */
export const PIVOT = { float32: 1.5 * 2 ** 23, float64: 1.5 * 2 ** 52 } as const;

/** What float types add to the exponents that they hold. */
export const BIAS = { float32: 127, float64: 1023 } as const;

/** Less PIVOT and `biases` times BIAS. */
const unbiased = (a: number, t: DType, biases: number): number => {
  const float = t === "float64" ? t : "float32";
  return a - PIVOT[float] - biases * BIAS[float];
};

const roundEven = (x: number): number => {
  const r = Math.round(x);
  return Math.abs(x % 1) === 0.5 && r % 2 !== 0 ? r - 1 : Object.is(r, 0) && x < 0 ? -0 : r;
};

/** Multiplies wrapping 32-bit integers exactly. */
const mul = (a: number, b: number, t: DType): number => isFloat(t) ? a * b : Math.imul(a, b);
const truncDiv = (a: number, b: number): number => b === 0 ? 0 : Math.trunc(a / b);
const floorMod = (a: number, b: number, t: DType): number => {
  if (b === 0 && !isFloat(t)) return 0;
  const r = a % b;
  return r !== 0 && r < 0 !== b < 0 ? r + b : r === 0 && isFloat(t) ? (b < 0 ? -0 : 0) : r;
};
const floorDiv = (a: number, b: number, t: DType): number => {
  if (!isFloat(t)) return b === 0 ? 0 : Math.floor(a / b);
  if (b === 0) return a / b;
  const r = a % b;
  let q = (a - r) / b;
  if (r !== 0 && r < 0 !== b < 0) q -= 1;
  if (q === 0) return a / b * 0; // a zero of the sign of a / b
  const f = Math.floor(q);
  return q - f > 0.5 ? f + 1 : f;
};

/** a = m * 2^e with m in [0.5, 1); what is not positive and finite stays as it is, with e = 0. */
function split(a: number): { m: number; e: number } {
  let m = a;
  if (!(a > 0 && a < Infinity)) return { m, e: 0 };
  let e = 0;
  for (; m >= 1; m /= 2) e++;
  for (; m < 0.5; m *= 2) e--;
  return { m, e };
}

/** exp(x*x)-weighted tail of erfc by continued fraction; used for large arguments. */
function erfc(x: number): number {
  let f = 0;
  for (let k = 200; k > 0; k--) f = (k / 2) / (x + f);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + f);
}

function erf(x: number): number {
  const a = Math.abs(x);
  if (a >= 1) return Math.sign(x) * (a > 6 ? 1 : 1 - erfc(a));
  let term = x;
  let sum = x;
  for (let n = 1; n < 60 && Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= -x * x / n;
    sum += term / (2 * n + 1);
  }
  return x === 0 ? x : 2 / Math.sqrt(Math.PI) * sum;
}

/** The inverse error function, by Giles' approximation refined with Newton steps in double. */
function erfinv(x: number): number {
  if (Math.abs(x) >= 1) return Math.abs(x) === 1 ? x * Infinity : NaN;
  const w = -Math.log1p(-x * x);
  let y: number;
  if (w < 5) {
    y = x * (1.50140941 + (w - 2.5) * (0.246640727 + (w - 2.5) * (-0.00417768164)));
  } else {
    const s = Math.sqrt(w) - 3;
    y = x * (2.83297682 + s * (1.00167406 + s * 0.00943887047));
  }
  for (let i = 0; i < 4; i++) {
    const a = Math.abs(y);
    const error = a > 2.5 ? Math.sign(y) * ((1 - Math.abs(x)) - erfc(a)) : erf(y) - x;
    const step = error / (2 / Math.sqrt(Math.PI) * Math.exp(-y * y));
    y -= step / (1 + y * step);
  }
  return y;
}

/** Every scalar operation. */
export const SCALARS = {
  add: { arity: 2, run: (a, b) => a + b },
  sub: { arity: 2, run: (a, b) => a - b },
  mul: { arity: 2, run: (a, b, _c, t) => mul(a, b, t) },
  /** IEEE for floats; truncated for integers, where x / 0 is 0. */
  div: { arity: 2, run: (a, b, _c, t) => isFloat(t) ? a / b : truncDiv(a, b) },
  /** Remainder with the sign of the dividend; integer x rem 0 is 0. */
  rem: { arity: 2, run: (a, b, _c, t) => b === 0 && !isFloat(t) ? 0 : a % b },
  /** a * b + c; emitters may round once or twice. */
  fma: { arity: 3, run: (a, b, c, t) => mul(a, b, t) + c },
  neg: { arity: 1, run: (a) => -a },
  abs: { arity: 1, run: (a) => Math.abs(a) },
  /** NaN if either operand is NaN. */
  min: { arity: 2, run: (a, b) => Math.min(a, b) },
  /** NaN if either operand is NaN. */
  max: { arity: 2, run: (a, b) => Math.max(a, b) },
  sqrt: { arity: 1, run: (a) => Math.sqrt(a) },
  floor: { arity: 1, run: (a) => Math.floor(a) },
  ceil: { arity: 1, run: (a) => Math.ceil(a) },
  trunc: { arity: 1, run: (a) => Math.trunc(a) },
  /** To the nearest integer, halves to the even one. */
  round: { arity: 1, run: roundEven },

  and: { arity: 2, run: (a, b) => a & b },
  or: { arity: 2, run: (a, b) => a | b },
  xor: { arity: 2, run: (a, b) => a ^ b },
  /** Bitwise for integers, logical for bool. */
  not: { arity: 1, run: (a, _b, _c, t) => t === "bool" ? 1 - a : ~a },
  /** Shifts by 32 or more give 0. */
  shl: { arity: 2, run: (a, b) => b < 0 || b > 31 ? 0 : a << b },
  /** Keeps the sign for int32; shifts by 32 or more give 0 (or -1 for negative int32). */
  shr: {
    arity: 2,
    run: (a, b, _c, t) =>
      t === "int32" ? a >> (b < 0 || b > 31 ? 31 : b) : b < 0 || b > 31 ? 0 : a >>> b,
  },

  eq: { arity: 2, bool: true, run: (a, b) => a === b ? 1 : 0 },
  ne: { arity: 2, bool: true, run: (a, b) => a !== b ? 1 : 0 },
  lt: { arity: 2, bool: true, run: (a, b) => a < b ? 1 : 0 },
  le: { arity: 2, bool: true, run: (a, b) => a <= b ? 1 : 0 },
  gt: { arity: 2, bool: true, run: (a, b) => a > b ? 1 : 0 },
  ge: { arity: 2, bool: true, run: (a, b) => a >= b ? 1 : 0 },
  /** First operand is bool: the second where it is true, else the third. */
  where: { arity: 3, selects: true, run: (a, b, c) => a !== 0 ? b : c },
  /** First operand is bool: the sine of the second where it is true, else the third. */
  sinWhere: { arity: 3, selects: true, run: (a, b, c) => a !== 0 ? Math.sin(b) : c },
  /** First operand is bool: the cosine of the second where it is true, else the third. */
  cosWhere: { arity: 3, selects: true, run: (a, b, c) => a !== 0 ? Math.cos(b) : c },
  /** First operand is bool: the tangent of the second where it is true, else the third. */
  tanWhere: { arity: 3, selects: true, run: (a, b, c) => a !== 0 ? Math.tan(b) : c },
  /** To the step's dtype; floats to integers truncate and saturate, NaN gives 0. */
  cast: { arity: 1, run: (a) => a },

  /** a * 2^b for int32 b with 2^b in the normal range of a's type. */
  ldexp: { arity: 2, run: (a, b) => a * 2 ** b },
  /** 2^n for a = PIVOT + BIAS + n, 2^n normal. */
  pow2: { arity: 1, run: (a, _b, _c, t) => 2 ** unbiased(a, t, 1) },
  /** a * 2^n, rounded once, for b = PIVOT + 2 BIAS + n with |n| < 2 BIAS, |a| in [1/4, 4]. */
  scale: {
    arity: 2,
    run: (a, b, _c, t) => {
      const n = unbiased(b, t, 2);
      const half = Math.floor(n / 2);
      return a * 2 ** half * 2 ** (n - half);
    },
  },
  /** A number that is not negative, with the sign of the second, which is no NaN. */
  copysign: { arity: 2, run: (a, b) => b < 0 || Object.is(b, -0) ? -a : a },
  /** For positive normal a = m * 2^e with m in [0.5, 1): e, as int32. */
  exponent: { arity: 1, run: (a) => split(a).e },
  /** For positive normal a = m * 2^e with m in [0.5, 1): m. */
  mantissa: { arity: 1, run: (a) => split(a).m },

  sign: { arity: 1, run: (a) => a > 0 ? 1 : a < 0 ? -1 : a },
  rsqrt: { arity: 1, run: (a) => 1 / Math.sqrt(a) },
  exp: { arity: 1, run: (a) => Math.exp(a) },
  expm1: { arity: 1, run: (a) => Math.expm1(a) },
  log: { arity: 1, run: (a) => Math.log(a) },
  log1p: { arity: 1, run: (a) => Math.log1p(a) },
  sin: { arity: 1, run: (a) => Math.sin(a) },
  cos: { arity: 1, run: (a) => Math.cos(a) },
  tan: { arity: 1, run: (a) => Math.tan(a) },
  asin: { arity: 1, run: (a) => Math.asin(a) },
  acos: { arity: 1, run: (a) => Math.acos(a) },
  atan: { arity: 1, run: (a) => Math.atan(a) },
  atan2: { arity: 2, run: (a, b) => Math.atan2(a, b) },
  sinh: { arity: 1, run: (a) => Math.sinh(a) },
  cosh: { arity: 1, run: (a) => Math.cosh(a) },
  tanh: { arity: 1, run: (a) => Math.tanh(a) },
  asinh: { arity: 1, run: (a) => Math.asinh(a) },
  acosh: { arity: 1, run: (a) => Math.acosh(a) },
  atanh: { arity: 1, run: (a) => Math.atanh(a) },
  erf: { arity: 1, run: erf },
  erfinv: { arity: 1, run: erfinv },
  sigmoid: { arity: 1, run: (a) => 1 / (1 + Math.exp(-a)) },
  /** log(e^a + e^b) without overflow. */
  logaddexp: {
    arity: 2,
    run: (a, b) => a === b ? a + Math.LN2 : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b))),
  },
  /** IEEE pow for floats; wrapping for integers, where negative powers are as in NumPy's casts: 0. */
  pow: { arity: 2, run: (a, b, _c, t) => power(a, b, t) },
  /** Remainder with the sign of the divisor; integer x mod 0 is 0. */
  mod: { arity: 2, run: (a, b, _c, t) => floorMod(a, b, t) },
  /** The largest integer not above a / b; integer x / 0 is 0. */
  floorDiv: { arity: 2, run: (a, b, _c, t) => floorDiv(a, b, t) },
} satisfies Record<string, Row>;

function power(a: number, b: number, t: DType): number {
  if (isFloat(t)) return a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : Math.pow(a, b);
  if (b < 0) return a === 1 ? 1 : a === -1 ? (b % 2 === 0 ? 1 : -1) : 0;
  let r = 1;
  for (let base = a, n = b; n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) r = Math.imul(r, base);
    base = Math.imul(base, base);
  }
  return r;
}

/** The name of a scalar operation. */
export type ScalarName = keyof typeof SCALARS;

const table: Record<ScalarName, Row> = SCALARS;

/** The row of a scalar operation. */
export function scalarRow(name: ScalarName): Row {
  return table[name];
}

/**
 * Runs one scalar operation on operands of dtype `from`, as an element of dtype `to` holds it.
 */
export function runScalar(
  name: ScalarName,
  from: DType,
  to: DType,
  a: number,
  b: number,
  c: number,
): number {
  const r = table[name].run(a, b, c, from);
  switch (to) {
    case "float64":
      return r;
    case "float32":
      return Math.fround(r);
    case "bool":
      return r !== 0 ? 1 : 0;
    case "int32":
      return name === "cast" && isFloat(from) ? convertNumber(r, to) : r | 0;
    case "uint32":
      return name === "cast" && isFloat(from) ? convertNumber(r, to) : r >>> 0;
    case "uint8":
      return name === "cast" && isFloat(from) ? convertNumber(r, to) : r & 255;
    default:
      return to satisfies never;
  }
}
