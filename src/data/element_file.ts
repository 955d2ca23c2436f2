/**
 * Files of elements, for caches and snapshots: written as they come and put under their name when
 * they are whole, read as they are asked for, with a checksum for every element.
 *
 * A file is a line that names the format, then records: a head of 16 bytes (the lengths of the
 * description and of the data, and the CRC32C of both and of the lengths), the description as JSON,
 * the data. The last record describes the file: its number of elements and their spec.
 *
 * @module
 */
import { node } from "../../ffi/node.ts";
import { type DType, DTYPES } from "../base/dtype.ts";
import { sizeOf } from "../base/shape.ts";
import {
  clearPartsOf,
  demandSync,
  failure,
  temporaryName,
  toPath,
  writeFailure,
} from "../formats/files.ts";
import { crc32c } from "./bytes/crc32c.ts";
import { arrayOf, bytesOf, putTogether, type Skeleton, takeApart } from "./skeleton.ts";

const MAGIC = new TextEncoder().encode("glissade elements 1\n");
const HEAD = 16;
/** Elements are written when so many bytes have come together. */
const BLOCK = 1 << 20;
/** Milliseconds after which a part that nobody has written to is taken for that of a killed process. */
const ABANDONED = 3_600_000;

interface Description {
  readonly nest: Skeleton;
  readonly arrays: readonly { readonly dtype: DType; readonly shape: readonly number[] }[];
}

interface Ending {
  readonly end: number;
  readonly about: unknown;
}

/** Whether a file is there. */
export function fileExists(path: string | URL): boolean {
  demandSync("read", toPath(path), `look for ${toPath(path)}`);
  try {
    return Deno.statSync(path).isFile;
  } catch (e) {
    if (e instanceof Deno.errors.NotFound || e instanceof Deno.errors.NotADirectory) return false;
    throw failure("look for", toPath(path), "", e);
  }
}

/** Writes elements beside a place and moves the file there when it is whole. */
export class ElementWriter {
  readonly #path: string;
  readonly #temporary: string;
  #file: Deno.FsFile | null;
  #pending: Uint8Array[] = [];
  #bytes = 0;
  #count = 0;

  constructor(path: string | URL) {
    this.#path = toPath(path);
    this.#temporary = temporaryName(this.#path);
    const folder = node("path").dirname(this.#path);
    for (const name of ["read", "write"] as const) demandSync(name, folder, `write ${this.#path}`);
    clearPartsOf(this.#path, ABANDONED);
    try {
      this.#file = Deno.openSync(this.#temporary, { write: true, createNew: true });
    } catch (e) {
      throw writeFailure(this.#path, e);
    }
    this.#put(MAGIC);
  }

  /** Adds an element. */
  add(element: unknown): void {
    const { nest, arrays } = takeApart(element);
    const description: Description = {
      nest,
      arrays: arrays.map((x) => ({ dtype: x.dtype, shape: x.shape })),
    };
    this.#record(description, arrays.map(bytesOf));
    this.#count++;
  }

  /** Says that there are no more, and gives the file its name. */
  finish(about: unknown): void {
    const ending: Ending = { end: this.#count, about };
    this.#record(ending, []);
    this.#attempt(() => {
      this.#flush();
      this.#file!.syncSync();
      this.#file!.close();
      this.#file = null;
      Deno.renameSync(this.#temporary, this.#path);
    });
  }

  /** Takes back what was written. */
  abort(): void {
    const file = this.#file;
    if (file === null) return;
    this.#file = null;
    file.close();
    try {
      Deno.removeSync(this.#temporary);
    } catch {
      // a file that nobody finds is no use, and no harm
    }
  }

  #record(description: unknown, data: readonly Uint8Array[]): void {
    const text = new TextEncoder().encode(JSON.stringify(description));
    const length = data.reduce((n, part) => n + part.length, 0);
    const bytes = new Uint8Array(HEAD + text.length + length);
    const head = new DataView(bytes.buffer);
    head.setUint32(4, text.length, true);
    head.setBigUint64(8, BigInt(length), true);
    bytes.set(text, HEAD);
    let at = HEAD + text.length;
    for (const part of data) {
      bytes.set(part, at);
      at += part.length;
    }
    head.setUint32(0, crc32c(bytes, 4), true);
    this.#put(bytes);
  }

  #put(bytes: Uint8Array): void {
    this.#pending.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes >= BLOCK) this.#attempt(() => this.#flush());
  }

  #flush(): void {
    for (const part of this.#pending) {
      for (let at = 0; at < part.length;) at += this.#file!.writeSync(part.subarray(at));
    }
    this.#pending = [];
    this.#bytes = 0;
  }

  #attempt(write: () => void): void {
    try {
      write();
    } catch (e) {
      this.abort();
      throw writeFailure(this.#path, e);
    }
  }
}

/** Reads elements in the order in which they were written. */
export class ElementReader {
  readonly #path: string;
  #file: Deno.FsFile | null;
  readonly #size: number;
  #offset = 0;
  #count = 0;
  #ended = false;

