/**
 * The chunks of a table that a run holds: until each of their rows has been taken, or up to a limit
 * where some never are; what is missing is read again.
 *
 * @module
 */
import type { Values } from "../../base/dtype.ts";
import type { Kept } from "../run.ts";
import { spanOf } from "../span_of.ts";
import { after, END, type State } from "../stage.ts";
import type { Chunk, ChunkReader, Table } from "./table.ts";

/** A chunk, the number of its first row, and where it is read. */
export interface Place {
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
export class KeptChunks implements Kept {
  readonly #table: Table;
  readonly #stage: string;
  /** All that were read, in order. */
  readonly #known: Known[] = [];
  /** Those that are kept, the one read longest ago first. */
  readonly #recent = new Set<Known>();
  #bytes = 0;
  #last: Known | null = null;
  readonly #readers = new Set<ChunkReader>();

  constructor(table: Table, stage: string) {
    this.#table = table;
    this.#stage = stage;
  }

  /** Starts to read in order. */
  open(place: State | null): ChunkReader {
    const reader = this.#table.open(this.#stage, place);
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
      if (this.#bytes <= this.#table.limit || oldest === known) break;
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
    const known = spanOf(this.#known, row);
    this.#last = known;
    if (known.kept === null) return this.#readAgain(known);
    return this.#take(known, known.kept);
  }

  /** The chunk that holds all of `count` rows from `row` on, which are being taken; null: none. */
  findAll(row: number, count: number): Place | null {
    const last = this.#last;
    if (!last?.kept || row < last.first) return null;
    const { kept } = last;
    if (row + count > last.first + kept.chunk.rows) return null;
    last.taken += count - 1;
    return this.#take(last, kept);
  }

  #readAgain(known: Known): Place | Promise<Place> {
    const reader = this.open(known.place);
    const done = (chunk: Chunk | typeof END): Place | Promise<Place> => {
      if (chunk === END) {
        throw new RangeError(
          `Cannot read row ${known.first} again in ${this.#stage}: the file has changed`,
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
