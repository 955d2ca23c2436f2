/**
 * The rows of a table by number: as records, or many of them joined column by column.
 *
 * @module
 */
import { type DType, DTYPES, type Values } from "../../base/dtype.ts";
import { HostArray } from "../../base/host_array.ts";
import { type BatchMemory, FRESH } from "../batch_memory.ts";
import { KeptChunks, type Place } from "./kept_chunks.ts";
import type { Run } from "../run.ts";
import { after, type RowSource } from "../stage.ts";
import type { Chunk, Column, Table } from "./table.ts";

/**
 * Columns of up to so many bytes share one piece of memory for the whole batch: making one for each
 * takes longer than filling it.
 */
const SMALL = 4096;

/** The rows of a table, wherever its chunks are at the time. */
export class TableRows implements RowSource<Record<string, unknown>> {
  readonly inMemory = false;
  readonly table: Table;
  readonly stage: string;

  constructor(table: Table, stage: string) {
    this.table = table;
    this.stage = stage;
  }

  kept(run: Run): KeptChunks {
    return run.keep(this, () => new KeptChunks(this.table, this.stage));
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
    memory: BatchMemory,
  ): Record<string, unknown> | Promise<Record<string, unknown>> {
    const kept = this.kept(run);
    const together = inOrder(rows, count) ? kept.findAll(rows[0]!, count) : null;
    if (together !== null) return this.#cut(together, rows[0]!, count, memory);
    const places = new Array<Place>(count);
    for (let i = 0; i < count; i++) {
      const place = kept.find(rows[i]!);
      if (place instanceof Promise) {
        return this.#gatherLater(rows, count, kept, places, i, place, memory);
      }
      places[i] = place;
    }
    return this.#join(rows, places, memory);
  }

  async #gatherLater(
    rows: readonly number[],
    count: number,
    kept: KeptChunks,
    places: Place[],
    i: number,
    waiting: Promise<Place>,
    memory: BatchMemory,
  ): Promise<Record<string, unknown>> {
    places[i++] = await waiting;
    for (; i < count; i++) places[i] = await kept.find(rows[i]!);
    return this.#join(rows, places, memory);
  }

  /** Rows that lie together in one chunk. */
  #cut(place: Place, row: number, n: number, memory: BatchMemory): Record<string, unknown> {
    const batch: Record<string, unknown> = {};
    const names = this.table.names();
    const from = row - place.first;
    const arrays = forColumns(memory, n, place.chunk.columns);
    for (let k = 0; k < names.length; k++) {
      const { dtype, values } = place.chunk.columns[k]!;
      if (dtype === null) {
        batch[names[k]!] = values.slice(from, from + n);
        continue;
      }
      const joined = arrays(k, dtype);
      joined.values.set(values.subarray(from, from + n));
      batch[names[k]!] = joined;
    }
    return batch;
  }

  #join(
    rows: readonly number[],
    places: readonly Place[],
    memory: BatchMemory,
  ): Record<string, unknown> {
    const batch: Record<string, unknown> = {};
    const names = this.table.names();
    const n = places.length;
    const { chunks, chunkOf, rowOf } = distinct(rows, places);
    const arrays = forColumns(memory, n, chunks[0]!.columns);
    for (let k = 0; k < names.length; k++) {
      const { dtype } = chunks[0]!.columns[k]!;
      const values = chunks.map((chunk) => chunk.columns[k]!.values);
      if (dtype === null) {
        batch[names[k]!] = places.map((_, i) => values[chunkOf[i]!]![rowOf[i]!]);
        continue;
      }
      const joined = arrays(k, dtype);
      takeRows(values as Values[], chunkOf, rowOf, joined.values);
      batch[names[k]!] = joined;
    }
    return batch;
  }
}

/** Whether row numbers follow each other. */
function inOrder(rows: readonly number[], count: number): boolean {
  for (let i = 1; i < count; i++) if (rows[i] !== rows[0]! + i) return false;
  return true;
}

/** Makes the arrays of a batch of `n` rows, one for each column in order. */
function forColumns(
  memory: BatchMemory,
  n: number,
  columns: readonly Column[],
): (k: number, dtype: DType) => HostArray {
  const own = (k: number, dtype: DType): HostArray => memory.array(k, dtype, n, []);
  if (memory !== FRESH) return own;
  let bytes = 0;
  for (const { dtype } of columns) {
    const size = dtype === null ? 0 : n * DTYPES[dtype].bytes;
    if (size > SMALL) return own;
    bytes += aligned(size);
  }
  const shared = new ArrayBuffer(bytes);
  let at = 0;
  return (_k, dtype) => {
    const values = new DTYPES[dtype].array(shared, at, n);
    at += aligned(values.byteLength);
    return new HostArray(values, [n], dtype);
  };
}

/** Bytes up to where any number may begin. */
function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
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
