/**
 * What the draws take: a shape, or options, or both.
 *
 * @module
 */
import { checkShape, type DType, formatValue, isFloat } from "../base/mod.ts";
import { checkOptions } from "../numpy/options.ts";

/** What every draw of floating-point numbers takes. */
export interface DrawOptions {
  /** The shape of the result; default a scalar. */
  shape?: readonly number[] | number;
  /** "float32" (the default) or "float64". */
  dtype?: DType;
}

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
