/**
 * The gated linear unit: half of an axis opens and closes the other half.
 *
 * @module
 */
import { formatShape, normalizeAxis } from "../base/mod.ts";
import { emit, type Tensor, type TensorLike } from "../core/mod.ts";
import { readOptions } from "../numpy/options.ts";
import { operand } from "./activation.ts";
import type { AxisOptions } from "./types.ts";

/**
 * The first half along an axis, gated by the sigmoid of the second half.
 *
 * @param options the axis (default the last), of an even size
 * @throws {RangeError} when the size is odd
 *
 * @example
 * ```ts
 * import { activations } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(activations.glu([4, 6, 0, 100]).toArray(), [2, 6]);
 * ```
 */
export function glu(x: TensorLike, options?: AxisOptions | number): Tensor {
  const t = operand(x, "gate");
  const { axis: wanted = -1 } = readOptions<AxisOptions>(options, ["axis"], "gate", "axis");
  const axis = normalizeAxis(wanted, t.shape.length, "gate");
  const size = t.shape[axis]!;
  if (size % 2 !== 0) {
    throw new RangeError(
      `Cannot gate ${formatShape(t.shape)} along axis ${axis}: its size ${size} must be even`,
    );
  }
  const half = (start: number): Tensor =>
    emit("slice", [t], {
      start: t.shape.map((_, i) => i === axis ? start : 0),
      size: t.shape.map((n, i) => i === axis ? size / 2 : n),
      step: t.shape.map(() => 1),
    });
  return half(0).mul(half(size / 2).sigmoid());
}
