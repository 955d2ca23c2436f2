/**
 * The safetensors format: the length of a header, the header, which is JSON, and the values. Every
 * length and place in it is checked against the file before anything is made of it.
 *
 * Format: https://github.com/huggingface/safetensors, README, "Format". Files written here are, byte
 * for byte, those that the safetensors package writes for the same arrays.
 *
 * @module
 */
import { type DType, DTYPES, type Values } from "../base/dtype.ts";
import { formatShape, formatValue } from "../base/errors.ts";
import { HostArray } from "../base/host_array.ts";
import { sizeOf } from "../base/shape.ts";
import { arrayOf, bytesOf } from "./bytes.ts";

/** What a safetensors file holds. */
export interface Safetensors {
  /** The arrays by name. */
  readonly tensors: Readonly<Record<string, HostArray>>;
  /** Texts by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The format's own limit. */
const LONGEST_HEADER = 100_000_000;

const METADATA = "__metadata__";

/** How the package calls our types, in the order in which it puts them in the file. */
const NAMES = {
  float64: "F64",
  float32: "F32",
  uint32: "U32",
  int32: "I32",
  uint8: "U8",
  bool: "BOOL",
} as const satisfies Record<DType, string>;

const ORDER = Object.keys(NAMES) as DType[];
const BY_NAME = new Map<string, DType>(ORDER.map((dtype) => [NAMES[dtype], dtype]));

interface Foreign {
  readonly bytes: number;
  readonly dtype: DType;
  readonly read: (view: DataView, at: number) => number;
}

/** Types without a counterpart whose values others hold exactly. */
const FOREIGN: Readonly<Record<string, Foreign>> = {
  I8: { bytes: 1, dtype: "int32", read: (v, i) => v.getInt8(i) },
  I16: { bytes: 2, dtype: "int32", read: (v, i) => v.getInt16(i, true) },
  U16: { bytes: 2, dtype: "int32", read: (v, i) => v.getUint16(i, true) },
  I64: { bytes: 8, dtype: "int32", read: (v, i) => Number(v.getBigInt64(i, true)) },
  U64: { bytes: 8, dtype: "int32", read: (v, i) => Number(v.getBigUint64(i, true)) },
  F16: { bytes: 2, dtype: "float32", read: (v, i) => v.getFloat16(i, true) },
  BF16: { bytes: 2, dtype: "float32", read: (v, i) => upperHalf(v.getUint16(i, true)) },
};

const word = new DataView(new ArrayBuffer(4));

/** The float32 whose upper half these bits are. */
function upperHalf(bits: number): number {
  word.setUint32(0, bits * 0x10000);
  return word.getFloat32(0);
}

/**
 * The bytes of a safetensors file, in parts.
 *
 * @throws {TypeError} when a name is that of the metadata, or metadata is not text
 * @throws {RangeError} when the header would be longer than the format allows
 */
export function formatSafetensors({ tensors, metadata }: Safetensors): Uint8Array[] {
  const names = Object.keys(tensors);
  if (names.includes(METADATA)) {
    throw new TypeError(`Cannot write an array under the name "${METADATA}": choose another`);
  }
  for (const [name, text] of Object.entries(metadata)) {
    if (typeof text !== "string") {
      throw new TypeError(
        `Cannot write the metadata "${name}": it is ${
          formatValue(text)
        }: safetensors holds texts ` +
          `only: use JSON.stringify`,
      );
    }
  }
  const encoder = new TextEncoder();
  const rank = (x: HostArray) => ORDER.indexOf(x.dtype);
  const order = names.map((name) => ({ name, key: encoder.encode(name), x: tensors[name]! }))
    .sort((a, b) => rank(a.x) - rank(b.x) || compareBytes(a.key, b.key));
  const entries: string[] = [];
  if (Object.keys(metadata).length > 0) {
    entries.push(`"${METADATA}":${JSON.stringify(metadata)}`);
  }
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const { name, x } of order) {
    const bytes = bytesOf(x);
    const dtype = NAMES[x.dtype];
    const data_offsets = [at, at += bytes.length];
    entries.push(
      `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape: x.shape, data_offsets })}`,
    );
    if (bytes.length > 0) parts.push(bytes);
  }
  const text = encoder.encode(`{${entries.join(",")}}`);
  const length = Math.ceil(text.length / 8) * 8;
  if (length > LONGEST_HEADER) {
    throw new RangeError(
      `Cannot write safetensors with a header of ${length} bytes: at most ${LONGEST_HEADER} are ` +
        `allowed: shorten the metadata`,
    );
  }
  const header = new Uint8Array(8 + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(text, 8);
  return [header, ...parts];
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

/** A header: what each name stands for, and where. */
export interface SafetensorsHeader {
  /** Texts by name. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The arrays in the order of their bytes, with places in the file. */
  readonly entries: readonly Entry[];
  /** The length that the file must have. */
  readonly length: number;
}

interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

/** The errors of one file. */
class Faults {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  kind(what: string): TypeError {
    return new TypeError(`Cannot read safetensors file ${this.name}: ${what}`);
  }

  value(what: string): RangeError {
    return new RangeError(`Cannot read safetensors file ${this.name}: ${what}`);
  }
}

/** How many bytes of a file are its header, told by its first eight. */
export function safetensorsHeaderEnd(bytes: Uint8Array, name: string): number {
  const faults = new Faults(name);
  if (bytes.length < 8) {
    throw faults.value(`it is truncated: it ends at byte ${bytes.length} where 8 are needed`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > LONGEST_HEADER) {
    throw faults.value(
      `its header claims ${length} bytes (offset 0), at most ${LONGEST_HEADER} are allowed: ` +
        `it is damaged or no safetensors file`,
    );
  }
  return 8 + Number(length);
}

/**
 * Reads the header of a safetensors file and checks all it says.
 *
 * @param bytes the file from its start, at least to the end of its header
 * @throws {TypeError} when it is no safetensors file, or of a type that has no counterpart here
 * @throws {RangeError} when it is truncated, or places overlap, leave gaps or do not fit the shapes
 */
export function parseSafetensorsHeader(bytes: Uint8Array, name: string): SafetensorsHeader {
  const faults = new Faults(name);
  const start = safetensorsHeaderEnd(bytes, name);
  if (bytes.length < start) {
    throw faults.value(
      `it is truncated: it ends at byte ${bytes.length} where its header needs ${start}`,
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, start)));
  } catch (e) {
    throw faults.kind(`its header (offset 8 to ${start}) is not JSON: ${(e as Error).message}`);
  }
  if (!isRecord(json)) {
    throw faults.kind(`its header (offset 8) is ${formatValue(json)}: no record`);
  }
  const { [METADATA]: metadata = {}, ...arrays } = json;
  if (!isRecord(metadata) || Object.values(metadata).some((text) => typeof text !== "string")) {
    throw faults.kind(`its ${METADATA} is not a record of texts`);
  }
  const entries = Object.entries(arrays).map(([key, x]) => parseEntry(key, x, start, faults));
  entries.sort((a, b) => a.start - b.start || a.end - b.end);
  let at = start;
  for (const entry of entries) {
    if (entry.start !== at) {
      throw faults.value(
        `"${entry.name}" starts at byte ${entry.start} where ${at} is wanted: ` +
          `arrays must follow each other without gaps and never overlap`,
      );
    }
    at = entry.end;
  }
  return { metadata: metadata as Record<string, string>, entries, length: at };
}

function isRecord(x: unknown): x is Record<string, unknown> {
  return typeof x === "object" && x !== null && !Array.isArray(x);
}

const isCount = (x: unknown): x is number => Number.isSafeInteger(x) && (x as number) >= 0;

function parseEntry(name: string, x: unknown, origin: number, faults: Faults): Entry {
  const shown = JSON.stringify(name);
  if (!isRecord(x)) throw faults.kind(`${shown} is ${formatValue(x)}: a record is wanted`);
  const { dtype, shape, data_offsets: offsets } = x;
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    throw faults.kind(`${shown} has shape ${formatValue(shape)}: a list of sizes is wanted`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw faults.kind(`${shown} has data_offsets ${formatValue(offsets)}: two offsets are wanted`);
  }
  const width = typeof dtype === "string" ? widthOf(dtype) : undefined;
  if (width === undefined) {
    throw faults.kind(
      `${shown} is of type ${
        formatValue(dtype)
      }, which has no counterpart here: save it as BOOL, ` +
        `I8 to I64, U8 to U64, F16, BF16, F32 or F64`,
    );
  }
  const [start, end] = offsets as [number, number];
  const wanted = sizeOf(shape) * width;
  if (end - start !== wanted || !Number.isSafeInteger(origin + end)) {
    throw faults.value(
      `${shown} lies at offsets ${start} to ${end} of the values: ${dtype}${formatShape(shape)} ` +
        `needs ${wanted} bytes`,
    );
  }
  return { name, dtype: dtype as string, shape, start: origin + start, end: origin + end };
}

function widthOf(dtype: string): number | undefined {
  const own = BY_NAME.get(dtype);
  if (own !== undefined) return DTYPES[own].bytes;
  return Object.hasOwn(FOREIGN, dtype) ? FOREIGN[dtype]!.bytes : undefined;
}

/**
 * Reads a safetensors file. What has no counterpart here is converted where that is exact: I8, I16,
 * U16, I64 and U64 become int32, F16 and BF16 float32.
 *
 * @param name the file's name, for messages
 * @throws {TypeError} when it is no safetensors file, or of a type that has no counterpart here
 * @throws {RangeError} when it is truncated, too long, says what cannot be, or a value does not fit
 */
export function parseSafetensors(bytes: Uint8Array, name: string): Safetensors {
  const { metadata, entries, length } = parseSafetensorsHeader(bytes, name);
  const faults = new Faults(name);
  if (bytes.length < length) {
    throw faults.value(
      `it is truncated: it ends at byte ${bytes.length} where ${length} are needed`,
    );
  }
  if (bytes.length > length) {
    throw faults.value(`its arrays end at byte ${length}, but the file has ${bytes.length}`);
  }
  const tensors = Object.fromEntries(entries.map((e) => [e.name, readEntry(bytes, e, faults)]));
  return { tensors, metadata };
}

function readEntry(bytes: Uint8Array, entry: Entry, faults: Faults): HostArray {
  const { name, dtype, shape, start, end } = entry;
  const part = bytes.subarray(start, end);
  const own = BY_NAME.get(dtype);
  if (own !== undefined) return arrayOf(part, own, shape);
  const foreign = FOREIGN[dtype]!;
  const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
  const values: Values = new DTYPES[foreign.dtype].array(part.length / foreign.bytes);
  for (let i = 0; i < values.length; i++) {
    const x = foreign.read(view, i * foreign.bytes);
    if (foreign.dtype === "int32" && x !== (x | 0)) {
      throw faults.value(
        `"${name}" holds ${x} at byte ${start + i * foreign.bytes}, which does not fit int32, ` +
          `the widest integer here`,
      );
    }
    values[i] = x;
  }
  return new HostArray(values, shape, foreign.dtype);
}
