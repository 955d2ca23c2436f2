/**
 * The source of the lines of text files.
 *
 * @module
 */
import { checkOptions } from "../../base/options.ts";
import type { Compression } from "../bytes/byte_source.ts";
import { type ByteWindow, FileFault } from "../bytes/byte_window.ts";
import type { Files } from "../bytes/files.ts";
import { byteSources, type Framer, NOTHING, records } from "./records.ts";
import type { Stage } from "../stage.ts";

/** Options of sources over files. */
export interface FileOptions {
  /** How the files are packed; default "auto": by their endings, .gz, .zst or .zz. */
  compression?: Compression | undefined;
}

/** Makes a source of the lines of files, without what ends them. */
export function textLines(files: Files, options: FileOptions): Stage<string> {
  checkOptions(options, ["compression"], "read lines");
  const sources = byteSources(files, options.compression ?? "auto", "read lines");
  return records("textLines", sources, null, () => new LineFramer((line) => line));
}

const LF = 10, CR = 13;

/** Cuts lines that end in "\n" or "\r\n", the last one also at the end of the file. */
export class LineFramer<T> implements Framer<T> {
  record: T | typeof NOTHING = NOTHING;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #make: (line: string) => T | typeof NOTHING;
  /** How far beyond the window's start no line ends. */
  #searched = 0;

  constructor(make: (line: string) => T | typeof NOTHING) {
    this.#make = make;
  }

  frame(window: ByteWindow): number {
    const { bytes, start, end, last } = window;
    let from = start;
    let to = bytes.indexOf(LF, start + this.#searched);
    if (to < 0 || to >= end) {
      if (!last) {
        this.#searched = end - start;
        return 0;
      }
      to = end;
    }
    this.#searched = 0;
    const next = Math.min(to + 1, end);
    if (to < end && to > from && bytes[to - 1] === CR) to--;
    // A byte order mark is no part of the first line.
    const marked = window.offset() === 0 && bytes[from] === 0xef && bytes[from + 1] === 0xbb &&
      bytes[from + 2] === 0xbf;
    if (marked) from = Math.min(from + 3, to);
    let line: string;
    try {
      line = this.#decoder.decode(bytes.subarray(from, to));
    } catch {
      throw new FileFault("the line is not UTF-8", from);
    }
    this.record = this.#make(line);
    return next - start;
  }
}
