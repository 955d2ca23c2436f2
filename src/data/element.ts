/**
 * Elements: nests of HostArrays and texts. Turns what users hand to a pipeline, and what their functions
 * return, into such nests.
 *
 * @module
 */
import { type DType, isTypedArray, type TypedArray, type Values } from "../base/dtype.ts";
import { formatValue } from "../base/errors.ts";
import { HostArray } from "../base/host_array.ts";
import type { Nested } from "../base/nested.ts";

/** Anything that can hand out its values, as a Tensor can. */
export interface ArraySource {
  /** The element type. */
  readonly dtype: DType;
  /** The sizes of the axes. */
  readonly shape: readonly number[];
  /** A copy of the values, row-major. */
  data(): Values;
}

/** What counts as one array. */
export type ArrayInput = number | boolean | TypedArray | HostArray | ArraySource;

/**
 * The element that a value becomes: arrays of any kind and lists of numbers become HostArrays,
 * texts stay, other lists and plain objects keep their structure.
 */
export type ElementOf<U> = U extends ArrayInput | readonly Nested[] ? HostArray
  : U extends null ? null
  : U extends string ? string
  : U extends readonly unknown[] ? { -readonly [K in keyof U]: ElementOf<U[K]> }
  : U extends object ? { -readonly [K in keyof U]: ElementOf<U[K]> }
  : never;

/** What elements of a type are joined to: arrays have one axis more, texts become lists. */
export type BatchOf<T> = T extends HostArray | null | undefined ? T
  : T extends string ? string[]
  : T extends object ? { -readonly [K in keyof T]: BatchOf<T[K]> }
  : T;

/** What batches of a type are taken apart to: lists of texts become texts. */
export type RowOf<T> = T extends HostArray | null | undefined ? T
  : T extends string[] ? string
  : T extends object ? { -readonly [K in keyof T]: RowOf<T[K]> }
  : T;

/**
 * What of an element is copied, because whoever made it may write to the same memory again before
 * the element is used: data that lies there already is not, what a mapped function returns is where
 * it is a typed array (HostArrays mostly pass through from the input), what a generator yields is.
 */
export type Copied = "nothing" | "typed arrays" | "all arrays";

/**
 * Turns a value into an element. A list of numbers, rectangular to any depth, is one array; any
 * other list is a nest.
 *
 * @throws {TypeError} for what is neither an array, a text nor a nest of them, with its path
 */
export function toElement(
  value: unknown,
  action: string,
  copied: Copied = "nothing",
  path = "",
): unknown {
  if (value instanceof HostArray) {
    return copied === "all arrays" ? new HostArray(value.data(), value.shape, value.dtype) : value;
  }
  if (value === null || typeof value === "string") return value;
  if (isTypedArray(value)) return new HostArray(copied === "nothing" ? value : value.slice());
  if (typeof value === "number" || typeof value === "boolean") return new HostArray(value);
  if (Array.isArray(value)) {
    if (literalShape(value) !== null) return new HostArray(value);
    return value.map((v, i) => toElement(v, action, copied, `${path}[${i}]`));
  }
  if (typeof value === "object") {
    if (isArraySource(value)) return new HostArray(value.data(), value.shape, value.dtype);
    const proto = Object.getPrototypeOf(value);
    if (proto === Object.prototype || proto === null) {
      return Object.fromEntries(
        Object.entries(value!).map(([name, v]) => [
          name,
          toElement(v, action, copied, path === "" ? name : `${path}.${name}`),
        ]),
      );
    }
  }
  throw new TypeError(
    `Cannot ${action} ${formatValue(value)}${path === "" ? "" : ` at ${path}`}: ` +
      `elements are arrays, numbers, texts, and lists and plain objects of them`,
  );
}

function isArraySource(x: object | undefined | null): x is ArraySource {
  return x !== null && x !== undefined && "dtype" in x && "shape" in x && "data" in x &&
    typeof x.data === "function";
}

/** The shape of a rectangular list of numbers; null for any other list. */
function literalShape(list: readonly unknown[]): readonly number[] | null {
  if (!Array.isArray(list[0])) {
    for (const v of list) if (typeof v !== "number" && typeof v !== "boolean") return null;
    return [list.length];
  }
  const first = literalShape(list[0]);
  if (first === null) return null;
  for (let i = 1; i < list.length; i++) {
    const entry = list[i];
    const shape = Array.isArray(entry) ? literalShape(entry) : null;
    if (shape === null || shape.length !== first.length) return null;
    for (let k = 0; k < shape.length; k++) if (shape[k] !== first[k]) return null;
  }
  return [list.length, ...first];
}
