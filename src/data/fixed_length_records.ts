/**
 * The source of binary files made of records of equal length. Records are rows: a shuffle moves
 * their numbers, and a batch copies each once, out of blocks that were read in one go. Reading ahead
 * is left to the operating system, which does it for files read in order.
 *
 * @module
 */
import { formatValue } from "../base/errors.ts";
import { HostArray } from "../base/host_array.ts";
import { checkOptions } from "../base/options.ts";
import { toPath } from "../formats/files.ts";
import { checkReadable, openFile } from "./byte_source.ts";
import { checkCount } from "./check.ts";
import { allRows } from "./reorder.ts";
import type { Kept, Run } from "./run.ts";
import { ArraySpec } from "./spec.ts";
import { describeStage, type RowSource, type Stage } from "./stage.ts";

/** Options of `fixedLengthRecords`. */
export interface FixedLengthOptions {
  /** Bytes before the first record of each file; default 0. */
  headerBytes?: number;
  /** Bytes behind the last record of each file; default 0. */
  footerBytes?: number;
}

/** What is read in one go. */
const BLOCK = 1 << 20;
/** What is kept of a file, for a shuffle behind it. */
const CACHE = 48 << 20;
/** Records from this size on are read straight into the batch itself. */
const LARGE = 1 << 17;

interface Part {
  readonly path: string;
  /** The number of its first record among those of all files. */
  readonly first: number;
  readonly count: number;
}

/** Makes a source of the records of local files, each a uint8 vector. */
export function fixedLengthRecords(
  files: string | URL | readonly (string | URL)[],
  recordBytes: number,
  options: FixedLengthOptions,
): Stage<HostArray> {
  checkOptions(options, ["headerBytes", "footerBytes"], "read fixed-length records");
  const { headerBytes = 0, footerBytes = 0 } = options;
  checkCount(recordBytes, "read records of length", 1);
  checkCount(headerBytes, "leave out a header of length", 0);
  checkCount(footerBytes, "leave out a footer of length", 0);
  const places = Array.isArray(files) ? files as (string | URL)[] : [files as string | URL];
  if (places.length === 0) {
    throw new RangeError("Cannot read fixed-length records from no files: give at least one");
  }
  const parts: Part[] = [];
  let length = 0;
  for (const place of places) {
    if (!(typeof place === "string" || (place instanceof URL && place.protocol === "file:"))) {
      throw new TypeError(
        `Cannot read fixed-length records from ${formatValue(place)}: give a path or a file URL`,
      );
    }
    const path = toPath(place);
    checkReadable(path, "read fixed-length records");
    const file = openFile(path, "read fixed-length records");
    const { size } = file.statSync();
    file.close();
    const count = (size - headerBytes - footerBytes) / recordBytes;
    if (!Number.isInteger(count) || count < 0) {
      throw new RangeError(
        `Cannot read ${path} as records of ${recordBytes} bytes: its ${size} bytes, less ` +
          `${headerBytes} before and ${footerBytes} behind them, are no whole number of records`,
      );
    }
    if (count > 0) parts.push({ path, first: length, count });
    length += count;
  }
  const more = places.length > 1 ? ` and ${places.length - 1} more` : "";
  const label = `fixedLengthRecords(${places[0]}${more}, ${recordBytes})`;
  const source = new FileRows(parts, recordBytes, headerBytes, describeStage(label, []));
  return {
    label,
    inputs: [],
    cardinality: length,
    spec: new ArraySpec("uint8", [recordBytes]),
    ...allRows(source, length),
  };
}

class FileRows implements RowSource<HostArray> {
  readonly inMemory = false;
  readonly parts: readonly Part[];
  readonly bytes: number;
  readonly header: number;
  readonly stage: string;

  constructor(parts: readonly Part[], bytes: number, header: number, stage: string) {
    this.parts = parts;
    this.bytes = bytes;
    this.header = header;
    this.stage = stage;
  }

  opened(run: Run): OpenRows {
    return run.keep(this, () => new OpenRows(this));
  }

  at(row: number, run: Run): HostArray {
    return this.gather([row], 1, run).reshape([this.bytes]);
  }

