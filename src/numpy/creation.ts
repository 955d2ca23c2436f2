/**
 * Arrays from nothing: constants, ranges, diagonals. Made on the device from a number or an index,
 * never element by element.
 *
 * @module
 */
import {
  checkShape,
  convertNumber,
  type DType,
  formatShape,
  formatValue,
  isFloat,
} from "../base/mod.ts";
import {
  baseInterpreter,
  cast,
  emit,
  isTensor,
  isVariable,
  literal,
  type Tensor,
  type TensorLike,
  toHost,
  toTensor,
} from "../core/mod.ts";
import { diagonalOf, window } from "./movement.ts";
import { floats, select } from "./operands.ts";
import { type DTypeOptions, integer, type Options, readOptions } from "./options.ts";

type DTypeArg = DType | DTypeOptions;

function dtypeOption(arg: DTypeArg | undefined, action: string): DType | undefined {
  return readOptions<DTypeOptions>(arg, ["dtype"], action, "dtype").dtype;
}

function filled(shape: readonly number[], value: number, dtype: DType): Tensor {
  const one = literal(convertNumber(value, dtype), dtype);
  return shape.length === 0 ? one : emit("broadcast", [one], { shape });
}

/** The index along an axis of a shape, as int32 or another dtype. */
function iota(shape: readonly number[], axis: number, dtype: DType = "int32"): Tensor {
  return emit("iota", [], { shape, axis, dtype });
}

/**
 * A new tensor of what is given: a nested list of numbers (float32; bool when all are booleans), a
 * number, a typed array, a HostArray, a Variable or a Tensor, whose values are copied. `dtype`
 * converts.
 *
 * @throws {TypeError} for a list that holds tensors: `np.stack` joins those
 * @throws {RangeError} for a ragged list
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const x = np.array([[1, 2], [3, 4]]);
 * assertEquals([x.dtype, ...x.shape], ["float32", 2, 2]);
 * assertEquals(np.array([1, 2], { dtype: "int32" }).dtype, "int32");
 * ```
 */
export function array(x: TensorLike, options?: DTypeArg): Tensor {
  const t = asarray(x, options);
  return isTensor(x) || isVariable(x) ? emit("same", [t]) : t;
}

/**
 * A tensor of what is given, as {@link array}; a Tensor that has the dtype already comes back itself.
 *
 * @throws {TypeError} for a list that holds tensors: `np.stack` joins those
 * @throws {RangeError} for a ragged list
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const x = np.ones([2]);
 * assertEquals(np.asarray(x) === x, true);
 * ```
 */
export function asarray(x: TensorLike, options?: DTypeArg): Tensor {
  const dtype = dtypeOption(options, "make an array");
  if (isTensor(x) || isVariable(x)) {
    const t = toTensor(x, "make an array of");
    return dtype === undefined ? t : cast(t, dtype);
  }
  const host = toHost(x, "make an array of", dtype);
  return baseInterpreter().upload(host.values, host.shape, host.dtype);
}

/**
 * Zeros of a shape (a list of sizes, or one size); float32 unless `dtype` says otherwise.
 *
 * @throws {RangeError} when a size is negative or no integer
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.zeros([2, 3]).toArray(), [[0, 0, 0], [0, 0, 0]]);
 * ```
 */
export function zeros(shape: number | readonly number[], options?: DTypeArg): Tensor {
  const dtype = dtypeOption(options, "make zeros");
  return filled(checkShape(shape, "make zeros"), 0, dtype ?? "float32");
}

/**
 * Ones of a shape (a list of sizes, or one size); float32 unless `dtype` says otherwise.
 *
 * @throws {RangeError} when a size is negative or no integer
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.ones(3, { dtype: "int32" }).toArray(), [1, 1, 1]);
 * ```
 */
export function ones(shape: number | readonly number[], options?: DTypeArg): Tensor {
  const dtype = dtypeOption(options, "make ones");
  return filled(checkShape(shape, "make ones"), 1, dtype ?? "float32");
}

