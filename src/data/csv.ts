/**
 * The source of the rows of CSV files.
 *
 * @module
 */
import { DTYPES } from "../base/dtype.ts";
import { formatValue } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import type { ByteSource, Compression } from "./byte_source.ts";
import { ByteWindow, FileFault } from "./byte_window.ts";
import { checkSelect } from "./check.ts";
import { CsvRows } from "./csv_cells.ts";
import { ColumnBuilder, type CsvDefault, type CsvType, inferType } from "./csv_columns.ts";
import { byteSources, fileLabel, type Files } from "./records.ts";
import { ArraySpec, type Spec } from "./spec.ts";
import { describeStage, END, type Pull, type Stage, type State } from "./stage.ts";
import type { Chunk, ChunkReader, Column, Table } from "./table.ts";
import { tableStage } from "./table_stage.ts";

/** Options of `csv`. */
export interface CsvOptions {
  /** Whether the first row of each file holds the names of the columns; default true. */
  header?: boolean;
  /** Names of all columns in order, where there is no header or other names are wanted. */
  columns?: readonly string[];
  /** The columns to give, in this order; default: all. */
  select?: readonly string[];
  /**
   * Types of columns by name; a dtype or "string". Others are inferred from the first rows: int32,
   * float32 (float64 for integers beyond int32), bool or string.
   */
  types?: Readonly<Record<string, CsvType>>;
  /**
   * What stands for missing cells, by column. Without one, floats become NaN and texts "", and a
   * missing integer or bool is an error.
   */
  defaults?: Readonly<Record<string, CsvDefault>>;
  /** Texts that mean that a cell is missing, beside nothing at all; as "NA". */
  missing?: readonly string[];
  /** One ASCII character between cells; default ",". */
  delimiter?: string;
  /** One ASCII character around cells that hold delimiters or line ends; default '"'. */
  quote?: string;
  /** How many rows types are inferred from; default 1000. */
  sample?: number;
  /** How the files are packed; default "auto": by their endings, .gz, .zst or .zz. */
  compression?: Compression;
}

/** Cells and rows of a chunk at most. */
const CHUNK_CELLS = 1 << 16;
const CHUNK_ROWS = 4096;
/** Bytes of columns kept where a chunk can be read again, and where it would have to be unpacked. */
const LIMIT = 128 << 20, LIMIT_PACKED = 1 << 30;

/** Makes a source of the rows of CSV files, as records by column. */
export function csv(files: Files, options: CsvOptions): Stage<Record<string, unknown>> {
  checkCsvOptions(options);
  const sources = byteSources(files, options.compression ?? "auto", "read CSV");
  const label = fileLabel("csv", sources);
  const table = new CsvTable(sources, options, describeStage(label, []));
  return tableStage(label, table, null, table.spec());
}

function checkCsvOptions(options: CsvOptions): void {
  checkOptions(options, [
    "header",
    "columns",
    "select",
    "types",
    "defaults",
    "missing",
    "delimiter",
    "quote",
    "sample",
    "compression",
  ], "read CSV");
  const { delimiter = ",", quote = '"', header = true, columns, types = {} } = options;
  for (const [name, value] of [["delimiter", delimiter], ["quote", quote]] as const) {
    if (typeof value !== "string" || !/^[\0-\x7f]$/.test(value) || /[\r\n]/.test(value)) {
      throw new TypeError(
        `Cannot read CSV with ${name} ${formatValue(value)}: it is one ASCII character`,
      );
    }
  }
  if (delimiter === quote) {
    throw new TypeError(`Cannot read CSV with ${formatValue(quote)} as delimiter and as quote`);
  }
  if (!header && columns === undefined) {
    throw new TypeError("Cannot read CSV without a header and without columns: give their names");
  }
  checkSelect(options.select, "read CSV");
  if (columns !== undefined) {
    checkNames(columns, (what) => new TypeError(`Cannot read CSV: ${what}`));
  }
  for (const [name, type] of Object.entries(types)) {
    if (type !== "string" && !Object.hasOwn(DTYPES, type)) {
      throw new TypeError(
        `Cannot read CSV with type ${formatValue(type)} for column ${formatValue(name)}: ` +
          `it is one of ${[...Object.keys(DTYPES), "string"].join(", ")}`,
      );
    }
  }
}

function checkNames(names: readonly string[], fail: (what: string) => Error): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw fail(`two columns are named ${formatValue(name)}`);
    if (name === "__proto__") throw fail(`a column cannot be named "__proto__"`);
    seen.add(name);
  }
}

/** The columns of the files, once they are known. */
interface Schema {
  readonly names: readonly string[];
  readonly selected: readonly string[];
  /** The header of the first file; null where there is none. */
  readonly header: readonly string[] | null;
  readonly types: ReadonlyMap<string, CsvType>;
  readonly rowsPerChunk: number;
}

class CsvTable implements Table {
  readonly waits: string | null;
  readonly limit: number;
  readonly sources: readonly ByteSource[];
  readonly options: CsvOptions;
  schema: Schema | null = null;

