/**
 * Cuts rows of CSV out of bytes, straight into columns: numbers are read from their digits, so no
 * text is made of them. The parsers at hand make text of every cell first, which alone costs more
 * than the whole of this (`bench/data_files.ts`), and tell no offsets to go on from.
 *
 * Format: RFC 4180; lines may end in "\n" as well, and blank ones are passed over.
 *
 * @module
 */
import { type ByteWindow, FileFault } from "./byte_window.ts";
import { type ColumnBuilder, MISSING } from "./csv_columns.ts";
import { shortText } from "./short_text.ts";

const LF = 10, CR = 13, ZERO = 48, NINE = 57, PLUS = 43, MINUS = 45, POINT = 46;

/** Powers of ten that float64 holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** How cells are told apart. */
export interface CsvFormat {
  /** The byte between cells. */
  readonly delimiter: number;
  /** The byte around cells that hold delimiters, quotes or line ends; doubled, it is itself. */
  readonly quote: number;
}

/** Cuts rows into builders, one for each column of the file; null where it is not wanted. */
export class CsvRows {
  readonly #delimiter: number;
  readonly #quote: number;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  /** Whether the row that was cut out last was a blank line, which fills nothing. */
  blank = false;
  /** Whether rows may have fewer fields than there are builders. */
  anyLength = false;
  /** The end of the cell that was read last, and its number where it is one. */
  #at = 0;
  #value = 0;

  constructor(format: CsvFormat) {
    this.#delimiter = format.delimiter;
    this.#quote = format.quote;
  }

