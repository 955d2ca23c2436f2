/**
 * Choosing between elements: by a condition, by size, within limits.
 *
 * @module
 */
import { convertNumber, isInteger } from "../base/mod.ts";
import {
  binary,
  cast,
  emit,
  promoted,
  type Tensor,
  type TensorLike,
  toTensor,
} from "../core/mod.ts";
import { select } from "./operands.ts";

/**
 * The greater of both, element by element; NaN if either is. A tie gives half the gradient to each.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.maximum([1, 5], 3).toArray(), [3, 5]);
 * ```
 */
export function maximum(a: TensorLike, b: TensorLike): Tensor {
  return binary("maximum", a, b);
}

/**
 * The smaller of both, element by element; NaN if either is. A tie gives half the gradient to each.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.minimum([1, 5], 3).toArray(), [1, 3]);
 * ```
 */
export function minimum(a: TensorLike, b: TensorLike): Tensor {
  return binary("minimum", a, b);
}

/**
 * The greater of both, element by element; where one is NaN, the other.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.fmax([1, NaN], 3).toArray(), [3, 3]);
 * ```
 */
export function fmax(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = promoted(a, b, "fmax");
  return select(emit("or", [x.gt(y), y.isnan()]), x, y);
}

/**
 * The smaller of both, element by element; where one is NaN, the other.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.fmin([1, NaN], 3).toArray(), [1, 3]);
 * ```
 */
export function fmin(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = promoted(a, b, "fmin");
  return select(emit("or", [x.lt(y), y.isnan()]), x, y);
}

/**
 * Elements of `a` where the condition holds (is nonzero), else of `b`; all three broadcast. Both
 * sides are computed, so a NaN in the unused one still reaches gradients: guard its argument as well.
 *
 * @throws {TypeError} when `a` and `b` are missing: the positions of true values have no fixed shape
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const x = np.array([1, -2, 3]);
 * assertEquals(np.where(x.gt(0), x, 0).toArray(), [1, 0, 3]);
 * ```
 */
export function where(condition: TensorLike, a: TensorLike, b: TensorLike): Tensor {
  if (a === undefined || b === undefined) {
    throw new TypeError(
      "Cannot use where with a condition alone: the number of true values is no fixed shape; " +
        "give all three arguments, as np.where(x.gt(0), x, 0)",
    );
  }
  const [x, y] = promoted(a, b, "select from");
  return emit("where", [cast(toTensor(condition, "select by"), "bool"), x, y]);
}

/**
 * Limits elements to [min, max]; null leaves a side open. Where min exceeds max, max wins. At a
 * limit half the gradient passes, as in JAX.
 *
 * @throws {RangeError} when the shapes do not broadcast, or a limit is no value of integers clipped
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.clip([-1, 0.5, 2], 0, 1).toArray(), [0, 0.5, 1]);
 * assertEquals(np.clip([-1, 2], null, 1).toArray(), [-1, 1]);
 * ```
 */
export function clip(
  x: TensorLike,
  min?: TensorLike | null,
  max?: TensorLike | null,
): Tensor {
  let t = toTensor(x, "clip");
  for (const [name, bound] of [["min", min], ["max", max]] as const) {
    if (bound === undefined || bound === null) continue;
    const whole = typeof bound === "number" && Number.isInteger(bound);
    if (whole && isInteger(t.dtype) && convertNumber(bound, t.dtype) !== bound) {
      throw new RangeError(
        `Cannot clip values of dtype ${t.dtype} with ${name} ${bound}: it is out of their range: ` +
          `leave ${name} out (null), or convert the values with astype first`,
      );
    }
    t = name === "min" ? t.maximum(bound) : t.minimum(bound);
  }
  return t;
}
