/**
 * NumPy's npy format: a magic, a version, a header that is a Python dictionary, and the values. The
 * header is matched against the one form that it has, never evaluated.
 *
 * Format: NEP 1 and https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
 *
 * @module
 */
import { type DType, DTYPES, type Values } from "../base/dtype.ts";
import { formatShape } from "../base/errors.ts";
import { HostArray } from "../base/host_array.ts";
import { bytesOf } from "./bytes.ts";
import { sizeOf, stridesOf } from "../base/shape.ts";

/** No honest header comes near it: NumPy itself refuses more than 10,000 bytes. */
const LONGEST_HEADER = 10_000;

/** "\x93NUMPY". */
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

type Reader = (view: DataView, at: number, little: boolean) => number;

interface ElementType {
  readonly bytes: number;
  readonly dtype: DType;
  readonly read: Reader;
  /** Whether little-endian bytes are already the values of a typed array of ours. */
  readonly native: boolean;
}

const ELEMENT_TYPES: Readonly<Record<string, ElementType>> = {
  b1: { bytes: 1, dtype: "bool", native: true, read: (v, i) => v.getUint8(i) },
  u1: { bytes: 1, dtype: "uint8", native: true, read: (v, i) => v.getUint8(i) },
  i1: { bytes: 1, dtype: "int32", native: false, read: (v, i) => v.getInt8(i) },
  u2: { bytes: 2, dtype: "int32", native: false, read: (v, i, le) => v.getUint16(i, le) },
  i2: { bytes: 2, dtype: "int32", native: false, read: (v, i, le) => v.getInt16(i, le) },
  u4: { bytes: 4, dtype: "uint32", native: true, read: (v, i, le) => v.getUint32(i, le) },
  i4: { bytes: 4, dtype: "int32", native: true, read: (v, i, le) => v.getInt32(i, le) },
  f2: { bytes: 2, dtype: "float32", native: false, read: (v, i, le) => v.getFloat16(i, le) },
  f4: { bytes: 4, dtype: "float32", native: true, read: (v, i, le) => v.getFloat32(i, le) },
  f8: { bytes: 8, dtype: "float64", native: true, read: (v, i, le) => v.getFloat64(i, le) },
  u8: {
    bytes: 8,
    dtype: "int32",
    native: false,
    read: (v, i, le) => Number(v.getBigUint64(i, le)),
  },
  i8: { bytes: 8, dtype: "int32", native: false, read: (v, i, le) => Number(v.getBigInt64(i, le)) },
};

/** How NumPy calls our types. */
const DESCR: Readonly<Record<DType, string>> = {
  bool: "|b1",
  uint8: "|u1",
  int32: "<i4",
  uint32: "<u4",
  float32: "<f4",
  float64: "<f8",
};

/** The values start at a multiple of it. */
const ALIGNMENT = 64;

/** NumPy leaves room for a first size of so many digits, so that rows can be added in place. */
const GROWTH = 21;

/**
 * The bytes of an npy file, in two parts, as NumPy writes them: version 1, little-endian, row-major.
 *
 * @throws {RangeError} when the shape has more axes than the header has room for
 */
