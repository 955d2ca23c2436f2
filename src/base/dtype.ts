/**
 * The number types: one row each, and the lattice that says what comes out when two of them meet.
 *
 * @module
 */
import { formatValue } from "./errors.ts";

/** The name of an element type. */
export type DType = "bool" | "uint8" | "int32" | "uint32" | "float32" | "float64";

/** The kind of an element type, which decides what arithmetic means for it. */
export type Kind = "bool" | "uint" | "int" | "float";

/** A typed array that can hold some element type. */
export type TypedArray =
  | Uint8Array
  | Uint8ClampedArray
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** The typed arrays that glissade itself hands out. */
export type Values = Uint8Array | Int32Array | Uint32Array | Float32Array | Float64Array;

interface Row {
  readonly bytes: number;
  readonly kind: Kind;
  readonly array: {
    new (length: number): Values;
    new (buffer: ArrayBufferLike, offset?: number, length?: number): Values;
  };
  /** Short name for printed programs and cache keys. */
  readonly short: string;
  /** Direct successors in the promotion lattice (JAX's, without the types we do not have). */
  readonly up: readonly DType[];
}

/** One row per element type. */
export const DTYPES: { readonly [D in DType]: Row } = {
  bool: { bytes: 1, kind: "bool", array: Uint8Array, short: "b1", up: ["uint8", "int32"] },
  uint8: { bytes: 1, kind: "uint", array: Uint8Array, short: "u8", up: ["int32", "uint32"] },
  // int32 with uint32 would be int64; without one it is int32, as in JAX with 64-bit types off.
  uint32: { bytes: 4, kind: "uint", array: Uint32Array, short: "u32", up: ["int32"] },
  int32: { bytes: 4, kind: "int", array: Int32Array, short: "i32", up: ["float32"] },
  float32: { bytes: 4, kind: "float", array: Float32Array, short: "f32", up: ["float64"] },
  float64: { bytes: 8, kind: "float", array: Float64Array, short: "f64", up: [] },
};

const NAMES = Object.keys(DTYPES) as DType[];

function above(d: DType): Set<DType> {
  const seen = new Set<DType>([d]);
  for (const s of seen) for (const u of DTYPES[s].up) seen.add(u);
  return seen;
}

const JOIN = Object.fromEntries(NAMES.map((a) => [
  a,
  Object.fromEntries(NAMES.map((b) => {
    const common = [...above(a)].filter((d) => above(b).has(d));
    return [b, common.find((d) => common.every((c) => above(d).has(c)))!];
  })),
])) as Record<DType, Record<DType, DType>>;

/** The type in which values of `a` and `b` meet: the least upper bound of the lattice. */
export function promote(a: DType, b: DType): DType {
  return JOIN[a][b];
}

/** Whether `x` is the name of an element type. */
function isDType(x: unknown): x is DType {
  return typeof x === "string" && Object.hasOwn(DTYPES, x);
}

/** Checks a user's dtype and returns it, or throws a TypeError that lists the names there are. */
export function checkDType(x: unknown, action: string): DType {
  if (isDType(x)) return x;
  throw new TypeError(
    `Cannot ${action} with dtype ${formatValue(x)}: known dtypes are ${NAMES.join(", ")}` +
      (typeof x === "number" ? "; sizes of a shape stand in a list, as [2, 3]" : ""),
  );
}

/** Whether values of this type are floating point; false for what is no dtype. */
export function isFloat(d: DType): boolean {
  return DTYPES[d]?.kind === "float";
}

/** Whether values of this type are integers (bool is not one). */
export function isInteger(d: DType): boolean {
  return DTYPES[d].kind === "int" || DTYPES[d].kind === "uint";
}

/** The floating type a function of `d` computes in: itself if it is one, else float32. */
export function toFloat(d: DType): DType {
  return isFloat(d) ? d : "float32";
}

/** Allocates an ordinary typed array for `length` values of type `d`. */
export function allocate(d: DType, length: number): Values {
  return new DTYPES[d].array(length);
}

/** The element type whose values a typed array holds; small integer types are widened to int32. */
export function dtypeOf(array: TypedArray): DType {
  if (array instanceof Float32Array) return "float32";
  if (array instanceof Float64Array) return "float64";
  if (array instanceof Int32Array) return "int32";
  if (array instanceof Uint32Array) return "uint32";
  if (array instanceof Uint8Array || array instanceof Uint8ClampedArray) return "uint8";
  return "int32";
}

/** Whether `x` is a typed array of numbers (BigInt arrays and DataViews are not). */
export function isTypedArray(x: unknown): x is TypedArray {
  return ArrayBuffer.isView(x) && !(x instanceof DataView) &&
    !(x instanceof BigInt64Array) && !(x instanceof BigUint64Array) &&
    x.constructor.name !== "Float16Array";
}

/**
 * Converts one number to what an element of type `d` would hold: floats are rounded, conversion to
 * an integer truncates towards zero and saturates, NaN becomes 0 (as XLA does it).
 */
export function convertNumber(x: number, d: DType): number {
  switch (d) {
    case "float64":
      return x;
    case "float32":
      return Math.fround(x);
    case "bool":
      return x !== 0 ? 1 : 0;
    case "uint8":
      return saturate(x, 0, 255);
    case "int32":
      return saturate(x, -2147483648, 2147483647);
    case "uint32":
      return saturate(x, 0, 4294967295);
    default:
      return d satisfies never;
  }
}

function saturate(x: number, low: number, high: number): number {
  return x !== x ? 0 : x <= low ? low : x >= high ? high : Math.trunc(x) + 0;
}

/** Converts a typed array element by element, always into a fresh one. Integers narrow by wrapping. */
export function convertArray(source: TypedArray, from: DType, to: DType): Values {
  const out = allocate(to, source.length);
  if (from === to || (to === "float32" || to === "float64")) {
    out.set(source);
  } else if (to === "bool" || isFloat(from)) {
    for (let i = 0; i < source.length; i++) out[i] = convertNumber(source[i]!, to);
  } else {
    out.set(source); // typed arrays wrap integers modulo 2^bits
  }
  return out;
}
