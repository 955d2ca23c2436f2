/**
 * The WebAssembly instructions that glissade's emitters use, by the names of the WebAssembly
 * specification, one table for each form of immediate operands.
 *
 * @module
 */

// A prefixed instruction is written as its prefix byte, then its number as LEB128.
const MISC = 0xfc0000;
const SIMD = 0xfd0000;
const ATOMIC = 0xfe0000;

/** Instructions without immediate operands. */
// deno-fmt-ignore
export const PLAIN = {
  // Control and stack
  "unreachable": 0x00, "nop": 0x01, "return": 0x0f, "drop": 0x1a, "select": 0x1b,
  // i32
  "i32.eqz": 0x45, "i32.eq": 0x46, "i32.ne": 0x47, "i32.lt_s": 0x48, "i32.lt_u": 0x49,
  "i32.gt_s": 0x4a, "i32.gt_u": 0x4b, "i32.le_s": 0x4c, "i32.le_u": 0x4d, "i32.ge_s": 0x4e,
  "i32.ge_u": 0x4f, "i32.clz": 0x67, "i32.ctz": 0x68, "i32.popcnt": 0x69, "i32.add": 0x6a,
  "i32.sub": 0x6b, "i32.mul": 0x6c, "i32.div_s": 0x6d, "i32.div_u": 0x6e, "i32.rem_s": 0x6f,
  "i32.rem_u": 0x70, "i32.and": 0x71, "i32.or": 0x72, "i32.xor": 0x73, "i32.shl": 0x74,
  "i32.shr_s": 0x75, "i32.shr_u": 0x76, "i32.rotl": 0x77, "i32.rotr": 0x78, "i32.wrap_i64": 0xa7,
  "i32.trunc_f32_s": 0xa8, "i32.trunc_f32_u": 0xa9, "i32.trunc_f64_s": 0xaa,
  "i32.trunc_f64_u": 0xab, "i32.reinterpret_f32": 0xbc, "i32.extend8_s": 0xc0,
  "i32.extend16_s": 0xc1, "i32.trunc_sat_f32_s": MISC | 0x00, "i32.trunc_sat_f32_u": MISC | 0x01,
  "i32.trunc_sat_f64_s": MISC | 0x02, "i32.trunc_sat_f64_u": MISC | 0x03,
  // i64
  "i64.eqz": 0x50, "i64.eq": 0x51, "i64.ne": 0x52, "i64.lt_s": 0x53, "i64.lt_u": 0x54,
  "i64.gt_s": 0x55, "i64.gt_u": 0x56, "i64.le_s": 0x57, "i64.le_u": 0x58, "i64.ge_s": 0x59,
  "i64.ge_u": 0x5a, "i64.clz": 0x79, "i64.ctz": 0x7a, "i64.popcnt": 0x7b, "i64.add": 0x7c,
  "i64.sub": 0x7d, "i64.mul": 0x7e, "i64.div_s": 0x7f, "i64.div_u": 0x80, "i64.rem_s": 0x81,
  "i64.rem_u": 0x82, "i64.and": 0x83, "i64.or": 0x84, "i64.xor": 0x85, "i64.shl": 0x86,
  "i64.shr_s": 0x87, "i64.shr_u": 0x88, "i64.rotl": 0x89, "i64.rotr": 0x8a,
  "i64.extend_i32_s": 0xac, "i64.extend_i32_u": 0xad, "i64.trunc_f32_s": 0xae,
  "i64.trunc_f32_u": 0xaf, "i64.trunc_f64_s": 0xb0, "i64.trunc_f64_u": 0xb1,
  "i64.reinterpret_f64": 0xbd, "i64.extend8_s": 0xc2, "i64.extend16_s": 0xc3,
  "i64.extend32_s": 0xc4, "i64.trunc_sat_f32_s": MISC | 0x04, "i64.trunc_sat_f32_u": MISC | 0x05,
  "i64.trunc_sat_f64_s": MISC | 0x06, "i64.trunc_sat_f64_u": MISC | 0x07,
  // f32
  "f32.eq": 0x5b, "f32.ne": 0x5c, "f32.lt": 0x5d, "f32.gt": 0x5e, "f32.le": 0x5f, "f32.ge": 0x60,
  "f32.abs": 0x8b, "f32.neg": 0x8c, "f32.ceil": 0x8d, "f32.floor": 0x8e, "f32.trunc": 0x8f,
  "f32.nearest": 0x90, "f32.sqrt": 0x91, "f32.add": 0x92, "f32.sub": 0x93, "f32.mul": 0x94,
  "f32.div": 0x95, "f32.min": 0x96, "f32.max": 0x97, "f32.copysign": 0x98,
  "f32.convert_i32_s": 0xb2, "f32.convert_i32_u": 0xb3, "f32.convert_i64_s": 0xb4,
  "f32.convert_i64_u": 0xb5, "f32.demote_f64": 0xb6, "f32.reinterpret_i32": 0xbe,
  // f64
  "f64.eq": 0x61, "f64.ne": 0x62, "f64.lt": 0x63, "f64.gt": 0x64, "f64.le": 0x65, "f64.ge": 0x66,
  "f64.abs": 0x99, "f64.neg": 0x9a, "f64.ceil": 0x9b, "f64.floor": 0x9c, "f64.trunc": 0x9d,
  "f64.nearest": 0x9e, "f64.sqrt": 0x9f, "f64.add": 0xa0, "f64.sub": 0xa1, "f64.mul": 0xa2,
  "f64.div": 0xa3, "f64.min": 0xa4, "f64.max": 0xa5, "f64.copysign": 0xa6,
  "f64.convert_i32_s": 0xb7, "f64.convert_i32_u": 0xb8, "f64.convert_i64_s": 0xb9,
  "f64.convert_i64_u": 0xba, "f64.promote_f32": 0xbb, "f64.reinterpret_i64": 0xbf,
  // v128
  "v128.not": SIMD | 0x4d, "v128.and": SIMD | 0x4e, "v128.andnot": SIMD | 0x4f,
  "v128.or": SIMD | 0x50, "v128.xor": SIMD | 0x51, "v128.bitselect": SIMD | 0x52,
  "v128.any_true": SIMD | 0x53,
  // i8x16
  "i8x16.swizzle": SIMD | 0x0e, "i8x16.splat": SIMD | 0x0f, "i8x16.eq": SIMD | 0x23,
  "i8x16.ne": SIMD | 0x24, "i8x16.lt_s": SIMD | 0x25, "i8x16.lt_u": SIMD | 0x26,
  "i8x16.gt_s": SIMD | 0x27, "i8x16.gt_u": SIMD | 0x28, "i8x16.le_s": SIMD | 0x29,
  "i8x16.le_u": SIMD | 0x2a, "i8x16.ge_s": SIMD | 0x2b, "i8x16.ge_u": SIMD | 0x2c,
  "i8x16.abs": SIMD | 0x60, "i8x16.neg": SIMD | 0x61, "i8x16.popcnt": SIMD | 0x62,
  "i8x16.all_true": SIMD | 0x63, "i8x16.bitmask": SIMD | 0x64, "i8x16.narrow_i16x8_s": SIMD | 0x65,
  "i8x16.narrow_i16x8_u": SIMD | 0x66, "i8x16.shl": SIMD | 0x6b, "i8x16.shr_s": SIMD | 0x6c,
  "i8x16.shr_u": SIMD | 0x6d, "i8x16.add": SIMD | 0x6e, "i8x16.add_sat_s": SIMD | 0x6f,
  "i8x16.add_sat_u": SIMD | 0x70, "i8x16.sub": SIMD | 0x71, "i8x16.sub_sat_s": SIMD | 0x72,
  "i8x16.sub_sat_u": SIMD | 0x73, "i8x16.min_s": SIMD | 0x76, "i8x16.min_u": SIMD | 0x77,
  "i8x16.max_s": SIMD | 0x78, "i8x16.max_u": SIMD | 0x79, "i8x16.avgr_u": SIMD | 0x7b,
  "i8x16.relaxed_swizzle": SIMD | 0x100, "i8x16.relaxed_laneselect": SIMD | 0x109,
  // i16x8
  "i16x8.splat": SIMD | 0x10, "i16x8.eq": SIMD | 0x2d, "i16x8.ne": SIMD | 0x2e,
  "i16x8.lt_s": SIMD | 0x2f, "i16x8.lt_u": SIMD | 0x30, "i16x8.gt_s": SIMD | 0x31,
  "i16x8.gt_u": SIMD | 0x32, "i16x8.le_s": SIMD | 0x33, "i16x8.le_u": SIMD | 0x34,
  "i16x8.ge_s": SIMD | 0x35, "i16x8.ge_u": SIMD | 0x36,
  "i16x8.extadd_pairwise_i8x16_s": SIMD | 0x7c, "i16x8.extadd_pairwise_i8x16_u": SIMD | 0x7d,
  "i16x8.abs": SIMD | 0x80, "i16x8.neg": SIMD | 0x81, "i16x8.q15mulr_sat_s": SIMD | 0x82,
  "i16x8.all_true": SIMD | 0x83, "i16x8.bitmask": SIMD | 0x84, "i16x8.narrow_i32x4_s": SIMD | 0x85,
  "i16x8.narrow_i32x4_u": SIMD | 0x86, "i16x8.extend_low_i8x16_s": SIMD | 0x87,
  "i16x8.extend_high_i8x16_s": SIMD | 0x88, "i16x8.extend_low_i8x16_u": SIMD | 0x89,
  "i16x8.extend_high_i8x16_u": SIMD | 0x8a, "i16x8.shl": SIMD | 0x8b, "i16x8.shr_s": SIMD | 0x8c,
  "i16x8.shr_u": SIMD | 0x8d, "i16x8.add": SIMD | 0x8e, "i16x8.add_sat_s": SIMD | 0x8f,
  "i16x8.add_sat_u": SIMD | 0x90, "i16x8.sub": SIMD | 0x91, "i16x8.sub_sat_s": SIMD | 0x92,
  "i16x8.sub_sat_u": SIMD | 0x93, "i16x8.mul": SIMD | 0x95, "i16x8.min_s": SIMD | 0x96,
  "i16x8.min_u": SIMD | 0x97, "i16x8.max_s": SIMD | 0x98, "i16x8.max_u": SIMD | 0x99,
  "i16x8.avgr_u": SIMD | 0x9b, "i16x8.extmul_low_i8x16_s": SIMD | 0x9c,
  "i16x8.extmul_high_i8x16_s": SIMD | 0x9d, "i16x8.extmul_low_i8x16_u": SIMD | 0x9e,
  "i16x8.extmul_high_i8x16_u": SIMD | 0x9f, "i16x8.relaxed_laneselect": SIMD | 0x10a,
  "i16x8.relaxed_q15mulr_s": SIMD | 0x111, "i16x8.relaxed_dot_i8x16_i7x16_s": SIMD | 0x112,
  // i32x4
  "i32x4.splat": SIMD | 0x11, "i32x4.eq": SIMD | 0x37, "i32x4.ne": SIMD | 0x38,
  "i32x4.lt_s": SIMD | 0x39, "i32x4.lt_u": SIMD | 0x3a, "i32x4.gt_s": SIMD | 0x3b,
  "i32x4.gt_u": SIMD | 0x3c, "i32x4.le_s": SIMD | 0x3d, "i32x4.le_u": SIMD | 0x3e,
  "i32x4.ge_s": SIMD | 0x3f, "i32x4.ge_u": SIMD | 0x40,
  "i32x4.extadd_pairwise_i16x8_s": SIMD | 0x7e, "i32x4.extadd_pairwise_i16x8_u": SIMD | 0x7f,
  "i32x4.abs": SIMD | 0xa0, "i32x4.neg": SIMD | 0xa1, "i32x4.all_true": SIMD | 0xa3,
  "i32x4.bitmask": SIMD | 0xa4, "i32x4.extend_low_i16x8_s": SIMD | 0xa7,
  "i32x4.extend_high_i16x8_s": SIMD | 0xa8, "i32x4.extend_low_i16x8_u": SIMD | 0xa9,
  "i32x4.extend_high_i16x8_u": SIMD | 0xaa, "i32x4.shl": SIMD | 0xab, "i32x4.shr_s": SIMD | 0xac,
  "i32x4.shr_u": SIMD | 0xad, "i32x4.add": SIMD | 0xae, "i32x4.sub": SIMD | 0xb1,
  "i32x4.mul": SIMD | 0xb5, "i32x4.min_s": SIMD | 0xb6, "i32x4.min_u": SIMD | 0xb7,
  "i32x4.max_s": SIMD | 0xb8, "i32x4.max_u": SIMD | 0xb9, "i32x4.dot_i16x8_s": SIMD | 0xba,
  "i32x4.extmul_low_i16x8_s": SIMD | 0xbc, "i32x4.extmul_high_i16x8_s": SIMD | 0xbd,
  "i32x4.extmul_low_i16x8_u": SIMD | 0xbe, "i32x4.extmul_high_i16x8_u": SIMD | 0xbf,
  "i32x4.trunc_sat_f32x4_s": SIMD | 0xf8, "i32x4.trunc_sat_f32x4_u": SIMD | 0xf9,
  "i32x4.trunc_sat_f64x2_s_zero": SIMD | 0xfc, "i32x4.trunc_sat_f64x2_u_zero": SIMD | 0xfd,
  "i32x4.relaxed_trunc_f32x4_s": SIMD | 0x101, "i32x4.relaxed_trunc_f32x4_u": SIMD | 0x102,
  "i32x4.relaxed_trunc_f64x2_s_zero": SIMD | 0x103,
  "i32x4.relaxed_trunc_f64x2_u_zero": SIMD | 0x104, "i32x4.relaxed_laneselect": SIMD | 0x10b,
  "i32x4.relaxed_dot_i8x16_i7x16_add_s": SIMD | 0x113,
  // i64x2
  "i64x2.splat": SIMD | 0x12, "i64x2.abs": SIMD | 0xc0, "i64x2.neg": SIMD | 0xc1,
  "i64x2.all_true": SIMD | 0xc3, "i64x2.bitmask": SIMD | 0xc4,
  "i64x2.extend_low_i32x4_s": SIMD | 0xc7, "i64x2.extend_high_i32x4_s": SIMD | 0xc8,
  "i64x2.extend_low_i32x4_u": SIMD | 0xc9, "i64x2.extend_high_i32x4_u": SIMD | 0xca,
  "i64x2.shl": SIMD | 0xcb, "i64x2.shr_s": SIMD | 0xcc, "i64x2.shr_u": SIMD | 0xcd,
  "i64x2.add": SIMD | 0xce, "i64x2.sub": SIMD | 0xd1, "i64x2.mul": SIMD | 0xd5,
  "i64x2.eq": SIMD | 0xd6, "i64x2.ne": SIMD | 0xd7, "i64x2.lt_s": SIMD | 0xd8,
  "i64x2.gt_s": SIMD | 0xd9, "i64x2.le_s": SIMD | 0xda, "i64x2.ge_s": SIMD | 0xdb,
  "i64x2.extmul_low_i32x4_s": SIMD | 0xdc, "i64x2.extmul_high_i32x4_s": SIMD | 0xdd,
  "i64x2.extmul_low_i32x4_u": SIMD | 0xde, "i64x2.extmul_high_i32x4_u": SIMD | 0xdf,
  "i64x2.relaxed_laneselect": SIMD | 0x10c,
  // f32x4
  "f32x4.splat": SIMD | 0x13, "f32x4.eq": SIMD | 0x41, "f32x4.ne": SIMD | 0x42,
  "f32x4.lt": SIMD | 0x43, "f32x4.gt": SIMD | 0x44, "f32x4.le": SIMD | 0x45,
  "f32x4.ge": SIMD | 0x46, "f32x4.demote_f64x2_zero": SIMD | 0x5e, "f32x4.ceil": SIMD | 0x67,
  "f32x4.floor": SIMD | 0x68, "f32x4.trunc": SIMD | 0x69, "f32x4.nearest": SIMD | 0x6a,
  "f32x4.abs": SIMD | 0xe0, "f32x4.neg": SIMD | 0xe1, "f32x4.sqrt": SIMD | 0xe3,
  "f32x4.add": SIMD | 0xe4, "f32x4.sub": SIMD | 0xe5, "f32x4.mul": SIMD | 0xe6,
  "f32x4.div": SIMD | 0xe7, "f32x4.min": SIMD | 0xe8, "f32x4.max": SIMD | 0xe9,
  "f32x4.pmin": SIMD | 0xea, "f32x4.pmax": SIMD | 0xeb, "f32x4.convert_i32x4_s": SIMD | 0xfa,
  "f32x4.convert_i32x4_u": SIMD | 0xfb, "f32x4.relaxed_madd": SIMD | 0x105,
  "f32x4.relaxed_nmadd": SIMD | 0x106, "f32x4.relaxed_min": SIMD | 0x10d,
  "f32x4.relaxed_max": SIMD | 0x10e,
  // f64x2
  "f64x2.splat": SIMD | 0x14, "f64x2.eq": SIMD | 0x47, "f64x2.ne": SIMD | 0x48,
  "f64x2.lt": SIMD | 0x49, "f64x2.gt": SIMD | 0x4a, "f64x2.le": SIMD | 0x4b,
  "f64x2.ge": SIMD | 0x4c, "f64x2.promote_low_f32x4": SIMD | 0x5f, "f64x2.ceil": SIMD | 0x74,
  "f64x2.floor": SIMD | 0x75, "f64x2.trunc": SIMD | 0x7a, "f64x2.nearest": SIMD | 0x94,
  "f64x2.abs": SIMD | 0xec, "f64x2.neg": SIMD | 0xed, "f64x2.sqrt": SIMD | 0xef,
  "f64x2.add": SIMD | 0xf0, "f64x2.sub": SIMD | 0xf1, "f64x2.mul": SIMD | 0xf2,
  "f64x2.div": SIMD | 0xf3, "f64x2.min": SIMD | 0xf4, "f64x2.max": SIMD | 0xf5,
  "f64x2.pmin": SIMD | 0xf6, "f64x2.pmax": SIMD | 0xf7, "f64x2.convert_low_i32x4_s": SIMD | 0xfe,
  "f64x2.convert_low_i32x4_u": SIMD | 0xff, "f64x2.relaxed_madd": SIMD | 0x107,
  "f64x2.relaxed_nmadd": SIMD | 0x108, "f64x2.relaxed_min": SIMD | 0x10f,
  "f64x2.relaxed_max": SIMD | 0x110,
} as const;