  gather(rows: readonly number[], count: number, run: Run): HostArray {
    const { bytes } = this;
    const out = new Uint8Array(count * bytes);
    const open = this.opened(run);
    for (let i = 0; i < count;) {
      const row = rows[i]!;
      let n = 1;
      while (i + n < count && rows[i + n] === row + n) n++;
      open.copy(row, n, out, i * bytes);
      i += n;
    }
    return new HostArray(out, [count, bytes]);
  }
}

/** What a run holds open: files, and the blocks that were read lately. */
class OpenRows implements Kept {
  readonly #rows: FileRows;
  readonly #files = new Map<Part, Deno.FsFile>();
  /** Blocks by the number of their first record, the one read longest ago first. */
  readonly #blocks = new Map<number, Uint8Array>();
  readonly #blockRows: number;
  readonly #capacity: number;
  /** The first record of the last block that was read; what is before it and gone is read alone. */
  #furthest = -1;
  #part: Part;

  constructor(rows: FileRows) {
    this.#rows = rows;
    this.#part = rows.parts[0]!;
    this.#blockRows = Math.max(1, Math.floor(BLOCK / rows.bytes));
    this.#capacity = Math.max(2, Math.floor(CACHE / (this.#blockRows * rows.bytes)));
  }

  /** Copies `n` records from `row` on to `out`. */
  copy(row: number, n: number, out: Uint8Array, at: number): void {
    const { bytes } = this.#rows;
    while (n > 0) {
      const part = this.#partOf(row);
      const local = row - part.first;
      const first = row - local % this.#blockRows;
      let block = this.#blocks.get(first);
      if (block === undefined && bytes < LARGE && first > this.#furthest) {
        block = this.#load(first, part);
      }
      let m: number;
      if (block === undefined) {
        m = Math.min(n, part.count - local);
        this.#read(part, row, out.subarray(at, at + m * bytes));
      } else {
        m = Math.min(n, first + block.length / bytes - row);
        const from = (row - first) * bytes;
        out.set(block.subarray(from, from + m * bytes), at);
      }
      n -= m;
      row += m;
      at += m * bytes;
    }
  }

  #load(first: number, part: Part): Uint8Array {
    const rows = Math.min(this.#blockRows, part.first + part.count - first);
    let memory: Uint8Array | null = null;
    if (this.#blocks.size >= this.#capacity) {
      const [oldest, block] = this.#blocks.entries().next().value!;
      this.#blocks.delete(oldest);
      memory = block;
    }
    const length = rows * this.#rows.bytes;
    const block = memory !== null && memory.buffer.byteLength >= length
      ? new Uint8Array(memory.buffer, 0, length)
      : new Uint8Array(length);
    this.#read(part, first, block);
    this.#blocks.set(first, block);
    this.#furthest = first;
    return block;
  }

  #read(part: Part, row: number, into: Uint8Array): void {
    const file = this.#open(part);
    const offset = this.#rows.header + (row - part.first) * this.#rows.bytes;
    file.seekSync(offset, Deno.SeekMode.Start);
    for (let done = 0; done < into.length;) {
      const n = file.readSync(done === 0 ? into : into.subarray(done));
      if (n === null) {
        throw new RangeError(
          `Cannot read ${part.path} at byte ${offset + done} in ${this.#rows.stage}: ` +
            `the file ends there; it had ${part.count} records when the dataset was made`,
        );
      }
      done += n;
    }
  }

  #open(part: Part): Deno.FsFile {
    let file = this.#files.get(part);
    if (file === undefined) {
      file = openFile(part.path, "read fixed-length records");
      this.#files.set(part, file);
    }
    return file;
  }

  #partOf(row: number): Part {
    const last = this.#part;
    if (row >= last.first && row < last.first + last.count) return last;
    const { parts } = this.#rows;
    let low = 0, high = parts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (parts[middle]!.first <= row) low = middle;
      else high = middle - 1;
    }
    return this.#part = parts[low]!;
  }

  close(): void {
    for (const file of this.#files.values()) file.close();
    this.#files.clear();
    this.#blocks.clear();
  }
}
