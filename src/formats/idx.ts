/**
 * The idx format, in which MNIST is published: two zero bytes, a type, a rank, the sizes and the
 * values, all big-endian.
 *
 * Format: the foot of http://yann.lecun.com/exdb/mnist/.
 *
 * @module
 */
import { formatShape } from "../base/errors.ts";
import { HostArray } from "../base/host_array.ts";
import { sizeOf } from "../base/shape.ts";

interface ElementType {
  readonly name: string;
  readonly bytes: number;
  readonly parse: (view: DataView, count: number, start: number) => HostArray;
}

const TYPES: Readonly<Record<number, ElementType>> = {
  0x08: {
    name: "uint8",
    bytes: 1,
    parse: (view, count, start) =>
      new HostArray(new Uint8Array(view.buffer, view.byteOffset + start, count)),
  },
  0x09: {
    name: "int8",
    bytes: 1,
    parse: (view, count, start) =>
      new HostArray(new Int8Array(view.buffer, view.byteOffset + start, count)),
  },
  0x0b: {
    name: "int16",
    bytes: 2,
    parse: (view, count, start) => read(new Int32Array(count), (i) => view.getInt16(start + i * 2)),
  },
  0x0c: {
    name: "int32",
    bytes: 4,
    parse: (view, count, start) => read(new Int32Array(count), (i) => view.getInt32(start + i * 4)),
  },
  0x0d: {
    name: "float32",
    bytes: 4,
    parse: (view, count, start) =>
      read(new Float32Array(count), (i) => view.getFloat32(start + i * 4)),
  },
  0x0e: {
    name: "float64",
    bytes: 8,
    parse: (view, count, start) =>
      read(new Float64Array(count), (i) => view.getFloat64(start + i * 8)),
  },
};

function read(out: Int32Array | Float32Array | Float64Array, at: (i: number) => number): HostArray {
  for (let i = 0; i < out.length; i++) out[i] = at(i);
  return new HostArray(out);
}

/**
 * Parses the bytes of an idx file. Values of type uint8 are a view of them; int8 and int16 become
 * int32.
 *
 * @param name the file's name, for messages
 * @throws {TypeError} when it is no idx file
 * @throws {RangeError} when it is truncated or too long
 */
export function parseIdx(bytes: Uint8Array, name: string): HostArray {
  const fail = (what: string) => `Cannot read idx file ${name}: ${what}`;
  const need = (length: number) => {
    if (bytes.length < length) {
      throw new RangeError(
        fail(`it is truncated: it ends at byte ${bytes.length} where ${length} are needed`),
      );
    }
  };
  need(4);
  const type = TYPES[bytes[2]!];
  const rank = bytes[3]!;
  if (bytes[0] !== 0 || bytes[1] !== 0 || type === undefined) {
    const magic = Array.from(bytes.subarray(0, 4), (b) => b.toString(16).padStart(2, "0"));
    throw new TypeError(
      fail(`it starts with ${magic.join(" ")}, where idx has 00 00, a type (08 to 0e) and a rank`),
    );
  }
  const start = 4 + 4 * rank;
  need(start);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const count = sizeOf(shape);
  const end = start + count * type.bytes;
  if (!Number.isSafeInteger(end)) {
    throw new RangeError(fail(`its sizes ${formatShape(shape)} hold more than any file can`));
  }
  need(end);
  if (bytes.length > end) {
    throw new RangeError(
      fail(
        `${type.name}${formatShape(shape)} ends at byte ${end}, but the file has ${bytes.length}`,
      ),
    );
  }
  return type.parse(view, count, start).reshape(shape);
}
