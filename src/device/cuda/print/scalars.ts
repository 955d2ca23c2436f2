/**
 * How each scalar operation is written in CUDA C: the second table from names to instructions, beside
 * the CPU's.
 *
 * @module
 */
import { type DType, DTYPES, isFloat } from "../../../base/dtype.ts";
import type { ScalarName } from "../../../ir/scalar.ts";

/** Writes an operation on operands that are names or constants; `f` ends names of float functions. */
type Print = (a: string, b: string, c: string, f: "f" | "") => string;

/** The families of element types that are written alike; null where an operation is not defined. */
interface Row {
  readonly float: Print | null;
  readonly int32: Print | null;
  readonly uint32: Print | null;
  readonly uint8: Print | null;
  readonly bool: Print | null;
}

const byte = (p: Print): Print => (a, b, c, f) => `(${p(a, b, c, f)}) & 255u`;
const call1 = (name: string): Print => (a) => `${name}(${a})`;
const call2 = (name: string): Print => (a, b) => `${name}(${a}, ${b})`;
const same: Print = (a) => a;
/** A function of CUDA, whose name ends in f in float32. */
const math = (name: string): Row => floats((a, _b, _c, f) => `${name}${f}(${a})`);
/** What the table says of floats only. */
const floats = (float: Print): Row => ({
  float,
  int32: null,
  uint32: null,
  uint8: null,
  bool: null,
});
/** What is nothing to integers. */
const whole = (name: string): Row => ({
  float: (a, _b, _c, f) => `${name}${f}(${a})`,
  int32: same,
  uint32: same,
  uint8: same,
  bool: same,
});
/** What is written alike for words of both signs, and wraps. */
const wrapping = (int32: Print, plain: Print, float: Print, bool: Print): Row => ({
  float,
  int32,
  uint32: plain,
  uint8: byte(plain),
  bool,
});
const alike = (p: Print): Row => ({ float: p, int32: p, uint32: p, uint8: p, bool: p });
const compare = (op: string): Row => alike((a, b) => `${a} ${op} ${b}`);
const bits = (op: string, bool: string): Row => ({
  ...alike((a, b) => `${a} ${op} ${b}`),
  float: null,
  bool: (a, b) => `${a} ${bool} ${b}`,
});
const either: Print = (a, b) => `${a} || ${b}`;
const both: Print = (a, b) => `${a} && ${b}`;
const notBoth: Print = (a, b) => `${a} && !${b}`;
const chosen = (name: string): Row => floats((a, b, c, f) => `${a} ? ${name}${f}(${b}) : ${c}`);