  /**
   * Cuts the row at the window's start, and puts its cells at place `row` of the builders. Gives
   * the number of its bytes; 0 where the window has to hold more.
   */
  cut(window: ByteWindow, builders: readonly (ColumnBuilder | null)[], row: number): number {
    const { bytes, start, end, last } = window;
    const delimiter = this.#delimiter;
    let p = start;
    if (window.offset() === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
      p += 3; // a byte order mark
    }
    if (p === end) return last ? this.#skipBlank(p - start) : 0;
    if (bytes[p] === LF) return this.#skipBlank(p + 1 - start);
    if (bytes[p] === CR && p + 1 < end && bytes[p + 1] === LF) {
      return this.#skipBlank(p + 2 - start);
    }
    this.blank = false;
    for (let k = 0;; k++) {
      if (k === builders.length) {
        throw new FileFault(`the row has more than the ${k} fields that are wanted`, p);
      }
      const builder = builders[k]!;
      if (p < end && bytes[p] === this.#quote) {
        if (!this.#quoted(window, p, builder, row)) return 0;
      } else if (builder !== null && builder.numeric && this.#number(bytes, p, end)) {
        if (this.#at === end && !last) return 0;
        builder.number(row, this.#value, p);
      } else if (!this.#plain(window, p, builder, row)) return 0;
      p = this.#at;
      const stop = p < end ? bytes[p]! : LF;
      if (stop === delimiter) {
        p++;
        continue;
      }
      if (k + 1 < builders.length && !this.anyLength) {
        throw new FileFault(
          `the row has ${k + 1} fields where ${builders.length} are wanted`,
          start,
        );
      }
      if (p >= end) return p - start;
      return Math.min(stop === CR ? p + 2 : p + 1, end) - start;
    }
  }

  #skipBlank(n: number): number {
    this.blank = true;
    return n;
  }

  /** Reads digits up to the cell's end; false where it is no plain number of so few digits. */
  #number(bytes: Uint8Array, from: number, end: number): boolean {
    let p = from;
    let b = p < end ? bytes[p]! : LF;
    const negative = b === MINUS;
    if (negative || b === PLUS) b = ++p < end ? bytes[p]! : LF;
    const first = p;
    let mantissa = 0; // exact up to nine digits
    while (b >= ZERO && b <= NINE) {
      mantissa = Math.imul(mantissa, 10) + (b - ZERO) | 0;
      b = ++p < end ? bytes[p]! : LF;
    }
    let digits = p - first, scale = 0;
    if (b === POINT) {
      const point = p;
      b = ++p < end ? bytes[p]! : LF;
      while (b >= ZERO && b <= NINE) {
        mantissa = Math.imul(mantissa, 10) + (b - ZERO) | 0;
        b = ++p < end ? bytes[p]! : LF;
      }
      scale = p - point - 1;
      digits += scale;
    }
    const ended = b === this.#delimiter || b === LF ||
      (b === CR && p + 1 < end && bytes[p + 1] === LF);
    if (digits === 0 || digits > 9 || !ended) return this.#longNumber(bytes, from, end);
    const value = scale === 0 ? mantissa : mantissa / POWERS[scale]!;
    this.#value = negative ? -value : value;
    this.#at = p;
    return true;
  }

  /** The same for numbers with more digits, an exponent, or anything else in them. */
  #longNumber(bytes: Uint8Array, from: number, end: number): boolean {
    let p = from;
    let b = p < end ? bytes[p]! : LF;
    const negative = b === MINUS;
    if (negative || b === PLUS) b = ++p < end ? bytes[p]! : LF;
    let mantissa = 0, digits = 0, scale = 0;
    while (b >= ZERO && b <= NINE) {
      mantissa = mantissa * 10 + (b - ZERO);
      digits++;
      b = ++p < end ? bytes[p]! : LF;
    }
    if (b === POINT) {
      b = ++p < end ? bytes[p]! : LF;
      while (b >= ZERO && b <= NINE) {
        mantissa = mantissa * 10 + (b - ZERO);
        digits++;
        scale--;
        b = ++p < end ? bytes[p]! : LF;
      }
    }
    if (digits === 0 || digits > 15) return false;
    if (b === 101 || b === 69) { // e E
      b = ++p < end ? bytes[p]! : LF;
      const down = b === MINUS;
      if (down || b === PLUS) b = ++p < end ? bytes[p]! : LF;
      let exponent = 0, any = false;
      while (b >= ZERO && b <= NINE && exponent < 1000) {
        exponent = exponent * 10 + (b - ZERO);
        any = true;
        b = ++p < end ? bytes[p]! : LF;
      }
      if (!any) return false;
      scale += down ? -exponent : exponent;
    }
    if (b !== this.#delimiter && b !== LF && !(b === CR && bytes[p + 1] === LF && p + 1 < end)) {
      return false;
    }
    // Both are exact, so that the only rounding is that of the result (Clinger 1990).
    if (scale < 0) {
      if (scale < -22) return false;
      mantissa /= POWERS[-scale]!;
    } else if (scale > 0) {
      if (scale > 22) return false;
      mantissa *= POWERS[scale]!;
    }
    this.#value = negative ? -mantissa : mantissa;
    this.#at = p;
    return true;
  }

  /** A cell without quotes, as text. False where its end is not there yet. */
  #plain(window: ByteWindow, from: number, builder: ColumnBuilder | null, row: number): boolean {
    const { bytes, end, last } = window;
    const delimiter = this.#delimiter;
    let p = from;
    while (p < end && bytes[p] !== delimiter && bytes[p] !== LF) p++;
    if (p === end && !last) return false;
    if (p > from && (p === end || bytes[p] === LF) && bytes[p - 1] === CR) p--;
    this.#at = p === end - 1 && bytes[p] === CR && last ? end : p;
    if (builder === null) return true;
    if (p === from) builder.text(row, MISSING, from);
    else builder.text(row, this.#decode(bytes, from, p), from);
    return true;
  }

  /** A cell in quotes, which stand at `from`. False where its end is not there yet. */
  #quoted(window: ByteWindow, from: number, builder: ColumnBuilder | null, row: number): boolean {
    const { bytes, end, last } = window;
    const quote = this.#quote;
    let doubled = false;
    let p = from + 1;
    for (;;) {
      p = bytes.indexOf(quote, p);
      if (p < 0 || p >= end) {
        if (!last) return false;
        throw new FileFault("a quote is opened and never closed", from);
      }
      if (p + 1 >= end && !last) return false;
      if (p + 1 >= end || bytes[p + 1] !== quote) break;
      doubled = true;
      p += 2;
    }
    const b = p + 1 < end ? bytes[p + 1]! : LF;
    if (b === CR && p + 2 >= end && !last) return false;
    if (b !== this.#delimiter && b !== LF && !(b === CR && (p + 2 >= end || bytes[p + 2] === LF))) {
      throw new FileFault(
        "a closing quote is followed by neither a delimiter nor the end of the line",
        p + 1,
      );
    }
    this.#at = p + 1;
    if (builder === null) return true;
    const text = this.#decode(bytes, from + 1, p);
    const q = String.fromCharCode(quote);
    builder.text(row, doubled ? text.replaceAll(q + q, q) : text, from);
    return true;
  }

  #decode(bytes: Uint8Array, from: number, to: number): string {
    const short = shortText(bytes, from, to);
    if (short !== null) return short;
    try {
      return this.#decoder.decode(bytes.subarray(from, to));
    } catch {
      throw new FileFault("a field is not UTF-8", from);
    }
  }
}
