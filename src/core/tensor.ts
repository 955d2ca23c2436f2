/**
 * Tensor: the handle that users hold. Its methods say one operation each to the current interpreter.
 *
 * @module
 */
import { checkDType, type DType, DTYPES, isFloat, isInteger, type Values } from "../base/dtype.ts";
import {
  ConcretizationError,
  formatShape,
  formatValue,
  LeakedTracerError,
} from "../base/errors.ts";
import { type Nested, toNested } from "../base/nested.ts";
import { printArray } from "../base/print.ts";
import { broadcastShapes, normalizeAxis, resolveReshape, sameShape } from "../base/shape.ts";
import type { Device } from "../device/device.ts";
import type { Storage } from "../device/heap.ts";
import type { Aval } from "../ir/aval.ts";
import type { OpName } from "../ir/ops.ts";
import type { Params } from "../ir/def.ts";
import { binary, cast, floatBinary, floatUnary, numberBinary, numberUnary } from "./arithmetic.ts";
import { TENSOR, type TensorLike, toTensor } from "./convert.ts";
import { deviceNamed } from "./devices.ts";
import { BOUND, type Inside, inside } from "./inside.ts";
import { at, type AxisIndex, slice, update } from "./indexing.ts";
import { current, emit, isEager, literalBeside } from "./interpreter.ts";
import { matmul } from "./matmul.ts";
import { bind } from "./placement.ts";
import {
  mean,
  position,
  reduce,
  type ReduceArg,
  type ReduceOptions,
  truth,
  variance,
} from "./reductions.ts";
import { currentDevice } from "./runtime.ts";

/**
 * An array of numbers of one dtype. Tensors never change: every operation gives a new one. Inside
 * `jit` a tensor stands for a value to come and cannot be read.
 *
 * Make one with `np.array`, `np.zeros` and the like; wherever a tensor is wanted, a number, a nested
 * array of numbers, a typed array, a `HostArray` and a `Variable` serve as well.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const x = np.array([[1, 2, 3], [4, 5, 6]]);
 * assertEquals(x.shape, [2, 3]);
 * assertEquals(x.mul(2).sum({ axis: 0 }).toArray(), [10, 14, 18]);
 * ```
 */
export class Tensor {
  /** Shape, dtype and weakness. */
  readonly aval: Aval;
  /** Internal: tells tensors apart from other objects. */
  readonly [TENSOR] = true;

  /** Not for users: tensors are made by `np.array` and its like. See `inside.ts`. */
  constructor(
    aval: Aval,
    storage: object | null,
    holder: object | null,
    owner: object | null,
    id: number,
  ) {
    this.aval = aval;
    const own = this as unknown as { -readonly [K in keyof Inside]: unknown };
    own.storage = storage;
    own.holder = holder;
    own.owner = owner;
    own.id = id;
  }

  /** The sizes of the axes, outermost first. */
  get shape(): readonly number[] {
    return this.aval.shape;
  }

  /** The element type. */
  get dtype(): DType {
    return this.aval.dtype;
  }

  /** The number of axes. */
  get ndim(): number {
    return this.aval.shape.length;
  }

  /** The number of elements. */
  get size(): number {
    return this.aval.size;
  }

  /** The size of the first axis; a TypeError for a scalar. */
  get length(): number {
    if (this.shape.length === 0) throw new TypeError("Cannot take the length of a scalar tensor");
    return this.shape[0]!;
  }

  /** The name of the device that holds it, as "cpu". */
  get device(): string {
    return inside(this).holder?.name ?? "traced";
  }