/** Loads: an address is popped, a value pushed; offset and alignment are immediate. */
// deno-fmt-ignore
export const LOADS = {
  "i32.load": 0x28, "i64.load": 0x29, "f32.load": 0x2a, "f64.load": 0x2b, "i32.load8_s": 0x2c,
  "i32.load8_u": 0x2d, "i32.load16_s": 0x2e, "i32.load16_u": 0x2f, "i64.load8_s": 0x30,
  "i64.load8_u": 0x31, "i64.load16_s": 0x32, "i64.load16_u": 0x33, "i64.load32_s": 0x34,
  "i64.load32_u": 0x35,
  "v128.load": SIMD | 0x00, "v128.load8x8_s": SIMD | 0x01, "v128.load8x8_u": SIMD | 0x02,
  "v128.load16x4_s": SIMD | 0x03, "v128.load16x4_u": SIMD | 0x04, "v128.load32x2_s": SIMD | 0x05,
  "v128.load32x2_u": SIMD | 0x06, "v128.load8_splat": SIMD | 0x07, "v128.load16_splat": SIMD | 0x08,
  "v128.load32_splat": SIMD | 0x09, "v128.load64_splat": SIMD | 0x0a,
  "v128.load32_zero": SIMD | 0x5c, "v128.load64_zero": SIMD | 0x5d,
} as const;

