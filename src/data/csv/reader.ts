/**
 * Reading CSV files in order, chunk by chunk, from any chunk on.
 *
 * @module
 */
import { formatValue } from "../../base/errors.ts";
import { ByteWindow, FileFault } from "../bytes/byte_window.ts";
import type { CsvRows } from "./cells.ts";
import { ColumnBuilder } from "./columns.ts";
import { lineOf } from "./line.ts";
import { givenDefaults, givenTypes } from "./schema.ts";
import type { CsvTable } from "./table.ts";
import { END, type Pull, type State } from "../stage.ts";
import type { Chunk, ChunkReader, Column } from "../tables/table.ts";

/** Cuts rows into columns; a place is a file, a byte of it, and how many rows lie before that. */
export class CsvReader implements ChunkReader {
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
      throw this.#window?.explain(e, this.#stage, this.#before + this.#row, lineOf) ?? e;
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
        if (this.#headerDone) {
          if (this.#row === rowsPerChunk) return true;
          this.#row = this.#rows.cut(window, this.#builders, this.#row, rowsPerChunk);
          if (this.#row === rowsPerChunk) continue;
        } else {
          const header: (string | null)[] = [];
          const began = this.#rows.cutAny(window, header);
          if (began >= 0) {
            this.#checkHeader(header, began);
            this.#headerDone = true;
            continue;
          }
        }
        if (!window.last) return window.more() ?? false;
      }
    } catch (e) {
      throw window.explain(e, this.#stage, this.#before + this.#rows.row, lineOf);
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
    const { missing = [] } = this.#table.options;
    const given = givenTypes(this.#table.options), defaults = givenDefaults(this.#table.options);
    const { names, selected, types, rowsPerChunk } = this.#table.schema!;
    const marks = new Set(missing);
    const byName = new Map(selected.map((name) => [
      name,
      new ColumnBuilder(
        name,
        types.get(name)!,
        given.has(name),
        defaults.get(name),
        marks,
        rowsPerChunk,
      ),
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
