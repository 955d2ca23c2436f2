/**
 * Numbers out of the digits that bytes spell, where that is exact without making a text of them.
 *
 * @module
 */
const LF = 10, CR = 13, ZERO = 48, NINE = 57, PLUS = 43, MINUS = 45, POINT = 46;

/** Powers of ten that float64 holds exactly. */
export const POWERS: Float64Array = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** Reads numbers of up to 15 digits, with or without an exponent. */
export class CsvNumbers {
  readonly #delimiter: number;
  /** The end of the cell that was read last, and its number. */
  at = 0;
  value = 0;

  constructor(delimiter: number) {
    this.#delimiter = delimiter;
  }

  /**
   * Reads the number that fills the cell at `from`; false where it is none, or has more digits. A
   * line end stands at `end`, behind all bytes.
   */
  read(bytes: Uint8Array, from: number): boolean {
    let p = from;
    let b = bytes[p]!;
    const negative = b === MINUS;
    if (negative || b === PLUS) b = bytes[++p]!;
    let mantissa = 0, digits = 0, scale = 0;
    while (b >= ZERO && b <= NINE) {
      mantissa = mantissa * 10 + (b - ZERO);
      digits++;
      b = bytes[++p]!;
    }
    if (b === POINT) {
      b = bytes[++p]!;
      while (b >= ZERO && b <= NINE) {
        mantissa = mantissa * 10 + (b - ZERO);
        digits++;
        scale--;
        b = bytes[++p]!;
      }
    }
    if (digits === 0 || digits > 15) return false;
    if (b === 101 || b === 69) { // e E
      b = bytes[++p]!;
      const down = b === MINUS;
      if (down || b === PLUS) b = bytes[++p]!;
      let exponent = 0, any = false;
      while (b >= ZERO && b <= NINE && exponent < 1000) {
        exponent = exponent * 10 + (b - ZERO);
        any = true;
        b = bytes[++p]!;
      }
      if (!any) return false;
      scale += down ? -exponent : exponent;
    }
    if (b !== this.#delimiter && b !== LF && !(b === CR && bytes[p + 1] === LF)) return false;
    // Both are exact, so that the only rounding is that of the result (Clinger 1990).
    if (scale < 0) {
      if (scale < -22) return false;
      mantissa /= POWERS[-scale]!;
    } else if (scale > 0) {
      if (scale > 22) return false;
      mantissa *= POWERS[scale]!;
    }
    this.value = negative ? -mantissa : mantissa;
    this.at = p;
    return true;
  }
}
