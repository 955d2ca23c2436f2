/**
 * Cuts rows of CSV out of bytes, straight into columns: as many at once as the kernel can tell apart
 * (`csv_block`), and their odd cells and all other rows one by one, as exactly, which is where every
 * fault is found. The parsers at hand make text of every cell first, which alone costs more than the
 * whole of this (`bench/data_files.ts`), and tell no offsets to go on from.
 *
 * Format: RFC 4180; lines may end in "\n" as well, and blank ones are passed over.
 *
 * @module
 */
import { formatValue } from "../../base/errors.ts";
import { type ByteWindow, FileFault } from "../bytes/byte_window.ts";
import { type CsvBlock, sharedBlock } from "./block.ts";
import { type ColumnBuilder, MISSING } from "./columns.ts";
import { CsvNumbers } from "./numbers.ts";
import { shortText } from "../bytes/short_text.ts";
import type { SeenCells } from "./types.ts";

const LF = 10, CR = 13;

/** Fewer rows and bytes than these are better cut one by one; so are then the next, up to so many. */
const FEW = 16, NEAR = 1 << 15, MOST_PATIENCE = 64;

/** Takes cells. */
type CellTaker = Pick<ColumnBuilder, "numeric" | "number" | "text">;

/** How cells are told apart. */
export interface CsvFormat {
  /** The byte between cells. */
  readonly delimiter: number;
  /** The byte around cells that hold delimiters, quotes or line ends; doubled, it is itself. */
  readonly quote: number;
}

/** What the cells of a column are, or else as they are spelled. */
export interface SampledColumn {
  /** Null where that is not seen at once. */
  readonly seen: SeenCells | null;
  readonly cells: readonly (string | null)[];
}

const FRACTIONS: SeenCells = { kind: "fractions", holes: false, int32: false, float32: false };

/** Cuts rows into builders, one for each column of the file; null where it is not wanted. */
export class CsvRows {
  readonly #format: CsvFormat;
  readonly #numbers: CsvNumbers;
  /** Whether no number holds the delimiter, and whether none holds a quote either. */
  readonly #numeric: boolean;
  readonly #plainNumbers: boolean;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  /** Takes the cells of a row that has any number of them. */
  #any: CellTaker | null = null;
  /** The place of the row that is being cut. */
  row = 0;
  /** Where it begins. */
  #begin = 0;
  /** The end of the cell or of the rows that were read last. */
  #at = 0;
  /** How many rows are cut one by one before many are tried, and how many the next time. */
  #pause = 0;
  #patience = 1;

