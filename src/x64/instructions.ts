/**
 * The AVX-512 instructions that glissade's machine code uses, by the names of Intel's manual, one
 * table for each form of operands. Each is one number: opcode, prefix, map, W, and what the EVEX
 * encoding must know about a memory operand.
 *
 * @module
 */

// Bits 0-7 opcode, 8-9 prefix, 10-11 map, 12 W, 13-14 vector length, 15-17 log2 of the bytes by
// which 8-bit displacements are counted, 18-19 size of a broadcast element, 20 and up as below.
const P66 = 1 << 8;
const PF3 = 2 << 8;
const PF2 = 3 << 8;
const M0F = 1 << 10;
const M38 = 2 << 10;
const M3A = 3 << 10;
const W1 = 1 << 12;
const L512 = 2 << 13;

// Tuples: how much memory an operand covers, and the size of the element that may be broadcast.
const N1 = 0 << 15;
const N2 = 1 << 15;
const N4 = 2 << 15;
const N8 = 3 << 15;
const N16 = 4 << 15;
const N32 = 5 << 15;
const N64 = 6 << 15;
const B4 = 1 << 18;
const B8 = 2 << 18;

/** The destination is in the field of the first source, and a digit takes its place. */
export const DIGIT = 1 << 20;
const digit = (value: number): number => DIGIT | value << 21;
/** The register form has its operands the other way round, as a store has. */
export const REVERSED = 1 << 24;
/** There is no register form. */
export const MEMORY_ONLY = 1 << 25;

// The usual cases: 512 bits of packed singles, doubles, 32-bit and 64-bit integers.
const PS = M0F | L512 | N64 | B4;
const PD = P66 | M0F | W1 | L512 | N64 | B8;
const D = P66 | M0F | L512 | N64 | B4;
const Q = PD;
const D38 = P66 | M38 | L512 | N64 | B4;
const Q38 = P66 | M38 | W1 | L512 | N64 | B8;
const D3A = P66 | M3A | L512 | N64 | B4;
const Q3A = P66 | M3A | W1 | L512 | N64 | B8;
const HALF = L512 | N32;
const HALF4 = HALF | B4;

/** dst = a op b. Fused multiply-adds and vpermt2/vpermi2 read dst too. */
// deno-fmt-ignore
export const V3 = {
  // Floats
  vaddps: PS | 0x58, vaddpd: PD | 0x58, vmulps: PS | 0x59, vmulpd: PD | 0x59,
  vsubps: PS | 0x5c, vsubpd: PD | 0x5c, vminps: PS | 0x5d, vminpd: PD | 0x5d,
  vdivps: PS | 0x5e, vdivpd: PD | 0x5e, vmaxps: PS | 0x5f, vmaxpd: PD | 0x5f,
  vandps: PS | 0x54, vandpd: PD | 0x54, vandnps: PS | 0x55, vandnpd: PD | 0x55,
  vorps: PS | 0x56, vorpd: PD | 0x56, vxorps: PS | 0x57, vxorpd: PD | 0x57,
  vfmadd132ps: D38 | 0x98, vfmadd132pd: Q38 | 0x98, vfmadd213ps: D38 | 0xa8,
  vfmadd213pd: Q38 | 0xa8, vfmadd231ps: D38 | 0xb8, vfmadd231pd: Q38 | 0xb8,
  vfmsub132ps: D38 | 0x9a, vfmsub132pd: Q38 | 0x9a, vfmsub213ps: D38 | 0xaa,
  vfmsub213pd: Q38 | 0xaa, vfmsub231ps: D38 | 0xba, vfmsub231pd: Q38 | 0xba,
  vfnmadd132ps: D38 | 0x9c, vfnmadd132pd: Q38 | 0x9c, vfnmadd213ps: D38 | 0xac,
  vfnmadd213pd: Q38 | 0xac, vfnmadd231ps: D38 | 0xbc, vfnmadd231pd: Q38 | 0xbc,
  vscalefps: D38 | 0x2c, vscalefpd: Q38 | 0x2c,
  // Integers
  vpaddd: D | 0xfe, vpaddq: Q | 0xd4, vpsubd: D | 0xfa, vpsubq: Q | 0xfb,
  vpmulld: D38 | 0x40, vpmullq: Q38 | 0x40, vpmuldq: Q38 | 0x28, vpmuludq: Q | 0xf4,
  vpminsd: D38 | 0x39, vpminsq: Q38 | 0x39, vpminud: D38 | 0x3b, vpminuq: Q38 | 0x3b,
  vpmaxsd: D38 | 0x3d, vpmaxsq: Q38 | 0x3d, vpmaxud: D38 | 0x3f, vpmaxuq: Q38 | 0x3f,
  vpandd: D | 0xdb, vpandq: Q | 0xdb, vpandnd: D | 0xdf, vpandnq: Q | 0xdf,
  vpord: D | 0xeb, vporq: Q | 0xeb, vpxord: D | 0xef, vpxorq: Q | 0xef,
  vpsllvd: D38 | 0x47, vpsllvq: Q38 | 0x47, vpsrlvd: D38 | 0x45, vpsrlvq: Q38 | 0x45,
  vpsravd: D38 | 0x46, vpsravq: Q38 | 0x46, vprolvd: D38 | 0x15, vprolvq: Q38 | 0x15,
  vprorvd: D38 | 0x14, vprorvq: Q38 | 0x14,
  // Choices and orders
  vblendmps: D38 | 0x65, vblendmpd: Q38 | 0x65, vpblendmd: D38 | 0x64, vpblendmq: Q38 | 0x64,
  vunpcklps: PS | 0x14, vunpcklpd: PD | 0x14, vunpckhps: PS | 0x15, vunpckhpd: PD | 0x15,
  vpunpckldq: D | 0x62, vpunpckhdq: D | 0x6a, vpunpcklqdq: Q | 0x6c, vpunpckhqdq: Q | 0x6d,
  vpermilps: D38 | 0x0c, vpermilpd: Q38 | 0x0d, vpermps: D38 | 0x16, vpermpd: Q38 | 0x16,
  vpermd: D38 | 0x36, vpermq: Q38 | 0x36, vpermi2d: D38 | 0x76, vpermi2q: Q38 | 0x76,
  vpermi2ps: D38 | 0x77, vpermi2pd: Q38 | 0x77, vpermt2d: D38 | 0x7e, vpermt2q: Q38 | 0x7e,
  vpermt2ps: D38 | 0x7f, vpermt2pd: Q38 | 0x7f,
} as const;

