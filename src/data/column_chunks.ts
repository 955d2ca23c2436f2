/**
 * Sources of tables: read chunk by chunk into columns, so that a row costs no object of its own
 * before it is asked for. Rows go by number: a shuffle moves numbers, and a batch gathers columns.
 * Chunks are kept until each of their rows has been taken, or up to a limit where some never are;
 * what is missing is read again.
 *
 * @module
 */
import { type DType, DTYPES, type Values } from "../base/dtype.ts";
import { HostArray } from "../base/host_array.ts";
import { overRows } from "./reorder.ts";
import type { Kept, Run } from "./run.ts";
import type { Spec } from "./spec.ts";
import {
  after,
  type Cursor,
  describeStage,
  END,
  notSynchronous,
  type Pull,
  type RowSource,
  type Stage,
  type State,
} from "./stage.ts";

/** One column of a chunk: numbers, or anything else. */
export type Column =
  | { readonly dtype: DType; readonly values: Values }
  | { readonly dtype: null; readonly values: readonly unknown[] };

/** Consecutive rows of a table. */
export interface Chunk {
  /** How many rows; at least 1. */
  readonly rows: number;
  readonly columns: readonly Column[];
}

/** Reads a table in order. */
export interface ChunkReader {
  /** The next chunk. */
  next(): Pull<Chunk>;
  /** Where the next chunk begins, for `Table.open`. */
  place(): State;
  /** Lets go of the file. */
  close(): void | Promise<void>;
}

/** A table that may be read from any place at which a chunk began. */
export interface Table {
  /** Whether it can be read without waiting; if not, why. */
  readonly waits: string | null;
  /** Bytes of chunks that are kept. */
  readonly limit: number;
  /** The names of the columns, known once a chunk has been read. */
  names(): readonly string[];
  /** Starts to read. */
  open(stage: string, place: State | null): ChunkReader;
}

/** Up to so many rows share one piece of memory for all columns: making one for each costs more. */
const FEW = 16;

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

class TableRows implements RowSource<Record<string, unknown>> {
  readonly inMemory = false;
  readonly table: Table;
  readonly stage: string;

  constructor(table: Table, stage: string) {
    this.table = table;
    this.stage = stage;
  }

  kept(run: Run): KeptChunks {
    return run.keep(this, () => new KeptChunks(this));
  }

  at(
    row: number,
    run: Run,
  ): Record<string, unknown> | Promise<Record<string, unknown>> {
    return after(this.kept(run).find(row), (place) => {
      const element: Record<string, unknown> = {};
      const names = this.table.names();
      // One piece of memory for all numbers of the row: each of its own would cost most of the time.
      const memory = new ArrayBuffer(8 * names.length);
      const at = row - place.first;
      for (let k = 0; k < names.length; k++) {
        const { dtype, values } = place.chunk.columns[k]!;
        const x = values[at]!;
        if (dtype === null) {
          element[names[k]!] = x;
          continue;
        }
        const scalar = new DTYPES[dtype].array(memory, 8 * k, 1);
        scalar[0] = x as number;
        element[names[k]!] = new HostArray(scalar, [], dtype);
      }
      return element;
    });
  }

  gather(
    rows: readonly number[],
    count: number,
    run: Run,
  ): Record<string, unknown> | Promise<Record<string, unknown>> {
    const kept = this.kept(run);
    const places = new Array<Place>(count);
    for (let i = 0; i < count; i++) {
      const place = kept.find(rows[i]!);
      if (place instanceof Promise) return this.#gatherLater(rows, count, kept, places, i, place);
      places[i] = place;
    }
    return this.#join(rows, places);
  }

  async #gatherLater(
    rows: readonly number[],
    count: number,
    kept: KeptChunks,
    places: Place[],
    i: number,
    waiting: Promise<Place>,
  ): Promise<Record<string, unknown>> {
    places[i++] = await waiting;
    for (; i < count; i++) places[i] = await kept.find(rows[i]!);
    return this.#join(rows, places);
  }

  #join(rows: readonly number[], places: readonly Place[]): Record<string, unknown> {
    const batch: Record<string, unknown> = {};
    const names = this.table.names();
    const n = places.length;
    const { chunks, chunkOf, rowOf } = distinct(rows, places);
    const inOrder = chunks.length === 1 && rowOf.every((row, i) => row === rowOf[0]! + i);
    const shared = n <= FEW ? new ArrayBuffer(8 * n * names.length) : null;
    for (let k = 0; k < names.length; k++) {
      const { dtype } = chunks[0]!.columns[k]!;
      const values = chunks.map((chunk) => chunk.columns[k]!.values);
      if (dtype === null) {
        batch[names[k]!] = places.map((_, i) => values[chunkOf[i]!]![rowOf[i]!]);
        continue;
      }
      const { array } = DTYPES[dtype];
      const out = shared === null ? new array(n) : new array(shared, 8 * n * k, n);
      if (inOrder) out.set((values[0] as Values).subarray(rowOf[0]!, rowOf[0]! + n));
      else takeRows(values as Values[], chunkOf, rowOf, out);
      batch[names[k]!] = new HostArray(out, [n], dtype);
    }
    return batch;
  }
}