export function formatNpy(x: HostArray): [header: Uint8Array, values: Uint8Array] {
  const { shape } = x;
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const room = shape.length === 0 ? "" : " ".repeat(Math.max(0, GROWTH - `${shape[0]}`.length));
  const text = `{'descr': '${DESCR[x.dtype]}', 'fortran_order': False, 'shape': ${tuple}, }${room}`;
  const start = Math.ceil((10 + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  if (start - 10 > LONGEST_HEADER) {
    throw new RangeError(
      `Cannot write an array of ${shape.length} axes as npy: its header would be longer than ` +
        `the ${LONGEST_HEADER} bytes that are read`,
    );
  }
  const header = new Uint8Array(start);
  header.set(MAGIC);
  header[6] = 1;
  new DataView(header.buffer).setUint16(8, start - 10, true);
  header.set(new TextEncoder().encode(text.padEnd(start - 11) + "\n"), 10);
  return [header, bytesOf(x)];
}

/** The errors of one file. */
class Faults {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  kind(what: string): TypeError {
    return new TypeError(`Cannot read npy file ${this.name}: ${what}`);
  }

  value(what: string): RangeError {
    return new RangeError(`Cannot read npy file ${this.name}: ${what}`);
  }
}

/**
 * Parses the bytes of an npy file. What has no counterpart here is converted where that is exact: integers
 * of 8, 16 and 64 bits become int32, except uint8; float16 becomes float32.
 *
 * @param name the file's name, for messages
 * @throws {TypeError} when it is no npy file, or of a type that has no counterpart here
 * @throws {RangeError} when it is truncated, too long, or a value does not fit
 */
export function parseNpy(bytes: Uint8Array, name: string): HostArray {
  const faults = new Faults(name);
  const need = (length: number) => {
    if (bytes.length >= length) return;
    throw faults.value(
      `it is truncated: it ends at byte ${bytes.length} where ${length} are needed`,
    );
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  need(10);
  if (MAGIC.some((b, i) => bytes[i] !== b)) {
    throw faults.kind('it does not start with "\\x93NUMPY"');
  }
  const version = bytes[6]!;
  if (version < 1 || version > 3) throw faults.kind(`its format version ${version} is unknown`);
  const headerStart = version === 1 ? 10 : 12;
  need(headerStart);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > LONGEST_HEADER) {
    throw faults.value(`its header claims ${length} bytes, at most ${LONGEST_HEADER} are read`);
  }
  const start = headerStart + length;
  need(start);
  const text = new TextDecoder("latin1").decode(bytes.subarray(headerStart, start));
  const { descr, fortran, shape } = parseHeader(text, faults);
  const type = ELEMENT_TYPES[descr.slice(1)];
  if (type === undefined || !"<>|=".includes(descr[0]!)) {
    const why = descr.includes("O") ? "Python objects, which are not read" : "not a type read here";
    throw faults.kind(
      `its elements are ${JSON.stringify(descr)}: ${why}; save it as ` +
        `bool, int8 to int64, uint8 to uint64, float16, float32 or float64`,
    );
  }
  const count = sizeOf(shape);
  const end = start + count * type.bytes;
  if (!Number.isSafeInteger(end)) {
    throw faults.value(`its shape ${formatShape(shape)} holds more than any file can`);
  }
  need(end);
  if (bytes.length > end) {
    throw faults.value(
      `${descr}${formatShape(shape)} ends at byte ${end}, but the file has ${bytes.length}`,
    );
  }
  const values = readValues(view, start, count, type, descr[0] !== ">", faults);
  const ordered = fortran && shape.length > 1 ? rowMajor(values, shape, type.dtype) : values;
  return new HostArray(ordered, shape, type.dtype);
}

const ENTRY = /\s*'(descr|fortran_order|shape)'\s*:\s*('[^'\\]*'|True|False|\([\d\s,]*\))\s*(,|$)/y;

/** Reads the three entries of a header, in any order, each exactly once. */
function parseHeader(
  text: string,
  faults: Faults,
): { descr: string; fortran: boolean; shape: number[] } {
  const shown = JSON.stringify(text.trim().slice(0, 80));
  const bad = () => faults.kind(`its header ${shown} is not the dictionary of a plain array`);
  const body = /^\{(.*)\}\s*$/s.exec(text)?.[1]?.trimEnd();
  if (body === undefined) throw bad();
  const found = new Map<string, string>();
  for (ENTRY.lastIndex = 0; ENTRY.lastIndex < body.length;) {
    const match = ENTRY.exec(body);
    if (match === null || found.has(match[1]!)) throw bad();
    found.set(match[1]!, match[2]!);
  }
  const descr = /^'(.*)'$/.exec(found.get("descr") ?? "")?.[1];
  const order = found.get("fortran_order");
  const sizes = /^\(\s*((?:\d+\s*,\s*)*)(\d+)?\s*\)$/.exec(found.get("shape") ?? "");
  if (descr === undefined || (order !== "True" && order !== "False") || sizes === null) throw bad();
  // In Python "(3)" is a number, not a tuple.
  if (sizes[1] === "" && sizes[2] !== undefined) throw bad();
  const shape = `${sizes[1]}${sizes[2] ?? ""}`.split(",").filter((s) => s.trim() !== "")
    .map(Number);
  return { descr, fortran: order === "True", shape };
}

function readValues(
  view: DataView,
  start: number,
  count: number,
  type: ElementType,
  little: boolean,
  faults: Faults,
): Values {
  const TypedArray = DTYPES[type.dtype].array;
  if (type.native && (little || type.bytes === 1)) {
    const from = view.byteOffset + start;
    if (from % type.bytes === 0) return new TypedArray(view.buffer, from, count);
    return new TypedArray(view.buffer.slice(from, from + count * type.bytes));
  }
  const out = new TypedArray(count);
  for (let i = 0; i < count; i++) {
    const x = type.read(view, start + i * type.bytes, little);
    if (type.bytes === 8 && type.dtype === "int32" && x !== (x | 0)) {
      throw faults.value(`its value ${x} does not fit int32, the widest integer here`);
    }
    out[i] = x;
  }
  return out;
}

/** Values whose first axis runs fastest, put in the order in which the last does. */
function rowMajor(values: Values, shape: readonly number[], dtype: DType): Values {
  const out = new DTYPES[dtype].array(values.length);
  const strides = stridesOf([...shape].reverse()).reverse();
  const index = new Array<number>(shape.length).fill(0);
  for (let i = 0, from = 0; i < out.length; i++) {
    out[i] = values[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}
