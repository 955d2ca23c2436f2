/**
 * Asks the system to back memory by huge pages. With pages of 4 KiB a processor that goes through
 * megabytes spends a tenth of its time looking addresses up.
 *
 * @module
 */

import { withLibc } from "./libc.ts";

const MADV_HUGEPAGE = 14;
const symbols = {
  madvise: { parameters: ["buffer", "usize", "i32"], result: "i32" },
} as const;

/**
 * Asks for huge pages where memory is touched for the first time from now on; the system may decline.
 * Whether it was asked: only Linux can be, and only where the `ffi` permission covers the C library.
 */
export function preferHugePages({ buffer }: WebAssembly.Memory): boolean {
  if (Deno.build.os !== "linux" || buffer.byteLength === 0) return false;
  // Deno's types leave out shared memory, which works.
  const bytes = new Uint8Array(buffer) as Uint8Array<ArrayBuffer>;
  const answer = withLibc(
    symbols,
    ({ madvise }) => madvise(bytes, BigInt(bytes.length), MADV_HUGEPAGE),
  );
  return answer === 0;
}
