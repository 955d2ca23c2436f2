/**
 * Order along an axis: sorting, and running totals.
 *
 * @module
 */
import { type DType, normalizeAxis } from "../base/mod.ts";
import { cast, emit, emitAll, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { oneAxis } from "./axes.ts";
import type { AxisOptions } from "./movement.ts";
import { readOptions } from "./options.ts";

/** What `sort` and `argsort` take. */
export interface SortOptions extends AxisOptions {
  /** Whether the greatest comes first (NaN before it); default false. */
  descending?: boolean | undefined;
}

function sorted(
  x: TensorLike,
  options: number | null | SortOptions | undefined,
  action: string,
): [Tensor, Tensor] {
  const o = readOptions<SortOptions>(options, ["axis", "descending"], action, "axis");
  const along = oneAxis({ axis: o.axis }, -1, action);
  const given = toTensor(x, action);
  const t = along === null ? given.reshape([-1]) : given;
  const axis = normalizeAxis(along ?? 0, t.ndim, action);
  if (!o.descending) return emitAll("sort", [t], { axis }) as [Tensor, Tensor];
  // reversed before and after, so that equal elements keep their order
  const flip = (s: Tensor): Tensor => emit("flip", [s], { axes: [axis] });
  const [values, places] = emitAll("sort", [flip(t)], { axis }) as [Tensor, Tensor];
  return [flip(values), flip(places).neg().add(t.shape[axis]! - 1)];
}

/**
 * Elements in ascending order along an axis (default the last; null sorts the flattened array). NaN
 * comes last; `descending` reverses all of it. Equal elements keep their order.
 *
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.sort([3, 1, 2]).toArray(), [1, 2, 3]);
 * assertEquals(np.sort([3, 1, 2], { descending: true }).toArray(), [3, 2, 1]);
 * ```
 */
export function sort(x: TensorLike, options?: number | null | SortOptions): Tensor {
  return sorted(x, options, "sort")[0];
}

/**
 * The indices (int32) that would sort an array along an axis: see `sort`.
 *
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.argsort([30, 10, 20]).toArray(), [1, 2, 0]);
 * ```
 */
export function argsort(x: TensorLike, options?: number | null | SortOptions): Tensor {
  return sorted(x, options, "argsort")[1];
}

/** What `cumsum` and `cumprod` take. */
export interface CumulativeOptions extends AxisOptions {
  /** The dtype to accumulate in. */
  dtype?: DType | undefined;
}

function running(
  op: "cumsum" | "cumprod",
  x: TensorLike,
  options: number | null | CumulativeOptions | undefined,
): Tensor {
  const o = readOptions<CumulativeOptions>(options, ["axis", "dtype"], op, "axis");
  const along = oneAxis({ axis: o.axis }, null, op);
  const given = toTensor(x, op);
  const t = along === null ? given.reshape([-1]) : given;
  const axis = normalizeAxis(along ?? 0, t.ndim, op);
  const d = o.dtype ?? (t.dtype === "bool" ? "int32" : t.dtype);
  return emit(op, [cast(t, d)], { axis, reverse: false });
}

/**
 * Running sums along an axis; of the flattened array when there is none given.
 *
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.cumsum([1, 2, 3]).toArray(), [1, 3, 6]);
 * ```
 */
export function cumsum(x: TensorLike, options?: number | null | CumulativeOptions): Tensor {
  return running("cumsum", x, options);
}

/**
 * Running products along an axis; of the flattened array when there is none given.
 *
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.cumprod([1, 2, 3, 4]).toArray(), [1, 2, 6, 24]);
 * ```
 */
export function cumprod(x: TensorLike, options?: number | null | CumulativeOptions): Tensor {
  return running("cumprod", x, options);
}
