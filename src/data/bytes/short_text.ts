/**
 * Short texts of ASCII, which cells and names nearly always are, made before a decoder has begun.
 *
 * @module
 */

/** Longer texts are left to a decoder. */
const LONGEST = 24;

/** The text of `bytes[from]` up to but without `bytes[to]`; null where it is long or not ASCII. */
export function shortText(bytes: Uint8Array, from: number, to: number): string | null {
  if (to - from > LONGEST) return null;
  let text = "";
  for (let i = from; i < to; i++) {
    const b = bytes[i]!;
    if (b > 127) return null;
    text += String.fromCharCode(b);
  }
  return text;
}
