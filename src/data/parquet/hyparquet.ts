/**
 * The package hyparquet, to which the format of Parquet is left: fetching it on first use, its types
 * as far as they are used, and Node's decompressors for it.
 *
 * @module
 */
import { node } from "../../../ffi/node.ts";
import { ParquetFault } from "./fault.ts";
import { type ChunkMetaData, LARGEST_PAGE } from "./pages.ts";

/** Computed, so that nobody downloads it who reads no Parquet. */
const HYPARQUET = ["npm", "hyparquet@1.31.5"].join(":");

/** A column, or what holds the columns behind it together. */
export interface SchemaElement {
  readonly name: string;
  readonly type?: string;
  readonly converted_type?: string;
  readonly num_children?: number;
}

/** What the footer of a file says. */
export interface FileMetaData {
  readonly num_rows: bigint;
  readonly schema: readonly SchemaElement[];
  readonly row_groups: readonly {
    readonly num_rows: bigint;
    readonly columns: readonly { readonly meta_data?: ChunkMetaData }[];
  }[];
}

/** The bytes of a file, as hyparquet asks for them. */
export interface AsyncBuffer {
  readonly byteLength: number;
  slice(start: number, end?: number): ArrayBuffer | Promise<ArrayBuffer>;
}

type Decompress = (input: Uint8Array, length: number) => Uint8Array;

/** What is used of hyparquet. */
export interface Hyparquet {
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

/** Fetches the package, for reading a file. */
export async function loadHyparquet(file: string): Promise<Hyparquet> {
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

/** Decompressors whose results have the length that the page claims. */
export const COMPRESSORS: Record<string, Decompress> = {
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