/**
 * dst = op b. A narrow operand (the source of vcvtps2pd, the destination of vcvtpd2ps) is the low
 * part of its register; vmovss and vmovsd only load, and clear the rest of dst.
 */
// deno-fmt-ignore
export const V2 = {
  vsqrtps: PS | 0x51, vsqrtpd: PD | 0x51, vrcp14ps: D38 | 0x4c, vrcp14pd: Q38 | 0x4c,
  vrsqrt14ps: D38 | 0x4e, vrsqrt14pd: Q38 | 0x4e, vgetexpps: D38 | 0x42, vgetexppd: Q38 | 0x42,
  vpabsd: D38 | 0x1e, vpabsq: Q38 | 0x1f,
  // Moves
  vmovups: M0F | L512 | N64 | 0x10, vmovupd: P66 | M0F | W1 | L512 | N64 | 0x10,
  vmovaps: M0F | L512 | N64 | 0x28, vmovapd: P66 | M0F | W1 | L512 | N64 | 0x28,
  vmovdqu8: PF2 | M0F | L512 | N64 | 0x6f, vmovdqu16: PF2 | M0F | W1 | L512 | N64 | 0x6f,
  vmovdqu32: PF3 | M0F | L512 | N64 | 0x6f, vmovdqu64: PF3 | M0F | W1 | L512 | N64 | 0x6f,
  vmovdqa32: P66 | M0F | L512 | N64 | 0x6f, vmovdqa64: P66 | M0F | W1 | L512 | N64 | 0x6f,
  vmovss: PF3 | M0F | N4 | MEMORY_ONLY | 0x10, vmovsd: PF2 | M0F | W1 | N8 | MEMORY_ONLY | 0x10,
  vbroadcastss: P66 | M38 | L512 | N4 | 0x18, vbroadcastsd: P66 | M38 | W1 | L512 | N8 | 0x19,
  vpbroadcastb: P66 | M38 | L512 | N1 | 0x78, vpbroadcastw: P66 | M38 | L512 | N2 | 0x79,
  vpbroadcastd: P66 | M38 | L512 | N4 | 0x58, vpbroadcastq: P66 | M38 | W1 | L512 | N8 | 0x59,
  vbroadcastf32x4: P66 | M38 | L512 | N16 | MEMORY_ONLY | 0x1a,
  vbroadcastf64x4: P66 | M38 | W1 | L512 | N32 | MEMORY_ONLY | 0x1b,
  // Between integers
  vpmovsxbd: P66 | M38 | L512 | N16 | 0x21, vpmovzxbd: P66 | M38 | L512 | N16 | 0x31,
  vpmovsxwd: P66 | M38 | HALF | 0x23, vpmovzxwd: P66 | M38 | HALF | 0x33,
  vpmovsxdq: P66 | M38 | HALF | 0x25, vpmovzxdq: P66 | M38 | HALF | 0x35,
  vpmovdb: PF3 | M38 | L512 | N16 | REVERSED | 0x31, vpmovdw: PF3 | M38 | HALF | REVERSED | 0x33,
  vpmovqd: PF3 | M38 | HALF | REVERSED | 0x35,
  // Between floats and integers
  vcvtdq2ps: PS | 0x5b, vcvtps2dq: D | 0x5b, vcvttps2dq: PF3 | PS | 0x5b,
  vcvtudq2ps: PF2 | PS | 0x7a, vcvtps2udq: PS | 0x79, vcvttps2udq: PS | 0x78,
  vcvtdq2pd: PF3 | M0F | HALF4 | 0xe6, vcvtudq2pd: PF3 | M0F | HALF4 | 0x7a,
  vcvtpd2dq: PF2 | Q | 0xe6, vcvttpd2dq: Q | 0xe6, vcvttpd2udq: Q & ~P66 | 0x78,
  vcvttps2qq: P66 | M0F | HALF4 | 0x7a, vcvttps2uqq: P66 | M0F | HALF4 | 0x78,
  vcvttpd2qq: Q | 0x7a, vcvttpd2uqq: Q | 0x78, vcvtqq2ps: Q & ~P66 | 0x5b,
  vcvtqq2pd: Q & ~P66 | PF3 | 0xe6, vcvtuqq2pd: Q & ~P66 | PF3 | 0x7a,
  vcvtuqq2ps: PF2 | Q | 0x7a,
  // Between floats
  vcvtps2pd: M0F | HALF4 | 0x5a, vcvtpd2ps: PD | 0x5a, vcvtph2ps: P66 | M38 | HALF | 0x13,
} as const;

