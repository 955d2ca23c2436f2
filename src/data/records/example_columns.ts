/**
 * Many tf.train.Examples at once, straight into the columns of a batch: no list, name or element is
 * made for any of them. It takes what writers of TFRecords write, numbers in packed lists of the
 * wanted length; whatever else there is, damage too, it leaves to `readExample`, record by record.
 *
 * @module
 */
import { allocate, type DType, DTYPES, type Values } from "../../base/dtype.ts";
import { HostArray } from "../../base/host_array.ts";
import { sizeOf } from "../../base/shape.ts";
import * as tree from "../../base/tree.ts";
import { LITTLE, Message } from "./example_wire.ts";
import type { Feature } from "./parse_example.ts";

/** Tags: a field's number times 8, and its wire type. */
const FEATURES = 10, ENTRY = 10, NAME = 10, VALUE = 18, FLOATS = 18, INTS = 26, PACKED = 10;

/** Below this many bytes floats are copied faster one by one. */
const SHORT = 64;

/** What a record is that is not of the common form. */
const ODD = -1;

class Column {
  readonly name: Uint8Array;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly size: number;
  readonly default: number | readonly number[] | undefined;
  values!: Values;
  bytes!: Uint8Array;

  constructor(name: string, dtype: DType, shape: readonly number[], value: Feature["default"]) {
    this.name = new TextEncoder().encode(name);
    this.dtype = dtype;
    this.shape = shape;
    this.size = sizeOf(shape);
    this.default = value as number | readonly number[] | undefined;
  }

  begin(count: number): void {
    this.values = allocate(this.dtype, count * this.size);
    this.bytes = new Uint8Array(this.values.buffer);
  }
}

/** Parses batches of Examples. */
export class ExampleColumns {
  readonly #columns: readonly Column[];
  readonly #structure: tree.Structure;
  /** The record that each column had a value in last. */
  readonly #seen: Int32Array;
  readonly #ints = new Message(new Uint8Array(0), 0, 0);

  /** Use `ExampleColumns.of`. */
  constructor(columns: readonly Column[], structure: tree.Structure) {
    this.#columns = columns;
    this.#structure = structure;
    this.#seen = new Int32Array(columns.length);
  }

  /** For these features; null where they are not all numbers of fixed length. */
  static of(features: ReadonlyMap<string, Feature>): ExampleColumns | null {
    if (!LITTLE || features.size === 0) return null;
    for (const { dtype, shape } of features.values()) {
      if (dtype === "string" || dtype === "bytes" || shape === undefined) return null;
      if (sizeOf(shape) === 0) return null;
    }
    const [names, structure] = tree.flatten<Name>(
      Object.fromEntries([...features.keys()].map((name) => [name, new Name(name)])),
    );
    const columns = names.map(({ name }) => {
      const { dtype, shape, default: value } = features.get(name)!;
      return new Column(name, dtype as DType, [...shape!], value);
    });
    return new ExampleColumns(columns, structure);
  }

