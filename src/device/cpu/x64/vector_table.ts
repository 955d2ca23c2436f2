/**
 * What each vector instruction of the stack machine is in AVX-512: the second emitter's table from
 * names to instructions.
 *
 * @module
 */
import type { PlainName } from "../../../wasm/opcodes.ts";
import type { V2Name, V3Name } from "../../../x64/x64.ts";
import type { MachineCode } from "./code.ts";
import type { Comparison } from "./listing.ts";
import { unsupported } from "./unsupported.ts";

type Write = (c: MachineCode) => void;

const three = (name: V3Name, commutes = false): Write => (c) => {
  const b = c.popVector();
  const a = c.popVector();
  c.vector([a, b], (at, def) => at.three(name, def, a, b, commutes));
};

/** With the operands in the other order. */
const turned = (name: V3Name): Write => (c) => {
  const b = c.popVector();
  const a = c.popVector();
  c.vector([a, b], (at, def) => at.three(name, def, b, a, false));
};

const two = (name: V2Name): Write => (c) => {
  const a = c.popVector();
  c.vector([a], (at, def) => at.two(name, def, a));
};

const round = (name: "vrndscaleps" | "vrndscalepd", mode: number): Write => (c) => {
  const a = c.popVector();
  // 8: without the exception that tells of inexact results
  c.vector([a], (at, def) => at.twoImmediate(name, def, a, 8 | mode));
};

/** By a count on the stack, which must be known. */
const shift = (name: "vpslld" | "vpsrld" | "vpsrad" | "vpsllq" | "vpsrlq"): Write => (c) => {
  const count = c.pop();
  if (count.kind !== "number" || count.reg !== undefined) {
    return unsupported("a shift by a variable");
  }
  const a = c.popVector();
  c.vector([a], (at, def) => at.twoImmediate(name, def, a, count.plus));
};

const bits = (...words: number[]): Uint8Array => new Uint8Array(Uint32Array.from(words).buffer);
const SIGN = { ps: bits(0x80000000), pd: bits(0, 0x80000000) };
const REST = { ps: bits(0x7fffffff), pd: bits(0xffffffff, 0x7fffffff) };

/** Negation and magnitude of floats by their bits. */
const withBits = (name: V3Name, mask: Uint8Array): Write => (c) => {
  const a = c.popVector();
  const m = c.listing.constant(mask);
  c.vector([a, m], (at, def) => at.three(name, def, a, m, true));
};

const negateInteger: Write = (c) => {
  const a = c.popVector();
  const zero = c.listing.constant(bits(0));
  c.vector([a, zero], (at, def) => at.three("vpsubd", def, zero, a, false));
};

/** The extremes of WebAssembly: NaN where either is, and -0 below 0. */
const extreme = (type: "ps" | "pd", which: "min" | "max"): Write => (c) => {
  const b = c.popVector();
  const a = c.popVector();
  c.vector([a, b], (at, def) => at.extreme(type, which, def, a, b));
};

const truncate = (from: "ps" | "pd", signed: boolean): Write => (c) => {
  const a = c.popVector();
  c.vector([a], (at, def) => at.truncate(from, signed, def, a));
};

const extendHigh: Write = (c) => {
  const a = c.popVector();
  c.vector([a], (at, def) => at.upper(def, a, "vpmovsxdq"));
};

