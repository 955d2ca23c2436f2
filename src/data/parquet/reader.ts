/**
 * Reading Parquet files in order, row group by row group, from any of them on.
 *
 * @module
 */
import { formatValue } from "../../base/errors.ts";
import { COMPRESSORS, type Hyparquet, loadHyparquet } from "./hyparquet.ts";
import type { ParquetTable } from "./parquet.ts";
import { toColumn, topColumns } from "./columns.ts";
import { explainFailure, ParquetFault } from "./fault.ts";
import { openParquet, type ParquetFile } from "./file.ts";
import { chunkPlaces, lookedOver } from "./pages.ts";
import { END, type State } from "../stage.ts";
import type { Chunk, ChunkReader } from "../tables/table.ts";

/** A row group that claims more is taken for damaged. */
const MOST_ROWS = 2 ** 26;

/** Reads row groups; a place is a file and a row group of it. */
export class ParquetReader implements ChunkReader {
  readonly #table: ParquetTable;
  readonly #stage: string;
  #file: number;
  #group: number;
  #opened: ParquetFile | null = null;

  constructor(table: ParquetTable, stage: string, place: readonly [number, number]) {
    this.#table = table;
    this.#stage = stage;
    [this.#file, this.#group] = place;
  }

  place(): State {
    return [this.#file, this.#group];
  }

  async next(): Promise<Chunk | typeof END> {
    for (;;) {
      const place = this.#table.files[this.#file];
      if (place === undefined) return END;
      const library = await loadHyparquet(String(place));
      let part = "the footer";
      try {
        this.#opened ??= await openParquet(library, place);
        part = `row group ${this.#group}`;
        const chunk = await this.#read(library, this.#opened);
        if (chunk !== null) return chunk;
      } catch (cause) {
        throw explainFailure(cause, `Cannot read ${part} of ${place} in ${this.#stage}`);
      }
      this.close();
      this.#file++;
      this.#group = 0;
    }
  }

  /** The next row group of a file; null at its end. */
  async #read(library: Hyparquet, file: ParquetFile): Promise<Chunk | null> {
    const { schema, row_groups: groups } = file.metadata;
    const { types = {} } = this.#table.options;
    const top = topColumns(schema);
    const names = this.#choose([...top.keys()]);
    for (; this.#group < groups.length; this.#group++) {
      const rows = Number(groups[this.#group]!.num_rows);
      if (!(rows >= 0 && rows <= MOST_ROWS)) {
        throw new ParquetFault(`It claims ${rows} rows, at most ${MOST_ROWS} are read at once`);
      }
      if (rows === 0) continue;
      const values = await readGroup(library, file, this.#group, names, rows);
      const columns = names.map((name) => {
        const part = values.get(name)!;
        if (part.length === rows) return toColumn(name, part, types[name] ?? top.get(name)!);
        throw new ParquetFault(
          `Column ${formatValue(name)} holds ${part.length} values where it claims ${rows}`,
        );
      });
      this.#group++;
      return { rows, columns };
    }
    return null;
  }

  /** The columns to give, of those that a file has. */
  #choose(all: readonly string[]): readonly string[] {
    const table = this.#table;
    const chosen = table.options.select ?? (table.columns.length > 0 ? table.columns : all);
    for (const name of [...chosen, ...Object.keys(table.options.types ?? {})]) {
      if (all.includes(name) && name !== "__proto__") continue;
      throw new ParquetFault(
        `There is no column ${formatValue(name)}: it has ${all.map(formatValue).join(", ")}`,
      );
    }
    return table.columns = chosen;
  }

  close(): void {
    this.#opened?.close();
    this.#opened = null;
  }
}

/** The values of the columns of a row group, by name. */
async function readGroup(
  library: Hyparquet,
  { buffer, metadata }: ParquetFile,
  group: number,
  names: readonly string[],
  rows: number,
): Promise<ReadonlyMap<string, readonly unknown[]>> {
  const groups = metadata.row_groups;
  const rowStart = groups.slice(0, group).reduce((n, { num_rows }) => n + Number(num_rows), 0);
  const places = chunkPlaces(groups[group]!.columns, names, rows, buffer.byteLength);
  const parts = new Map<string, unknown[]>(names.map((name) => [name, []]));
  await library.parquetRead({
    file: lookedOver(buffer, places),
    metadata,
    columns: [...names],
    rowStart,
    rowEnd: rowStart + rows,
    compressors: COMPRESSORS,
    onChunk: ({ columnName, columnData, rowStart: first }) => {
      const part = parts.get(columnName)!;
      const skip = Math.max(0, rowStart - first);
      for (let i = skip; i < columnData.length && part.length < rows; i++) {
        part.push(columnData[i]);
      }
    },
  });
  return parts;
}