  /**
   * The same values on a device: a copy, or the tensor itself where it lies there. Operations run
   * where their tensors lie; two devices in one operation are an error. To move a tree, write
   * `tree.map((x) => x.to("cuda:0"), state)`.
   *
   * Recorded functions run on one device, so inside `jit` only the device that it runs on is one to
   * move to.
   *
   * @param device its name: "cpu", "cuda" (the first GPU), "cuda:1"
   * @throws {NativeLibraryError} when that device is not there: why, and what to do
   * @throws {RangeError} when no device has such a name
   * @throws {TypeError} inside a transformed function, when it would have to be copied
   *
   * @example
   * ```ts
   * import { np } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const x = np.ones([2]).to("cpu");
   * assertEquals([x.device, x.to("cpu") === x], ["cpu", true]);
   * ```
   */
  to(device: string): Tensor {
    const target = deviceNamed(device);
    const { storage, holder } = inside(this);
    if ((holder ?? currentDevice()) === target) return bind(this);
    if (storage === null || !isEager()) {
      throw new TypeError(
        `Cannot move a ${this.dtype}${formatShape(this.shape)} to "${target.name}" inside a ` +
          `transformed function: it runs on one device: move the arguments before the call, or ` +
          `give jit the option device`,
      );
    }
    return copied(this, target);
  }

  /** The transpose: axes in reverse order. */
  get T(): Tensor {
    return this.transpose();
  }

  // ---- reading