  constructor(format: CsvFormat) {
    this.#format = format;
    this.#numbers = new CsvNumbers(format.delimiter);
    const inNumbers = (byte: number) => /[-+.\deE]/.test(String.fromCharCode(byte));
    this.#numeric = !inNumbers(format.delimiter);
    this.#plainNumbers = this.#numeric && !inNumbers(format.quote);
  }

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
    let p = window.start;
    if (window.offset() === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
      p += 3; // a byte order mark
    }
    const block = this.#plainNumbers && builders.length > 0 ? sharedBlock() : null;
    block?.begin();
    for (;;) {
      while (block !== null && this.#pause === 0 && row < most) {
        const before = row, from = p;
        row = this.#cutMany(block, window, builders, p, row, most);
        if (row > before) p = window.start = this.#at;
        if (row - before >= FEW || p - from >= NEAR || row === most) this.#patience = 1;
        else this.#pause = this.#patience = Math.min(2 * this.#patience, MOST_PATIENCE);
      }
      if (row === most) return row;
      this.row = row;
      while (p < end && (bytes[p] === LF || (bytes[p] === CR && bytes[p + 1] === LF))) {
        if (bytes[p] === CR && p + 1 === end && !last) return row;
        p = window.start = Math.min(end, bytes[p] === CR ? p + 2 : p + 1);
      }
      if (p >= end) {
        window.start = end;
        return row;
      }
      if (!this.#cutOne(window, builders, p, row)) return row;
      p = window.start = this.#at;
      if (this.#pause > 0) this.#pause--;
      row++;
    }
  }

  /**
   * Cuts whole rows whose cells are told apart by the kernel, column by column. Gives the place behind
   * the last; the rows end at `#at` where there are any.
   */
  #cutMany(
    block: CsvBlock,
    window: ByteWindow,
    builders: readonly (ColumnBuilder | null)[],
    at: number,
    row: number,
    most: number,
  ): number {
    const n = builders.length;
    const all = block.find(window.bytes, at, window.end, this.#format, n, most - row);
    if (all === 0) return row;
    // Of several faults the first in the file is told.
    let rows = all, fault: { readonly error: unknown } | null = null;
    for (const [k, builder] of builders.entries()) {
      if (builder === null || rows === 0) continue;
      try {
        this.#takeColumn(block, window.bytes, builder, k, row, rows);
      } catch (error) {
        fault = { error };
        rows = this.row - row;
      }
    }
    if (fault !== null) {
      this.row = row + rows;
      throw fault.error;
    }
    this.#at = block.begins(all, 0);
    return row + all;
  }

  #takeColumn(
    block: CsvBlock,
    bytes: Uint8Array,
    builder: ColumnBuilder,
    k: number,
    row: number,
    rows: number,
  ): void {
    const take = (i: number): void => {
      this.row = row + i;
      this.#take(bytes, builder, block.begins(i, k), block.ends(i, k), row + i);
    };
    if (!builder.numeric) {
      for (let i = 0; i < rows; i++) take(i);
      return;
    }
    const { values, odd } = block.numbers(k, builder.form, rows);
    for (let j = 0; j < odd.length; j++) values[odd[j]!] = 0;
    const fit = builder.numbers(row, values);
    for (let j = 0; j < odd.length && odd[j]! < fit; j++) take(odd[j]!);
    if (fit < rows) {
      this.row = row + fit;
      builder.number(row + fit, values[fit]!, block.begins(fit, k));
    }
  }

