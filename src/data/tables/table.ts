/**
 * The contract of tables: files that are read chunk by chunk into columns, so that a row costs no
 * object of its own before it is asked for.
 *
 * @module
 */
import type { DType, Values } from "../../base/dtype.ts";
import type { Pull, State } from "../stage.ts";

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
