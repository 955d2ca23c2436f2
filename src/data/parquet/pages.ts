/**
 * Looks over the pages of Parquet column chunks before they are handed to hyparquet, which takes the
 * sizes in their headers on trust: a wrong one has it read in circles, or make arrays without end.
 *
 * Format: https://parquet.apache.org/docs/file-format/data-pages/, in Thrift's compact protocol.
 *
 * @module
 */
import { formatValue } from "../../base/errors.ts";
import type { AsyncBuffer } from "./hyparquet.ts";
import { ParquetFault } from "./fault.ts";

/** A page that claims more bytes is taken for damaged. */
export const LARGEST_PAGE = 2 ** 30;
/** A chunk of lists that claims more values is. */
const MOST_VALUES = 2 ** 28;

/** What the footer says of a column chunk; any of it may be missing in a damaged file. */
export interface ChunkMetaData {
  readonly path_in_schema?: readonly unknown[];
  readonly num_values?: unknown;
  readonly total_compressed_size?: unknown;
  readonly data_page_offset?: unknown;
  readonly dictionary_page_offset?: unknown;
}

/** Where a column chunk lies. */
export interface ChunkPlace {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly values: number;
}

/** The places of the chunks of some columns; a fault where they cannot be in a file of `size`. */
export function chunkPlaces(
  columns: readonly { readonly meta_data?: ChunkMetaData }[],
  names: readonly string[],
  rows: number,
  size: number,
): ChunkPlace[] {
  const places: ChunkPlace[] = [];
  for (const { meta_data: meta } of columns) {
    const path = meta?.path_in_schema;
    const name = path?.[0];
    if (meta === undefined || path === undefined || typeof name !== "string") {
      throw new ParquetFault("Its footer names a column chunk that has no description");
    }
    if (!names.includes(name)) continue;
    const start = Number(meta.dictionary_page_offset || meta.data_page_offset);
    const end = start + Number(meta.total_compressed_size);
    const shown = `Column ${formatValue(name)}`;
    if (!(start >= 4 && start <= end && end <= size - 8)) {
      throw new ParquetFault(`${shown} claims bytes ${start} to ${end} of a file of ${size}`);
    }
    const values = Number(meta.num_values);
    if (!(path.length === 1 ? values === rows : values >= 0 && values <= MOST_VALUES)) {
      throw new ParquetFault(`${shown} claims ${values} values in ${rows} rows`);
    }
    places.push({ name, start, end, values });
  }
  return places;
}

/** A file whose column chunks are looked over when they are read. */
export function lookedOver(buffer: AsyncBuffer, places: readonly ChunkPlace[]): AsyncBuffer {
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

/** Throws a fault where the pages of a chunk do not fit into it. `bytes` is the chunk. */
function checkPages(bytes: Uint8Array, place: ChunkPlace): void {
  const header = new HeaderReader(bytes);
  let values = 0;
  // the last byte of a chunk begins no page, as hyparquet has it
  while (header.at < bytes.length - 1) {
    const start = header.at;
    const fail = (what: string) =>
      new ParquetFault(
        `Column ${formatValue(place.name)} is damaged: the page at byte ${
          place.start + start
        } ${what}`,
      );
    let page: PageHeader;
    try {
      page = header.next();
    } catch (e) {
      throw fail(`has no readable header (${(e as Error).message})`);
    }
    const { unpacked, packed } = page;
    if (Number.isNaN(unpacked + packed + page.values)) throw fail("does not tell its size");
    if (!(packed >= 0 && packed <= bytes.length - header.at)) {
      throw fail(`claims ${packed} bytes where ${bytes.length - header.at} are left`);
    }
    if (!(unpacked >= 0 && unpacked <= LARGEST_PAGE)) {
      throw fail(`claims to unpack to ${unpacked} bytes, at most ${LARGEST_PAGE} are unpacked`);
    }
    const most = page.dictionary ? place.values : place.values - values;
    if (!(page.values >= 0 && page.values <= most)) {
      throw fail(`claims ${page.values} values where at most ${most} are left`);
    }
    if (!page.dictionary) values += page.values;
    header.at += packed;
  }
}

interface PageHeader {
  readonly unpacked: number;
  readonly packed: number;
  /** The number of values; 0 for an index page. */
  readonly values: number;
  readonly dictionary: boolean;
}

const DEEPEST = 16;

/** Reads the headers of pages, as Thrift's compact protocol writes them. */
class HeaderReader {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  next(): PageHeader {
    let type = NaN, unpacked = NaN, packed = NaN, values = NaN;
    this.#fields((id, kind) => {
      if (kind === 5 && id <= 3) {
        const x = this.#zigzag();
        if (id === 1) type = x;
        else if (id === 2) unpacked = x;
        else packed = x;
      } else if (kind === 12 && (id === 5 || id === 7 || id === 8)) {
        this.#fields((id, kind) => {
          if (id === 1 && kind === 5) values = this.#zigzag();
          else this.#skip(kind, 2);
        });
      } else this.#skip(kind, 1);
    });
    return { unpacked, packed, values: type === 1 ? 0 : values, dictionary: type === 2 };
  }

  #fields(take: (id: number, kind: number) => void): void {
    let id = 0;
    for (;;) {
      const byte = this.#byte();
      const kind = byte & 15;
      if (kind === 0) return;
      const step = byte >> 4;
      id = step === 0 ? this.#zigzag() : id + step;
      take(id, kind);
    }
  }

  #byte(): number {
    if (this.at >= this.#bytes.length) throw new RangeError("It ends too early");
    return this.#bytes[this.at++]!;
  }

  #move(n: number): void {
    if (n > this.#bytes.length - this.at) throw new RangeError("It ends too early");
    this.at += n;
  }

  #varint(): number {
    let x = 0;
    for (let scale = 1; scale < 2 ** 70; scale *= 128) {
      const byte = this.#byte();
      x += (byte & 127) * scale;
      if (byte < 128) return x;
    }
    throw new RangeError("A number has more than 10 bytes");
  }

  #zigzag(): number {
    const x = this.#varint();
    return x % 2 === 0 ? x / 2 : -(x + 1) / 2;
  }

  #skip(kind: number, depth: number): void {
    if (depth > DEEPEST) throw new RangeError("It is nested too deep");
    switch (kind) {
      case 1:
      case 2:
        return;
      case 3:
        return this.#move(1);
      case 4:
      case 5:
      case 6:
        this.#varint();
        return;
      case 7:
        return this.#move(8);
      case 8:
        return this.#move(this.#varint());
      case 9:
        return this.#skipList(depth);
      case 12:
        return this.#fields((_id, kind) => this.#skip(kind, depth + 1));
    }
    throw new RangeError(`It holds a field of type ${kind}`);
  }

  #skipList(depth: number): void {
    const head = this.#byte();
    const count = head >> 4 === 15 ? this.#varint() : head >> 4;
    const kind = head & 15;
    for (let i = 0; i < count; i++) {
      if (kind <= 2) this.#move(1);
      else this.#skip(kind, depth + 1);
    }
  }
}
