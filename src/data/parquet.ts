/**
 * The source of the rows of Parquet files, a row group at a time. The format is left to hyparquet,
 * which is fetched on first use, and the compressions to Node's.
 *
 * @module
 */
import { node } from "../../ffi/node.ts";
import { type DType, DTYPES } from "../base/dtype.ts";
import { formatValue } from "../base/errors.ts";
import { HostArray } from "../base/host_array.ts";
import { checkOptions } from "../base/options.ts";
import { toPath } from "../formats/files.ts";
import { checkSelect } from "./check.ts";
import { fileLabel, type Files, listFiles } from "./files.ts";
import { jsonElement } from "./json_lines.ts";
import { checkReadable, openFile } from "./local_file.ts";
import {
  checkPages,
  type ChunkMetaData,
  type ChunkPlace,
  chunkPlaces,
  LARGEST_PAGE,
  ParquetFault,
} from "./parquet_pages.ts";
import { END, type Stage, type State } from "./stage.ts";
import type { Chunk, ChunkReader, Column, Table } from "./table.ts";
import { tableStage } from "./table_stage.ts";

/** Computed, so that nobody downloads it who reads no Parquet. */
const HYPARQUET = ["npm", "hyparquet@1.31.5"].join(":");

/** Options of `parquet`. */
export interface ParquetOptions {
  /** The columns to give, in this order; default: all. Only their bytes are read. */
  select?: readonly string[];
  /**
   * Dtypes of columns of numbers by name. Default: that of the file; int64 becomes int32 where all
   * values fit and is an error where not; times are float64 milliseconds since 1970.
   */
  types?: Readonly<Record<string, DType>>;
}

/** Bytes of row groups that are kept. */
const LIMIT = 256 << 20;
/** The first and the last bytes of a file. */
const MARK = "PAR1";
/** A row group that claims more is taken for damaged. */
const MOST_ROWS = 2 ** 26;

interface SchemaElement {
  readonly name: string;
  readonly type?: string;
  readonly converted_type?: string;
  readonly num_children?: number;
}

interface FileMetaData {
  readonly num_rows: bigint;
  readonly schema: readonly SchemaElement[];
  readonly row_groups: readonly {
    readonly num_rows: bigint;
    readonly columns: readonly { readonly meta_data?: ChunkMetaData }[];
  }[];
}

interface AsyncBuffer {
  readonly byteLength: number;
  slice(start: number, end?: number): ArrayBuffer | Promise<ArrayBuffer>;
}

type Decompress = (input: Uint8Array, length: number) => Uint8Array;

interface Hyparquet {
  parquetMetadataAsync(file: AsyncBuffer): Promise<FileMetaData>;
  asyncBufferFromUrl(options: { url: string }): Promise<AsyncBuffer>;
  parquetRead(options: {
    file: AsyncBuffer;
    metadata: FileMetaData;
    columns: string[];
    rowStart: number;
    rowEnd: number;
    compressors: Record<string, Decompress>;
    onChunk: (
      chunk: { columnName: string; columnData: ArrayLike<unknown>; rowStart: number },
    ) => void;
  }): Promise<void>;
}

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

function isRemote(place: string | URL): boolean {
  return /^https?:/.test(String(place));
}

class ParquetTable implements Table {
  readonly waits = "Parquet files are read asynchronously";
  readonly limit = LIMIT;
  readonly files: readonly (string | URL)[];
  readonly options: ParquetOptions;
  columns: readonly string[] = [];

  constructor(files: readonly (string | URL)[], options: ParquetOptions) {
    this.files = files;
    this.options = options;
  }

  names(): readonly string[] {
    return this.columns;
  }

  open(stage: string, place: State | null): ChunkReader {
    return new ParquetReader(this, stage, (place ?? [0, 0]) as [number, number]);
  }
}

/** An open file. */
interface Opened {
  readonly buffer: AsyncBuffer;
  readonly metadata: FileMetaData;
  close(): void;
}

