/**
 * The FNV-1a hash (32 bit) of a tensor's bytes: how goldens name the exact bits of a large array.
 *
 * @module
 */
import type { Tensor } from "../../src/core/mod.ts";

/** The hash over the little-endian bytes of all elements, in row-major order. */
export function fnv(x: Tensor): number {
  const values = x.data();
  let h = 2166136261;
  for (const byte of new Uint8Array(values.buffer, values.byteOffset, values.byteLength)) {
    h = Math.imul(h ^ byte, 16777619);
  }
  return h >>> 0;
}
