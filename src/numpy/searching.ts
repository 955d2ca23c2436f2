/**
 * Positions in sorted arrays.
 *
 * @module
 */
import { formatShape, formatValue } from "../base/mod.ts";
import { emit, promoted, type Tensor, type TensorLike } from "../core/mod.ts";
import { insertionPoints } from "./insertion_points.ts";
import { indices } from "./operands.ts";
import { readOptions } from "./options.ts";
import type { Options } from "./types.ts";

/** What `searchsorted` takes. */
export interface SearchsortedOptions extends Options {
  /** "left" (the default): before equal elements; "right": behind them. */
  side?: "left" | "right" | undefined;
  /** Integer positions that sort the array, as `argsort` gives them, where it is not sorted. */
  sorter?: TensorLike | undefined;
}

/**
 * Where elements would go into a sorted vector so that it stays sorted: int32 in 0..n. NaN counts as
 * greater than everything. Takes log2(n) steps for all elements at once.
 *
 * @param sorted a vector in ascending order
 * @param values what to look for, of any shape
 * @throws {RangeError} when the array is no vector
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.searchsorted([1, 3, 5], [0, 3, 9]).toArray(), [0, 1, 3]);
 * assertEquals(np.searchsorted([1, 3, 5], 3, { side: "right" }).item(), 2);
 * ```
 */
export function searchsorted(
  sorted: TensorLike,
  values: TensorLike,
  options?: "left" | "right" | SearchsortedOptions,
): Tensor {
  const action = "search";
  const { side = "left", sorter } = readOptions<SearchsortedOptions>(
    options,
    ["side", "sorter"],
    action,
    "side",
  );
  if (side !== "left" && side !== "right") {
    throw new TypeError(`Cannot ${action} on side ${formatValue(side)}: wanted "left" or "right"`);
  }
  let [a, v] = promoted(sorted, values, action);
  if (a.ndim !== 1) {
    throw new RangeError(
      `Cannot ${action} an array of shape ${formatShape(a.shape)}: wanted a sorted vector`,
    );
  }
  if (sorter !== undefined) {
    a = emit("take", [a, indices(sorter, action)], { axis: 0, outside: "fill" });
  }
  return insertionPoints(a, v, side);
}
