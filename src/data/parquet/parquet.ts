/**
 * The source of the rows of Parquet files, a row group at a time.
 *
 * @module
 */
import { type DType, DTYPES } from "../../base/dtype.ts";
import { formatValue } from "../../base/errors.ts";
import { checkOptions } from "../../base/options.ts";
import { toPath } from "../../formats/files.ts";
import { checkSelect } from "../check.ts";
import { fileLabel, type Files, listFiles } from "../bytes/files.ts";
import { checkReadable } from "../bytes/local_file.ts";
import { isRemote } from "./file.ts";
import type { ParquetReader } from "./reader.ts";
import type { END, Stage, State } from "../stage.ts";
import type { Chunk, ChunkReader, Table } from "../tables/table.ts";
import { tableStage } from "../tables/stage.ts";

/** Options of `parquet`. */
export interface ParquetOptions {
  /** The columns to give, in this order; default: all. Only their bytes are read. */
  select?: readonly string[] | undefined;
  /**
   * Dtypes of columns of numbers by name. Default: that of the file; int64 becomes int32 where all
   * values fit and is an error where not; times are float64 milliseconds since 1970.
   */
  types?: Readonly<Record<string, DType>> | undefined;
}

/** Bytes of row groups that are kept. */
const LIMIT = 256 << 20;

/** Makes a source of the rows of Parquet files, as records by column. */
export function parquet(files: Files, options: ParquetOptions): Stage<Record<string, unknown>> {
  checkOptions(options, ["select", "types"], "read Parquet");
  checkSelect(options.select, "read Parquet");
  const list = listFiles(files, "read Parquet");
  for (const [name, type] of Object.entries(options.types ?? {})) {
    if (Object.hasOwn(DTYPES, type)) continue;
    throw new TypeError(
      `Cannot read Parquet with type ${formatValue(type)} for column ${formatValue(name)}: ` +
        `it is one of ${Object.keys(DTYPES).join(", ")}`,
    );
  }
  for (const place of list) if (!isRemote(place)) checkReadable(toPath(place), "read Parquet");
  return tableStage(fileLabel("parquet", list), new ParquetTable(list, options), null, null);
}

/** The rows of Parquet files of the same columns. */
export class ParquetTable implements Table {
  readonly waits = "Parquet files are read asynchronously";
  readonly limit = LIMIT;
  readonly files: readonly (string | URL)[];
  readonly options: ParquetOptions;
  /** The names of the columns that are given; none before a file has been read. */
  columns: readonly string[] = [];

  constructor(files: readonly (string | URL)[], options: ParquetOptions) {
    this.files = files;
    this.options = options;
  }

  names(): readonly string[] {
    return this.columns;
  }

  open(stage: string, place: State | null): ChunkReader {
    return new LateReader(this, stage, (place ?? [0, 0]) as [number, number]);
  }
}

/** A reader whose code is loaded when something is read. */
class LateReader implements ChunkReader {
  readonly #table: ParquetTable;
  readonly #stage: string;
  readonly #place: readonly [number, number];
  #reader: ParquetReader | null = null;

  constructor(table: ParquetTable, stage: string, place: readonly [number, number]) {
    this.#table = table;
    this.#stage = stage;
    this.#place = place;
  }

  place(): State {
    return this.#reader?.place() ?? this.#place;
  }

  next(): Promise<Chunk | typeof END> {
    return this.#reader?.next() ?? this.#load();
  }

  async #load(): Promise<Chunk | typeof END> {
    const { ParquetReader } = await import("./reader.ts");
    this.#reader = new ParquetReader(this.#table, this.#stage, this.#place);
    return await this.#reader.next();
  }

  close(): void {
    this.#reader?.close();
  }
}
