/**
 * A block of a CSV file in the memory of the kernel: where its cells end, and the numbers of its
 * columns. There is one for all readers of a thread, which use it in turns, each until it has taken
 * what it needs.
 *
 * @module
 */
import type { Values } from "../../base/dtype.ts";
import { type CsvKernel, csvKernel } from "./kernel.ts";
import { BEYOND } from "./kernel_index.ts";
import { LONG_TABLE_BYTES, writeLongTable } from "./kernel_long.ts";
import { NUMBER_TABLE_BYTES, type NumberForm, writeNumberTable } from "./kernel_numbers.ts";

const CR = 13;

/** Bytes of a file at once: what is made of them stays in a core's own cache. */
const BLOCK = 1 << 17;

/** With fewer bytes left of those that were copied, the next are: a copy for each odd row takes long. */
const RENEWED = BLOCK / 2;

/** Rows that are read at once. */
const MOST_ROWS = 4096;

/** Where things lie in the memory; whole vectors are read before and behind the bytes of the file. */
const TABLES = { numbers: 1024, long: 1024 + NUMBER_TABLE_BYTES };
const ODD = TABLES.long + LONG_TABLE_BYTES, OUT = ODD + 4 * MOST_ROWS;
const INDEX = OUT + 8 * MOST_ROWS, BYTES = INDEX + 4 * (1 + BLOCK + BEYOND) + 64;
const PAGE = 1 << 16, PAGES = Math.ceil((BYTES + BLOCK + BEYOND) / PAGE);

/** The numbers of a column, and which rows have a cell that is still to be read. */
export interface ColumnNumbers {
  readonly values: Values;
  readonly odd: Int32Array;
}

/** The block that the readers of a thread share. */
export class CsvBlock {
  readonly #kernel: CsvKernel;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #index: Int32Array;
  readonly #odd: Int32Array;
  readonly #out: { readonly [form in NumberForm]: Values };
  /** What part of the reader's bytes lies in the memory. */
  #from = 0;
  #to = 0;
  /** Where the index begins in the reader's bytes, and how many cells it has. */
  #first = -1;
  #cells = 0;
  /** The entry before the rows that were found last, and the one behind them. */
  #entry = 0;
  #next = 0;
  #columns = 0;

  constructor() {
    const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
    const buffer = memory.buffer as ArrayBuffer;
    this.#kernel = csvKernel(memory, PAGES, TABLES);
    this.#bytes = new Uint8Array(buffer);
    writeNumberTable(this.#bytes, TABLES.numbers);
    writeLongTable(this.#bytes, TABLES.long);
    this.#index = new Int32Array(buffer, INDEX, 1 + BLOCK + BEYOND);
    this.#odd = new Int32Array(buffer, ODD, MOST_ROWS);
    this.#out = {
      float32: new Float32Array(buffer, OUT, MOST_ROWS),
      float64: new Float64Array(buffer, OUT, MOST_ROWS),
      int32: new Int32Array(buffer, OUT, MOST_ROWS),
    };
  }

  /** Forgets what another reader had, or this one before its bytes changed. */
  begin(): void {
    this.#first = -1;
    this.#from = this.#to = 0;
  }

  /**
   * Finds the rows at `at`, of so many columns each: how many, up to `most`, have no more and no less.
   * Few where a row stands before the next that is blank, broken or longer than a block.
   */
  find(
    bytes: Uint8Array,
    at: number,
    end: number,
    { delimiter, quote }: { readonly delimiter: number; readonly quote: number },
    columns: number,
    most: number,
  ): number {
    const rows = Math.min(most, MOST_ROWS);
    this.#columns = columns;
    this.#entry = this.#entryOf(at);
    if (this.#entry < 0 || this.#cells - this.#entry < columns) {
      if (this.#first === at) return 0;
      const isHere = at >= this.#from && at < this.#to;
      if (!isHere || (this.#to < end && this.#to - at < RENEWED)) {
        this.#from = at;
        this.#to = Math.min(end, at + BLOCK);
        this.#bytes.set(bytes.subarray(at, this.#to), BYTES);
      }
      const shift = BYTES - this.#from;
      this.#first = at;
      this.#entry = this.#next = 0;
      this.#cells = this.#kernel
        .index(at + shift, this.#to + shift, delimiter, quote, INDEX, rows * columns);
    }
    const left = this.#cells - this.#entry;
    const found = this.#kernel.regular(INDEX + 4 * this.#entry, left, columns, delimiter, rows);
    this.#next = this.#entry + found * columns;
    return found;
  }

  /** The entry before the cell that begins at `at`; -1 where there is none. */
  #entryOf(at: number): number {
    if (this.#first < 0 || at < this.#first) return -1;
    const wanted = at - 1 + BYTES - this.#from;
    let entry = this.#next;
    while (entry < this.#cells && this.#index[entry]! < wanted) entry++;
    return this.#index[entry] === wanted ? entry : -1;
  }

  /** Where a cell of the rows that were found begins in the reader's bytes. */
  begins(row: number, column: number): number {
    return this.#index[this.#entry + row * this.#columns + column]! + 1 - BYTES + this.#from;
  }

  /** Where it ends. */
  ends(row: number, column: number): number {
    const at = row * this.#columns + column, begin = this.#index[this.#entry + at]! + 1;
    const end = this.#index[this.#entry + at + 1]!;
    const cr = column + 1 === this.#columns && end > begin && this.#bytes[end - 1] === CR;
    return (cr ? end - 1 : end) - BYTES + this.#from;
  }

  /** The numbers of a column of the rows that were found; they stay until the next are asked for. */
  numbers(column: number, form: NumberForm, rows: number): ColumnNumbers {
    const entry = INDEX + 4 * (this.#entry + column);
    const trim = column + 1 === this.#columns ? 1 : 0;
    const odd = this.#kernel[form](entry, 4 * this.#columns, rows, trim, OUT, ODD);
    return { values: this.#out[form].subarray(0, rows), odd: this.#odd.subarray(0, odd) };
  }
}

let shared: CsvBlock | undefined;

/** The block of this thread, for one reader until another asks for it. */
export function sharedBlock(): CsvBlock {
  return shared ??= new CsvBlock();
}