  /** The batch of these records; null where one of them is not of the common form. */
  parse(records: readonly unknown[]): unknown {
    for (const column of this.#columns) column.begin(records.length);
    this.#seen.fill(-1);
    for (let i = 0; i < records.length; i++) {
      const record = records[i];
      const bytes = record instanceof HostArray ? record.values : record;
      if (!(bytes instanceof Uint8Array) || !this.#record(bytes, i)) return null;
    }
    return tree.unflatten(
      this.#structure,
      this.#columns.map((c) => new HostArray(c.values, [records.length, ...c.shape], c.dtype)),
    );
  }

  #record(bytes: Uint8Array, row: number): boolean {
    const end = bytes.length;
    for (let at = 0; at < end;) {
      if (bytes[at] !== FEATURES) return false;
      at = this.#length(bytes, at + 1);
      const features = at + this.#n;
      if (at === ODD || features > end) return false;
      for (let next = 0; at < features; next++) {
        if (bytes[at] !== ENTRY) return false;
        at = this.#length(bytes, at + 1);
        const entry = at + this.#n;
        if (at === ODD || entry > features || !this.#entry(bytes, at, entry, row, next)) {
          return false;
        }
        at = entry;
      }
    }
    for (let k = 0; k < this.#columns.length; k++) {
      if (this.#seen[k] === row) continue;
      const column = this.#columns[k]!, { values, size } = column;
      if (column.default === undefined) return false;
      if (typeof column.default === "number") {
        values.fill(column.default, row * size, (row + 1) * size);
      } else values.set(column.default, row * size);
    }
    return true;
  }

  /** A name and its value; `next` is the column that comes where all records are in one order. */
  #entry(bytes: Uint8Array, at: number, end: number, row: number, next: number): boolean {
    if (bytes[at] !== NAME) return false;
    at = this.#length(bytes, at + 1);
    const value = at + this.#n;
    if (at === ODD || value >= end || bytes[value] !== VALUE) return false;
    const k = this.#find(bytes, at, value, next);
    at = this.#length(bytes, value + 1);
    if (at === ODD || at + this.#n !== end || k === ODD) return false;
    if (k === this.#columns.length || at === end) return true;
    if (this.#seen[k] === row) return false;
    const kind = bytes[at]!;
    at = this.#length(bytes, at + 1);
    if (at === ODD || at + this.#n !== end) return false;
    if (at === end) return kind === FLOATS || kind === INTS;
    this.#seen[k] = row;
    const column = this.#columns[k]!;
    if (kind === FLOATS) return this.#floats(bytes, at, end, column, row * column.size);
    return kind === INTS && this.#integers(bytes, at, end, column, row * column.size);
  }

  #floats(bytes: Uint8Array, at: number, end: number, column: Column, to: number): boolean {
    const { dtype, size } = column;
    if (DTYPES[dtype].kind !== "float" || bytes[at] !== PACKED) return false;
    at = this.#length(bytes, at + 1);
    if (at === ODD || at + this.#n !== end || this.#n !== 4 * size) return false;
    if (dtype === "float32" && 4 * size >= SHORT) {
      column.bytes.set(new Uint8Array(bytes.buffer, bytes.byteOffset + at, 4 * size), 4 * to);
      return true;
    }
    if (dtype === "float32") {
      // as bytes, so that every NaN stays as it is
      for (let i = 0; i < 4 * size; i++) column.bytes[4 * to + i] = bytes[at + i]!;
      return true;
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset + at);
    for (let i = 0; i < size; i++) column.values[to + i] = view.getFloat32(4 * i, true);
    return true;
  }

  #integers(bytes: Uint8Array, at: number, end: number, column: Column, to: number): boolean {
    if (bytes[at] !== PACKED) return false;
    at = this.#length(bytes, at + 1);
    if (at === ODD || at + this.#n !== end) return false;
    const { dtype, size, values } = column;
    const whole = DTYPES[dtype].kind !== "float";
    for (let i = 0; i < size; i++) {
      if (at >= end) return false;
      let x = bytes[at]!;
      if (x < 128) at++;
      else {
        const ints = this.#ints;
        ints.bytes = bytes;
        ints.at = at;
        ints.end = end;
        // its errors are told by readExample, which meets them again
        try {
          x = ints.int64();
        } catch {
          return false;
        }
        at = ints.at;
        if (!Number.isSafeInteger(x)) return false;
      }
      values[to + i] = x;
      if (dtype === "bool" ? x > 1 || x < 0 : whole && values[to + i] !== x) return false;
    }
    return at === end;
  }

  /** The column of a name; the number of columns where it is none's, ODD where it is not ASCII. */
  #find(bytes: Uint8Array, from: number, to: number, next: number): number {
    const columns = this.#columns;
    if (next < columns.length && isName(columns[next]!.name, bytes, from, to)) return next;
    for (let k = 0; k < columns.length; k++) {
      if (isName(columns[k]!.name, bytes, from, to)) return k;
    }
    for (let i = from; i < to; i++) if (bytes[i]! > 127) return ODD;
    return columns.length;
  }

  #n = 0;

  /** Reads a length into `#n` and gives where it ends; ODD where it has more than four bytes. */
  #length(bytes: Uint8Array, at: number): number {
    let n = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      if (at >= bytes.length) return ODD;
      const b = bytes[at++]!;
      n |= (b & 127) << shift;
      if (b < 128) {
        this.#n = n;
        return at;
      }
    }
    return ODD;
  }
}

/** A leaf for the structure of the batch. */
class Name {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

function isName(name: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (name.length !== to - from) return false;
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[from + i]) return false;
  return true;
}