/** Stores: an address and a value are popped; offset and alignment are immediate. */
// deno-fmt-ignore
export const STORES = {
  "i32.store": 0x36, "i64.store": 0x37, "f32.store": 0x38, "f64.store": 0x39, "i32.store8": 0x3a,
  "i32.store16": 0x3b, "i64.store8": 0x3c, "i64.store16": 0x3d, "i64.store32": 0x3e,
  "v128.store": SIMD | 0x0b,
} as const;

/** Loads and stores of one lane: an address and a vector are popped. */
// deno-fmt-ignore
export const LANE_MEMORY = {
  "v128.load8_lane": SIMD | 0x54, "v128.load16_lane": SIMD | 0x55, "v128.load32_lane": SIMD | 0x56,
  "v128.load64_lane": SIMD | 0x57, "v128.store8_lane": SIMD | 0x58,
  "v128.store16_lane": SIMD | 0x59, "v128.store32_lane": SIMD | 0x5a,
  "v128.store64_lane": SIMD | 0x5b,
} as const;

/** Reads and replacements of one lane of a vector; the lane is immediate. */
// deno-fmt-ignore
export const LANES = {
  "i8x16.extract_lane_s": SIMD | 0x15, "i8x16.extract_lane_u": SIMD | 0x16,
  "i8x16.replace_lane": SIMD | 0x17, "i16x8.extract_lane_s": SIMD | 0x18,
  "i16x8.extract_lane_u": SIMD | 0x19, "i16x8.replace_lane": SIMD | 0x1a,
  "i32x4.extract_lane": SIMD | 0x1b, "i32x4.replace_lane": SIMD | 0x1c,
  "i64x2.extract_lane": SIMD | 0x1d, "i64x2.replace_lane": SIMD | 0x1e,
  "f32x4.extract_lane": SIMD | 0x1f, "f32x4.replace_lane": SIMD | 0x20,
  "f64x2.extract_lane": SIMD | 0x21, "f64x2.replace_lane": SIMD | 0x22,
} as const;

