/**
 * Where bytes come from: local files and URLs, packed or not, opened at any offset and read piece
 * by piece into memory of the reader's. Unpacked local files are read synchronously.
 *
 * @module
 */
import { node } from "../../ffi/node.ts";
import type { Buffer } from "node:buffer";
import type { Transform } from "node:stream";
import { formatValue } from "../base/errors.ts";
import { type FramePart, ZstdFrames } from "./zstd_frames.ts";

/** How a file is packed; "auto" goes by the ending of its name: .gz, .zst, .zz or .zlib. */
export type Compression = "auto" | "none" | "gzip" | "zlib" | "zstd";

/** Bytes being read, from one place on. */
export interface ByteStream {
  /** Fills the start of `into`; gives the number of bytes, 0 at the end only. */
  read(into: Uint8Array): number | Promise<number>;
  /** Lets go of the file. */
  close(): void | Promise<void>;
}

/** A file that may be opened again and again. */
export interface ByteSource {
  /** Its path or URL, for messages. */
  readonly name: string;
  /** Whether reads are synchronous. */
  readonly sync: boolean;
  /** Starts reading at an offset, which counts unpacked bytes. */
  open(offset: number): ByteStream;
  /** The number of unpacked bytes; null where it is not known before they have been read. */
  size(): number | null;
}

/** What is read at once from a packed file or a URL. */
const PIECE = 1 << 16;

type Packing = Exclude<Compression, "auto">;

const ENDINGS: Readonly<Record<string, Packing>> = {
  ".gz": "gzip",
  ".gzip": "gzip",
  ".zst": "zstd",
  ".zstd": "zstd",
  ".zz": "zlib",
  ".zlib": "zlib",
};

/** Makes a source of a path, or of a file, http or https URL. */
export function byteSource(
  place: string | URL,
  compression: Compression,
  action: string,
): ByteSource {
  const url = toUrl(place, action);
  const name = String(place);
  const path = url === null
    ? name
    : url.protocol === "file:"
    ? node("url").fileURLToPath(url)
    : url.pathname;
  const packed = compression === "auto"
    ? ENDINGS[/\.[a-z]+$/i.exec(path)?.[0].toLowerCase() ?? ""] ?? "none"
    : compression;
  if (!["none", "gzip", "zlib", "zstd"].includes(packed)) {
    throw new TypeError(
      `Cannot ${action} with compression ${formatValue(compression)}: ` +
        `it is one of auto, none, gzip, zlib and zstd`,
    );
  }
  const remote = url !== null && url.protocol !== "file:";
  if (!remote) checkReadable(path, action);
  const raw: ByteSource = remote
    ? { name, sync: false, open: (offset) => new RemoteStream(url, offset), size: () => null }
    : {
      name,
      sync: true,
      open: (offset) => new FileStream(path, offset, action),
      size: () => Deno.statSync(path).size,
    };
  if (packed === "none") return raw;
  return {
    name,
    sync: false,
    open: (offset) => new UnpackedStream(raw, packed, offset),
    size: () => null,
  };
}

function toUrl(place: unknown, action: string): URL | null {
  if (place instanceof URL || (typeof place === "string" && /^(https?|file):\/\//.test(place))) {
    const url = URL.parse(place);
    if (url !== null && ["http:", "https:", "file:"].includes(url.protocol)) return url;
  } else if (typeof place === "string" && place !== "") {
    return null;
  }
  throw new TypeError(
    `Cannot ${action} from ${
      formatValue(place instanceof URL ? place.href : place)
    }: give a path, or an http, https or file URL`,
  );
}

/** Throws, instead of asking, where reading is not permitted. */
export function checkReadable(path: string, action: string): void {
  if (Deno.permissions.querySync({ name: "read", path }).state === "granted") return;
  throw new Deno.errors.NotCapable(
    `Cannot ${action} from ${path}: no permission: run again with --allow-read`,
  );
}

/** Opens a regular file for reading. */
export function openFile(path: string, action: string): Deno.FsFile {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path);
  } catch (cause) {
    const kind = cause instanceof Deno.errors.NotFound ? Deno.errors.NotFound : Error;
    throw new kind(`Cannot ${action} from ${path}: ${(cause as Error).message}`, { cause });
  }
  if (file.statSync().isFile) return file;
  file.close();
  throw new TypeError(`Cannot ${action} from ${path}: it is no file; give the paths of files`);
}

class FileStream implements ByteStream {
  readonly #file: Deno.FsFile;

  constructor(path: string, offset: number, action: string) {
    this.#file = openFile(path, action);
    if (offset > 0) this.#file.seekSync(offset, Deno.SeekMode.Start);
  }

  read(into: Uint8Array): number {
    return this.#file.readSync(into) ?? 0;
  }

  close(): void {
    this.#file.close();
  }
}

/** A stream of pieces whose sizes are not the reader's, from which a first part is left out. */
abstract class PieceStream implements ByteStream {
  #piece: Uint8Array = new Uint8Array(0);
  #skip: number;

  constructor(skip: number) {
    this.#skip = skip;
  }

  /** The next piece; null at the end. */
  protected abstract pull(): Promise<Uint8Array | null>;
  abstract close(): Promise<void>;

