/**
 * Orders by several keys, and orders that are only needed around some places.
 *
 * @module
 */
import { formatShape, normalizeAxis } from "../base/mod.ts";
import { emit, emitAll, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { oneAxis } from "./axes.ts";
import type { Arrays } from "./joining.ts";
import type { AxisOptions } from "./movement.ts";
import { listed } from "./operands.ts";
import { integer } from "./options.ts";
import { argsort, sort } from "./sorting.ts";

/**
 * The order (int32) that sorts by the last key, where it is equal by the one before, and so on.
 *
 * @param keys arrays of one shape
 * @throws {TypeError} when the keys are no list
 * @throws {RangeError} when there is no key, or shapes differ
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.lexsort([[2, 1, 1], [0, 0, -1]]).toArray(), [2, 1, 0]);
 * ```
 */
export function lexsort(keys: Arrays, options?: number | AxisOptions): Tensor {
  const action = "sort by the keys";
  const list = listed(keys, action).map((x) => toTensor(x, action));
  const [first] = list as [Tensor];
  for (const t of list) {
    if (formatShape(t.shape) !== formatShape(first.shape)) {
      throw new RangeError(
        `Cannot ${action} of shapes ${formatShape(first.shape)} and ${
          formatShape(t.shape)
        }: wanted equal ones`,
      );
    }
  }
  const axis = normalizeAxis(oneAxis(options, -1, action) ?? -1, first.ndim, action);
  let order: Tensor | null = null;
  for (const key of list) {
    const sorted: Tensor = order === null
      ? key
      : emit("takeAlong", [key, order], { axis, outside: "fill" });
    const places: Tensor = emitAll("sort", [sorted], { axis })[1]!;
    order = order === null ? places : emit("takeAlong", [order, places], { axis, outside: "fill" });
  }
  return order!;
}

function checkKth(
  x: TensorLike,
  kth: number,
  options: number | null | AxisOptions | undefined,
  action: string,
): number | null {
  const axis = oneAxis(options, -1, action);
  const t = toTensor(x, action);
  const n = axis === null ? t.size : t.shape[normalizeAxis(axis, t.ndim, action)]!;
  const k = integer(kth, "kth", action);
  if (k < -n || k >= n) {
    throw new RangeError(`Cannot ${action} at ${k} of ${n}: wanted ${-n}..${n - 1}`);
  }
  return axis;
}

/**
 * Elements arranged along an axis so that the k-th is where sorting would put it, smaller ones before
 * it, greater ones behind; here all are sorted.
 *
 * @throws {RangeError} when there is no k-th element
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.partition([3, 1, 2], 1).at(1).item(), 2);
 * ```
 */
export function partition(
  x: TensorLike,
  kth: number,
  options?: number | null | AxisOptions,
): Tensor {
  return sort(x, { axis: checkKth(x, kth, options, "partition") });
}

/**
 * The indices (int32) that `partition` would take.
 *
 * @throws {RangeError} when there is no k-th element
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.argpartition([3, 1, 2], 0).at(0).item(), 1);
 * ```
 */
export function argpartition(
  x: TensorLike,
  kth: number,
  options?: number | null | AxisOptions,
): Tensor {
  return argsort(x, { axis: checkKth(x, kth, options, "partition") });
}
