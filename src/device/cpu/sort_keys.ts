/**
 * How the numbers of each dtype become unsigned keys whose order is the order of sorting, so that
 * the sort itself compares bits only.
 *
 * @module
 */

import { F32, F64, type FunctionBuilder, I32, I64 } from "../../wasm/wasm.ts";
import type { LoadName, StoreName } from "../../wasm/opcodes.ts";

/** How numbers of one dtype are copied and ordered. */
export interface SortElement {
  /** Bytes of one number. */
  readonly bytes: 1 | 4 | 8;
  /** Copies a number, bit by bit. */
  readonly load: LoadName;
  readonly store: StoreName;
  /** Bits of a key. */
  readonly keyBits: 8 | 32 | 64;
  /**
   * Returns an emitter that replaces the address on the stack by the key, an i64, of the number
   * there; it declares the locals that it needs once.
   */
  readonly key: (f: FunctionBuilder) => () => void;
}

/** A float's bits, after -0 became 0 and every NaN the largest key, ascending as unsigned numbers. */
function floatKey(bits: 32 | 64): SortElement["key"] {
  const [float, integer] = bits === 32 ? (["f32", "i32"] as const) : (["f64", "i64"] as const);
  return (f) => {
    const [x, word] = bits === 32 ? [f.local(F32), f.local(I32)] : [f.local(F64), f.local(I64)];
    return () => {
      // Negative numbers: all bits inverted; others: the sign bit alone. -0 + 0 is 0.
      f.load(`${float}.load`).tee(x)[float].const(0).op(`${float}.add`);
      f.op(bits === 32 ? "i32.reinterpret_f32" : "i64.reinterpret_f64").tee(word);
      f.get(word)[integer].const(bits - 1).op(`${integer}.shr_s`);
      signBit(f, bits).op(`${integer}.or`).op(`${integer}.xor`);
      f[integer].const(-1).get(x).get(x).op(`${float}.eq`).op("select");
      if (bits === 32) f.op("i64.extend_i32_u");
    };
  };
}

function signBit(f: FunctionBuilder, bits: 32 | 64): FunctionBuilder {
  return bits === 32 ? f.i32.const(-(2 ** 31)) : f.i64.const(-(2n ** 63n));
}

const byte: SortElement = {
  bytes: 1,
  load: "i32.load8_u",
  store: "i32.store8",
  keyBits: 8,
  key: (f) => () => f.load("i64.load8_u"),
};
const word = {
  bytes: 4,
  load: "i32.load",
  store: "i32.store",
  keyBits: 32,
} as const;

/** The dtypes that can be sorted: ascending, NaN last, -0 equal to 0, false before true. */
export const SORT_ELEMENTS = {
  bool: byte,
  uint8: byte,
  int32: {
    ...word,
    key: (f) => () => {
      signBit(f.load("i32.load"), 32).op("i32.xor").op("i64.extend_i32_u");
    },
  },
  uint32: { ...word, key: (f) => () => f.load("i64.load32_u") },
  float32: { ...word, key: floatKey(32) },
  float64: {
    bytes: 8,
    load: "i64.load",
    store: "i64.store",
    keyBits: 64,
    key: floatKey(64),
  },
} as const satisfies Record<string, SortElement>;
