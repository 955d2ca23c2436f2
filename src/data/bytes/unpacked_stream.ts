/**
 * Packed files, unpacked as they are read. The decoders are Node's.
 *
 * @module
 */
import { node } from "../../../ffi/node.ts";
import type { Buffer } from "node:buffer";
import type { Transform } from "node:stream";
import type { ByteStream, Packing } from "./byte_source.ts";
import { PieceStream } from "./piece_stream.ts";
import { type FramePart, ZstdFrames } from "./zstd_frames.ts";

/** What is read at once from a packed file. */
const PIECE = 1 << 16;

/** The unpacked bytes of a packed file from an offset on, which counts them. */
export class UnpackedStream extends PieceStream {
  readonly #packed: string;
  readonly #raw: ByteStream;
  readonly #pieces: AsyncGenerator<Uint8Array>;

  constructor(raw: ByteStream, packed: Exclude<Packing, "none">, skip: number) {
    super(skip);
    this.#packed = packed;
    this.#raw = raw;
    this.#pieces = packed === "zstd" ? unzstd(raw) : through(
      packed === "gzip" ? node("zlib").createGunzip() : node("zlib").createInflate(),
      piecesOf(raw),
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
