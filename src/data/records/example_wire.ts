/**
 * The wire form of tf.train.Example: a map from names to lists of bytes, floats or int64s. The three
 * messages are fixed for good, and protobuf libraries are loaded asynchronously, so that no map
 * function could parse with them; hence these few lines of our own.
 *
 * Format: tensorflow/core/example/feature.proto; https://protobuf.dev/programming-guides/encoding.
 *
 * @module
 */

import { shortText } from "../bytes/short_text.ts";

/** The values of one feature. */
export type FeatureList =
  | { readonly kind: "bytes"; readonly values: readonly Uint8Array[] }
  | { readonly kind: "float"; readonly values: Float32Array }
  | { readonly kind: "int64"; readonly values: readonly number[]; readonly exact: boolean };

const LARGEST_LENGTH = 2 ** 53;

const VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5;

/** Reads a message from `at` up to `end`, and nothing beyond. */
export class Message {
  bytes: Uint8Array;
  at: number;
  end: number;
  /** Of the field whose tag was read last. */
  field = 0;
  wire = 0;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** Reads the tag of the next field; false at the end. */
  next(): boolean {
    if (this.at >= this.end) return false;
    const tag = this.length();
    this.field = Math.floor(tag / 8);
    this.wire = tag % 8;
    if (this.field === 0) throw fault(this.at, "field number 0");
    return true;
  }

  /** The message that is this field's value. */
  message(): Message {
    if (this.wire !== BYTES) throw fault(this.at, `wire type ${this.wire} where 2 is wanted`);
    const n = this.length();
    const start = this.at;
    if (n > this.end - start) {
      throw fault(start, `a field of ${n} bytes where ${this.end - start} are left`);
    }
    this.at = start + n;
    return new Message(this.bytes, start, this.at);
  }

  /** A varint that counts something. */
  length(): number {
    let x = 0;
    for (let scale = 1; scale < LARGEST_LENGTH; scale *= 128) {
      const b = this.#byte();
      x += (b & 127) * scale;
      if (b < 128) return x;
    }
    throw fault(this.at, "a varint too large for a length");
  }

  /** A signed varint of 64 bits; beyond 2^53 it is rounded. */
  int64(): number {
    let low = 0, high = 0;
    for (let i = 0; i < 10; i++) {
      const b = this.#byte();
      if (i < 4) low |= (b & 127) << (7 * i);
      else if (i === 4) {
        low |= (b & 15) << 28;
        high = (b & 127) >>> 4;
      } else high |= (b & 127) << (7 * i - 32);
      if (b < 128) return (high | 0) * 2 ** 32 + (low >>> 0);
    }
    throw fault(this.at, "a varint of more than 10 bytes");
  }

  /** Leaves out this field's value. */
  skip(): void {
    if (this.wire === VARINT) this.int64();
    else if (this.wire === BYTES) this.message();
    else if (this.wire === FIXED32) this.fixed(4);
    else if (this.wire === FIXED64) this.fixed(8);
    else throw fault(this.at, `wire type ${this.wire}, which does not exist`);
  }

  /** Where a value of so many bytes starts; goes beyond it. */
  fixed(n: number): number {
    const { at } = this;
    if (n > this.end - at) throw fault(at, `${n} bytes wanted where ${this.end - at} are left`);
    this.at = at + n;
    return at;
  }

  #byte(): number {
    if (this.at >= this.end) throw fault(this.at, "it ends within a number");
    return this.bytes[this.at++]!;
  }
}

function fault(at: number, what: string): RangeError {
  return new RangeError(`Cannot parse tf.train.Example: at byte ${at}: ${what}: it is damaged`);
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Whether typed arrays have the order of bytes that the wire has. */
export const LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function nameOf({ bytes, at, end }: Message): string {
  const name = shortText(bytes, at, end);
  if (name !== null) return name;
  try {
    return utf8.decode(bytes.subarray(at, end));
  } catch {
    throw fault(at, "a name that is not UTF-8");
  }
}

/**
 * The features of an Example of the given names; of a name that is there twice, the last.
 *
 * @throws {RangeError} when the bytes are no Example
 */
export function readExample(
  bytes: Uint8Array,
  wanted: { has(name: string): boolean },
): Map<string, FeatureList> {
  const found = new Map<string, FeatureList>();
  const example = new Message(bytes, 0, bytes.length);
  while (example.next()) {
    if (example.field !== 1) {
      example.skip();
      continue;
    }
    const features = example.message();
    while (features.next()) {
      if (features.field !== 1) features.skip();
      else readEntry(features.message(), wanted, found);
    }
  }
  return found;
}

function readEntry(
  entry: Message,
  wanted: { has(name: string): boolean },
  found: Map<string, FeatureList>,
): void {
  let name = "";
  let value: Message | null = null;
  while (entry.next()) {
    if (entry.field === 1) {
      name = nameOf(entry.message());
    } else if (entry.field === 2) value = entry.message();
    else entry.skip();
  }
  if (!wanted.has(name) || value === null) return;
  let list: FeatureList | null = null;
  while (value.next()) {
    if (value.field === 1) list = readBytes(value.message());
    else if (value.field === 2) list = readFloats(value.message());
    else if (value.field === 3) list = readInts(value.message());
    else value.skip();
  }
  if (list !== null) found.set(name, list);
}

function readBytes(list: Message): FeatureList {
  const values: Uint8Array[] = [];
  while (list.next()) {
    if (list.field !== 1) {
      list.skip();
      continue;
    }
    const value = list.message();
    values.push(value.bytes.subarray(value.at, value.end));
  }
  return { kind: "bytes", values };
}

function readFloats(list: Message): FeatureList {
  const view = new DataView(list.bytes.buffer, list.bytes.byteOffset);
  let values = new Float32Array(0);
  while (list.next()) {
    if (list.field !== 1) {
      list.skip();
      continue;
    }
    let at: number, n: number;
    if (list.wire === FIXED32) {
      at = list.fixed(4);
      n = 1;
    } else {
      const packed = list.message();
      at = packed.at;
      n = (packed.end - at) / 4;
      if (!Number.isInteger(n)) throw fault(at, "packed floats that are cut in the middle");
    }
    const whole = values.length === 0 && LITTLE;
    if (whole) {
      const from = list.bytes.byteOffset + at;
      values = new Float32Array(list.bytes.buffer.slice(from, from + 4 * n) as ArrayBuffer);
      continue;
    }
    const joined = new Float32Array(values.length + n);
    joined.set(values);
    for (let i = 0; i < n; i++) joined[values.length + i] = view.getFloat32(at + 4 * i, true);
    values = joined;
  }
  return { kind: "float", values };
}

function readInts(list: Message): FeatureList {
  const values: number[] = [];
  let exact = true;
  const take = (from: Message) => {
    const x = from.int64();
    exact &&= Number.isSafeInteger(x);
    values.push(x);
  };
  while (list.next()) {
    if (list.field !== 1) list.skip();
    else if (list.wire === VARINT) take(list);
    else for (const packed = list.message(); packed.at < packed.end;) take(packed);
  }
  return { kind: "int64", values, exact };
}