  /** Says that so many bytes of those to leave out never come. */
  protected skipped(bytes: number): void {
    this.#skip -= bytes;
  }

  async read(into: Uint8Array): Promise<number> {
    while (this.#piece.length === 0 || this.#skip > 0) {
      if (this.#piece.length === 0) {
        const piece = await this.pull();
        if (piece === null) return 0;
        this.#piece = piece;
      }
      const left = Math.min(this.#skip, this.#piece.length);
      this.#piece = this.#piece.subarray(left);
      this.#skip -= left;
    }
    const n = Math.min(into.length, this.#piece.length);
    into.set(this.#piece.subarray(0, n));
    this.#piece = this.#piece.subarray(n);
    return n;
  }
}

class RemoteStream extends PieceStream {
  readonly #url: URL;
  readonly #offset: number;
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  #length: number | null = null;
  #received = 0;

  constructor(url: URL, offset: number) {
    super(offset);
    this.#url = url;
    this.#offset = offset;
  }

  protected async pull(): Promise<Uint8Array | null> {
    this.#reader ??= await this.#connect();
    if (this.#reader === null) return null;
    const { value, done } = await this.#reader.read();
    if (!done) {
      this.#received += value.length;
      return value;
    }
    if (this.#length !== null && this.#received < this.#length) {
      throw new RangeError(
        `The connection ended after ${this.#received} of ${this.#length} bytes`,
      );
    }
    return null;
  }

  async #connect(): Promise<ReadableStreamDefaultReader<Uint8Array> | null> {
    const { state } = await Deno.permissions.query({ name: "net", host: this.#url.host });
    if (state !== "granted") {
      throw new Deno.errors.NotCapable(
        `No permission: run again with --allow-net=${this.#url.host}`,
      );
    }
    const headers = this.#offset > 0 ? { Range: `bytes=${this.#offset}-` } : undefined;
    const response = await fetch(this.#url, { headers });
    if (response.status === 416) {
      await response.body?.cancel();
      return null;
    }
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`The server answered ${response.status} ${response.statusText}`);
    }
    if (response.status === 206) this.skipped(this.#offset);
    const length = response.headers.get("content-length");
    const encoded = response.headers.has("content-encoding");
    this.#length = length === null || encoded ? null : Number(length);
    return response.body?.getReader() ?? null;
  }

  async close(): Promise<void> {
    // a connection that has failed fails again, and the first time was told
    await this.#reader?.cancel().catch(() => {});
  }
}

class UnpackedStream extends PieceStream {
  readonly #packed: string;
  readonly #raw: ByteStream;
  readonly #pieces: AsyncGenerator<Uint8Array>;

  constructor(source: ByteSource, packed: Exclude<Packing, "none">, skip: number) {
    super(skip);
    this.#packed = packed;
    this.#raw = source.open(0);
    this.#pieces = packed === "zstd" ? unzstd(this.#raw) : through(
      packed === "gzip" ? node("zlib").createGunzip() : node("zlib").createInflate(),
      piecesOf(this.#raw),
    );
  }

  protected async pull(): Promise<Uint8Array | null> {
    try {
      const { value, done } = await this.#pieces.next();
      return done === true ? null : value;
    } catch (cause) {
      throw new RangeError(
        `Its ${this.#packed} data is damaged or truncated (${(cause as Error).message})`,
        { cause },
      );
    }
  }

  async close(): Promise<void> {
    await this.#pieces.return(undefined);
    await this.#raw.close();
  }
}

/** The bytes of a stream in pieces of their own. */
async function* piecesOf(raw: ByteStream): AsyncGenerator<Uint8Array> {
  for (;;) {
    const memory = new Uint8Array(PIECE);
    const n = await raw.read(memory);
    if (n === 0) return;
    yield memory.subarray(0, n);
  }
}

/** What comes out of one of Node's decoders. */
async function* through(
  decoder: Transform,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let failure: unknown = null;
  const { Buffer } = node("buffer");
  const buffers = async function* (): AsyncGenerator<Buffer> {
    try {
      for await (const p of pieces) yield Buffer.from(p.buffer, p.byteOffset, p.length);
    } catch (e) {
      failure = e;
      throw e;
    }
  };
  node("stream").pipeline(node("stream").Readable.from(buffers()), decoder, () => {});
  try {
    for await (const piece of decoder) yield piece as Uint8Array;
  } catch (e) {
    throw failure ?? e;
  } finally {
    decoder.destroy();
  }
  if (failure !== null) throw failure;
}

/** Unpacks frame by frame. */
async function* unzstd(raw: ByteStream): AsyncGenerator<Uint8Array> {
  const parts = frameParts(raw);
  for (let next = await parts.next(); next.done !== true; next = await parts.next()) {
    const first = next.value;
    const frame = async function* (): AsyncGenerator<Uint8Array> {
      yield first.bytes;
      for (let part = first; !part.last;) {
        const following = await parts.next();
        if (following.done === true) return;
        part = following.value;
        yield part.bytes;
      }
    };
    yield* through(node("zlib").createZstdDecompress(), frame());
  }
}

async function* frameParts(raw: ByteStream): AsyncGenerator<FramePart> {
  const frames = new ZstdFrames();
  for await (const piece of piecesOf(raw)) yield* frames.push(piece);
  frames.end();
}