  #concrete(action: string): Storage {
    const { storage } = inside(this);
    if (storage !== null) return storage;
    throw unreadable(this, action);
  }

  /**
   * The only value of a tensor of one element, as a number (booleans as 0 and 1).
   *
   * @throws {RangeError} when it holds more or fewer
   * @throws {ConcretizationError} while tracing
   */
  item(): number {
    const storage = this.#concrete("item()");
    if (this.aval.size !== 1) {
      throw new RangeError(
        `Cannot take the item of a tensor of shape ${formatShape(this.shape)}: ` +
          `it holds ${this.aval.size} values; reduce it or pick one with at(i) first`,
      );
    }
    return inside(this).holder!.heap.readNumber(storage, this.dtype);
  }

  /** A fresh typed array of the values, row-major (bool as a Uint8Array of 0 and 1). */
  data(): Values {
    const storage = this.#concrete("data()");
    const bytes = inside(this).holder!.heap.read(storage);
    return new DTYPES[this.dtype].array(bytes.buffer, bytes.byteOffset, this.aval.size);
  }

  /** Nested lists of the values: numbers, or booleans for dtype "bool". */
  toArray(): Nested {
    return toNested(this.data(), this.shape, this.dtype === "bool");
  }

  /** What `JSON.stringify` writes: the nested lists of toArray. */
  toJSON(): Nested {
    return this.toArray();
  }

  /**
   * Resolves when the value is there. On a CPU it always is; on a device that works beside the
   * program this is the one thing to await.
   */
  ready(): Promise<this> {
    const storage = this.#concrete("ready()");
    const device = inside(this).holder!;
    device.heap.check(storage);
    return device.ready === undefined ? Promise.resolve(this) : device.ready().then(() => this);
  }

  /**
   * Gives the memory back at once; the tensor cannot be used afterwards. Never needed; makes `using`
   * work. A tensor that a Variable holds stays.
   */
  dispose(): void {
    const storage = inside(this).storage;
    if (storage === null || storage.disposed || kept.has(this)) return;
    if (--storage.holders <= 0) inside(this).holder!.heap.dispose(storage);
    else inside(this).storage = storage.released();
  }

  /** Gives the memory back at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** The rows of the first axis. */
  *[Symbol.iterator](): Iterator<Tensor> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  /** `Number(x)` reads a scalar; `a + b` and `a == b` throw, because JavaScript has no such hook. */
  [Symbol.toPrimitive](hint: string): number | string {
    if (hint === "number") {
      if (inside(this).storage === null) throw unreadable(this, "a number conversion");
      if (this.aval.size !== 1) throw badOperator(this);
      return this.item();
    }
    if (hint === "string") return this.toString();
    throw badOperator(this);
  }

  /** The values as NumPy prints them; a description while tracing. */
  toString(): string {
    return text(this, 0);
  }

  /** What `console.log` shows. */
  [Symbol.for("Deno.customInspect")](): string {
    return describe(this);
  }

  /** What a notebook shows. */
  [Symbol.for("Jupyter.display")](): Record<string, string> {
    return { "text/plain": describe(this) };
  }

  // ---- arithmetic

  /** `this + x`, broadcasting. */
  add(x: TensorLike): Tensor {
    return numberBinary("add", this, x);
  }
  /** `this - x`, broadcasting. */
  sub(x: TensorLike): Tensor {
    return numberBinary("sub", this, x);
  }
  /** `this * x`, element by element, broadcasting. */
  mul(x: TensorLike): Tensor {
    return numberBinary("mul", this, x);
  }
  /** `this / x`, broadcasting; integers become float32. */
  div(x: TensorLike): Tensor {
    return floatBinary("div", this, x);
  }
  /** The largest integer not above `this / x`. */
  floorDivide(x: TensorLike): Tensor {
    return numberBinary("floorDiv", this, x);
  }
  /** The remainder of `this / x`, with the sign of `x`. */
  mod(x: TensorLike): Tensor {
    return numberBinary("mod", this, x);
  }
  /** `this` to the power `x`; x**2 and the like of plain integers are multiplications. */
  pow(x: TensorLike): Tensor {
    if (typeof x === "number" && x < 0 && Number.isInteger(x) && isInteger(this.dtype)) {
      throw new RangeError(
        `Cannot raise ${this.dtype} to the power ${x}: the result is no integer; ` +
          `convert with astype("float32") first`,
      );
    }
    if (x === 2 && this.dtype !== "bool") return this.mul(this);
    if (x === 1) return this;
    if (x === 0.5) return this.sqrt();
    return numberBinary("pow", this, x);
  }
  /** The greater of both, element by element; NaN if either is. */
  maximum(x: TensorLike): Tensor {
    return binary("maximum", this, x);
  }
  /** The smaller of both, element by element; NaN if either is. */
  minimum(x: TensorLike): Tensor {
    return binary("minimum", this, x);
  }
  /** Matrix product over the last two axes, leading axes broadcasting, as `np.matmul`. */
  matmul(x: TensorLike): Tensor {
    return matmul(this, toTensor(x, "matmul"));
  }
  /** Where `this == x`. */
  eq(x: TensorLike): Tensor {
    return binary("eq", this, x);
  }
  /** Where `this != x`. */
  ne(x: TensorLike): Tensor {
    return binary("ne", this, x);
  }
  /** Where `this < x`. */
  lt(x: TensorLike): Tensor {
    return binary("lt", this, x);
  }
  /** Where `this <= x`. */
  le(x: TensorLike): Tensor {
    return binary("le", this, x);
  }
  /** Where `this > x`. */
  gt(x: TensorLike): Tensor {
    return binary("gt", this, x);
  }
  /** Where `this >= x`. */
  ge(x: TensorLike): Tensor {
    return binary("ge", this, x);
  }
  /** `-this`. */
  neg(): Tensor {
    return numberUnary("neg", this);
  }
  /** The absolute value. */
  abs(): Tensor {
    return this.dtype === "bool" ? this : emit("abs", [this]);
  }
  /** -1, 0 or 1. */
  sign(): Tensor {
    return numberUnary("sign", this);
  }
  /** `this * this`. */
  square(): Tensor {
    const x = this.dtype === "bool" ? cast(this, "int32") : this;
    return x.mul(x);
  }
  /** `1 / this`. */
  reciprocal(): Tensor {
    return floatBinary("div", 1, this);
  }
  /** Rounded down. */
  floor(): Tensor {
    return floatUnary("floor", this);
  }
  /** Rounded up. */
  ceil(): Tensor {
    return floatUnary("ceil", this);
  }
  /** Rounded towards zero. */
  trunc(): Tensor {
    return floatUnary("trunc", this);
  }
  /** Rounded to the nearest integer, halves to the even one. */
  round(): Tensor {
    return isFloat(this.dtype) ? emit("round", [this]) : this;
  }
  /** The square root. */
  sqrt(): Tensor {
    return floatUnary("sqrt", this);
  }
  /** The cube root, of negative numbers too. */
  cbrt(): Tensor {
    const x = isFloat(this.dtype) ? this : cast(this, "float32");
    const r = x.abs().pow(1 / 3);
    const special = emit("or", [r.eq(0), r.isfinite().logicalNot()]);
    // one Newton step takes the rounding of 1/3 out
    const a = emit("where", [special, x.zeros([]).add(1), x.abs()]);
    const s = emit("where", [special, x.zeros([]).add(1), r]);
    const y = s.sub(s.sub(a.div(s.mul(s))).div(3));
    return emit("where", [special, r, y]).mul(x.sign());
  }
  /** 1 / sqrt(this). */
  rsqrt(): Tensor {
    return floatUnary("rsqrt", this);
  }
  /** e to the power. */
  exp(): Tensor {
    return floatUnary("exp", this);
  }
  /** 2 to the power. */
  exp2(): Tensor {
    return floatBinary("pow", 2, this);
  }
  /** exp(this) - 1, accurate near 0. */
  expm1(): Tensor {
    return floatUnary("expm1", this);
  }
  /** The natural logarithm. */
  log(): Tensor {
    return floatUnary("log", this);
  }
  /** The logarithm to base 2. */
  log2(): Tensor {
    return floatUnary("log", this).mul(Math.LOG2E);
  }
  /** The logarithm to base 10. */
  log10(): Tensor {
    return floatUnary("log", this).mul(Math.LOG10E);
  }
  /** log(1 + this), accurate near 0. */
  log1p(): Tensor {
    return floatUnary("log1p", this);
  }
  /** The sine of radians. */
  sin(): Tensor {
    return floatUnary("sin", this);
  }
  /** The cosine of radians. */
  cos(): Tensor {
    return floatUnary("cos", this);
  }
  /** The tangent of radians. */
  tan(): Tensor {
    return floatUnary("tan", this);
  }
  /** The angle in radians whose sine this is. */
  arcsin(): Tensor {
    return floatUnary("asin", this);
  }
  /** The angle in radians whose cosine this is. */
  arccos(): Tensor {
    return floatUnary("acos", this);
  }
  /** The angle in radians whose tangent this is. */
  arctan(): Tensor {
    return floatUnary("atan", this);
  }
  /** The hyperbolic sine. */
  sinh(): Tensor {
    return floatUnary("sinh", this);
  }
  /** The hyperbolic cosine. */
  cosh(): Tensor {
    return floatUnary("cosh", this);
  }
  /** The hyperbolic tangent. */
  tanh(): Tensor {
    return floatUnary("tanh", this);
  }
  /** The inverse hyperbolic sine. */
  arcsinh(): Tensor {
    return floatUnary("asinh", this);
  }
  /** The inverse hyperbolic cosine. */
  arccosh(): Tensor {
    return floatUnary("acosh", this);
  }
  /** The inverse hyperbolic tangent. */
  arctanh(): Tensor {
    return floatUnary("atanh", this);
  }
  /** The error function. */
  erf(): Tensor {
    return floatUnary("erf", this);
  }
  /** 1 / (1 + exp(-this)). */
  sigmoid(): Tensor {
    return floatUnary("sigmoid", this);
  }
  /** Where the value is NaN. */
  isnan(): Tensor {
    return emit("ne", [this, this]);
  }
  /** Where the value is neither infinite nor NaN. */
  isfinite(): Tensor {
    return isFloat(this.dtype) ? this.abs().lt(Infinity) : emit("eq", [this, this]);
  }
  /** Where the value is infinite. */
  isinf(): Tensor {
    return isFloat(this.dtype) ? this.abs().eq(Infinity) : emit("ne", [this, this]);
  }
  /** Where the value is zero or false. */
  logicalNot(): Tensor {
    return emit("not", [cast(this, "bool")]);
  }

  // ---- reductions

  /** The sum over axes; bool sums as int32, uint8 as uint32. */
  sum(options?: ReduceArg): Tensor {
    return reduce("sum", this, options);
  }
  /** The mean over axes; integers give float32. */
  mean(options?: ReduceArg): Tensor {
    return mean(this, options);
  }
  /** The product over axes. */
  prod(options?: ReduceArg): Tensor {
    return reduce("prod", this, options);
  }
  /** The greatest value over axes; NaN wins. */
  max(options?: ReduceArg): Tensor {
    return reduce("max", this, options);
  }
  /** The smallest value over axes; NaN wins. */
  min(options?: ReduceArg): Tensor {
    return reduce("min", this, options);
  }
  /** The variance over axes (`ddof` is subtracted from the divisor). */
  var(options?: ReduceArg | (ReduceOptions & { ddof?: number | undefined })): Tensor {
    return variance(this, options);
  }
  /** The standard deviation over axes. */
  std(options?: ReduceArg | (ReduceOptions & { ddof?: number | undefined })): Tensor {
    return variance(this, options).sqrt();
  }
  /** Whether any value over axes is true. */
  any(options?: ReduceArg): Tensor {
    return truth("max", this, options);
  }
  /** Whether all values over axes are true. */
  all(options?: ReduceArg): Tensor {
    return truth("min", this, options);
  }
  /** The position (int32) of the first greatest value along one axis, or among all values. */
  argmax(options?: ReduceArg): Tensor {
    return position("argmax", this, options);
  }
  /** The position (int32) of the first smallest value along one axis, or among all values. */
  argmin(options?: ReduceArg): Tensor {
    return position("argmin", this, options);
  }

  // ---- shape and type

  /** The values converted to another dtype: floats to integers truncate and saturate. */
  astype(dtype: DType): Tensor {
    return cast(this, checkDType(dtype, "convert a tensor"));
  }
  /** The same values under another shape; one size may be -1. */
  reshape(shape: readonly number[] | number, ...more: number[]): Tensor {
    const target = typeof shape === "number" ? [shape, ...more] : shape;
    const to = resolveReshape(this.shape, target);
    return sameShape(to, this.shape) ? this : emit("reshape", [this], { shape: to });
  }
  /** All values in one axis. */
  flatten(): Tensor {
    return this.reshape([-1]);
  }
  /** Axes in another order, in a list or one by one; reversed when none is given. */
  transpose(order?: readonly number[] | number | null, ...more: number[]): Tensor {
    const axes = typeof order === "number" ? [order, ...more] : order;
    const rank = this.shape.length;
    if (axes === undefined || axes === null) {
      if (rank < 2) return this;
      return emit("transpose", [this], { perm: this.shape.map((_, i) => rank - 1 - i) });
    }
    if (!Array.isArray(axes)) {
      throw new TypeError(
        `Cannot transpose by ${formatValue(axes)}: wanted all axes, as transpose([1, 0])`,
      );
    }
    const perm = axes.map((a: number) => normalizeAxis(a, rank, "transpose"));
    if (perm.length !== rank || new Set(perm).size !== rank) {
      throw new RangeError(
        `Cannot transpose ${formatShape(this.shape)} by [${axes}]: each of its ${rank} axes must ` +
          `be named once`,
      );
    }
    return perm.every((p, i) => p === i) ? this : emit("transpose", [this], { perm });
  }
  /** Repeated along axes of size 1 and new leading axes to fill the shape. */
  broadcastTo(shape: readonly number[]): Tensor {
    if (sameShape(shape, this.shape)) return this;
    if (!sameShape(broadcastShapes("broadcast", this.shape, shape), shape)) {
      throw new RangeError(
        `Cannot broadcast ${formatShape(this.shape)} to ${formatShape(shape)}: ` +
          `sizes must be equal, or 1 in the tensor`,
      );
    }
    return emit("broadcast", [this], { shape: [...shape] });
  }
  /**
   * A part of the tensor. With one or two numbers: rows from `start` to `end` of the first axis, as
   * `Array.prototype.slice`. Otherwise one entry per axis: a pair `[start, end]` (or
   * `[start, end, step]`), null for all, a number for one entry (that axis goes).
   *
   * @example
   * ```ts
   * import { np } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const x = np.arange(12).reshape([3, 4]);
   * assertEquals(x.slice(-2).shape, [2, 4]);
   * assertEquals(x.slice([0, 2], 1).toArray(), [1, 5]);
   * assertEquals(x.slice(null, [1, 3]).shape, [3, 2]);
   * ```
   */
  slice(...index: (AxisIndex | undefined)[]): Tensor {
    return slice(this, index);
  }
  /** Entry `i` of the first axis, then `j` of the second and so on; negative counts from the end. */
  at(...indices: number[]): Tensor {
    return at(this, indices);
  }
  /** A copy in which the part named by `index` (as in `slice`, in a list) holds `value`. */
  set(index: AxisIndex | readonly AxisIndex[], value: TensorLike): Tensor {
    return update(this, index, value, false);
  }
  /** A copy in which `value` is added to the part named by `index`. */
  addAt(index: AxisIndex | readonly AxisIndex[], value: TensorLike): Tensor {
    return update(this, index, value, true);
  }
  /** Zeros of this dtype, in this shape or another. */
  zeros(shape: readonly number[] = this.shape): Tensor {
    const zero = literalBeside(this, [0], [], this.dtype);
    return shape.length === 0 ? zero : emit("broadcast", [zero], { shape: [...shape] });
  }
  /** Any op of the table, for the rules of other ops. Internal. */
  emit(op: string, others: readonly object[], params: object = {}): Tensor[] {
    return current().emit(op as OpName, [this, ...others as Tensor[]], params as Params);
  }
}