/** dst = a op b, with an immediate. */
// deno-fmt-ignore
export const V3I = {
  vpternlogd: D3A | 0x25, vpternlogq: Q3A | 0x25, valignd: D3A | 0x03, valignq: Q3A | 0x03,
  vshufps: PS | 0xc6, vshufpd: PD | 0xc6, vshuff32x4: D3A | 0x23, vshuff64x2: Q3A | 0x23,
  vinsertf32x4: P66 | M3A | L512 | N16 | 0x18, vinsertf64x2: P66 | M3A | W1 | L512 | N16 | 0x18,
  vinsertf32x8: P66 | M3A | L512 | N32 | 0x1a, vinsertf64x4: P66 | M3A | W1 | L512 | N32 | 0x1a,
} as const;

/** dst = op b, with an immediate. */
// deno-fmt-ignore
export const V2I = {
  vpslld: D | digit(6) | 0x72, vpsllq: Q | digit(6) | 0x73,
  vpsrld: D | digit(2) | 0x72, vpsrlq: Q | digit(2) | 0x73,
  vpsrad: D | digit(4) | 0x72, vpsraq: Q | digit(4) | 0x72,
  vprold: D | digit(1) | 0x72, vprolq: Q | digit(1) | 0x72,
  vprord: D | digit(0) | 0x72, vprorq: Q | digit(0) | 0x72,
  vrndscaleps: D3A | 0x08, vrndscalepd: Q3A | 0x09, vgetmantps: D3A | 0x26, vgetmantpd: Q3A | 0x26,
  vpermilps: D3A | 0x04, vpermilpd: Q3A | 0x05, vpermq: Q3A | 0x00, vpermpd: Q3A | 0x01,
  vpshufd: D | 0x70,
  vextractf32x4: P66 | M3A | L512 | N16 | REVERSED | 0x19,
  vextractf64x2: P66 | M3A | W1 | L512 | N16 | REVERSED | 0x19,
  vextractf32x8: P66 | M3A | HALF | REVERSED | 0x1b,
  vextractf64x4: P66 | M3A | W1 | HALF | REVERSED | 0x1b,
  vcvtps2ph: P66 | M3A | HALF | REVERSED | 0x1d,
} as const;

/** Comparisons with a predicate, into a mask. */
// deno-fmt-ignore
export const COMPARISONS = {
  vcmpps: PS | 0xc2, vcmppd: PD | 0xc2, vpcmpd: D3A | 0x1f, vpcmpq: Q3A | 0x1f,
  vpcmpud: D3A | 0x1e, vpcmpuq: Q3A | 0x1e,
} as const;

/** Tests of two vectors without a predicate, into a mask. */
// deno-fmt-ignore
export const TESTS = {
  vpcmpeqd: D | 0x76, vpcmpeqq: Q38 | 0x29, vpcmpgtd: D | 0x66, vpcmpgtq: Q38 | 0x37,
  vptestmd: D38 | 0x27, vptestmq: Q38 | 0x27,
  vptestnmd: D38 & ~P66 | PF3 | 0x27, vptestnmq: Q38 & ~P66 | PF3 | 0x27,
} as const;

