/**
 * The lanes of WebAssembly's vectors: four, without masks.
 *
 * @module
 */
import type { FunctionBuilder } from "../../wasm/wasm.ts";
import type { Lanes } from "./emit_code.ts";

/** Bytes that swap neighbouring groups of 8 and of 4. */
const SWAPS: Readonly<Record<number, readonly number[]>> = {
  8: [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7],
  4: [4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11],
};
const LOW_WORDS = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];
const LOW_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const LOW_BYTES = [0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12];

const noMasks = (): never => {
  throw new TypeError("Cannot mask lanes: vectors of WebAssembly are whole");
};

/** The lanes of the vectors that a builder's function works on. */
export function lanesOf(f: FunctionBuilder): Lanes {
  return {
    count: 4,
    masks: false,
    words: (values) => f.v128.const(new Uint8Array(Int32Array.from(values).buffer)),
    narrow: () => f.shuffle(LOW_WORDS),
    join: () => f.shuffle(LOW_HALVES),
    upper: (x) => f.get(x).get(x).shuffle(SWAPS[8]!),
    swap: (x, bytes) => f.get(x).get(x).shuffle(SWAPS[bytes]!),
    loadBytes: (argument) =>
      f.load("v128.load32_zero", argument).op("i16x8.extend_low_i8x16_u")
        .op("i32x4.extend_low_i16x8_u"),
    packed: (x) => f.get(x).get(x).shuffle(LOW_BYTES),
    storeBytes: (argument) => f.laneMemory("v128.store32_lane", 0, argument),
    only: noMasks,
    onlyFirst: noMasks,
    loadOnly: noMasks,
    gather: noMasks,
    scale: noMasks,
    storeOnly: noMasks,
    mask: noMasks,
  };
}