/**
 * An array of one value, or of an array broadcast to the shape. The dtype is that of `np.array(value)`
 * unless given.
 *
 * @throws {RangeError} when the value does not broadcast to the shape
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.full([2, 2], 7).toArray(), [[7, 7], [7, 7]]);
 * ```
 */
export function full(
  shape: number | readonly number[],
  value: TensorLike,
  options?: DTypeArg,
): Tensor {
  const dtype = dtypeOption(options, "fill an array");
  const to = checkShape(shape, "fill an array");
  if (typeof value === "number") return filled(to, value, dtype ?? "float32");
  const t = toTensor(value, "fill an array with");
  return (dtype === undefined ? t : cast(t, dtype)).broadcastTo(to);
}

/** What `zerosLike`, `onesLike` and `fullLike` take. */
export interface LikeOptions extends DTypeOptions {
  /** Another shape than that of the array. */
  shape?: number | readonly number[];
}

function like(x: TensorLike, options: DType | LikeOptions | undefined, action: string) {
  const o = readOptions<LikeOptions>(options, ["dtype", "shape"], action, "dtype");
  const t = toTensor(x, action);
  const shape = o.shape === undefined ? t.shape : checkShape(o.shape, action);
  return { shape, dtype: o.dtype ?? t.dtype };
}

/**
 * Zeros of the shape and dtype of an array, unless `shape` or `dtype` say otherwise.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.zerosLike([1, 2]).toArray(), [0, 0]);
 * ```
 */
export function zerosLike(x: TensorLike, options?: DType | LikeOptions): Tensor {
  const { shape, dtype } = like(x, options, "make zeros like");
  return filled(shape, 0, dtype);
}

/**
 * Ones of the shape and dtype of an array, unless `shape` or `dtype` say otherwise.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.onesLike([1, 2]).toArray(), [1, 1]);
 * ```
 */
export function onesLike(x: TensorLike, options?: DType | LikeOptions): Tensor {
  const { shape, dtype } = like(x, options, "make ones like");
  return filled(shape, 1, dtype);
}

/**
 * An array of one value (or of an array broadcast) with the shape and dtype of another.
 *
 * @throws {RangeError} when the value does not broadcast to the shape
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.fullLike([1, 2], 5).toArray(), [5, 5]);
 * ```
 */
export function fullLike(
  x: TensorLike,
  value: TensorLike,
  options?: DType | LikeOptions,
): Tensor {
  const { shape, dtype } = like(x, options, "fill an array like");
  return full(shape, value, { dtype });
}

function finite(x: unknown, what: string, action: string): number {
  if (typeof x !== "number") {
    const traced = isTensor(x) ? "; a shape cannot depend on a tensor" : "";
    throw new TypeError(
      `Cannot ${action} with ${what} ${formatValue(x)}: wanted a number${traced}`,
    );
  }
  if (!Number.isFinite(x)) {
    throw new RangeError(`Cannot ${action} with ${what} ${x}: wanted a finite number`);
  }
  return x;
}

/**
 * Numbers from `start` (default 0) up to, not including, `stop`, `step` (default 1) apart. int32 when
 * all are integers, else float32.
 *
 * @throws {RangeError} when the step is 0, or when the numbers do not fit in int32
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.arange(4).toArray(), [0, 1, 2, 3]);
 * assertEquals(np.arange(1, 2, 0.25).toArray(), [1, 1.25, 1.5, 1.75]);
 * ```
 */
