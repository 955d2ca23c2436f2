/**
 * The values of an array as the bytes of a file: little-endian, as every machine has them that runs
 * Deno.
 *
 * @module
 */
import { type DType, DTYPES } from "../base/dtype.ts";
import { HostArray, valuesOf } from "../base/host_array.ts";

/** The bytes of the values, not a copy. */
export function bytesOf(x: HostArray): Uint8Array {
  const values = valuesOf(x);
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** An array over bytes of a file: a view of them where they are aligned, else of a copy. */
export function arrayOf(bytes: Uint8Array, dtype: DType, shape: readonly number[]): HostArray {
  const { bytes: width, array: Values } = DTYPES[dtype];
  const { buffer, byteOffset, byteLength } = bytes;
  const values = byteOffset % width === 0
    ? new Values(buffer, byteOffset, byteLength / width)
    : new Values(buffer.slice(byteOffset, byteOffset + byteLength));
  return new HostArray(values, shape, dtype);
}