/** All instructions on vectors but choices and comparisons. */
export const FUNCTIONS: Partial<Record<PlainName, Write>> = {
  "f32x4.add": three("vaddps", true),
  "f32x4.sub": three("vsubps"),
  "f32x4.mul": three("vmulps", true),
  "f32x4.div": three("vdivps"),
  "f32x4.sqrt": (c) => {
    const a = c.popVector();
    c.vector([a], (at, def) => at.squareRoot(def, a));
  },
  "f32x4.pmin": turned("vminps"),
  "f32x4.pmax": turned("vmaxps"),
  "f32x4.min": extreme("ps", "min"),
  "f32x4.max": extreme("ps", "max"),
  "f32x4.nearest": round("vrndscaleps", 0),
  "f32x4.floor": round("vrndscaleps", 1),
  "f32x4.ceil": round("vrndscaleps", 2),
  "f32x4.trunc": round("vrndscaleps", 3),
  "f32x4.neg": withBits("vpxord", SIGN.ps),
  "f32x4.abs": withBits("vpandd", REST.ps),
  "f64x2.add": three("vaddpd", true),
  "f64x2.sub": three("vsubpd"),
  "f64x2.mul": three("vmulpd", true),
  "f64x2.div": three("vdivpd"),
  "f64x2.sqrt": two("vsqrtpd"),
  "f64x2.pmin": turned("vminpd"),
  "f64x2.pmax": turned("vmaxpd"),
  "f64x2.min": extreme("pd", "min"),
  "f64x2.max": extreme("pd", "max"),
  "f64x2.nearest": round("vrndscalepd", 0),
  "f64x2.floor": round("vrndscalepd", 1),
  "f64x2.ceil": round("vrndscalepd", 2),
  "f64x2.trunc": round("vrndscalepd", 3),
  "f64x2.neg": withBits("vpxorq", SIGN.pd),
  "f64x2.abs": withBits("vpandq", REST.pd),
  "i32x4.add": three("vpaddd", true),
  "i32x4.sub": three("vpsubd"),
  "i32x4.mul": three("vpmulld", true),
  "i32x4.neg": negateInteger,
  "i32x4.abs": two("vpabsd"),
  "i32x4.min_s": three("vpminsd", true),
  "i32x4.max_s": three("vpmaxsd", true),
  "i32x4.min_u": three("vpminud", true),
  "i32x4.max_u": three("vpmaxud", true),
  "i32x4.shl": shift("vpslld"),
  "i32x4.shr_s": shift("vpsrad"),
  "i32x4.shr_u": shift("vpsrld"),
  "i64x2.add": three("vpaddq", true),
  "i64x2.sub": three("vpsubq"),
  "i64x2.shl": shift("vpsllq"),
  "i64x2.shr_u": shift("vpsrlq"),
  "i64x2.extend_low_i32x4_s": two("vpmovsxdq"),
  "i64x2.extend_high_i32x4_s": extendHigh,
  "v128.or": three("vpord", true),
  "v128.xor": three("vpxord", true),
  "v128.not": (c) => {
    const a = c.popVector();
    const all = c.listing.constant(bits(0xffffffff));
    c.vector([a, all], (at, def) => at.three("vpxord", def, a, all, true));
  },
  "v128.and": (c) => {
    const b = c.popVector();
    const a = c.popVector();
    c.vector([a, b], (at, def) => at.three("vpandd", def, a, b, true), { masks: "and" });
  },
  "v128.andnot": (c) => {
    const b = c.popVector();
    const a = c.popVector();
    c.vector([a, b], (at, def) => at.three("vpandnd", def, b, a, false), { masks: "andnot" });
  },
  "f32x4.convert_i32x4_s": two("vcvtdq2ps"),
  "f32x4.convert_i32x4_u": two("vcvtudq2ps"),
  "f64x2.convert_low_i32x4_s": two("vcvtdq2pd"),
  "f64x2.convert_low_i32x4_u": two("vcvtudq2pd"),
  "f64x2.promote_low_f32x4": two("vcvtps2pd"),
  "f32x4.demote_f64x2_zero": two("vcvtpd2ps"),
  "i32x4.trunc_sat_f32x4_s": truncate("ps", true),
  "i32x4.trunc_sat_f32x4_u": truncate("ps", false),
  "i32x4.trunc_sat_f64x2_s_zero": truncate("pd", true),
  "i32x4.trunc_sat_f64x2_u_zero": truncate("pd", false),
};

/** Instructions of three vectors. */
export const TERNARY: Partial<Record<PlainName, "ps" | "pd" | "select">> = {
  "f32x4.relaxed_madd": "ps",
  "f64x2.relaxed_madd": "pd",
  "v128.bitselect": "select",
  "i32x4.relaxed_laneselect": "select",
  "i64x2.relaxed_laneselect": "select",
};

/** Pops three vectors and pushes a * b + c, or a where c is set and b elsewhere. */
export function ternary(c: MachineCode, what: "ps" | "pd" | "select"): MachineCode {
  const z = c.popVector();
  const y = c.popVector();
  const x = c.popVector();
  if (what !== "select") {
    return c.vector([x, y, z], (at, def) => at.multiplyAdd(what, def, x, y, z));
  }
  return c.vector([x, y, z], (at, def) => at.bitSelect(def, x, y, z), {
    selects: { mask: z, yes: x, no: y },
  });
}

/** The processor's numbers of comparisons: of floats without signals, of integers. */
const PREDICATES = {
  float: { eq: 0, ne: 4, lt: 0x11, le: 0x12, gt: 0x1e, ge: 0x1d },
  integer: { eq: 0, ne: 4, lt: 1, le: 2, gt: 6, ge: 5 },
} as const;

/** Pops two vectors and pushes the mask of a comparison, if that is what the name says. */
export function compare(c: MachineCode, name: PlainName): boolean {
  const found = /^(f32x4|f64x2|i32x4)\.(eq|ne|lt|le|gt|ge)(_[su])?$/.exec(name);
  if (found === null) return false;
  const [, form, what, sign] = found as unknown as [string, string, "eq", string?];
  const b = c.popVector();
  const a = c.popVector();
  const compares: Comparison = {
    name: form === "f32x4"
      ? "vcmpps"
      : form === "f64x2"
      ? "vcmppd"
      : sign === "_u"
      ? "vpcmpud"
      : "vpcmpd",
    a,
    b,
    predicate: PREDICATES[form === "i32x4" ? "integer" : "float"][what],
  };
  c.vector([a, b], (at, def) => at.compare(def, compares), { compares });
  return true;
}