/** Stores of a register, or of what it is narrowed to. */
// deno-fmt-ignore
export const STORES = {
  vmovups: V2.vmovups + 1, vmovupd: V2.vmovupd + 1, vmovaps: V2.vmovaps + 1,
  vmovapd: V2.vmovapd + 1, vmovdqu8: V2.vmovdqu8 + 0x10, vmovdqu16: V2.vmovdqu16 + 0x10,
  vmovdqu32: V2.vmovdqu32 + 0x10, vmovdqu64: V2.vmovdqu64 + 0x10,
  vmovdqa32: V2.vmovdqa32 + 0x10, vmovdqa64: V2.vmovdqa64 + 0x10,
  vmovntps: M0F | L512 | N64 | 0x2b, vmovss: V2.vmovss + 1, vmovsd: V2.vmovsd + 1,
  vpmovdb: V2.vpmovdb, vpmovdw: V2.vpmovdw, vpmovqd: V2.vpmovqd,
} as const;

/** Stores with an immediate. */
// deno-fmt-ignore
export const STORES_I = {
  vextractf32x4: V2I.vextractf32x4, vextractf64x2: V2I.vextractf64x2,
  vextractf32x8: V2I.vextractf32x8, vextractf64x4: V2I.vextractf64x4, vcvtps2ph: V2I.vcvtps2ph,
} as const;

/** Loads of elements at indices that a vector holds; the mask is used up. */
// deno-fmt-ignore
export const GATHERS = {
  vpgatherdd: P66 | M38 | L512 | N4 | 0x90, vpgatherdq: P66 | M38 | W1 | L512 | N8 | 0x90,
  vgatherdps: P66 | M38 | L512 | N4 | 0x92, vgatherdpd: P66 | M38 | W1 | L512 | N8 | 0x92,
} as const;

/** From a general register into a vector: its lowest element (the rest is cleared), or all. */
// deno-fmt-ignore
export const FROM_GENERAL = {
  vmovd: P66 | M0F | 0x6e, vmovq: P66 | M0F | W1 | 0x6e,
  vpbroadcastb: P66 | M38 | L512 | 0x7a, vpbroadcastw: P66 | M38 | L512 | 0x7b,
  vpbroadcastd: P66 | M38 | L512 | 0x7c, vpbroadcastq: P66 | M38 | W1 | L512 | 0x7c,
} as const;

/** From the lowest element of a vector into a general register, which it clears above. */
export const TO_GENERAL = { vmovd: P66 | M0F | 0x7e, vmovq: P66 | M0F | W1 | 0x7e } as const;

/** From a mask into a vector of all bits or none. */
export const FROM_MASK = {
  vpmovm2d: PF3 | M38 | L512 | 0x38,
  vpmovm2q: PF3 | M38 | W1 | L512 | 0x38,
} as const;

/** From the signs of a vector into a mask. */
export const TO_MASK = {
  vpmovd2m: PF3 | M38 | L512 | 0x39,
  vpmovq2m: PF3 | M38 | W1 | L512 | 0x39,
} as const;

/** Jumps and conditional moves by what a comparison found, numbered as the processor does. */
// deno-fmt-ignore
export const CONDITIONS = {
  o: 0, no: 1, b: 2, ae: 3, e: 4, ne: 5, be: 6, a: 7,
  s: 8, ns: 9, p: 10, np: 11, l: 12, ge: 13, le: 14, g: 15,
} as const;

/** An instruction with two vector sources. */
export type V3Name = keyof typeof V3;
/** An instruction with one source. */
export type V2Name = keyof typeof V2;
/** An instruction with two vector sources and an immediate. */
export type V3IName = keyof typeof V3I;
/** An instruction with one source and an immediate. */
export type V2IName = keyof typeof V2I;
/** A comparison with a predicate. */
export type CmpName = keyof typeof COMPARISONS;
/** A comparison without a predicate. */
export type TestName = keyof typeof TESTS;
/** A store. */
export type StoreName = keyof typeof STORES;
/** A store with an immediate. */
export type StoreIName = keyof typeof STORES_I;
/** A gather. */
export type GatherName = keyof typeof GATHERS;
/** A move from a general register. */
export type FromGeneralName = keyof typeof FROM_GENERAL;
/** A move to a general register. */
export type ToGeneralName = keyof typeof TO_GENERAL;
/** A vector of a mask. */
export type FromMaskName = keyof typeof FROM_MASK;
/** A mask of a vector. */
export type ToMaskName = keyof typeof TO_MASK;
/** A condition. */
export type Condition = keyof typeof CONDITIONS;
