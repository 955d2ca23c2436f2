/**
 * What the draws take: parameters, then a shape, or options, or both.
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
} from "../base/mod.ts";
import { cast, literal, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { checkOptions } from "../numpy/options.ts";
import type { DrawOptions } from "./types.ts";

/** Options whose shape and dtype have been checked and filled in. */
export type Drawn<T extends DrawOptions> = T & { shape: number[]; dtype: DType };

/** Reads `(shape, options)` or `(options)`. */
export function readDraw<T extends DrawOptions>(
  shapeOrOptions: T | readonly number[] | number | undefined,
  more: T | undefined,
  allowed: readonly string[],
  action: string,
): Drawn<T> {
  const positional = typeof shapeOrOptions === "number" || Array.isArray(shapeOrOptions);
  const options = (positional ? { ...more, shape: shapeOrOptions } : shapeOrOptions ?? {}) as T;
  checkOptions(options, allowed, action);
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
  const positional = typeof shapeOrOptions === "number" || Array.isArray(shapeOrOptions);
  const asked = (positional ? more : shapeOrOptions as T | undefined)?.dtype;
  const wide = given.some((x) => typeof x !== "number" && x.dtype === "float64");
  const dtype = asked ?? (wide ? "float64" : "float32");
  const values = given.map((x) => typeof x === "number" ? literal(x, dtype) : cast(x, dtype));
  const common = broadcastShapes(action, ...values.map((x) => x.shape));
  const shaped = positional || (shapeOrOptions as T | undefined)?.shape !== undefined;
  const shape = shaped ? options.shape : common;
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
