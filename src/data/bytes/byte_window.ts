/**
 * A window that moves over the bytes of a file: what has been read and not yet been used. Its memory
 * grows only as far as bytes really come, so no length that a file claims allocates anything.
 *
 * @module
 */
import type { ByteSource, ByteStream } from "./byte_source.ts";

/** What is read at once. */
const PIECE = 1 << 18;

/** A fault in a file's bytes, at a position of the window's `bytes`. */
export class FileFault extends Error {
  /** Where in `bytes`. */
  readonly at: number;
  /** Whether it is of a wrong kind, a TypeError, and not of a wrong value, a RangeError. */
  readonly kind: boolean;

  constructor(what: string, at: number, kind = false) {
    super(what);
    this.at = at;
    this.kind = kind;
  }
}

/** The unused bytes of a file: `bytes[start]` up to but without `bytes[end]`. */
export class ByteWindow {
  bytes: Uint8Array;
  start = 0;
  end = 0;
  /** Whether the file ends at `end`. */
  last = false;
  /** The number of bytes of the whole file; null where it is not known. */
  readonly size: number | null;
  readonly #source: ByteSource;
  readonly #stream: ByteStream;
  /** The offset in the file of `bytes[0]`. */
  #base: number;

  constructor(source: ByteSource, offset: number) {
    this.#source = source;
    this.#stream = source.open(offset);
    this.#base = offset;
    this.size = source.size();
    // one byte more than is read, for `endLine`
    this.bytes = new Uint8Array(1 + (this.size === null ? PIECE : Math.min(PIECE, this.size + 1)));
  }

  /** The offset in the file of `bytes[start]`, or of `bytes[at]`. */
  offset(at: number = this.start): number {
    return this.#base + at;
  }

  /** Puts a line end behind the last byte, which no loop over digits or letters passes. */
  endLine(): void {
    this.bytes[this.end] = 10;
  }

  /** Reads on. Afterwards there are more bytes, or `last` holds. */
  more(): void | Promise<void> {
    const { start, end } = this, room = this.bytes.length - 1;
    if (start > 0 && (start === end || end === room)) {
      this.bytes.copyWithin(0, start, end);
      this.#base += start;
      this.start = 0;
      this.end = end - start;
    } else if (end === room) {
      const larger = new Uint8Array(2 * end + 1);
      larger.set(this.bytes);
      this.bytes = larger;
    }
    const n = this.#stream.read(this.bytes.subarray(this.end, -1));
    if (n instanceof Promise) return n.then(this.#accept);
    this.#accept(n);
  }

  readonly #accept = (n: number): void => {
    this.end += n;
    if (n === 0) this.last = true;
  };

  /** Lets go of the file. */
  close(): void | Promise<void> {
    return this.#stream.close();
  }

  /**
   * The error of a failure in this file: it names the file, the place and the stage, and the line
   * where it is a file of lines whose `lineOf` can tell it.
   */
  explain(
    cause: unknown,
    stage: string,
    record: number,
    lineOf?: (source: ByteSource, at: number) => number | null,
  ): Error {
    const fault = cause instanceof FileFault ? cause : null;
    const at = fault === null ? this.offset(this.end) : this.offset(fault.at);
    const line = fault === null ? null : lineOf?.(this.#source, at) ?? null;
    const message = `Cannot read record ${record} of ${this.#source.name} at byte ${at} ` +
      `${line === null ? "" : `(line ${line}) `}in ${stage}: ${(cause as Error).message}`;
    if (fault !== null) return fault.kind ? new TypeError(message) : new RangeError(message);
    if (cause instanceof Deno.errors.NotCapable) return new Deno.errors.NotCapable(message);
    return cause instanceof RangeError
      ? new RangeError(message, { cause })
      : new Error(message, { cause });
  }
}
