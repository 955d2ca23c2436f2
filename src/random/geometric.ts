/**
 * How often a coin is thrown until it shows heads.
 *
 * @module
 */
import { checkShape, type DType, formatValue, isInteger } from "../base/mod.ts";
import { cast, type Tensor, type TensorLike } from "../core/mod.ts";
import { select } from "../numpy/operands.ts";
import { checkOptions } from "../numpy/options.ts";
import { checkKey } from "./key.ts";
import { readParameters } from "./options.ts";
import { uniformOf } from "./uniform.ts";

/** Options of the draws of integers that have parameters. */
export interface CountOptions {
  /** The shape of the result; default that of the parameters. */
  shape?: readonly number[] | number;
  /** The dtype of the result; default "int32". */
  dtype?: DType;
}

/** Reads the parameters of a draw of integers; they are floats. */
export function readCounts(
  params: Readonly<Record<string, TensorLike>>,
  shapeOrOptions: CountOptions | readonly number[] | number | undefined,
  more: CountOptions | undefined,
  action: string,
): { shape: number[]; dtype: DType; values: Tensor[] } {
  const positional = typeof shapeOrOptions === "number" || Array.isArray(shapeOrOptions);
  const given = (positional ? more : shapeOrOptions as CountOptions | undefined) ?? {};
  checkOptions(given, ["shape", "dtype"], action);
  const { dtype = "int32" } = given;
  if (!isInteger(dtype)) {
    throw new TypeError(`Cannot ${action} of dtype ${formatValue(dtype)}: wanted an integer type`);
  }
  const shape = positional ? shapeOrOptions as number : given.shape;
  const sized = shape === undefined ? {} : { shape: checkShape(shape, action) };
  const { options, values } = readParameters(params, sized, undefined, ["shape"], action);
  return { shape: options.shape, dtype, values };
}

/**
 * Numbers of the geometric distribution: the count of throws up to the first success, at least 1, as
 * `jax.random.geometric`.
 *
 * @param key a key
 * @param p the chance of a success, in (0, 1]
 * @param shapeOrOptions the shape (default that of `p`), or all options
 * @param more options when the shape stands before them
 * @throws {RangeError} when a given shape does not fit `p`
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(random.geometric(random.key(0), 0.25, [4]).toArray(), [1, 1, 4, 3]);
 * ```
 */
export function geometric(
  key: TensorLike,
  p: TensorLike,
  shapeOrOptions?: CountOptions | readonly number[] | number,
  more?: CountOptions,
): Tensor {
  const action = "draw geometric numbers";
  const { shape, dtype, values } = readCounts({ p }, shapeOrOptions, more, action);
  const chance = values[0]!;
  const u = uniformOf(checkKey(key, action), { shape, dtype: chance.dtype });
  const logs = select(u.eq(0), 1, u).log();
  return cast(logs.div(chance.neg().log1p()).floor().add(1), dtype);
}
