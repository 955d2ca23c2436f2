/**
 * Reading at positions that are data.
 *
 * @module
 */
import { broadcastShapes, formatShape, normalizeAxis } from "../base/mod.ts";
import { emit, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { oneAxis } from "./axes.ts";
import type { AxisOptions } from "./movement.ts";
import { indices } from "./operands.ts";
import { readOptions } from "./options.ts";

/** What `take` takes. */
export interface TakeOptions extends AxisOptions {
  /**
   * What an index outside reads: "fill" (default; NaN for floats, the smallest signed or largest
   * unsigned integer, true), "clip" (the nearest end) or "wrap" (counting on from the start).
   */
  mode?: "fill" | "clip" | "wrap" | undefined;
}

/**
 * Entries at integer indices along an axis, whose place the axes of the indices take; without an axis,
 * entries of the flattened array. -n..-1 count from the end; there is no error for indices outside,
 * see `mode`.
 *
 * @throws {TypeError} for indices that are no integers
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.take([10, 20, 30], [2, 0, -1]).toArray(), [30, 10, 30]);
 * assertEquals(np.take([[1, 2], [3, 4]], 1, { axis: 1 }).toArray(), [2, 4]);
 * ```
 */
export function take(
  x: TensorLike,
  at: TensorLike,
  options?: number | null | TakeOptions,
): Tensor {
  const { mode = "fill", axis } = readOptions<TakeOptions>(
    options,
    ["axis", "mode"],
    "take",
    "axis",
  );
  if (mode !== "fill" && mode !== "clip" && mode !== "wrap") {
    throw new TypeError(
      `Cannot take with mode ${JSON.stringify(mode)}: the modes are "fill", "clip" and "wrap"`,
    );
  }
  const along = oneAxis({ axis }, null, "take");
  const given = toTensor(x, "take from");
  const t = along === null ? given.reshape([-1]) : given;
  const a = along === null ? 0 : normalizeAxis(along, t.ndim, "take");
  const n = t.shape[a]!;
  let index = indices(at, "take");
  if (n === 0 && index.size > 0 && mode !== "fill") {
    throw new RangeError(`Cannot take from axis ${a} of size 0 with mode "${mode}": it is empty`);
  }
  if (mode === "clip") index = index.maximum(0).minimum(n - 1);
  if (mode === "wrap") index = index.mod(n);
  return emit("take", [t, index], { axis: a, outside: "fill" });
}

/**
 * For each position, the entry along the axis that the index at that position names. Other axes
 * broadcast against each other; without an axis (null), both are flattened. Indices outside read NaN
 * (or what `take` fills with).
 *
 * @throws {TypeError} for indices that are no integers
 * @throws {RangeError} when the numbers of axes differ
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const x = np.array([[3, 1, 2]]);
 * assertEquals(np.takeAlongAxis(x, np.argsort(x), -1).toArray(), [[1, 2, 3]]);
 * ```
 */
export function takeAlongAxis(
  x: TensorLike,
  at: TensorLike,
  axis: number | null | AxisOptions,
): Tensor {
  const along = oneAxis(axis, null, "take along an axis");
  let t = toTensor(x, "take along an axis of");
  let index = indices(at, "take along an axis");
  if (along === null) [t, index] = [t.reshape([-1]), index.reshape([-1])];
  if (t.ndim !== index.ndim) {
    throw new RangeError(
      `Cannot take along an axis of ${formatShape(t.shape)} with indices ${
        formatShape(index.shape)
      }: both must have as many axes`,
    );
  }
  const a = along === null ? 0 : normalizeAxis(along, t.ndim, "take along");
  const others = (s: readonly number[]): number[] => s.map((n, i) => i === a ? 1 : n);
  const shape = broadcastShapes("take along an axis with", others(t.shape), others(index.shape));
  const full = (s: Tensor): Tensor => s.broadcastTo(shape.map((n, i) => i === a ? s.shape[a]! : n));
  return emit("takeAlong", [full(t), full(index)], { axis: a, outside: "fill" });
}
