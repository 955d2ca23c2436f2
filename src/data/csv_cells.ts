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
import { CsvNumbers, POWERS } from "./csv_numbers.ts";
import { shortText } from "./short_text.ts";

const LF = 10, CR = 13, ZERO = 48, MINUS = 45, POINT = 46;

/** What becomes of the cells of a column. */
const UNWANTED = 0, TEXT = 1, NUMBER = 2, FLOAT32 = 3, INT32 = 4;

const NO_FLOATS = new Float32Array(0), NO_INTEGERS = new Int32Array(0);

/** Takes cells as texts. */
export type TextTaker = Pick<ColumnBuilder, "text">;

/** Where the cells of a column go: numbers straight into memory where that is of a usual type. */
interface Targets {
  readonly kinds: Uint8Array;
  readonly floats: readonly Float32Array[];
  readonly integers: readonly Int32Array[];
}

const NO_TARGETS: Targets = { kinds: new Uint8Array(0), floats: [], integers: [] };

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
  readonly #numbers: CsvNumbers;
  /** Whether no number holds the delimiter. */
  readonly #numeric: boolean;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  /** Takes the cells of a row that has any number of them. */
  #any: TextTaker | null = null;
  /** The place of the row that is being cut. */
  row = 0;
  /** Where it begins. */
  #begin = 0;
  /** The end of the cell that was read last. */
  #at = 0;

  constructor(format: CsvFormat) {
    this.#delimiter = format.delimiter;
    this.#quote = format.quote;
    this.#numbers = new CsvNumbers(format.delimiter);
    this.#numeric = !/[-+.\deE]/.test(String.fromCharCode(format.delimiter));
  }

  // One loop, however long: with a call for each cell it takes twice the time.
  /**
   * Cuts rows from the window's start on, and puts their cells at places `row` up to but without
   * `most` of the builders. Gives the place behind the last row: less than `most` where the window
   * has to hold more, or is at the end of its file.
   */
  cut(
    window: ByteWindow,
    builders: readonly (ColumnBuilder | null)[],
    row: number,
    most: number,
  ): number {
    window.endLine();
    const { bytes, end, last } = window;
    const delimiter = this.#delimiter, quote = this.#quote, any = this.#any, n = builders.length;
    const { kinds, floats, integers } = this.#targets(builders);
    let p = window.start;
    if (window.offset() === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
      p += 3; // a byte order mark
    }
    for (; row < most; window.start = p) {
      this.row = row;
      if (p >= end) {
        window.start = end;
        return row;
      }
      if (bytes[p] === LF) {
        p++;
        continue;
      }
      if (bytes[p] === CR && bytes[p + 1] === LF) {
        if (p + 1 === end && !last) return row;
        p += 2;
        continue;
      }
      const begin = this.#begin = p;
      for (let k = 0;; k++) {
        const kind = k < n ? kinds[k]! : TEXT;
        const from = p;
        let found = false, value = 0;
        let d = bytes[p]! - ZERO;
        if (kind >= NUMBER && d !== quote - ZERO) {
          // Most numbers have at most nine digits, which 32 bits hold, and a point among them.
          let mantissa = 0, scale = 0, q = p;
          const negative = d === MINUS - ZERO;
          if (negative) d = bytes[++q]! - ZERO;
          const first = q;
          while (d >>> 0 <= 9) {
            mantissa = Math.imul(mantissa, 10) + d | 0;
            d = bytes[++q]! - ZERO;
          }
          let digits = q - first;
          if (d === POINT - ZERO) {
            const second = q + 1;
            d = bytes[++q]! - ZERO;
            while (d >>> 0 <= 9) {
              mantissa = Math.imul(mantissa, 10) + d | 0;
              d = bytes[++q]! - ZERO;
            }
            scale = q - second;
            digits += scale;
          }
          if (
            (digits - 1) >>> 0 < 9 &&
            (d === delimiter - ZERO || d === LF - ZERO || (d === CR - ZERO && bytes[q + 1] === LF))
          ) {
            value = mantissa / POWERS[scale]!;
            if (negative) value = -value;
            p = q;
            found = true;
          } else if (this.#numbers.read(bytes, from)) {
            value = this.#numbers.value;
            p = this.#numbers.at;
            found = true;
          }
        }
        if (!found) {
          const taker = kind === UNWANTED ? null : k < n ? builders[k]! : any;
          const quoted = bytes[p] === quote && p < end;
          if (quoted ? !this.#quoted(window, p, taker, row) : !this.#plain(window, p, taker, row)) {
            return row;
          }
          p = this.#at;
        } else if (p >= end && !last) return row;
        else if (kind === FLOAT32) floats[k]![row] = value;
        else if (kind === INT32 && (value | 0) === value) integers[k]![row] = value;
        else builders[k]!.number(row, value, from);
        const stop = bytes[p]!;
        if (stop === delimiter) {
          p++;
          if (k + 1 !== n || any !== null) continue;
          throw new FileFault(`the row has more than the ${n} fields that are wanted`, p);
        }
        if (stop === CR && p + 1 >= end && !last) return row;
        if (k + 1 < n && any === null) {
          throw new FileFault(`the row has ${k + 1} fields where ${n} are wanted`, begin);
        }
        p = Math.min(end, stop === CR ? p + 2 : p + 1);
        break;
      }
      row++;
    }
    return row;
  }

  /**
   * Cuts the row at the window's start, and puts its cells behind those of `cells` as texts. Gives
   * where it begins; -1 where the window has to hold more, or is at the end of its file.
   */
  cutAny(window: ByteWindow, cells: (string | null)[]): number {
    this.#any = { text: (_row, cell) => void cells.push(cell) };
    try {
      return this.cut(window, [], 0, 1) === 1 ? this.#begin : -1;
    } finally {
      this.#any = null;
    }
  }

  #targets(builders: readonly (ColumnBuilder | null)[]): Targets {
    if (builders.length === 0) return NO_TARGETS;
    const kinds = new Uint8Array(builders.length);
    const floats: Float32Array[] = [], integers: Int32Array[] = [];
    for (const [k, builder] of builders.entries()) {
      const memory = builder?.memory;
      floats.push(memory instanceof Float32Array ? memory : NO_FLOATS);
      integers.push(memory instanceof Int32Array ? memory : NO_INTEGERS);
      if (builder === null) kinds[k] = UNWANTED;
      else if (!builder.numeric || !this.#numeric) kinds[k] = TEXT;
      else if (memory instanceof Float32Array) kinds[k] = FLOAT32;
      else kinds[k] = memory instanceof Int32Array ? INT32 : NUMBER;
    }
    return { kinds, floats, integers };
  }

  /** A cell without quotes, as text. False where its end is not there yet. */
  #plain(window: ByteWindow, from: number, taker: TextTaker | null, row: number): boolean {
    const { bytes, end, last } = window;
    const delimiter = this.#delimiter;
    let p = from;
    while (p < end && bytes[p] !== delimiter && bytes[p] !== LF) p++;
    if (p === end && !last) return false;
    if (p > from && (p === end || bytes[p] === LF) && bytes[p - 1] === CR) p--;
    this.#at = p === end - 1 && bytes[p] === CR && last ? end : p;
    if (taker === null) return true;
    if (p === from) taker.text(row, MISSING, from);
    else taker.text(row, this.#decode(bytes, from, p), from);
    return true;
  }

  /** A cell in quotes, which stand at `from`. False where its end is not there yet. */
  #quoted(window: ByteWindow, from: number, taker: TextTaker | null, row: number): boolean {
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
    if (taker === null) return true;
    const text = this.#decode(bytes, from + 1, p);
    const q = String.fromCharCode(quote);
    taker.text(row, doubled ? text.replaceAll(q + q, q) : text, from);
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
