/**
 * Reductions over the elements that are not NaN.
 *
 * @module
 */
import { formatShape } from "../base/mod.ts";
import { cast, emit, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { readReduction } from "./axes.ts";
import { select } from "./operands.ts";
import {
  argmax,
  argmin,
  type ExtremeOptions,
  max,
  mean,
  type MeanOptions,
  min,
  prod,
  type ReductionOptions,
  sum,
  type SumOptions,
  var as variance,
  type VarianceOptions,
} from "./reductions.ts";
import { cumprod, cumsum, type CumulativeOptions } from "./sorting.ts";
import type { Axis } from "./types.ts";

/** The array with `value` in the place of NaN. */
function without(x: TensorLike, value: number, action: string): Tensor {
  const t = toTensor(x, action);
  return t.dtype.startsWith("float") ? select(t.isnan(), value, t) : t;
}

function present(x: TensorLike, action: string): Tensor {
  return emit("not", [toTensor(x, action).isnan()]);
}

/** Where a user's mask holds and there is no NaN. */
function counted(x: TensorLike, mask: TensorLike | undefined, action: string): Tensor {
  const there = present(x, action);
  return mask === undefined ? there : emit("and", [there, cast(toTensor(mask, action), "bool")]);
}

/**
 * The sum of the elements that are not NaN; see `sum`.
 *
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.nansum([1, NaN, 2]).item(), 3);
 * ```
 */
export function nansum(x: TensorLike, options?: Axis | SumOptions): Tensor {
  return sum(without(x, 0, "sum"), options);
}

/**
 * The product of the elements that are not NaN; see `prod`.
 *
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.nanprod([2, NaN, 3]).item(), 6);
 * ```
 */
export function nanprod(x: TensorLike, options?: Axis | SumOptions): Tensor {
  return prod(without(x, 1, "multiply up"), options);
}

/**
 * Running sums that pass over NaN; see `cumsum`.
 *
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.nancumsum([1, NaN, 2]).toArray(), [1, 1, 3]);
 * ```
 */
export function nancumsum(x: TensorLike, options?: number | null | CumulativeOptions): Tensor {
  return cumsum(without(x, 0, "cumsum"), options);
}

/**
 * Running products that pass over NaN; see `cumprod`.
 *
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.nancumprod([2, NaN, 3]).toArray(), [2, 2, 6]);
 * ```
 */
export function nancumprod(x: TensorLike, options?: number | null | CumulativeOptions): Tensor {
  return cumprod(without(x, 1, "cumprod"), options);
}

function nanExtreme(
  x: TensorLike,
  options: Axis | ExtremeOptions | undefined,
  f: typeof max,
  worst: number,
  action: string,
): Tensor {
  const t = toTensor(x, action);
  if (!t.dtype.startsWith("float")) return f(t, options);
  const o = readReduction<ExtremeOptions>(
    options,
    ["axis", "keepdims", "where", "initial"],
    action,
  );
  const out = f(without(t, worst, action), o);
  if (o.initial !== undefined) return out;
  const none = emit("not", [present(t, action).any({ axis: o.axis, keepdims: o.keepdims })]);
  return select(none, NaN, out);
}

/**
 * The greatest of the elements that are not NaN; NaN where all are. See `max`.
 *
 * @throws {RangeError} when there is no element and no `initial`
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.nanmax([1, NaN, 2]).item(), 2);
 * ```
 */
export function nanmax(x: TensorLike, options?: Axis | ExtremeOptions): Tensor {
  return nanExtreme(x, options, max, -Infinity, "max");
}

/**
 * The smallest of the elements that are not NaN; NaN where all are. See `min`.
 *
 * @throws {RangeError} when there is no element and no `initial`
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.nanmin([1, NaN, 2]).item(), 1);
 * ```
 */
export function nanmin(x: TensorLike, options?: Axis | ExtremeOptions): Tensor {
  return nanExtreme(x, options, min, Infinity, "min");
}

/**
 * The mean of the elements that are not NaN; NaN where all are. See `mean`.
 *
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.nanmean([1, NaN, 3]).item(), 2);
 * ```
 */
export function nanmean(x: TensorLike, options?: Axis | MeanOptions): Tensor {
  const o = readReduction<MeanOptions>(options, ["axis", "keepdims", "where", "dtype"], "mean");
  return mean(without(x, 0, "mean"), { ...o, where: counted(x, o.where, "mean") });
}

/**
 * The variance of the elements that are not NaN; NaN where there are no more than `ddof`. See `var`.
 *
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.nanvar([1, NaN, 3]).item(), 1);
 * ```
 */
export function nanvar(x: TensorLike, options?: Axis | VarianceOptions): Tensor {
  const action = "take the variance of";
  const o = readReduction<VarianceOptions>(options, ["axis", "keepdims", "where", "ddof"], action);
  const { ddof = 0, ...rest } = o;
  const where = counted(x, o.where, action);
  const t = without(x, 0, action);
  const out = variance(t, { ...rest, where, ddof });
  const kept = { axis: o.axis, keepdims: o.keepdims };
  const n = cast(where, "int32").add(cast(t.zeros(), "int32")).sum(kept);
  return select(n.le(ddof), NaN, out);
}

/**
 * The standard deviation of the elements that are not NaN; see `nanvar`.
 *
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.nanstd([1, NaN, 3]).item(), 1);
 * ```
 */
export function nanstd(x: TensorLike, options?: Axis | VarianceOptions): Tensor {
  return nanvar(x, options).sqrt();
}

function nanPosition(
  x: TensorLike,
  options: Axis | ReductionOptions | undefined,
  f: typeof argmax,
  worst: number,
  action: string,
): Tensor {
  const t = toTensor(x, action);
  const at = f(without(t, worst, action), options);
  if (!t.dtype.startsWith("float")) return at;
  const o = readReduction<ReductionOptions>(options, ["axis", "keepdims"], action);
  const none = t.isnan().all({ axis: o.axis, keepdims: o.keepdims });
  if (none.shape.length !== at.shape.length) {
    throw new RangeError(`Cannot ${action} of ${formatShape(t.shape)}: give one axis`);
  }
  return select(none, -1, at);
}

/**
 * The position of the greatest element that is not NaN; -1 where all are. See `argmax`.
 *
 * @throws {RangeError} when there is no element
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.nanargmax([1, NaN, 2]).item(), 2);
 * ```
 */
export function nanargmax(x: TensorLike, options?: Axis | ReductionOptions): Tensor {
  return nanPosition(x, options, argmax, -Infinity, "argmax");
}

/**
 * The position of the smallest element that is not NaN; -1 where all are. See `argmin`.
 *
 * @throws {RangeError} when there is no element
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.nanargmin([3, NaN, 2]).item(), 2);
 * ```
 */
export function nanargmin(x: TensorLike, options?: Axis | ReductionOptions): Tensor {
  return nanPosition(x, options, argmin, Infinity, "argmin");
}
