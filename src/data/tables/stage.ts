/**
 * The source of the rows of a table. Rows go by number: a shuffle moves numbers, and a batch gathers
 * columns.
 *
 * @module
 */
import type { KeptChunks } from "./kept_chunks.ts";
import { overRows } from "../reorder.ts";
import type { Run } from "../run.ts";
import type { Spec } from "../spec.ts";
import {
  after,
  type Cursor,
  describeStage,
  END,
  notSynchronous,
  type Pull,
  type Stage,
  type State,
} from "../stage.ts";
import type { Chunk, ChunkReader, Table } from "./table.ts";
import { TableRows } from "./rows.ts";

/** Makes a source of the rows of a table: an element is a record of its columns. */
export function tableStage(
  label: string,
  table: Table,
  cardinality: number | null,
  spec: Spec | null,
): Stage<Record<string, unknown>> {
  const stage = describeStage(label, []);
  const source = new TableRows(table, stage);
  const rows = overRows({
    source,
    index: null,
    open: (run, state) => new RowNumbers(source, run, state),
  });
  return {
    label,
    inputs: [],
    cardinality,
    spec,
    rows: rows.rows,
    open: (run, state) => {
      if (run.sync && table.waits !== null) throw notSynchronous(stage, table.waits);
      return rows.open(run, state);
    },
  };
}

/** The numbers of the rows of a table, chunk by chunk. */
class RowNumbers implements Cursor<number> {
  readonly #kept: KeptChunks;
  readonly #reader: ChunkReader;
  /** Where the chunk at hand begins, and the number of its first row. */
  #place: State;
  #first: number;
  /** The row to give next, and the one behind the chunk's last. */
  #row: number;
  #end: number;
  #ended = false;
  readonly fill?: Cursor<number>["fill"];

  constructor(source: TableRows, run: Run, state: State | undefined) {
    if (run.sync && source.table.waits !== null) {
      throw notSynchronous(source.stage, source.table.waits);
    }
    this.#kept = source.kept(run);
    const [place, first, row] = (state ?? [null, 0, 0]) as [State, number, number];
    this.#place = place;
    this.#first = this.#end = first;
    this.#row = row;
    this.#reader = this.#kept.open(place);
    if (source.table.waits === null) this.fill = (into, count) => this.#fill(into, count);
  }

  #fill(into: number[], count: number): number {
    let filled = 0;
    while (filled < count) {
      const row = this.next();
      if (row === END) break;
      into.push(row as number);
      filled++;
      for (; filled < count && this.#row < this.#end; filled++) into.push(this.#row++);
    }
    return filled;
  }

  next(): Pull<number> {
    if (this.#row < this.#end) return this.#row++;
    if (this.#ended) return END;
    const place = this.#end > this.#first ? this.#reader.place() : this.#place;
    return after<Chunk | typeof END, number | typeof END>(
      this.#reader.next(),
      (chunk) => this.#take(chunk, place),
    );
  }

  #take(chunk: Chunk | typeof END, place: State): Pull<number> {
    if (chunk === END) {
      this.#ended = true;
      return END;
    }
    this.#place = place;
    this.#first = this.#end;
    this.#end += chunk.rows;
    this.#kept.note(this.#first, place, chunk);
    // A state taken behind the last row of a chunk names that chunk.
    return this.next();
  }

  state(): State {
    return [this.#place, this.#first, this.#row];
  }

  close(): void | Promise<void> {
    return this.#kept.finish(this.#reader);
  }
}
