/**
 * CRC32C (Castagnoli), the checksum of TFRecord files, sixteen bytes at a time.
 *
 * Method: M. E. Kounavis, F. L. Berry, "Novel table lookup-based algorithms for high-performance CRC
 * generation", IEEE Trans. Computers 57 (2008).
 *
 * @module
 */

const POLYNOMIAL = 0x82f63b78;
const SLICES = 16;

/** Table t, entry b: the remainder of byte b with t bytes of zeros behind it. */
const TABLES = new Int32Array(SLICES * 256);
for (let b = 0; b < 256; b++) {
  let c = b;
  for (let bit = 0; bit < 8; bit++) c = (c >>> 1) ^ ((c & 1) * POLYNOMIAL);
  TABLES[b] = c;
}
for (let i = 256; i < TABLES.length; i++) {
  const c = TABLES[i - 256]!;
  TABLES[i] = (c >>> 8) ^ TABLES[c & 255]!;
}

/** The CRC32C of `bytes[start]` up to but without `bytes[end]`, as an unsigned number. */
export function crc32c(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const T = TABLES;
  let c = -1;
  let i = start;
  for (const stop = end - (SLICES - 1); i < stop; i += SLICES) {
    const x = c ^ view.getInt32(i, true);
    const y = view.getInt32(i + 4, true);
    const z = view.getInt32(i + 8, true);
    const w = view.getInt32(i + 12, true);
    c = T[0xf00 | (x & 255)]! ^ T[0xe00 | ((x >>> 8) & 255)]! ^
      T[0xd00 | ((x >>> 16) & 255)]! ^ T[0xc00 | (x >>> 24)]! ^
      T[0xb00 | (y & 255)]! ^ T[0xa00 | ((y >>> 8) & 255)]! ^
      T[0x900 | ((y >>> 16) & 255)]! ^ T[0x800 | (y >>> 24)]! ^
      T[0x700 | (z & 255)]! ^ T[0x600 | ((z >>> 8) & 255)]! ^
      T[0x500 | ((z >>> 16) & 255)]! ^ T[0x400 | (z >>> 24)]! ^
      T[0x300 | (w & 255)]! ^ T[0x200 | ((w >>> 8) & 255)]! ^
      T[0x100 | ((w >>> 16) & 255)]! ^ T[w >>> 24]!;
  }
  for (; i < end; i++) c = (c >>> 8) ^ T[(c ^ bytes[i]!) & 255]!;
  return ~c >>> 0;
}

/** The same, masked as TFRecord stores it, so that the checksum of a file of checksums is sound. */
export function maskedCrc32c(bytes: Uint8Array, start: number, end: number): number {
  const c = crc32c(bytes, start, end);
  return (((c >>> 15) | (c << 17)) + 0xa282ead8) >>> 0;
}
