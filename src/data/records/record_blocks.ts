/**
 * Reading records of equal length out of files, most of them in blocks that are read in one go.
 *
 * @module
 */
import type { FileRows, Part } from "./fixed_length_records.ts";
import { openFile } from "../bytes/local_file.ts";
import type { Kept } from "../run.ts";
import { spanOf } from "../span_of.ts";

/** What is kept of a file, for a shuffle behind it. */
const CACHE = 48 << 20;
/** Records from this size on are read straight into the batch itself. */
const LARGE = 1 << 15;
/** Of how many blocks it is known that records of them were read alone. */
const RECENT = 4;

/** Records that lie together and were read in one go. */
class Block {
  readonly memory: Uint8Array<ArrayBuffer>;
  number = -1;
  /** How many of its records have not been taken. */
  left = 0;

  constructor(bytes: number) {
    this.memory = new Uint8Array(bytes);
  }
}

/** An open file, and where it stands. */
interface Opened {
  readonly file: Deno.FsFile;
  at: number;
}

/**
 * What a run holds open: files, and the blocks of which records are yet to be taken. The memory of a
 * block serves again as soon as all of them are, so that little of it is in use and stays in caches.
 */
export class OpenRows implements Kept {
  readonly #rows: FileRows;
  readonly #files = new Map<Part, Opened>();
  readonly #blockRows: number;
  /** Blocks, each at the remainder of its number. */
  readonly #blocks: (Block | undefined)[];
  readonly #free: Block[] = [];
  /** The last block, among all, that was read. */
  #furthest = -1;
  /** The blocks before it of which single records were read lately. */
  readonly #missed = new Int32Array(RECENT).fill(-1);
  #misses = 0;
  #part: Part;

  constructor(rows: FileRows) {
    this.#rows = rows;
    this.#part = rows.parts[0]!;
    this.#blockRows = rows.blockRows;
    const capacity = Math.max(2, Math.floor(CACHE / (this.#blockRows * rows.bytes)));
    this.#blocks = new Array<undefined>(capacity).fill(undefined);
  }

  /** Copies `n` records from `row` on to `out`. */
  copy(row: number, n: number, out: Uint8Array, at: number): void {
    const { bytes } = this.#rows;
    while (n > 0) {
      const part = this.#partOf(row);
      const local = row - part.first;
      const inPart = Math.floor(local / this.#blockRows);
      const number = part.block + inPart;
      const slot = number % this.#blocks.length;
      let block = this.#blocks[slot];
      if (block === undefined || block.number !== number) {
        block = this.#wanted(number) ? this.#load(number, slot, part, inPart) : undefined;
      }
      let m: number;
      if (block === undefined) {
        m = Math.min(n, part.count - local);
        this.#read(part, local, out.subarray(at, at + m * bytes));
      } else {
        const within = local - inPart * this.#blockRows;
        m = Math.min(n, this.#blockRows - within, part.count - local);
        out.set(new Uint8Array(block.memory.buffer, within * bytes, m * bytes), at);
        block.left -= m;
        if (block.left <= 0) {
          this.#blocks[slot] = undefined;
          block.number = -1;
          this.#free.push(block);
        }
      }
      n -= m;
      row += m;
      at += m * bytes;
    }
  }

  /**
   * Whether a block is read whole: where it is the first time, or where records of it were read
   * alone just now, as in the next pass. A record that a shuffle held for long is read alone.
   */
  #wanted(number: number): boolean {
    if (this.#rows.bytes >= LARGE) return false;
    if (number > this.#furthest || this.#missed.includes(number)) return true;
    this.#missed[this.#misses++ % RECENT] = number;
    return false;
  }

  #load(number: number, slot: number, part: Part, inPart: number): Block {
    const { bytes } = this.#rows;
    const block = this.#blocks[slot] ?? this.#free.pop() ?? new Block(this.#blockRows * bytes);
    this.#blocks[slot] = undefined;
    const first = inPart * this.#blockRows;
    block.left = Math.min(this.#blockRows, part.count - first);
    const whole = block.left === this.#blockRows;
    this.#read(part, first, whole ? block.memory : block.memory.subarray(0, block.left * bytes));
    block.number = number;
    this.#blocks[slot] = block;
    this.#furthest = number;
    return block;
  }

  #read(part: Part, local: number, into: Uint8Array): void {
    const opened = this.#open(part);
    const offset = this.#rows.header + local * this.#rows.bytes;
    if (opened.at !== offset) opened.file.seekSync(offset, Deno.SeekMode.Start);
    opened.at = -1;
    for (let done = 0; done < into.length;) {
      const n = opened.file.readSync(done === 0 ? into : into.subarray(done));
      if (n === null) {
        throw new RangeError(
          `Cannot read ${part.path} at byte ${offset + done} in ${this.#rows.stage}: ` +
            `the file ends there; it had ${part.count} records when the dataset was made`,
        );
      }
      done += n;
    }
    opened.at = offset + into.length;
  }

  #open(part: Part): Opened {
    let opened = this.#files.get(part);
    if (opened === undefined) {
      opened = { file: openFile(part.path, "read fixed-length records"), at: 0 };
      this.#files.set(part, opened);
    }
    return opened;
  }

  #partOf(row: number): Part {
    const last = this.#part;
    if (row >= last.first && row < last.first + last.count) return last;
    return this.#part = spanOf(this.#rows.parts, row);
  }

  close(): void {
    for (const { file } of this.#files.values()) file.close();
    this.#files.clear();
    this.#blocks.fill(undefined);
    this.#free.length = 0;
  }
}
