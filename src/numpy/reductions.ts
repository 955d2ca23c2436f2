/**
 * Combining elements along axes: sums, means, extremes, positions, truth. The second argument is
 * options or just the axis.
 *
 * @module
 */
import { checkDType, type DType, normalizeAxes } from "../base/mod.ts";
import { cast, emit, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { readReduction } from "./axes.ts";
import type { AxisOptions } from "./movement.ts";
import { float, select } from "./operands.ts";
import { where } from "./selection.ts";
import type { Axis } from "./types.ts";

/** What every reduction takes. */
export interface ReductionOptions extends AxisOptions {
  /** Whether reduced axes stay, with size 1; default false. */
  keepdims?: boolean | undefined;
}

/** What reductions that can leave elements out take. */
export interface MaskedOptions extends ReductionOptions {
  /** Where elements count; broadcasts against the array. */
  where?: TensorLike | undefined;
}

/** What `max` and `min` take. */
export interface ExtremeOptions extends MaskedOptions {
  /** A value that takes part as well; needed where there may be no element. */
  initial?: TensorLike | undefined;
}

/** What `mean` takes. */
export interface MeanOptions extends MaskedOptions {
  /** The dtype to compute in. */
  dtype?: DType | undefined;
}

/** What `sum` and `prod` take. */
export interface SumOptions extends MeanOptions {
  /** A value that takes part as well. */
  initial?: TensorLike | undefined;
}

/** What `var` and `std` take. */
export interface VarianceOptions extends MaskedOptions {
  /** How many fewer than the elements the divisor counts; default 0. */
  ddof?: number | undefined;
}

const REDUCTION = ["axis", "keepdims"];
const MASKED = [...REDUCTION, "where"];

/** Just the axes, for the methods of Tensor. */
const axes = ({ axis, keepdims }: ReductionOptions): ReductionOptions => ({ axis, keepdims });

function total(op: "sum" | "prod", x: TensorLike, arg: unknown): Tensor {
  const o = readReduction<SumOptions>(arg, [...MASKED, "dtype", "initial"], op);
  let t = toTensor(x, op);
  if (o.dtype !== undefined) t = cast(t, checkDType(o.dtype, op));
  if (o.where !== undefined) t = where(o.where, t, op === "sum" ? 0 : 1);
  let out = t[op](axes(o));
  if (o.initial !== undefined) out = op === "sum" ? out.add(o.initial) : out.mul(o.initial);
  return o.dtype === undefined ? out : cast(out, o.dtype);
}

function extreme(op: "max" | "min", x: TensorLike, arg: unknown): Tensor {
  const o = readReduction<ExtremeOptions>(arg, [...MASKED, "initial"], op);
  let t = toTensor(x, op);
  const { initial } = o;
  if (initial === undefined) {
    if (o.where === undefined) return t[op](axes(o));
    throw new TypeError(
      `Cannot ${op} with where but without initial: say which value counts where no element does`,
    );
  }
  if (o.where !== undefined) t = where(o.where, t, initial);
  const gone = normalizeAxes(o.axis, t.ndim, op);
  const first = toTensor(initial, op);
  const out = gone.some((a) => t.shape[a] === 0)
    ? cast(first, t.dtype).broadcastTo(
      o.keepdims
        ? t.shape.map((n, i) => gone.includes(i) ? 1 : n)
        : t.shape.filter((_, i) => !gone.includes(i)),
    )
    : t[op](axes(o));
  return op === "max" ? out.maximum(initial) : out.minimum(initial);
}

/** How many elements count along the axes. */
function count(t: Tensor, mask: TensorLike, o: ReductionOptions): Tensor {
  const each = cast(cast(toTensor(mask, "reduce where"), "bool"), t.dtype);
  return each.broadcastTo(t.shape).sum(axes(o));
}

/**
 * The sum over axes; all of them unless `axis` says otherwise. Bools sum as int32, uint8 as uint32.
 *
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const x = [[1, 2], [3, 4]];
 * assertEquals(np.sum(x).item(), 10);
 * assertEquals(np.sum(x, { axis: 0, keepdims: true }).toArray(), [[4, 6]]);
 * ```
 */
export function sum(x: TensorLike, options?: Axis | SumOptions): Tensor {
  return total("sum", x, options);
}

/**
 * The product over axes. Bools multiply as int32, uint8 as uint32.
 *
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.prod([[1, 2], [3, 4]], 1).toArray(), [2, 12]);
 * ```
 */
export function prod(x: TensorLike, options?: Axis | SumOptions): Tensor {
  return total("prod", x, options);
}

/**
 * The arithmetic mean over axes; integers give float32. The mean of nothing is NaN.
 *
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.mean([[1, 2], [3, 4]], { axis: 0 }).toArray(), [2, 3]);
 * ```
 */
export function mean(x: TensorLike, options?: Axis | MeanOptions): Tensor {
  const o = readReduction<MeanOptions>(options, [...MASKED, "dtype"], "average");
  const given = toTensor(x, "average");
  const t = o.dtype === undefined ? given : cast(given, o.dtype);
  if (o.where === undefined) return t.mean(axes(o));
  const f = float(t, "average");
  return where(o.where, f, 0).sum(axes(o)).div(count(f, o.where, o));
}

/**
 * The greatest element over axes; NaN wins. Elements that tie share the gradient.
 *
 * @throws {RangeError} when there is no element and no `initial`
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.max([[1, 5], [4, 2]], 1).toArray(), [5, 4]);
 * ```
 */
export function max(x: TensorLike, options?: Axis | ExtremeOptions): Tensor {
  return extreme("max", x, options);
}

/**
 * The smallest element over axes; NaN wins. Elements that tie share the gradient.
 *
 * @throws {RangeError} when there is no element and no `initial`
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.min([[1, 5], [4, 2]], 1).toArray(), [1, 2]);
 * ```
 */
export function min(x: TensorLike, options?: Axis | ExtremeOptions): Tensor {
  return extreme("min", x, options);
}

/**
 * The distance from the smallest to the greatest element over axes.
 *
 * @throws {RangeError} when there is no element
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.ptp([[1, 5], [4, 2]], 1).toArray(), [4, 2]);
 * ```
 */
export function ptp(x: TensorLike, options?: Axis | ReductionOptions): Tensor {
  const o = readReduction<ReductionOptions>(options, REDUCTION, "take the range of");
  const t = toTensor(x, "take the range of");
  return t.max(o).sub(t.min(o));
}

/**
 * The position (int32) of the first greatest element along one axis, or in the flattened array. NaN
 * wins.
 *
 * @throws {TypeError} for several axes
 * @throws {RangeError} when there is no element
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.argmax([[1, 5], [4, 2]], 1).toArray(), [1, 0]);
 * ```
 */
export function argmax(x: TensorLike, options?: Axis | ReductionOptions): Tensor {
  return toTensor(x, "argmax").argmax(
    readReduction<ReductionOptions>(options, REDUCTION, "argmax"),
  );
}

/**
 * The position (int32) of the first smallest element along one axis, or in the flattened array. NaN
 * wins.
 *
 * @throws {TypeError} for several axes
 * @throws {RangeError} when there is no element
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.argmin([[1, 5], [4, 2]], 1).toArray(), [0, 1]);
 * ```
 */
export function argmin(x: TensorLike, options?: Axis | ReductionOptions): Tensor {
  return toTensor(x, "argmin").argmin(
    readReduction<ReductionOptions>(options, REDUCTION, "argmin"),
  );
}

/**
 * Whether at least one element is true (nonzero) over axes; false of nothing.
 *
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.any([[1, 0], [0, 0]], 1).toArray(), [true, false]);
 * ```
 */
export function any(x: TensorLike, options?: Axis | MaskedOptions): Tensor {
  const o = readReduction<MaskedOptions>(options, MASKED, "any");
  const t = cast(toTensor(x, "any"), "bool");
  return (o.where === undefined ? t : where(o.where, t, false)).any(axes(o));
}

/**
 * Whether every element is true (nonzero) over axes; true of nothing.
 *
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.all([[1, 0], [0, 0]], 1).toArray(), [false, false]);
 * ```
 */
export function all(x: TensorLike, options?: Axis | MaskedOptions): Tensor {
  const o = readReduction<MaskedOptions>(options, MASKED, "all");
  const t = cast(toTensor(x, "all"), "bool");
  return (o.where === undefined ? t : where(o.where, t, true)).all(axes(o));
}

/**
 * The variance over axes: the mean of squared distances from the mean, with `ddof` fewer in the
 * divisor.
 *
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.var([1, 2, 3, 4]).item(), 1.25);
 * assertEquals(np.var([1, 3], { ddof: 1 }).item(), 2);
 * ```
 */
function variance(x: TensorLike, options?: Axis | VarianceOptions): Tensor {
  const o = readReduction<VarianceOptions>(options, [...MASKED, "ddof"], "take the variance of");
  const { where: mask, ddof = 0 } = o;
  const t = toTensor(x, "take the variance of");
  if (mask === undefined) return t.var({ ...axes(o), ddof });
  const f = float(t, "take the variance of");
  const kept = { axis: o.axis, keepdims: true };
  const mean = where(mask, f, 0).sum(kept).div(count(f, mask, kept));
  const squares = where(mask, f.sub(mean).square(), 0).sum(axes(o));
  const n = count(f, mask, o).sub(ddof);
  return squares.div(n.maximum(0));
}

/**
 * The standard deviation over axes, the square root of the variance. Where all elements are equal
 * its gradient is NaN.
 *
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.std([1, 3]).item(), 1);
 * ```
 */
export function std(x: TensorLike, options?: Axis | VarianceOptions): Tensor {
  return variance(x, options).sqrt();
}

/**
 * log(sum(exp(x))) over axes without overflow. Integers become float32.
 *
 * @throws {RangeError} when there is no element
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(np.logsumexp([0, 0]).item(), Math.LN2, 1e-6);
 * ```
 */
export function logsumexp(x: TensorLike, options?: Axis | ReductionOptions): Tensor {
  const o = readReduction<ReductionOptions>(options, REDUCTION, "logsumexp");
  const t = float(x, "logsumexp");
  const kept = emit("stop", [t.max({ axis: o.axis, keepdims: true })]);
  const top = select(kept.isfinite(), kept, 0);
  const out = t.sub(top).exp().sum({ axis: o.axis, keepdims: true }).log().add(top);
  if (o.keepdims) return out;
  const gone = normalizeAxes(o.axis, t.ndim, "logsumexp");
  return out.reshape(t.shape.filter((_, i) => !gone.includes(i)));
}

export { max as amax, min as amin, variance as var };
