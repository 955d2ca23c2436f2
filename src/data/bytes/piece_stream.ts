/**
 * What streams have in common whose bytes come in pieces of sizes that are not the reader's.
 *
 * @module
 */
import type { ByteStream } from "./byte_source.ts";

/** A stream of pieces, from which a first part is left out. */
export abstract class PieceStream implements ByteStream {
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