  /** Cuts the row at `begin`. False where its end is not there yet; else it ends at `#at`. */
  #cutOne(
    window: ByteWindow,
    builders: readonly (ColumnBuilder | null)[],
    begin: number,
    row: number,
  ): boolean {
    const { bytes, end, last } = window;
    const { delimiter, quote } = this.#format, any = this.#any, n = builders.length;
    this.#begin = begin;
    let p = begin;
    for (let k = 0;; k++) {
      const from = p, taker = k < n ? builders[k]! : any;
      if (taker?.numeric && this.#numeric && bytes[p] !== quote && this.#numbers.read(bytes, p)) {
        p = this.#numbers.at;
        if (p >= end && !last) return false;
        taker.number(row, this.#numbers.value, from);
      } else {
        p = bytes[p] === quote && p < end ? this.#quotedEnd(window, p) : this.#plainEnd(window, p);
        if (p < 0) return false;
        if (taker !== null) this.#take(bytes, taker, from, p, row);
      }
      const stop = bytes[p]!;
      if (stop === delimiter) {
        p++;
        if (k + 1 !== n || any !== null) continue;
        throw new FileFault(
          `the row has more than the ${n} fields that are wanted: ${this.#tooMany()}`,
          p,
        );
      }
      if (stop === CR && p + 1 >= end && !last) return false;
      if (k + 1 < n && any === null) {
        throw this.countFault(k + 1, n, begin);
      }
      this.#at = Math.min(end, stop === CR ? p + 2 : p + 1);
      return true;
    }
  }

  /** The fault of a row at `begin` that has another number of fields than all. */
  countFault(fields: number, wanted: number, begin: number): FileFault {
    const remedy = fields > wanted
      ? this.#tooMany()
      : `add those that it lacks, or name the delimiter if it is another than ${this.#delimiter()}`;
    return new FileFault(
      `the row has ${fields} fields where ${wanted} are wanted: ${remedy}`,
      begin,
    );
  }

  #delimiter(): string {
    return formatValue(String.fromCharCode(this.#format.delimiter));
  }

  #tooMany(): string {
    const quote = String.fromCharCode(this.#format.quote);
    return `put ${quote} around fields that hold ${this.#delimiter()}`;
  }

  /**
   * Cuts the row at the window's start, and puts its cells behind those of `cells` as texts. Gives
   * where it begins; -1 where the window has to hold more, or is at the end of its file.
   */
  cutAny(window: ByteWindow, cells: (string | null)[]): number {
    this.#any = textsInto(cells);
    try {
      return this.cut(window, [], 0, 1) === 1 ? this.#begin : -1;
    } finally {
      this.#any = null;
    }
  }

  /**
   * Looks at the next rows, as many as are asked for, and leaves them where they are. Null where they
   * have to be cut one by one.
   */
  look(window: ByteWindow, columns: number, rows: number): SampledColumn[] | null {
    if (!this.#plainNumbers) return null;
    const { bytes, start, end } = window;
    const block = sharedBlock();
    block.begin();
    if (block.find(bytes, start, end, this.#format, columns, rows) < rows) return null;
    try {
      return Array.from({ length: columns }, (_, k) => this.#lookAt(block, bytes, k, rows));
    } catch {
      return null; // the fault is told where its row is cut
    }
  }

  #lookAt(block: CsvBlock, bytes: Uint8Array, k: number, rows: number): SampledColumn {
    const integers = block.numbers(k, "int32", rows);
    if (integers.odd.length === 0) {
      const float32 = integers.values.every((x) => x === Math.fround(x));
      return { seen: { kind: "integers", holes: false, int32: true, float32 }, cells: [] };
    }
    const { values, odd } = block.numbers(k, "float64", rows);
    if (odd.length === 0 && values.some((x) => !Number.isInteger(x))) {
      return { seen: FRACTIONS, cells: [] };
    }
    const cells: (string | null)[] = [];
    const taker = textsInto(cells);
    for (let i = 0; i < rows; i++) {
      this.#take(bytes, taker, block.begins(i, k), block.ends(i, k), i);
    }
    return { seen: null, cells };
  }

  /** The end of the cell without quotes at `from`; -1 where it is not there yet. */
  #plainEnd(window: ByteWindow, from: number): number {
    const { bytes, end, last } = window;
    const { delimiter } = this.#format;
    let p = from;
    while (p < end && bytes[p] !== delimiter && bytes[p] !== LF) p++;
    if (p === end && !last) return -1;
    return p > from && bytes[p - 1] === CR && (p === end || bytes[p] === LF) ? p - 1 : p;
  }

  /** The end of the cell in quotes at `from`, these included; -1 where it is not there yet. */
  #quotedEnd(window: ByteWindow, from: number): number {
    const { bytes, end, last } = window;
    const { delimiter, quote } = this.#format;
    let p = from + 1;
    for (;; p += 2) {
      p = bytes.indexOf(quote, p);
      if (p < 0 || p >= end) {
        if (!last) return -1;
        throw new FileFault("a quote is opened and never closed", from);
      }
      if (p + 1 >= end && !last) return -1;
      if (p + 1 >= end || bytes[p + 1] !== quote) break;
    }
    const b = p + 1 < end ? bytes[p + 1]! : LF;
    if (b === CR && p + 2 >= end && !last) return -1;
    if (b !== delimiter && b !== LF && !(b === CR && (p + 2 >= end || bytes[p + 2] === LF))) {
      throw new FileFault(
        "a closing quote is followed by neither a delimiter nor the end of the line",
        p + 1,
      );
    }
    return p + 1;
  }

  /** Takes the cell between two places. */
  #take(bytes: Uint8Array, taker: CellTaker, from: number, to: number, row: number): void {
    const { quote } = this.#format;
    if (from === to) taker.text(row, MISSING, from);
    else if (bytes[from] === quote) {
      const q = String.fromCharCode(quote);
      taker.text(row, this.#decode(bytes, from + 1, to - 1).replaceAll(q + q, q), from);
    } else if (taker.numeric && this.#numeric && this.#numbers.read(bytes, from)) {
      taker.number(row, this.#numbers.value, from);
    } else {
      taker.text(row, this.#decode(bytes, from, to), from);
    }
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

function textsInto(cells: (string | null)[]): CellTaker {
  return { numeric: false, number: () => {}, text: (_row, cell) => void cells.push(cell) };
}