  constructor(sources: readonly ByteSource[], options: CsvOptions, stage: string) {
    this.sources = sources;
    this.options = options;
    const waiting = sources.find((s) => !s.sync);
    this.waits = waiting === undefined ? null : `${waiting.name} can only be read asynchronously`;
    this.limit = waiting === undefined ? LIMIT : LIMIT_PACKED;
    if (sources[0]!.sync) this.learn(stage);
  }

  names(): readonly string[] {
    return this.schema!.selected;
  }

  spec(): Spec | null {
    if (this.schema === null) return null;
    const { types, selected } = this.schema;
    if (selected.some((name) => types.get(name) === "string")) return null;
    return Object.fromEntries(
      selected.map((name) => [name, new ArraySpec(types.get(name) as never, [])]),
    );
  }

  rows(): CsvRows {
    const { delimiter = ",", quote = '"' } = this.options;
    return new CsvRows({ delimiter: delimiter.charCodeAt(0), quote: quote.charCodeAt(0) });
  }

  /** Finds names and types from the first rows of the first file. */
  learn(stage: string): void | Promise<void> {
    const window = new ByteWindow(this.sources[0]!, 0);
    const sampler = new Sampler(this, window);
    const step = (): void | Promise<void> => {
      while (!sampler.step()) {
        const more = window.more();
        if (more instanceof Promise) return more.then(step);
      }
      this.schema = sampler.schema();
    };
    const fail = (e: unknown): never => {
      throw window.explain(e, stage, sampler.count);
    };
    let done: void | Promise<void> = undefined;
    try {
      done = step();
    } catch (e) {
      window.close();
      fail(e);
    }
    if (done instanceof Promise) return done.catch(fail).finally(() => window.close());
    window.close();
  }

  open(stage: string, place: State | null): ChunkReader {
    return new CsvReader(this, stage, place);
  }
}

/** Cells of a row whose number and types are not known. */
class Sampler {
  readonly #table: CsvTable;
  readonly #window: ByteWindow;
  readonly #rows: CsvRows;
  readonly #cells: (string | null)[][] = [];
  #header: readonly string[] | null = null;
  count = 0;

  constructor(table: CsvTable, window: ByteWindow) {
    this.#table = table;
    this.#window = window;
    this.#rows = table.rows();
    this.#rows.anyLength = true;
  }

  /** Takes what rows there are; false where more bytes are needed. */
  step(): boolean {
    const { header = true, sample = 1000 } = this.#table.options;
    const window = this.#window;
    while (this.#cells.length < sample) {
      const row: (string | null)[] = [];
      const n = window.start === window.end && window.last
        ? 0
        : this.#rows.cut(window, anyNumber(row), 0);
      if (n === 0) {
        if (!window.last) return false;
        break;
      }
      window.start += n;
      if (this.#rows.blank) continue;
      if (header && this.#header === null) {
        this.#header = row.map((c) => c ?? "");
        continue;
      }
      const wanted = (this.#header ?? this.#table.options.columns)!.length;
      if (row.length !== wanted) {
        throw new FileFault(
          `the row has ${row.length} fields where ${wanted} are wanted`,
          window.start - n,
        );
      }
      this.#cells.push(row);
      this.count++;
    }
    return true;
  }

  schema(): Schema {
    const { columns, select, types = {}, defaults = {}, missing = [], header = true } =
      this.#table.options;
    const fault = (what: string) => new FileFault(what, 0);
    if (header && this.#header === null) throw fault("it has no header");
    const names = columns ?? this.#header!;
    if (this.#header?.some((name) => /\r(?!\n)/.test(name))) {
      throw fault("its lines end in CR alone: write it again with LF or CRLF");
    }
    if (header && names.length !== this.#header!.length) {
      throw fault(`${names.length} columns are named where it has ${this.#header!.length}`);
    }
    checkNames(names, fault);
    const known = (list: readonly string[], what: string) => {
      for (const name of list) {
        if (names.includes(name)) continue;
        throw fault(
          `${what} names column ${formatValue(name)}, but there are ${
            names.map(formatValue).join(", ")
          }`,
        );
      }
    };
    known(select ?? [], "select");
    known(Object.keys(types), "types");
    known(Object.keys(defaults), "defaults");
    const marks = new Set(missing);
    const found = new Map<string, CsvType>();
    for (const [k, name] of names.entries()) {
      const value = defaults[name];
      const cells = this.#cells.map((row) => {
        const cell = row[k]!;
        if (cell !== null && !marks.has(cell)) return cell;
        return value === undefined ? null : String(value);
      });
      found.set(name, types[name] ?? inferType(cells));
      if (value !== undefined && (found.get(name) === "string") !== (typeof value === "string")) {
        throw fault(
          `the default of column ${formatValue(name)} is ${formatValue(value)}, ` +
            `but its type is ${found.get(name)}`,
        );
      }
    }
    const selected = select ?? names;
    const rowsPerChunk = Math.floor(CHUNK_CELLS / Math.max(1, selected.length));
    return {
      header: this.#header,
      names,
      selected,
      types: found,
      rowsPerChunk: Math.min(CHUNK_ROWS, Math.max(16, rowsPerChunk)),
    };
  }
}

/** Builders without end that collect the cells of one row as texts. */
function anyNumber(cells: (string | null)[]): readonly ColumnBuilder[] {
  const builder = {
    numeric: false,
    text: (_row: number, cell: string | null) => void cells.push(cell),
  };
  return new Proxy([], {
    get: (_, key) => key === "length" ? Infinity : builder,
  }) as unknown as ColumnBuilder[];
}

class CsvReader implements ChunkReader {
  readonly #table: CsvTable;
  readonly #stage: string;
  readonly #rows: CsvRows;
  #builders: (ColumnBuilder | null)[] = [];
  #order: ColumnBuilder[] = [];
  #window: ByteWindow | null = null;
  #file = 0;
  #offset = 0;
  /** Rows of this file that were in earlier chunks, and in this one. */
  #before = 0;
  #row = 0;
  #headerDone = false;
  /** Whether the chunk ends with its file. */
  #ended = false;

