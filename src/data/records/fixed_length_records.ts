/**
 * The source of binary files made of records of equal length. Records are rows: a shuffle moves
 * their numbers, and a batch copies each once, out of blocks that were read in one go. Reading ahead
 * is left to the operating system, which does it for files read in order.
 *
 * @module
 */
import { formatValue } from "../../base/errors.ts";
import type { HostArray } from "../../base/host_array.ts";
import { checkOptions } from "../../base/options.ts";
import { toPath } from "../../formats/files.ts";
import { type BatchMemory, FRESH } from "../batch_memory.ts";
import { checkCount } from "../check.ts";
import { fileLabel, type Files, listFiles } from "../bytes/files.ts";
import { checkReadable, openFile } from "../bytes/local_file.ts";
import { OpenRows } from "./record_blocks.ts";
import { allRows } from "../reorder.ts";
import type { Run } from "../run.ts";
import { ArraySpec } from "../spec.ts";
import { describeStage, type RowSource, type Stage } from "../stage.ts";

/** Options of `fixedLengthRecords`. */
export interface FixedLengthOptions {
  /** Bytes before the first record of each file; default 0. */
  headerBytes?: number | undefined;
  /** Bytes behind the last record of each file; default 0. */
  footerBytes?: number | undefined;
}

/** What is read in one go. */
const BLOCK = 1 << 18;

/** The records of one file. */
export interface Part {
  readonly path: string;
  /** The number of its first record among those of all files. */
  readonly first: number;
  readonly count: number;
  /** The number of its first block among those of all files. */
  readonly block: number;
}

/** Makes a source of the records of local files, each a uint8 vector. */
export function fixedLengthRecords(
  files: Files,
  recordBytes: number,
  options: FixedLengthOptions,
): Stage<HostArray> {
  checkOptions(options, ["headerBytes", "footerBytes"], "read fixed-length records");
  const { headerBytes = 0, footerBytes = 0 } = options;
  checkCount(recordBytes, "read records of length", 1);
  checkCount(headerBytes, "leave out a header of length", 0);
  checkCount(footerBytes, "leave out a footer of length", 0);
  const places = listFiles(files, "read fixed-length records");
  const parts: Part[] = [];
  const blockRows = Math.max(1, Math.floor(BLOCK / recordBytes));
  let length = 0, blocks = 0;
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
    if (count > 0) parts.push({ path, first: length, count, block: blocks });
    length += count;
    blocks += Math.ceil(count / blockRows);
  }
  const label = fileLabel("fixedLengthRecords", places, `, ${recordBytes}`);
  const source = new FileRows(parts, recordBytes, headerBytes, blockRows, describeStage(label, []));
  return {
    label,
    inputs: [],
    cardinality: length,
    spec: new ArraySpec("uint8", [recordBytes]),
    ...allRows(source, length),
  };
}

/** The records of files by number. */
export class FileRows implements RowSource<HostArray> {
  readonly inMemory = false;
  readonly parts: readonly Part[];
  readonly bytes: number;
  readonly header: number;
  readonly blockRows: number;
  readonly stage: string;

  constructor(
    parts: readonly Part[],
    bytes: number,
    header: number,
    blockRows: number,
    stage: string,
  ) {
    this.parts = parts;
    this.bytes = bytes;
    this.header = header;
    this.blockRows = blockRows;
    this.stage = stage;
  }

  opened(run: Run): OpenRows {
    return run.keep(this, () => new OpenRows(this));
  }

  at(row: number, run: Run): HostArray {
    return this.gather([row], 1, run, FRESH).reshape([this.bytes]);
  }

  gather(rows: readonly number[], count: number, run: Run, memory: BatchMemory): HostArray {
    const { bytes } = this;
    const gathered = memory.array(0, "uint8", count, [bytes]);
    const out = gathered.values as Uint8Array;
    const open = this.opened(run);
    for (let i = 0; i < count;) {
      const row = rows[i]!;
      let n = 1;
      while (i + n < count && rows[i + n] === row + n) n++;
      open.copy(row, n, out, i * bytes);
      i += n;
    }
    return gathered;
  }
}
