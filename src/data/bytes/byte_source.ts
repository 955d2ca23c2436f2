/**
 * Where bytes come from: local files and URLs, packed or not, opened at any offset and read piece
 * by piece into memory of the reader's. Unpacked local files are read synchronously.
 *
 * @module
 */
import { node } from "../../../ffi/node.ts";
import { formatValue } from "../../base/errors.ts";
import { checkReadable, FileStream } from "./local_file.ts";

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

/** How a file is packed, once that is known. */
export type Packing = Exclude<Compression, "auto">;

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
    ? {
      name,
      sync: false,
      open: (offset) =>
        new LateStream(async () => {
          const { RemoteStream } = await import("./remote_stream.ts");
          return new RemoteStream(url, offset);
        }),
      size: () => null,
    }
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
    open(offset) {
      const bytes = raw.open(0); // a file that cannot be opened is told here
      return new LateStream(async () => {
        const { UnpackedStream } = await import("./unpacked_stream.ts");
        return new UnpackedStream(bytes, packed, offset);
      });
    },
    size: () => null,
  };
}

/** A stream that waits, and whose code is loaded when it is read: few programs do. */
class LateStream implements ByteStream {
  readonly #load: () => Promise<ByteStream>;
  #loading: Promise<ByteStream> | null = null;
  #stream: ByteStream | null = null;

  constructor(load: () => Promise<ByteStream>) {
    this.#load = load;
  }

  read(into: Uint8Array): number | Promise<number> {
    return this.#stream?.read(into) ?? this.#first(into);
  }

  async #first(into: Uint8Array): Promise<number> {
    return await (await this.#made()).read(into);
  }

  async #made(): Promise<ByteStream> {
    return this.#stream = await (this.#loading ??= this.#load());
  }

  async close(): Promise<void> {
    await (await this.#made()).close();
  }
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