/** One line for each operation. */
export const PRINTED = {
  add: wrapping(call2("glissade_add"), (a, b) => `${a} + ${b}`, (a, b) => `${a} + ${b}`, either),
  sub: wrapping(
    call2("glissade_sub"),
    (a, b) => `${a} - ${b}`,
    (a, b) => `${a} - ${b}`,
    (a, b) => `${a} != ${b}`,
  ),
  // rounded, so that the compiler makes no fma of it: formulas rely on it
  mul: wrapping(
    call2("glissade_mul"),
    (a, b) => `${a} * ${b}`,
    (a, b, _c, f) => `${f === "f" ? "__fmul_rn" : "__dmul_rn"}(${a}, ${b})`,
    both,
  ),
  div: { ...alike(call2("glissade_div")), float: (a, b) => `${a} / ${b}`, bool: both },
  rem: {
    ...alike(call2("glissade_rem")),
    float: (a, b, _c, f) => `fmod${f}(${a}, ${b})`,
    bool: (a) => `${a} != ${a}`,
  },
  fma: wrapping(
    (a, b, c) => `glissade_add(glissade_mul(${a}, ${b}), ${c})`,
    (a, b, c) => `${a} * ${b} + ${c}`,
    (a, b, c, f) => `fma${f}(${a}, ${b}, ${c})`,
    (a, b, c) => `(${a} && ${b}) || ${c}`,
  ),
  neg: {
    float: (a) => `-${a}`,
    int32: (a) => `glissade_sub(0, ${a})`,
    uint32: (a) => `0u - ${a}`,
    uint8: (a) => `(0u - ${a}) & 255u`,
    bool: same,
  },
  abs: {
    ...whole("fabs"),
    int32: (a) => `${a} < 0 ? glissade_sub(0, ${a}) : ${a}`,
  },
  min: { ...alike(call2("glissade_min")), bool: both },
  max: { ...alike(call2("glissade_max")), bool: either },
  sqrt: math("sqrt"),
  floor: whole("floor"),
  ceil: whole("ceil"),
  trunc: whole("trunc"),
  round: whole("rint"),
  and: bits("&", "&&"),
  or: bits("|", "||"),
  xor: bits("^", "!="),
  not: {
    float: null,
    int32: (a) => `~${a}`,
    uint32: (a) => `~${a}`,
    uint8: (a) => `~${a} & 255u`,
    bool: (a) => `!${a}`,
  },
  shl: {
    float: null,
    int32: call2("glissade_shl"),
    uint32: call2("glissade_shl"),
    uint8: byte(call2("glissade_shl")),
    bool: same,
  },
  shr: {
    float: null,
    int32: call2("glissade_shr"),
    uint32: call2("glissade_shr"),
    uint8: call2("glissade_shr"),
    bool: notBoth,
  },
  eq: compare("=="),
  ne: compare("!="),
  lt: compare("<"),
  le: compare("<="),
  gt: compare(">"),
  ge: compare(">="),
  where: alike((a, b, c) => `${a} ? ${b} : ${c}`),
  sinWhere: chosen("sin"),
  cosWhere: chosen("cos"),
  tanWhere: floats((a, b, c, f) => `${a} ? ${tangent(b, f)} : ${c}`),
  // by two types; see `printCast`
  cast: alike(same),
  ldexp: floats(call2("glissade_ldexp")),
  pow2: floats(call1("glissade_pow2")),
  scale: floats(call2("glissade_scale")),
  copysign: floats((a, b, _c, f) => `copysign${f}(${a}, ${b})`),
  exponent: floats(call1("glissade_exponent")),
  mantissa: floats(call1("glissade_mantissa")),
  sign: {
    float: call1("glissade_sign"),
    int32: (a) => `${a} > 0 ? 1 : ${a} < 0 ? -1 : 0`,
    uint32: (a) => `${a} != 0u ? 1u : 0u`,
    uint8: (a) => `${a} != 0u ? 1u : 0u`,
    bool: same,
  },
  rsqrt: math("rsqrt"),
  exp: math("exp"),
  expm1: math("expm1"),
  log: math("log"),
  log1p: math("log1p"),
  sin: math("sin"),
  cos: math("cos"),
  tan: floats((a, _b, _c, f) => tangent(a, f)),
  asin: expanded(),
  acos: expanded(),
  atan: math("atan"),
  atan2: expanded(),
  sinh: expanded(),
  cosh: math("cosh"),
  tanh: math("tanh"),
  asinh: expanded(),
  acosh: expanded(),
  atanh: expanded(),
  erf: math("erf"),
  erfinv: expanded(),
  sigmoid: expanded(),
  logaddexp: expanded(),
  pow: {
    ...expanded(),
    float: (a, b, _c, f) => f ? `(float)pow((double)${a}, (double)${b})` : `pow(${a}, ${b})`,
  },
  mod: expanded(),
  floorDiv: expanded(),
} satisfies Record<ScalarName, Row>;

/** What comes to the printer in simpler operations; see `NATIVE`. */
function expanded(): Row {
  return { float: null, int32: null, uint32: null, uint8: null, bool: null };
}

function tangent(x: string, f: "f" | ""): string {
  return f ? `(float)tan((double)${x})` : `tan(${x})`;
}

const table: Record<ScalarName, Row> = PRINTED;

/** Writes one operation on operands of type `from` (a bool that selects aside) with a result of `to`. */
export function printScalar(
  op: ScalarName,
  from: DType,
  to: DType,
  [a = "", b = "", c = ""]: readonly string[],
): string {
  if (op === "cast") return printCast(from, to, a);
  const print = table[op][isFloat(from) ? "float" : from as Exclude<DType, "float32" | "float64">];
  if (print === null) {
    throw new TypeError(
      `Cannot print ${op} of ${from}: an operation with a meaning for that type is wanted: ` +
        `expand it before it is printed`,
    );
  }
  return print(a, b, c, from === "float32" ? "f" : "");
}

/** Writes a conversion. */
function printCast(from: DType, to: DType, a: string): string {
  if (from === to) return a;
  switch (to) {
    case "bool":
      return `${a} != ${from === "float32" ? "0.0f" : isFloat(from) ? "0.0" : "0"}`;
    case "float32":
      return `(float)${a}`;
    case "float64":
      return `(double)${a}`;
    case "int32":
      return isFloat(from) ? `glissade_int(${a})` : `(int)${a}`;
    case "uint32":
      return isFloat(from) ? `glissade_uint(${a})` : from === "uint8" ? a : `(unsigned int)${a}`;
    case "uint8":
      return isFloat(from)
        ? `glissade_byte(${a})`
        : DTYPES[from].kind === "bool"
        ? `(unsigned int)${a}`
        : `(unsigned int)${a} & 255u`;
    default:
      return to satisfies never;
  }
}
