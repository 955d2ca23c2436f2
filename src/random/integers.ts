/**
 * Uniform integers, and signs.
 *
 * @module
 */
import {
  broadcastShapes,
  checkShape,
  type DType,
  formatShape,
  formatValue,
  isInteger,
} from "../base/mod.ts";
import { type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { indices } from "../numpy/operands.ts";
import { checkOptions } from "../numpy/options.ts";
import { randintOf, signsOf } from "./draws.ts";
import { checkKey, joinOptions } from "./options.ts";

/** Options of {@link randint}. */
export interface RandintOptions {
  /** "int32" (the default) or another integer type. */
  dtype?: DType | undefined;
}

/**
 * Integers spread evenly over `minval..maxval-1`, as `jax.random.randint`. Where maxval <= minval,
 * minval itself.
 *
 * @param key a key
 * @param shape the shape of the result
 * @param minval the least value, an integer or a tensor of integers that broadcasts to the shape
 * @param maxval the bound above, likewise
 * @throws {RangeError} when a bound is no integer
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(random.randint(random.key(0), [5], 0, 10).toArray(), [9, 0, 2, 3, 1]);
 * ```
 */
export function randint(
  key: TensorLike,
  shape: readonly number[] | number,
  minval: TensorLike,
  maxval: TensorLike,
  options: RandintOptions = {},
): Tensor {
  const action = "draw integers";
  checkOptions(options, ["dtype"], action);
  const k = checkKey(key, action);
  const sizes = checkShape(shape, action);
  const dtype = options.dtype ?? "int32";
  if (!isInteger(dtype)) {
    throw new TypeError(`Cannot ${action} of dtype ${formatValue(dtype)}: wanted an integer type`);
  }
  const bounds = [minval, maxval].map((bound): number | Tensor => {
    if (typeof bound !== "number") return integers(bound, action);
    if (!Number.isInteger(bound) || bound < -(2 ** 31) || bound > 2 ** 32) {
      throw new RangeError(`Cannot ${action} within ${formatValue(bound)}: wanted an integer`);
    }
    return bound;
  });
  const common = broadcastShapes(
    action,
    sizes,
    ...bounds.map((b) => typeof b === "number" ? [] : b.shape),
  );
  if (common.length !== sizes.length || common.some((n, i) => n !== sizes[i])) {
    throw new RangeError(
      `Cannot ${action} of shape ${formatShape(sizes)} with bounds that meet in ${
        formatShape(common)
      }: they must broadcast to it`,
    );
  }
  return randintOf(k, sizes, bounds[0]!, bounds[1]!, dtype);
}

/** Bounds as a tensor of integers; whole numbers in lists count as such. */
function integers(x: TensorLike, action: string): Tensor {
  if (Array.isArray(x)) return indices(x, action);
  const t = toTensor(x, action);
  if (isInteger(t.dtype)) return t;
  throw new TypeError(`Cannot ${action} within bounds of dtype ${t.dtype}: wanted integers`);
}

/** Options of {@link rademacher}. */
export interface RademacherOptions {
  /** The shape of the result; default a scalar. */
  shape?: readonly number[] | number | undefined;
  /** The dtype of the result; default "int32". */
  dtype?: DType | undefined;
}

/**
 * Signs: 1 or -1 with equal chances, as `jax.random.rademacher`.
 *
 * @param key a key
 * @param shapeOrOptions the shape, or all options
 * @param more options when the shape stands before them
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(random.rademacher(random.key(0), [5]).toArray(), [-1, -1, 1, 1, -1]);
 * ```
 */
export function rademacher(
  key: TensorLike,
  shapeOrOptions?: RademacherOptions | readonly number[] | number,
  more?: RademacherOptions,
): Tensor {
  const action = "draw signs";
  const options = joinOptions(shapeOrOptions, more, ["shape", "dtype"], action);
  const { shape = [], dtype = "int32" } = options;
  if (dtype === "bool" || dtype === "uint8" || dtype === "uint32") {
    throw new TypeError(`Cannot ${action} of dtype ${dtype}: it has no -1`);
  }
  const sizes = checkShape(shape, action);
  return signsOf(checkKey(key, action), sizes).astype(dtype);
}
