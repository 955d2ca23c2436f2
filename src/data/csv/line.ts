/**
 * The line of a file that a fault lies on, which is counted only then: reading knows bytes and rows,
 * and a row may have several lines.
 *
 * @module
 */
import type { ByteSource } from "../bytes/byte_source.ts";

const LF = 10, PIECE = 1 << 16;

/**
 * The line of a byte, the first being 1, as editors count. Null where the bytes before it cannot be
 * read again at once: of packed and remote files, and of what is no file, as a pipe.
 */
export function lineOf(source: ByteSource, at: number): number | null {
  if (!source.sync) return null;
  try {
    if (at > (source.size() ?? 0)) return null;
    const stream = source.open(0);
    try {
      const bytes = new Uint8Array(PIECE);
      let line = 1, left = at;
      while (left > 0) {
        const n = stream.read(bytes.subarray(0, Math.min(PIECE, left)));
        if (typeof n !== "number" || n === 0) return null;
        for (let p = bytes.indexOf(LF); p >= 0 && p < n; p = bytes.indexOf(LF, p + 1)) line++;
        left -= n;
      }
      return line;
    } finally {
      stream.close();
    }
  } catch {
    return null; // the fault itself is what matters
  }
}
