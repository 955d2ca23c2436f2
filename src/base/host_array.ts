/**
 * HostArray: an array in ordinary JavaScript memory, as datasets and pipelines carry it.
 *
 * @module
 */
import {
  allocate,
  checkDType,
  convertArray,
  convertNumber,
  type DType,
  dtypeOf,
  DTYPES,
  isTypedArray,
  type TypedArray,
  type Values,
} from "./dtype.ts";
import { formatShape, formatValue } from "./errors.ts";
import { type Nested, parseNested, toNested } from "./nested.ts";
import { printArray } from "./print.ts";
import { checkShape, resolveReshape, sameShape, sizeOf } from "./shape.ts";

/**
 * An array of numbers in ordinary memory: a dtype, a shape and a typed array in row-major order.
 * It computes nothing: give it to `np` functions or to jitted functions for that. `slice`, `at` and
 * `reshape` are views of the same memory.
 *
 * @example
 * ```ts
 * import { HostArray } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const x = new HostArray(new Float32Array([1, 2, 3, 4, 5, 6]), [3, 2]);
 * assertEquals(x.slice(-2).toArray(), [[3, 4], [5, 6]]);
 * assertEquals(x.at(0).shape, [2]);
 * ```
 */
export class HostArray {
  /** The element type. */
  readonly dtype: DType;
  /** The sizes of the axes, outermost first. */
  readonly shape: readonly number[];
  /** The memory itself, not a copy. */
  readonly values: Values;

  /**
   * Wraps values.
   *
   * @param values a typed array (kept, not copied, when its type is one of glissade's), or nested
   * lists of numbers (float32, or bool when all are booleans)
   * @param shape default: one axis, or the nesting of the lists
   * @param dtype default: that of the typed array. "bool" needs a Uint8Array of zeros and ones
   * @throws {RangeError} when the shape does not hold exactly the values
   */
  constructor(values: TypedArray | Nested, shape?: readonly number[], dtype?: DType) {
    let array: Values;
    if (dtype !== undefined && dtype !== "bool" && holds(values, dtype)) {
      array = values;
      this.dtype = dtype;
      this.shape = shape === undefined ? [array.length] : checkShape(shape, "make a HostArray");
    } else if (isTypedArray(values)) {
      const own = dtypeOf(values);
      const want = dtype ?? own;
      checkDType(want, "make a HostArray");
      if ((values.buffer as ArrayBuffer).detached === true) {
        throw new TypeError(
          "Cannot make a HostArray of a detached array: its memory was transferred: " +
            "copy it before that",
        );
      }
      array = values instanceof DTYPES[want].array ? values : convertArray(values, own, want);
      if (want === "bool" && array.some((v) => v > 1)) array = array.map((v) => v ? 1 : 0);
      this.dtype = want;
      this.shape = shape === undefined ? [array.length] : checkShape(shape, "make a HostArray");
    } else {
      const literal = parseNested(values, "make a HostArray of");
      this.dtype = dtype === undefined
        ? literal.bool ? "bool" : "float32"
        : checkDType(dtype, "make a HostArray");
      array = new DTYPES[this.dtype].array(literal.values.length);
      for (let i = 0; i < array.length; i++) {
        array[i] = convertNumber(literal.values[i]!, this.dtype);
      }
      this.shape = shape === undefined ? literal.shape : checkShape(shape, "make a HostArray");
    }
    if (sizeOf(this.shape) !== array.length) {
      throw new RangeError(
        `Cannot make a HostArray of shape ${
          formatShape(this.shape)
        } from ${array.length} values: ` +
          `that shape holds ${sizeOf(this.shape)}`,
      );
    }
    this.values = array;
    Object.freeze(this.shape);
  }

  /** The number of elements. */
  get size(): number {
    return this.values.length;
  }

  /** The number of axes. */
  get ndim(): number {
    return this.shape.length;
  }

  /** The size of the first axis; throws a TypeError for a scalar. */
  get length(): number {
    if (this.shape.length === 0) {
      throw new TypeError("Cannot take the length of a scalar HostArray");
    }
    return this.shape[0]!;
  }

  /** The same memory under another shape; one size may be -1. */
  reshape(shape: readonly number[] | number): HostArray {
    return new HostArray(this.values, resolveReshape(this.shape, shape), this.dtype);
  }

  /** Rows `start` to `end` of the first axis, as `Array.prototype.slice` counts them; a view. */
  slice(start = 0, end?: number): HostArray {
    const n = this.length;
    if (!Number.isSafeInteger(start) || (end !== undefined && !Number.isSafeInteger(end))) {
      throw new TypeError(
        `Cannot slice a HostArray from ${formatValue(start)} to ${formatValue(end)}: ` +
          `it takes the numbers of two rows; for other axes use np.array(x).slice(...)`,
      );
    }
    const clamp = (i: number) => i < 0 ? Math.max(0, i + n) : Math.min(i, n);
    const from = clamp(start);
    const to = Math.max(from, clamp(end ?? n));
    const row = n === 0 ? 0 : this.values.length / n;
    return new HostArray(
      this.values.subarray(from * row, to * row),
      [to - from, ...this.shape.slice(1)],
      this.dtype,
    );
  }

