/**
 * What the draws take, checked: keys, parameters, then a shape, or options, or both.
 *
 * @module
 */
import {
  broadcastShapes,
  checkShape,
  type DType,
  formatShape,
  formatValue,
  isFloat,
  isInteger,
} from "../base/mod.ts";
import { cast, isLeaf, literal, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { checkOptions } from "../numpy/options.ts";
import type { CountOptions, DrawOptions } from "./types.ts";

/** Options whose shape and dtype have been checked and filled in. */
export type Drawn<T extends DrawOptions> = T & { shape: number[]; dtype: DType };

/** The options in `(shape, options)` or `(options)`, with the shape in them. */
export function joinOptions<T extends { shape?: readonly number[] | number | undefined }>(
  shapeOrOptions: T | readonly number[] | number | undefined,
  more: T | undefined,
  allowed: readonly string[],
  action: string,
): T {
  const positional = typeof shapeOrOptions === "number" || Array.isArray(shapeOrOptions);
  if (more !== undefined) checkOptions(more, allowed, action);
  if (more !== undefined && !positional && shapeOrOptions !== undefined) {
    throw new TypeError(
      `Cannot ${action} with ${formatValue(more)} behind ${formatValue(shapeOrOptions)}: options ` +
        `come last, behind a shape or with the shape in them`,
    );
  }
  const options =
    (positional ? { ...more, shape: shapeOrOptions } : shapeOrOptions ?? more ?? {}) as T;
  checkOptions(options, allowed, action);
  return options;
}

/** Reads `(shape, options)` or `(options)`, of a floating-point draw. */
export function readDraw<T extends DrawOptions>(
  shapeOrOptions: T | readonly number[] | number | undefined,
  more: T | undefined,
  allowed: readonly string[],
  action: string,
): Drawn<T> {
  const options = joinOptions(shapeOrOptions, more, allowed, action);
  const dtype = options.dtype ?? "float32";
  if (!isFloat(dtype)) {
    throw new TypeError(
      `Cannot ${action} of dtype ${formatValue(dtype)}: wanted "float32" or "float64"`,
    );
  }
  return { ...options, dtype, shape: checkShape(options.shape ?? [], action) };
}

/** Parameters in the dtype of the draw, and its options. */
export interface Parameterized<T extends DrawOptions> {
  readonly options: Drawn<T>;
  readonly values: Tensor[];
}

/**
 * Reads the parameters of a distribution and `(shape, options)` or `(options)` behind them. The shape
 * is that in which the parameters meet, unless one is given, to which they must broadcast. The
 * dtype is float64 where a parameter is.
 */
export function readParameters<T extends DrawOptions>(
  params: Readonly<Record<string, TensorLike>>,
  shapeOrOptions: T | readonly number[] | number | undefined,
  more: T | undefined,
  allowed: readonly string[],
  action: string,
): Parameterized<T> {
  const options = readDraw(shapeOrOptions, more, allowed, action);
  const given = Object.entries(params).map(([name, x]): Tensor | number =>
    typeof x === "number" ? finite(x, name, action) : toTensor(x, action)
  );
  const { dtype: asked, shape: sizes } = joinOptions(shapeOrOptions, more, allowed, action);
  const wide = given.some((x) => typeof x !== "number" && x.dtype === "float64");
  const dtype = asked ?? (wide ? "float64" : "float32");
  const values = given.map((x) => typeof x === "number" ? literal(x, dtype) : cast(x, dtype));
  const common = broadcastShapes(action, ...values.map((x) => x.shape));
  const shape = sizes === undefined ? common : options.shape;
  const fits = common.length <= shape.length &&
    common.every((n, i) => n === 1 || n === shape[shape.length - common.length + i]);
  if (!fits) {
    throw new RangeError(
      `Cannot ${action} of shape ${formatShape(shape)} with parameters of shape ${
        formatShape(common)
      }: they must broadcast to it`,
    );
  }
  return { options: { ...options, dtype, shape: [...shape] }, values };
}

function finite(x: number, name: string, action: string): number {
  if (Number.isNaN(x)) throw new RangeError(`Cannot ${action} with ${name} NaN: wanted a number`);
  return x;
}

/** Reads the parameters of a draw of integers; they are floats. */
export function readCounts(
  params: Readonly<Record<string, TensorLike>>,
  shapeOrOptions: CountOptions | readonly number[] | number | undefined,
  more: CountOptions | undefined,
  action: string,
): { shape: number[]; dtype: DType; values: Tensor[] } {
  const { shape, dtype = "int32" } = joinOptions(shapeOrOptions, more, ["shape", "dtype"], action);
  if (!isInteger(dtype)) {
    throw new TypeError(`Cannot ${action} of dtype ${formatValue(dtype)}: wanted an integer type`);
  }
  const sized = shape === undefined ? {} : { shape: checkShape(shape, action) };
  const { options, values } = readParameters(params, sized, undefined, ["shape"], action);
  return { shape: options.shape, dtype, values };
}

/** Checks the mode of a draw; "low" where there is none. */
export function checkMode(mode: unknown, action: string): "low" | "high" {
  if (mode === undefined) return "low";
  if (mode === "low" || mode === "high") return mode;
  throw new TypeError(`Cannot ${action} with mode ${formatValue(mode)}: wanted "low" or "high"`);
}

/** Throws where a plain number is no parameter. */
export function positive(x: TensorLike, name: string, action: string): void {
  if (typeof x === "number" && !(x > 0)) {
    throw new RangeError(
      `Cannot ${action} with ${name} ${formatValue(x)}: wanted a positive number`,
    );
  }
}

/** Checks that a user's key is one. */
export function checkKey(key: TensorLike, action: string): Tensor {
  const array = Array.isArray(key) || (typeof key !== "number" && isLeaf(key));
  const k = array ? toTensor(key, action) : null;
  if (k === null || k.dtype !== "uint32" || k.shape.length !== 1 || k.shape[0] !== 2) {
    const got = k === null
      ? formatValue(key)
      : `a ${k.dtype} tensor of shape ${formatShape(k.shape)}`;
    throw new TypeError(
      `Cannot ${action} with the key ${got}: a key is a uint32 tensor of shape [2]; ` +
        `make one with random.key(seed)`,
    );
  }
  return k;
}