  constructor(table: CsvTable, stage: string, place: State | null) {
    this.#table = table;
    this.#stage = stage;
    this.#rows = table.rows();
    if (place !== null) {
      [this.#file, this.#offset, this.#before] = place as [number, number, number];
    }
  }

  place(): State {
    return [this.#file, this.#window?.offset() ?? this.#offset, this.#before];
  }

  next(): Pull<Chunk> {
    if (this.#table.schema === null) {
      const learnt = this.#table.learn(this.#stage);
      if (learnt instanceof Promise) return learnt.then(() => this.next());
    }
    if (this.#order.length === 0) this.#makeBuilders();
    for (const builder of this.#order) builder.begin();
    this.#row = 0;
    return this.#fill();
  }

  #fill(): Pull<Chunk> {
    for (;;) {
      const waiting = this.#step();
      if (waiting === true) return this.#give();
      if (waiting instanceof Promise) return this.#later(waiting);
    }
  }

  async #later(waiting: Promise<void>): Promise<Chunk | typeof END> {
    try {
      await waiting;
    } catch (e) {
      throw this.#window?.explain(e, this.#stage, this.#before + this.#row) ?? e;
    }
    return await this.#fill();
  }

  /** Takes rows; true when the chunk is full or all files are at their end. */
  #step(): boolean | Promise<void> {
    const { rowsPerChunk } = this.#table.schema!;
    if (this.#ended) return true;
    if (this.#window === null) {
      const source = this.#table.sources[this.#file];
      if (source === undefined) return true;
      this.#window = new ByteWindow(source, this.#offset);
      this.#headerDone = this.#offset > 0 || this.#table.options.header === false;
    }
    const window = this.#window;
    try {
      while (window.end > window.start || !window.last) {
        if (this.#row === rowsPerChunk) return true;
        const header: (string | null)[] = [];
        const builders = this.#headerDone ? this.#builders : anyNumber(header);
        this.#rows.anyLength = !this.#headerDone;
        const n = this.#rows.cut(window, builders, this.#row);
        if (n === 0) return window.more() ?? false;
        if (!this.#headerDone && !this.#rows.blank) this.#checkHeader(header, window.start);
        window.start += n;
        if (this.#rows.blank) continue;
        if (this.#headerDone) this.#row++;
        else this.#headerDone = true;
      }
    } catch (e) {
      throw window.explain(e, this.#stage, this.#before + this.#row);
    }
    // A chunk ends with its file, so that places name one file.
    this.#window = null;
    const closed = window.close();
    this.#file++;
    this.#offset = 0;
    if (this.#row > 0) {
      this.#ended = true;
      return closed instanceof Promise ? closed : true;
    }
    this.#before = 0;
    return closed ?? false;
  }

  /** All files have the columns of the first. */
  #checkHeader(cells: readonly (string | null)[], at: number): void {
    const wanted = this.#table.schema!.header;
    const found = cells.map((cell) => cell ?? "");
    if (wanted === null) return;
    if (wanted.length === found.length && wanted.every((name, k) => name === found[k])) return;
    throw new FileFault(
      `its header is ${found.map(formatValue).join(", ")}, that of ${
        this.#table.sources[0]!.name
      } ` +
        `is ${wanted.map(formatValue).join(", ")}: read files of other columns by themselves`,
      at,
    );
  }

  #give(): Chunk | typeof END {
    const rows = this.#row;
    if (rows === 0) return END;
    this.#before = this.#ended ? 0 : this.#before + rows;
    this.#ended = false;
    const columns: Column[] = this.#order.map((b) => b.end(rows));
    return { rows, columns };
  }

  #makeBuilders(): void {
    const { defaults = {}, missing = [] } = this.#table.options;
    const { names, selected, types, rowsPerChunk } = this.#table.schema!;
    const marks = new Set(missing);
    const byName = new Map(selected.map((name) => [
      name,
      new ColumnBuilder(name, types.get(name)!, defaults[name], marks, rowsPerChunk),
    ]));
    this.#builders = names.map((name) => byName.get(name) ?? null);
    this.#order = [...byName.values()];
  }

  close(): void | Promise<void> {
    const window = this.#window;
    this.#window = null;
    this.#file = this.#table.sources.length;
    return window?.close();
  }
}