/** A copy of a concrete tensor on a device, bound to it. */
export function copied(x: Tensor, device: Device): Tensor {
  const { storage, holder } = inside(x);
  const bytes = holder!.heap.read(storage!);
  return new Tensor(x.aval, device.heap.fromBytes(bytes), device, null, BOUND);
}

function badOperator(x: Tensor): TypeError {
  return new TypeError(
    `Cannot use a JavaScript operator on a tensor of shape ${formatShape(x.shape)}: ` +
      `use a.add(b), a.sub(b), a.mul(b), a.div(b), a.eq(b), a.lt(b)`,
  );
}

function text(x: Tensor, indent: number): string {
  if (inside(x).storage === null) return `traced ${x.dtype}${formatShape(x.shape)}`;
  if (inside(x).storage!.disposed) return `released ${x.dtype}${formatShape(x.shape)}`;
  return printArray(x.data(), x.shape, x.dtype, indent);
}

function describe(x: Tensor): string {
  return `Tensor(${text(x, "Tensor(".length)}, ${x.dtype}${formatShape(x.shape)})`;
}

/** How many Variables hold a handle. */
const kept = new WeakMap<Tensor, number>();

/** Keeps a tensor from being disposed of, and its memory from being overwritten. */
export function keep(x: Tensor): void {
  const { storage } = inside(x);
  if (storage !== null) storage.holders++;
  kept.set(x, (kept.get(x) ?? 0) + 1);
}

/** Undoes one `keep`. */
export function letGo(x: Tensor): void {
  const { storage } = inside(x);
  if (storage !== null) storage.holders--;
  const n = kept.get(x)! - 1;
  if (n > 0) kept.set(x, n);
  else kept.delete(x);
}

function unreadable(x: Tensor, action: string): Error {
  if (inside(x).owner?.ended) {
    return new LeakedTracerError(
      `Cannot read a tensor with ${action}: it belongs to a trace of ${
        inside(x).owner!.label
      } that has ` +
        `ended; return it from the function instead of keeping it`,
    );
  }
  return new ConcretizationError(
    `Cannot read a ${x} with ${action} inside ` +
      `${
        inside(x).owner?.label ?? "jit"
      }: it has no value yet; use np.where instead of if, return the ` +
      `tensor and read it outside, or pass the number in staticArgs`,
  );
}
