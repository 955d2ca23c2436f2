/**
 * The columns of CSV files: their names and types, found from the first rows of the first file.
 *
 * @module
 */
import { formatValue } from "../../base/errors.ts";
import type { ByteWindow } from "../bytes/byte_window.ts";
import type { CsvOptions } from "./csv.ts";
import type { CsvRows, SampledColumn } from "./cells.ts";
import {
  ColumnsFault,
  type CsvDefault,
  type CsvType,
  defaultFault,
  inferType,
  seeCells,
  type SeenCells,
} from "./types.ts";

/** Cells and rows of a chunk at most. */
const CHUNK_CELLS = 1 << 16;
const CHUNK_ROWS = 4096;

/** The columns of the files, once they are known. */
export interface CsvSchema {
  readonly names: readonly string[];
  readonly selected: readonly string[];
  /** The header of the first file; null where there is none. */
  readonly header: readonly string[] | null;
  readonly types: ReadonlyMap<string, CsvType>;
  readonly rowsPerChunk: number;
}

/** Checks that names of columns can be those of a record. */
export function checkNames(names: readonly string[], fail: (what: string) => Error): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw fail(`two columns are named ${formatValue(name)}`);
    if (name === "__proto__") throw fail(`a column cannot be named "__proto__"`);
    seen.add(name);
  }
}

/** Cells of a row whose number and types are not known. */
export class Sampler {
  readonly #options: CsvOptions;
  readonly #window: ByteWindow;
  readonly #rows: CsvRows;
  readonly #cells: (string | null)[][] = [];
  /** The same by column, where all rows were plain. */
  #columns: readonly SampledColumn[] | null = null;
  #header: readonly string[] | null = null;
  /** How many rows were taken. */
  count = 0;

  constructor(options: CsvOptions, rows: CsvRows, window: ByteWindow) {
    this.#options = options;
    this.#window = window;
    this.#rows = rows;
  }

  /** Takes what rows there are; false where more bytes are needed. */
  step(): boolean {
    const { header = true, sample = 1000, missing = [] } = this.#options;
    const window = this.#window;
    while (this.#columns === null && this.#cells.length < sample) {
      const row: (string | null)[] = [];
      const began = this.#rows.cutAny(window, row);
      if (began < 0) {
        if (!window.last) return false;
        break;
      }
      if (header && this.#header === null) {
        this.#header = row.map((c) => c ?? "");
        if (missing.length === 0) this.#columns = this.#rows.look(window, row.length, sample);
        if (this.#columns !== null) this.count = sample;
        continue;
      }
      const wanted = (this.#header ?? this.#options.columns)!.length;
      if (row.length !== wanted) {
        throw this.#rows.countFault(row.length, wanted, began);
      }
      this.#cells.push(row);
      this.count++;
    }
    return true;
  }

  /** What was found. It throws what is wrong with the header or with the options, which has no place. */
  schema(): CsvSchema {
    const names = this.#names();
    const types = this.#types(names);
    const selected = this.#options.select ?? names;
    const rowsPerChunk = Math.floor(CHUNK_CELLS / Math.max(1, selected.length));
    return {
      header: this.#header,
      names,
      selected,
      types,
      rowsPerChunk: Math.min(CHUNK_ROWS, Math.max(16, rowsPerChunk)),
    };
  }

  /** The names of all columns, which are those that the options speak of. */
  #names(): readonly string[] {
    const { columns, select = [], types = {}, defaults = {}, header = true } = this.#options;
    if (header && this.#header === null) throw new ColumnsFault("it has no header");
    const names = columns ?? this.#header!;
    if (this.#header?.some((name) => /\r(?!\n)/.test(name))) {
      throw new ColumnsFault("its lines end in CR alone: write it again with LF or CRLF");
    }
    if (header && names.length !== this.#header!.length) {
      throw new ColumnsFault(
        `columns names ${names.length} columns, but there are ${this.#header!.length}: ` +
          `name all of ${this.#header!.map(formatValue).join(", ")} anew`,
      );
    }
    checkNames(names, (what) => new ColumnsFault(what));
    const spoken = { select, types: Object.keys(types), defaults: Object.keys(defaults) };
    for (const [option, list] of Object.entries(spoken)) {
      for (const name of list) {
        if (names.includes(name)) continue;
        throw new ColumnsFault(
          `${option} names column ${formatValue(name)}, but there are ${
            names.map(formatValue).join(", ")
          }: name columns that there are`,
        );
      }
    }
    return names;
  }

  /** The types of the columns, given or inferred; defaults must be of them. */
  #types(names: readonly string[]): ReadonlyMap<string, CsvType> {
    const given = givenTypes(this.#options), defaults = givenDefaults(this.#options);
    const marks = new Set(this.#options.missing);
    const found = new Map<string, CsvType>();
    for (const [k, name] of names.entries()) {
      const value = defaults.get(name);
      const type = given.get(name) ?? inferType(this.#seen(k, marks), value);
      const wrong = value === undefined ? null : defaultFault(name, type, value);
      if (wrong !== null) throw wrong;
      found.set(name, type);
    }
    return found;
  }

  #seen(k: number, marks: ReadonlySet<string>): SeenCells {
    const { seen = null, cells } = this.#columns?.[k] ??
      { cells: this.#cells.map((row) => row[k]!) };
    if (seen !== null) return seen;
    if (marks.size === 0) return seeCells(cells);
    return seeCells(cells.map((cell) => cell !== null && marks.has(cell) ? null : cell));
  }
}

/** The types that are given, by name. */
export function givenTypes({ types = {} }: CsvOptions): ReadonlyMap<string, CsvType> {
  return new Map(Object.entries(types));
}

/** The defaults, by name. */
export function givenDefaults({ defaults = {} }: CsvOptions): ReadonlyMap<string, CsvDefault> {
  return new Map(Object.entries(defaults));
}