class ParquetReader implements ChunkReader {
  readonly #table: ParquetTable;
  readonly #stage: string;
  #file: number;
  #group: number;
  #opened: Opened | null = null;

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
        throw this.#explain(cause, `Cannot read ${part} of ${place} in ${this.#stage}`);
      }
      this.close();
      this.#file++;
      this.#group = 0;
    }
  }

  /** The error of a failure. What hyparquet throws speaks of its own variables. */
  #explain(cause: unknown, action: string): Error {
    if (cause instanceof ParquetFault) {
      const message = `${action}: ${cause.message}`;
      return cause.kind ? new TypeError(message) : new RangeError(message);
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    for (const kind of [Deno.errors.NotFound, Deno.errors.NotCapable]) {
      if (cause instanceof kind) return cause;
    }
    if (cause instanceof UnreadableFile) return cause.cause as Error;
    return new RangeError(
      `${action}: it is damaged, truncated, or of a kind that is not read (${reason})`,
      { cause },
    );
  }

  /** The next row group of a file; null at its end. */
  async #read(library: Hyparquet, { buffer, metadata }: Opened): Promise<Chunk | null> {
    const top = topColumns(metadata.schema);
    const names = this.#choose([...top.keys()]);
    let rowStart = 0;
    for (; this.#group < metadata.row_groups.length; this.#group++) {
      rowStart = 0;
      for (let g = 0; g < this.#group; g++) rowStart += Number(metadata.row_groups[g]!.num_rows);
      const rows = Number(metadata.row_groups[this.#group]!.num_rows);
      if (!(rows >= 0 && rows <= MOST_ROWS)) {
        throw new ParquetFault(`It claims ${rows} rows, at most ${MOST_ROWS} are read at once`);
      }
      if (rows === 0) continue;
      const { columns: described } = metadata.row_groups[this.#group]!;
      const places = chunkPlaces(described, names, rows, buffer.byteLength);
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
      const columns = names.map((name) => {
        const values = parts.get(name)!;
        if (values.length === rows) {
          return toColumn(name, values, this.#table.options.types?.[name] ?? top.get(name)!);
        }
        throw new ParquetFault(
          `Column ${formatValue(name)} holds ${values.length} values where it claims ${rows}`,
        );
      });
      this.#group++;
      return { rows, columns };
    }
    return null;
  }

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

async function loadHyparquet(file: string): Promise<Hyparquet> {
  try {
    return await import(HYPARQUET) as Hyparquet;
  } catch (cause) {
    throw new Error(
      `Cannot read ${file}: ${HYPARQUET}, which reads Parquet, could not be fetched: ` +
        `connect to the network once`,
      { cause },
    );
  }
}

async function openParquet(library: Hyparquet, place: string | URL): Promise<Opened> {
  if (isRemote(place)) {
    const { host } = new URL(place);
    const { state } = await Deno.permissions.query({ name: "net", host });
    if (state !== "granted") {
      throw new Deno.errors.NotCapable(
        `Cannot fetch ${place}: no permission: run again with --allow-net=${host}`,
      );
    }
    const buffer = await library.asyncBufferFromUrl({ url: String(place) }).catch((e) => {
      throw new ParquetFault(`It could not be fetched (${(e as Error).message})`);
    });
    return { buffer, metadata: await library.parquetMetadataAsync(buffer), close: () => {} };
  }
  let file: Deno.FsFile;
  try {
    file = openFile(toPath(place), "read Parquet");
  } catch (cause) {
    throw new UnreadableFile("", { cause });
  }
  const { size } = file.statSync();
  const buffer: AsyncBuffer = {
    byteLength: size,
    slice(start, end = size) {
      if (!(start >= 0 && start <= end && end <= size)) {
        throw new ParquetFault(`Bytes ${start} to ${end} are wanted of a file of ${size}`);
      }
      const bytes = new Uint8Array(end - start);
      file.seekSync(start, Deno.SeekMode.Start);
      for (let at = 0; at < bytes.length;) {
        const n = file.readSync(bytes.subarray(at));
        if (n === null) throw new ParquetFault(`It ends at byte ${start + at} of ${size}`);
        at += n;
      }
      return bytes.buffer;
    },
  };
  try {
    for (const start of [0, size - MARK.length]) {
      if (size < 2 * MARK.length || !isMark(await buffer.slice(start, start + MARK.length))) {
        throw new ParquetFault(
          `It does not ${start === 0 ? "begin" : `end, at byte ${size},`} with ${MARK}: it is ` +
            `truncated or no Parquet file`,
        );
      }
    }
    const metadata = await library.parquetMetadataAsync(buffer);
    const rows = metadata.row_groups.reduce((n, group) => n + Number(group.num_rows), 0);
    if (rows !== Number(metadata.num_rows)) {
      throw new ParquetFault(`It claims ${metadata.num_rows} rows and ${rows} in its row groups`);
    }
    return { buffer, metadata, close: () => file.close() };
  } catch (e) {
    file.close();
    throw e;
  }
}

function isMark(bytes: ArrayBuffer): boolean {
  return new TextDecoder().decode(bytes) === MARK;
}

/** A file whose column chunks are looked over when they are read. */
function lookedOver(buffer: AsyncBuffer, places: readonly ChunkPlace[]): AsyncBuffer {
  const look = (start: number, bytes: ArrayBuffer): ArrayBuffer => {
    for (const place of places) {
      if (place.start < start || place.end > start + bytes.byteLength) continue;
      checkPages(new Uint8Array(bytes, place.start - start, place.end - place.start), place);
    }
    return bytes;
  };
  return {
    byteLength: buffer.byteLength,
    slice(start, end) {
      const bytes = buffer.slice(start, end);
      return bytes instanceof Promise ? bytes.then((b) => look(start, b)) : look(start, bytes);
    },
  };
}

/** Carries an error that names the file already. */
class UnreadableFile extends Error {}

/** Decompressors whose results have the length that the page claims. */
const COMPRESSORS: Record<string, Decompress> = {
  GZIP: checked((input, most) => node("zlib").gunzipSync(input, { maxOutputLength: most })),
  BROTLI: checked((input, most) =>
    node("zlib").brotliDecompressSync(input, { maxOutputLength: most })
  ),
  ZSTD: checked((input, most) => node("zlib").zstdDecompressSync(input, { maxOutputLength: most })),
};

function checked(decompress: Decompress): Decompress {
  return (input, length) => {
    if (length > LARGEST_PAGE) {
      throw new ParquetFault(`A page claims ${length} bytes, at most ${LARGEST_PAGE} are unpacked`);
    }
    const bytes = decompress(input, Math.max(1, length));
    if (bytes.length === length) return bytes;
    throw new ParquetFault(`A page unpacks to ${bytes.length} bytes where it claims ${length}`);
  };
}

/** The columns at the top of a schema and their dtypes; null for texts, bytes and nests. */
function topColumns(schema: readonly SchemaElement[]): Map<string, DType | null> {
  const columns = new Map<string, DType | null>();
  let at = 1;
  const skip = (element: SchemaElement | undefined): void => {
    for (let i = 0; i < (element?.num_children ?? 0) && at < schema.length; i++) skip(schema[at++]);
  };
  while (at < schema.length) {
    const element = schema[at++]!;
    if (typeof element.name !== "string") throw new ParquetFault("A column has no name");
    columns.set(element.name, dtypeOf(element));
    skip(element);
  }
  return columns;
}

function dtypeOf({ type, converted_type: meaning, num_children }: SchemaElement): DType | null {
  if (num_children !== undefined) return null;
  if (meaning === "DECIMAL" || meaning === "DATE" || meaning?.startsWith("TIME")) return "float64";
  if (type === "BOOLEAN") return "bool";
  if (type === "FLOAT") return "float32";
  if (type === "DOUBLE") return "float64";
  if (type === "INT96") return "float64";
  if (type !== "INT32" && type !== "INT64") return null;
  return meaning === "UINT_8" ? "uint8" : meaning === "UINT_32" ? "uint32" : "int32";
}

function toColumn(name: string, values: readonly unknown[], dtype: DType | null): Column {
  if (dtype === null) return { dtype, values: values.map(toElementValue) };
  const out = new DTYPES[dtype].array(values.length);
  const float = DTYPES[dtype].kind === "float";
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === null || value === undefined) {
      if (!float) {
        throw new ParquetFault(
          `Column ${formatValue(name)} has no value in row ${i}, which ${dtype} cannot say: ` +
            `ask for a float type with types`,
          true,
        );
      }
      out[i] = NaN;
      continue;
    }
    const x = value instanceof Date ? value.getTime() : Number(value);
    out[i] = x;
    const fits = float ? !Number.isNaN(x) || typeof value === "number" : out[i] === x;
    const exact = typeof value !== "bigint" || Number.isSafeInteger(x);
    if (!fits || !exact || (dtype === "bool" && x > 1)) {
      throw new ParquetFault(
        `Column ${formatValue(name)} holds ${formatValue(value)} in row ${i}, which is no ` +
          `${dtype}: ask for another type with types`,
        true,
      );
    }
  }
  return { dtype, values: out };
}

/** Texts stay, bytes and lists of numbers become HostArrays. */
function toElementValue(value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value === "bigint") return new HostArray(Number(value));
  if (value instanceof Date) return new HostArray(new Float64Array([value.getTime()]), []);
  if (value instanceof Uint8Array) return new HostArray(value.slice());
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return jsonElement(Array.from(value as unknown as Iterable<number | bigint>, Number));
  }
  if (Array.isArray(value)) {
    return jsonElement(value.map((v) => typeof v === "bigint" ? Number(v) : v));
  }
  return jsonElement(value);
}