export function arange(
  start: number,
  stop?: number | DTypeArg,
  step?: number | DTypeArg,
  options?: DTypeArg,
): Tensor {
  const action = "make a range";
  const args = [start, stop, step, options].filter((a) => a !== undefined);
  const tail = args.length > 1 && typeof args.at(-1) !== "number" && !isTensor(args.at(-1))
    ? args.pop()
    : undefined;
  const dtype = dtypeOption(tail as DTypeArg | undefined, action);
  if (args.length === 1) args.unshift(0);
  const from = finite(args[0], "start", action);
  const to = finite(args[1], "stop", action);
  const by = finite(args[2] ?? 1, "step", action);
  if (by === 0) throw new RangeError("Cannot make a range with step 0: it would never end");
  const count = Math.max(0, Math.ceil((to - from) / by));
  const whole = [from, to, by].every(Number.isInteger);
  const d = dtype ?? (whole ? "int32" : "float32");
  checkShape([count], action);
  if (d === "int32" && count > 0) {
    for (const end of [from, from + (count - 1) * by]) {
      if (Math.abs(end) > 0x7fffffff) {
        throw new RangeError(
          `Cannot make a range that reaches ${end} in int32: give { dtype: "float64" }`,
        );
      }
    }
  }
  if (whole && d === "int32") {
    const i = iota([count], 0);
    const scaled = by === 1 || count < 2 ? i : i.mul(by);
    return from === 0 || count === 0 ? scaled : scaled.add(from);
  }
  return cast(iota([count], 0, "float64").mul(by).add(from), d);
}

/** What `linspace` takes. */
export interface LinspaceOptions extends DTypeOptions {
  /** How many numbers; default 50. */
  num?: number;
  /** Whether `stop` is the last of them; default true. */
  endpoint?: boolean;
}

/**
 * `num` (default 50) evenly spaced numbers from `start` to `stop`. Arrays for both ends give one such
 * row per element, along a new first axis. `num` may stand before the other options.
 *
 * @throws {RangeError} when `num` is negative
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.linspace(0, 1, { num: 5 }).toArray(), [0, 0.25, 0.5, 0.75, 1]);
 * assertEquals(np.linspace(0, 1, 2, { endpoint: false }).toArray(), [0, 0.5]);
 * ```
 */
export function linspace(
  start: TensorLike,
  stop: TensorLike,
  options?: number | LinspaceOptions,
  more?: Omit<LinspaceOptions, "num">,
): Tensor {
  const action = "space numbers evenly";
  const names = ["num", "endpoint", "dtype"];
  const o = {
    ...readOptions<LinspaceOptions>(options, names, action, "num"),
    ...readOptions<LinspaceOptions>(more, names.slice(1), action),
  };
  const num = integer(o.num ?? 50, "num", action, 0);
  const endpoint = o.endpoint ?? true;
  const plain = typeof start === "number" && typeof stop === "number";
  if (plain) {
    finite(start, "start", action);
    finite(stop, "stop", action);
  }
  // plain numbers are spaced in float64 and rounded once
  const [a, b] = plain
    ? [literal(start, "float64"), literal(stop, "float64")]
    : floats(start, stop, action);
  const d = o.dtype ?? (plain ? "float32" : a.dtype);
  const ends = Math.max(a.ndim, b.ndim);
  const count = [num, ...new Array<number>(ends).fill(1)];
  const pieces = endpoint ? num - 1 : num;
  const i = iota(count, 0, a.dtype);
  let out = b.sub(a).mul(i.div(Math.max(1, pieces))).add(a);
  if (endpoint && num > 1) out = emit("where", [i.eq(num - 1), b.broadcastTo(out.shape), out]);
  if (num === 1) out = a.add(b.mul(0)).reshape(out.shape);
  return cast(isFloat(d) ? out : out.floor(), d);
}

/** What `eye` takes. */
export interface EyeOptions extends DTypeOptions {
  /** The number of columns; default as many as rows. */
  M?: number;
  /** Which diagonal: 0 the main one, above it positive, below it negative. */
  k?: number;
}

/**
 * Ones on a diagonal of an n by M matrix, zeros elsewhere; float32.
 *
 * @throws {RangeError} when a size is negative
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.eye(2).toArray(), [[1, 0], [0, 1]]);
 * assertEquals(np.eye(2, { k: 1 }).toArray(), [[0, 1], [0, 0]]);
 * ```
 */