/** Atomic accesses of 32 and 64 bits. */
// deno-fmt-ignore
export const ATOMICS = {
  "memory.atomic.notify": ATOMIC | 0x00, "memory.atomic.wait32": ATOMIC | 0x01,
  "memory.atomic.wait64": ATOMIC | 0x02, "i32.atomic.load": ATOMIC | 0x10,
  "i64.atomic.load": ATOMIC | 0x11, "i32.atomic.store": ATOMIC | 0x17,
  "i64.atomic.store": ATOMIC | 0x18, "i32.atomic.rmw.add": ATOMIC | 0x1e,
  "i64.atomic.rmw.add": ATOMIC | 0x1f, "i32.atomic.rmw.sub": ATOMIC | 0x25,
  "i64.atomic.rmw.sub": ATOMIC | 0x26, "i32.atomic.rmw.and": ATOMIC | 0x2c,
  "i64.atomic.rmw.and": ATOMIC | 0x2d, "i32.atomic.rmw.or": ATOMIC | 0x33,
  "i64.atomic.rmw.or": ATOMIC | 0x34, "i32.atomic.rmw.xor": ATOMIC | 0x3a,
  "i64.atomic.rmw.xor": ATOMIC | 0x3b, "i32.atomic.rmw.xchg": ATOMIC | 0x41,
  "i64.atomic.rmw.xchg": ATOMIC | 0x42, "i32.atomic.rmw.cmpxchg": ATOMIC | 0x48,
  "i64.atomic.rmw.cmpxchg": ATOMIC | 0x49,
} as const;

/** Name of an instruction without immediate operands. */
export type PlainName = keyof typeof PLAIN;

/** Name of a load. */
export type LoadName = keyof typeof LOADS;

/** Name of a store. */
export type StoreName = keyof typeof STORES;

/** Name of a load or store of one lane. */
export type LaneMemoryName = keyof typeof LANE_MEMORY;

/** Name of a read or replacement of one lane. */
export type LaneName = keyof typeof LANES;

/** Name of an atomic access. */
export type AtomicName = keyof typeof ATOMICS;