  /** Row `i` of the first axis, then `j` of the second and so on; negative counts from the end; a view. */
  at(...indices: number[]): HostArray {
    // deno-lint-ignore no-this-alias
    let row: HostArray = this;
    for (const index of indices) {
      const i = normalizeAxisIndex(index, row.length);
      row = row.slice(i, i + 1).reshape(row.shape.slice(1));
    }
    return row;
  }

  /**
   * The values converted to another type, in fresh memory. Floats become integers by truncation
   * with saturation, integers narrow by wrapping.
   */
  astype(dtype: DType): HostArray {
    checkDType(dtype, "convert a HostArray");
    return new HostArray(convertArray(valuesOf(this), this.dtype, dtype), this.shape, dtype);
  }

  /** A fresh copy of the values, row-major. */
  data(): Values {
    return valuesOf(this).slice();
  }

  /** The only value of an array of one element. */
  item(): number {
    if (this.values.length !== 1) {
      throw new RangeError(
        `Cannot take the item of a HostArray of shape ${formatShape(this.shape)}: ` +
          `it holds ${this.values.length} values; use at(i) first`,
      );
    }
    return this.values[0]!;
  }

  /** Nested lists of numbers, or of booleans for dtype "bool". */
  toArray(): Nested {
    return toNested(valuesOf(this), this.shape, this.dtype === "bool");
  }

  /** What `JSON.stringify` writes: the nested lists of toArray. */
  toJSON(): Nested {
    return this.toArray();
  }

  /** The rows of the first axis. */
  *[Symbol.iterator](): Iterator<HostArray> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  /** `Number(x)` reads a scalar; `a + b` and `a == b` throw, because JavaScript has no such hook. */
  [Symbol.toPrimitive](hint: string): number | string {
    if (hint === "string") return this.toString();
    if (hint === "number" && this.values.length === 1) return this.item();
    throw new TypeError(
      `Cannot use a JavaScript operator on a HostArray of shape ${formatShape(this.shape)}: ` +
        `read a number with x.item(), or compute with np, as in np.divide(x, 255)`,
    );
  }

  /** The values as NumPy prints them. */
  toString(): string {
    return printArray(this.values, this.shape, this.dtype);
  }

  /** What `console.log` shows. */
  [Symbol.for("Deno.customInspect")](): string {
    const text = printArray(this.values, this.shape, this.dtype, "HostArray(".length);
    return `HostArray(${text}, ${this.dtype}${formatShape(this.shape)})`;
  }
}

/** The values of an array, or a TypeError when its memory was detached or resized since. */
export function valuesOf(x: HostArray): Values {
  const { values } = x;
  if (values.length === sizeOf(x.shape)) return values;
  throw new TypeError(
    `Cannot read a HostArray of shape ${formatShape(x.shape)}: its memory holds ${values.length} ` +
      `values now, because its buffer was transferred or resized: copy it before that`,
  );
}

/** Whether values can be kept as they are, as all that pipelines give can. */
function holds(values: unknown, dtype: DType): values is Values {
  const type = DTYPES[dtype]?.array;
  return type !== undefined && values instanceof type && values.length > 0;
}

function normalizeAxisIndex(index: number, n: number): number {
  if (!Number.isSafeInteger(index)) {
    throw new TypeError(`Cannot read row ${formatValue(index)}: a row number is an integer`);
  }
  if (index < -n || index >= n) {
    throw new RangeError(`Cannot read row ${index} of ${n}: it must be in ${-n}..${n - 1}`);
  }
  return index < 0 ? index + n : index;
}

/**
 * Joins arrays of equal shape and dtype along a new first axis, in one fresh buffer, or in an array
 * that has their joint shape and dtype.
 */
export function stackHostArrays(rows: readonly HostArray[], into?: HostArray): HostArray {
  const first = rows[0];
  if (first === undefined) throw new RangeError("Cannot stack no arrays: give at least one");
  const size = valuesOf(first).length;
  const out = into?.values ?? allocate(first.dtype, size * rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    if (row.dtype !== first.dtype || !sameShape(row.shape, first.shape)) {
      throw new RangeError(
        `Cannot stack ${first.dtype}${formatShape(first.shape)} with ${row.dtype}${
          formatShape(row.shape)
        } (entry ${i}): all must agree`,
      );
    }
    out.set(valuesOf(row), i * size);
  }
  return into ?? new HostArray(out, [rows.length, ...first.shape], first.dtype);
}