export function eye(n: number, options?: number | EyeOptions): Tensor {
  const action = "make an identity matrix";
  const o = readOptions<EyeOptions>(options, ["M", "k", "dtype"], action, "M");
  const rows = integer(n, "size", action, 0);
  const columns = integer(o.M ?? rows, "M", action, 0);
  const k = integer(o.k ?? 0, "k", action);
  const on = iota([rows, 1], 0).add(k).eq(iota([1, columns], 1));
  return cast(on, o.dtype ?? "float32");
}

/** What `tril`, `triu` and `diag` take. */
export interface DiagonalOptions extends Options {
  /** Which diagonal: 0 the main one, above it positive, below it negative. */
  k?: number;
}

function triangle(x: TensorLike, options: number | DiagonalOptions | undefined, lower: boolean) {
  const action = lower ? "take the lower triangle of" : "take the upper triangle of";
  const k = integer(readOptions<DiagonalOptions>(options, ["k"], action, "k").k ?? 0, "k", action);
  const t = toTensor(x, action);
  if (t.ndim < 2) {
    throw new RangeError(
      `Cannot ${action} ${formatShape(t.shape)}: it needs at least two axes`,
    );
  }
  const [rows, columns] = t.shape.slice(-2) as [number, number];
  const distance = iota([1, columns], 1).sub(iota([rows, 1], 0));
  return select(lower ? distance.le(k) : distance.ge(k), t, 0);
}

/**
 * The matrices of the last two axes with all above the k-th diagonal set to zero.
 *
 * @throws {RangeError} when there are fewer than two axes
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.tril([[1, 2], [3, 4]]).toArray(), [[1, 0], [3, 4]]);
 * ```
 */
export function tril(x: TensorLike, options?: number | DiagonalOptions): Tensor {
  return triangle(x, options, true);
}

/**
 * The matrices of the last two axes with all below the k-th diagonal set to zero.
 *
 * @throws {RangeError} when there are fewer than two axes
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.triu([[1, 2], [3, 4]]).toArray(), [[1, 2], [0, 4]]);
 * ```
 */
export function triu(x: TensorLike, options?: number | DiagonalOptions): Tensor {
  return triangle(x, options, false);
}

/**
 * The k-th diagonal of a matrix; of a vector, the square matrix that has it on its k-th diagonal.
 *
 * @throws {RangeError} when the array has neither one axis nor two
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.diag([[1, 2], [3, 4]]).toArray(), [1, 4]);
 * assertEquals(np.diag([5, 6]).toArray(), [[5, 0], [0, 6]]);
 * ```
 */
export function diag(x: TensorLike, options?: number | DiagonalOptions): Tensor {
  const action = "take the diagonal of";
  const k = integer(readOptions<DiagonalOptions>(options, ["k"], action, "k").k ?? 0, "k", action);
  const t = toTensor(x, action);
  if (t.ndim === 2) {
    const [rows, columns] = t.shape as [number, number];
    const top = Math.max(0, -k);
    const left = Math.max(0, k);
    const n = Math.max(0, Math.min(rows - top, columns - left));
    if (n === 0) return filled([0], 0, t.dtype);
    return diagonalOf(window(window(t, 0, top, n), 1, left, n));
  }
  if (t.ndim !== 1) {
    throw new RangeError(
      `Cannot ${action} ${formatShape(t.shape)}: wanted a matrix, or a vector to put on one`,
    );
  }
  const n = t.shape[0]! + Math.abs(k);
  const padded = emit("pad", [t, t.zeros([])], { low: [0], high: [Math.abs(k)], inner: [0] });
  const on = iota([n, 1], 0).add(k).eq(iota([1, n], 1));
  return select(on, padded.reshape(k >= 0 ? [n, 1] : [1, n]), 0);
}
