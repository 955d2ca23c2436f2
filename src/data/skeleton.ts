/**
 * Elements taken apart into their arrays and a plain description of their nesting: for files,
 * workers and states.
 *
 * @module
 */
import { type DType, DTYPES, type Values } from "../base/dtype.ts";
import { HostArray, valuesOf } from "../base/host_array.ts";

/** The nesting: a number stands for that array of the list, a text for itself. */
export type Skeleton = null | number | string | readonly Skeleton[] | {
  readonly [key: string]: Skeleton;
};

/** An element in two parts. */
export interface Parts {
  readonly nest: Skeleton;
  readonly arrays: readonly HostArray[];
}

/** Takes an element apart. */
export function takeApart(element: unknown): Parts {
  const arrays: HostArray[] = [];
  const visit = (x: unknown): Skeleton => {
    if (x === null || typeof x === "string") return x;
    if (x instanceof HostArray) return arrays.push(x) - 1;
    if (Array.isArray(x)) return x.map(visit);
    return Object.fromEntries(Object.entries(x as object).map(([k, v]) => [k, visit(v)]));
  };
  return { nest: visit(element), arrays };
}

/** Puts an element together again. */
export function putTogether(nest: Skeleton, arrays: readonly HostArray[]): unknown {
  if (nest === null || typeof nest === "string") return nest;
  if (typeof nest === "number") return arrays[nest]!;
  if (Array.isArray(nest)) return nest.map((n) => putTogether(n, arrays));
  return Object.fromEntries(Object.entries(nest).map(([k, n]) => [k, putTogether(n, arrays)]));
}

/** The bytes of an array, not copied. */
export function bytesOf(x: HostArray): Uint8Array {
  const values = valuesOf(x);
  return new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
}

/** An array of its own from `bytes.length / itemsize` elements. */
export function arrayOf(bytes: Uint8Array, dtype: DType, shape: readonly number[]): HostArray {
  const own = bytes.slice();
  const { array, bytes: size } = DTYPES[dtype];
  const values = new array(own.buffer, 0, own.length / size) as Values;
  return new HostArray(values, shape, dtype);
}

/** An element as JSON, arrays in base64. */
export type ElementJson = {
  readonly nest: Skeleton;
  readonly arrays: readonly {
    readonly dtype: string;
    readonly shape: readonly number[];
    readonly base64: string;
  }[];
};

/** Writes an element as JSON. */
export function toJson(element: unknown): ElementJson {
  const { nest, arrays } = takeApart(element);
  return {
    nest,
    arrays: arrays.map((x) => ({ dtype: x.dtype, shape: x.shape, base64: encode(bytesOf(x)) })),
  };
}

/** Reads an element from JSON. */
export function fromJson({ nest, arrays }: ElementJson): unknown {
  const list = arrays.map(({ dtype, shape, base64 }) =>
    arrayOf(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)), dtype as DType, shape)
  );
  return putTogether(nest, list);
}

function encode(bytes: Uint8Array): string {
  let text = "";
  for (const b of bytes) text += String.fromCharCode(b);
  return btoa(text);
}