/** The chunks of a batch, each once, and which of them and which row of it a row of the batch is. */
function distinct(
  rows: readonly number[],
  places: readonly Place[],
): { chunks: readonly Chunk[]; chunkOf: readonly number[]; rowOf: readonly number[] } {
  const n = places.length;
  const chunkOf = new Array<number>(n), rowOf = new Array<number>(n);
  let last = places[0]!, number = 0;
  const chunks = [last.chunk];
  const known = new Map<Chunk, number>();
  for (let i = 0; i < n; i++) {
    const place = places[i]!;
    if (place !== last) {
      if (known.size === 0) known.set(last.chunk, 0);
      number = known.get(place.chunk) ?? chunks.length;
      if (number === chunks.length) {
        known.set(place.chunk, number);
        chunks.push(place.chunk);
      }
      last = place;
    }
    chunkOf[i] = number;
    rowOf[i] = rows[i]! - place.first;
  }
  return { chunks, chunkOf, rowOf };
}

function takeRows(
  values: readonly Values[],
  chunkOf: readonly number[],
  rowOf: readonly number[],
  out: Values,
): void {
  for (let i = 0; i < out.length;) {
    const chunk = chunkOf[i]!, from = values[chunk]!;
    for (; i < out.length && chunkOf[i] === chunk; i++) out[i] = from[rowOf[i]!]!;
  }
}

/** A chunk, the number of its first row, and where it is read. */
interface Place {
  readonly first: number;
  readonly chunk: Chunk;
}

interface Known {
  readonly first: number;
  readonly place: State;
  kept: Place | null;
  /** How many of its rows have been taken. */
  taken: number;
}

/** The chunks that a run has read. */
class KeptChunks implements Kept {
  readonly #source: TableRows;
  /** All that were read, in order. */
  readonly #known: Known[] = [];
  /** Those that are kept, the one read longest ago first. */
  readonly #recent = new Set<Known>();
  #bytes = 0;
  #last: Known | null = null;
  readonly #readers = new Set<ChunkReader>();

  constructor(source: TableRows) {
    this.#source = source;
  }

  /** Starts to read in order. */
  open(place: State | null): ChunkReader {
    const reader = this.#source.table.open(this.#source.stage, place);
    this.#readers.add(reader);
    return reader;
  }

  /** Notes a chunk that was read in order. */
  note(first: number, place: State, chunk: Chunk): void {
    let at = this.#known.length;
    while (at > 0 && this.#known[at - 1]!.first >= first) at--;
    let known = this.#known[at];
    if (known?.first !== first) {
      known = { first, place, kept: null, taken: 0 };
      this.#known.splice(at, 0, known);
    }
    known.taken = 0;
    if (known.kept === null) this.#keep(known, { first, chunk });
  }

  #keep(known: Known, place: Place): Place {
    known.kept = place;
    this.#recent.add(known);
    this.#bytes += bytesOf(place.chunk);
    for (const oldest of this.#recent) {
      if (this.#bytes <= this.#source.table.limit || oldest === known) break;
      this.#drop(oldest);
    }
    return place;
  }

  #drop(known: Known): void {
    this.#recent.delete(known);
    this.#bytes -= bytesOf(known.kept!.chunk);
    known.kept = null;
  }

  /** Counts a row as taken; a chunk of which all are is let go. */
  #take(known: Known, place: Place): Place {
    if (++known.taken === place.chunk.rows) this.#drop(known);
    return place;
  }

  /** The chunk that holds a row, which is being taken. */
  find(row: number): Place | Promise<Place> {
    const last = this.#last;
    if (last?.kept && row >= last.first && row < last.first + last.kept.chunk.rows) {
      return this.#take(last, last.kept);
    }
    let low = 0, high = this.#known.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#known[middle]!.first <= row) low = middle;
      else high = middle - 1;
    }
    const known = this.#known[low]!;
    this.#last = known;
    if (known.kept === null) return this.#readAgain(known);
    return this.#take(known, known.kept);
  }

  #readAgain(known: Known): Place | Promise<Place> {
    const reader = this.open(known.place);
    const done = (chunk: Chunk | typeof END): Place | Promise<Place> => {
      if (chunk === END) {
        throw new RangeError(
          `Cannot read row ${known.first} again in ${this.#source.stage}: the file has changed`,
        );
      }
      this.#readers.delete(reader);
      const closed = reader.close();
      const place = this.#keep(known, { first: known.first, chunk });
      this.#take(known, place);
      return closed instanceof Promise ? closed.then(() => place) : place;
    };
    return after<Chunk | typeof END, Place>(reader.next(), done);
  }

  close(): void | Promise<void> {
    const closed = [...this.#readers].map((r) => r.close()).filter((c) => c instanceof Promise);
    this.#readers.clear();
    this.#recent.clear();
    this.#known.length = 0;
    if (closed.length > 0) return Promise.all(closed).then(() => {});
  }

  /** Closes a reader that `open` gave. */
  finish(reader: ChunkReader): void | Promise<void> {
    if (this.#readers.delete(reader)) return reader.close();
  }
}

function bytesOf(chunk: Chunk): number {
  let bytes = 0;
  for (const { dtype, values } of chunk.columns) {
    // A text is taken to be as long as 40 bytes: counting would cost more than it tells.
    bytes += dtype === null ? values.length * 40 : (values as Values).byteLength;
  }
  return bytes;
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