  constructor(path: string | URL) {
    this.#path = toPath(path);
    demandSync("read", this.#path, `read ${this.#path}`);
    try {
      this.#file = Deno.openSync(this.#path, { read: true });
    } catch (e) {
      throw failure("read", this.#path, "", e);
    }
    const { isFile, size } = this.#file.statSync();
    this.#size = size;
    try {
      if (!isFile) throw new TypeError(`Cannot read ${this.#path}: it is no file`);
      const magic = this.#read(MAGIC.length);
      if (!MAGIC.every((b, i) => b === magic[i])) this.#damaged("it is no file of elements", 0);
    } catch (e) {
      this.close();
      throw e;
    }
  }

  /** The next element; undefined after the last. */
  next(): unknown {
    if (this.#ended) return undefined;
    const start = this.#offset;
    const { text, length, record } = this.#recordAt(start);
    const description = JSON.parse(text) as Description | Ending;
    if ("end" in description) {
      if (description.end !== this.#count || this.#offset !== this.#size) {
        this.#damaged(`it says that it ends after ${description.end} elements`, start);
      }
      this.#ended = true;
      return undefined;
    }
    let at = record.length - length;
    const arrays = description.arrays.map(({ dtype, shape }) => {
      const bytes = sizeOf(shape) * DTYPES[dtype].bytes;
      at += bytes;
      if (at > record.length) this.#damaged("an array is longer than its record", start);
      return arrayOf(record.subarray(at - bytes, at), dtype, shape);
    });
    this.#count++;
    return putTogether(description.nest, arrays);
  }

  /** Leaves out elements without computing their checksums. */
  skip(count: number): void {
    for (let i = 0; i < count && !this.#ended; i++) {
      const start = this.#offset;
      const { text, length } = this.#head(start);
      const next = start + HEAD + text + length;
      const last = next >= this.#size;
      this.#offset = last ? start : next;
      this.#file!.seekSync(this.#offset, Deno.SeekMode.Start);
      if (last) return;
      this.#count++;
    }
  }

  /** What the file says of itself: reads to its end without looking at the elements. */
  about(): { count: number; about: unknown } {
    this.skip(Infinity);
    const start = this.#offset;
    const ending = JSON.parse(this.#recordAt(start).text) as Partial<Ending>;
    if (ending.end !== this.#count) this.#damaged("it has no end", start);
    return { count: this.#count, about: ending.about };
  }

  #head(start: number): { text: number; length: number; head: Uint8Array } {
    const head = this.#read(HEAD);
    const view = new DataView(head.buffer);
    const text = view.getUint32(4, true), length = Number(view.getBigUint64(8, true));
    if (start + HEAD + text + length > this.#size) {
      this.#damaged(
        `a record of ${HEAD + text + length} bytes begins there and the file has ${this.#size}`,
        start,
      );
    }
    return { text, length, head };
  }

  #recordAt(start: number): { text: string; length: number; record: Uint8Array } {
    const { text, length, head } = this.#head(start);
    const rest = this.#read(text + length);
    const record = new Uint8Array(HEAD + rest.length);
    record.set(head);
    record.set(rest, HEAD);
    if (crc32c(record, 4) !== new DataView(head.buffer).getUint32(0, true)) {
      this.#damaged("a checksum is wrong", start);
    }
    return { text: new TextDecoder().decode(record.subarray(HEAD, HEAD + text)), length, record };
  }

  #read(length: number): Uint8Array<ArrayBuffer> {
    if (this.#offset + length > this.#size) this.#damaged("it ends too early", this.#offset);
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const n = this.#file!.readSync(bytes.subarray(at));
      if (n === null) this.#damaged("it ends too early", this.#offset + at);
      else at += n;
    }
    this.#offset += length;
    return bytes;
  }

  #damaged(reason: string, offset: number): never {
    throw new RangeError(
      `Cannot read ${this.#path}: ${reason} (offset ${offset}): ` +
        `the file is damaged or of another kind: delete it and have it written again`,
    );
  }

  /** Closes the file. */
  close(): void {
    this.#file?.close();
    this.#file = null;
  }
}
