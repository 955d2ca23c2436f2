/**
 * Follows the frames of a zstd stream without unpacking them, because the decoder at hand (Node's,
 * in Deno) gives what it has, and no error, when a stream ends too early, and stops behind the
 * first of several frames. It does notice damage within a frame.
 *
 * Format: RFC 8878, sections 3.1.1 and 3.1.2.
 *
 * @module
 */

const MAGIC = 0xfd2fb528;
/** Skippable frames have any value in the lowest four bits. */
const SKIPPABLE = 0x184d2a5;
const BLOCK_RLE = 1;
const BLOCK_RESERVED = 3;

/** What is expected next. */
type Place = "magic" | "descriptor" | "header" | "block" | "skippable";

/** Bytes of one frame, and whether they are its last. */
export interface FramePart {
  readonly bytes: Uint8Array;
  readonly last: boolean;
}

/** Takes a stream piece by piece and tells at its end whether it stopped between two frames. */
export class ZstdFrames {
  /** The bytes wanted before the next decision. */
  #head: number[] = [];
  #want = 4;
  #skip = 0;
  #state: Place = "magic";
  #checksum = false;
  /** Whether it is within a frame that has content. */
  #content = false;
  #offset = 0;
  #frames = 0;

  /**
   * Takes the next bytes, and gives those of them, with what was held back, that belong to frames
   * with content. Throws a RangeError where they begin no frame.
   */
  push(bytes: Uint8Array): FramePart[] {
    const parts: FramePart[] = [];
    /** Where bytes to give began; -1 while they are held back or left out. */
    let from = this.#content ? 0 : -1;
    for (let i = 0; i < bytes.length;) {
      if (this.#skip > 0) {
        const n = Math.min(this.#skip, bytes.length - i);
        this.#skip -= n;
        i += n;
        this.#offset += n;
      } else {
        this.#head.push(bytes[i++]!);
        this.#offset++;
        if (this.#head.length === this.#want) {
          const head = this.#head;
          const begins = this.#state === "magic";
          this.#decide();
          if (begins && this.#state === "descriptor") {
            this.#content = true;
            parts.push({ bytes: Uint8Array.from(head), last: false });
            from = i;
          }
        }
      }
      if (this.#content && this.#state === "magic" && this.#skip === 0) {
        this.#content = false;
        parts.push({ bytes: bytes.subarray(from, i), last: true });
        from = -1;
      }
    }
    if (from >= 0) parts.push({ bytes: bytes.subarray(from), last: false });
    return parts;
  }

  /** Throws a RangeError unless the stream may end here. */
  end(): void {
    const between = this.#state === "magic" && this.#head.length === 0 && this.#skip === 0;
    if (between && this.#frames > 0) return;
    throw new RangeError(`Its stream ends at byte ${this.#offset}, within a frame`);
  }

  #decide(): void {
    const head = this.#head;
    this.#head = [];
    const word = (n: number) => head.slice(0, n).reduce((x, b, i) => x + b * 256 ** i, 0);
    switch (this.#state) {
      case "magic": {
        const magic = word(4);
        if (magic === MAGIC) this.#next("descriptor", 1);
        else if (Math.floor(magic / 16) === SKIPPABLE) this.#next("skippable", 4);
        else throw new RangeError(`No frame begins at byte ${this.#offset - 4}`);
        this.#frames++;
        return;
      }
      case "descriptor": {
        const flags = head[0]!;
        const single = (flags & 0x20) !== 0;
        this.#checksum = (flags & 4) !== 0;
        const size = [single ? 1 : 0, 2, 4, 8][flags >> 6]!;
        const dictionary = [0, 1, 2, 4][flags & 3]!;
        this.#next("header", (single ? 0 : 1) + dictionary + size);
        return;
      }
      case "header":
        this.#next("block", 3);
        return;
      case "block": {
        const header = word(3);
        const type = (header >> 1) & 3;
        if (type === BLOCK_RESERVED) {
          throw new RangeError(`The block at byte ${this.#offset - 3} has no known type`);
        }
        this.#skip = type === BLOCK_RLE ? 1 : header >> 3;
        if ((header & 1) !== 0) {
          if (this.#checksum) this.#skip += 4;
          this.#next("magic", 4);
        } else this.#next("block", 3);
        return;
      }
      case "skippable":
        this.#skip = word(4);
        this.#next("magic", 4);
    }
  }

  #next(state: Place, want: number): void {
    this.#state = state;
    this.#want = want;
  }
}
