/**
 * Draws among classes of given chances.
 *
 * @module
 */
import { checkShape, formatValue, normalizeAxis, sameShape, sizeOf } from "../base/mod.ts";
import { type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { moveaxis } from "../numpy/movement.ts";
import { checkOptions } from "../numpy/options.ts";
import { argsort } from "../numpy/sorting.ts";
import { gumbelOf } from "./draws.ts";
import { checkKey, checkMode } from "./options.ts";

/** Options of {@link categorical}. */
export interface CategoricalOptions {
  /** The axis of classes in the logits; default the last. */
  axis?: number | undefined;
  /** The shape of the result; it ends in the shape of the logits without the axis of classes. */
  shape?: readonly number[] | undefined;
  /** Whether a class may be drawn again within the leading axes of the shape; default true. */
  replace?: boolean | undefined;
  /** The mode of the Gumbel noise; see `gumbel`. */
  mode?: "low" | "high" | undefined;
}

/**
 * Class numbers drawn with the chances `softmax(logits)`, as `jax.random.categorical`.
 *
 * @param key a key
 * @param logits logarithms of chances, up to a constant
 * @throws {RangeError} when the shape does not end in that of the logits, or there are too few classes
 * @returns int32 class numbers
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const draws = random.categorical(random.key(0), [0, -Infinity], { shape: [3] });
 * assertEquals(draws.toArray(), [0, 0, 0]);
 * ```
 */
export function categorical(
  key: TensorLike,
  logits: TensorLike,
  options: CategoricalOptions = {},
): Tensor {
  const action = "draw classes";
  checkOptions(options, ["axis", "shape", "replace", "mode"], action);
  const k = checkKey(key, action);
  const given = toTensor(logits, action);
  const t = given.dtype === "float64" ? given : given.astype("float32");
  const axis = normalizeAxis(options.axis ?? -1, t.shape.length, action);
  const batch = t.shape.filter((_, i) => i !== axis);
  const shape = checkShape(options.shape ?? batch, action);
  const prefix = shape.slice(0, shape.length - batch.length);
  if (!sameShape(shape, [...prefix, ...batch])) {
    throw new RangeError(
      `Cannot ${action} of shape ${formatValue(shape)}: it must end in ${formatValue(batch)}, ` +
        `the shape of the logits without axis ${axis}`,
    );
  }
  const mode = checkMode(options.mode, action);
  if (options.replace ?? true) {
    const noise = gumbelOf(k, { shape: [...prefix, ...t.shape], dtype: t.dtype, mode });
    return noise.add(t).argmax({ axis: axis - t.shape.length });
  }
  const [count, classes] = [sizeOf(prefix), t.shape[axis]!];
  if (count > classes) {
    throw new RangeError(
      `Cannot ${action} ${count} times out of ${classes}: without replacement there are too few`,
    );
  }
  const noisy = moveaxis(
    t.add(gumbelOf(k, { shape: [...t.shape], dtype: t.dtype, mode })),
    axis,
    0,
  );
  return argsort(noisy, { axis: 0, descending: true }).slice(0, count).reshape(shape);
}
