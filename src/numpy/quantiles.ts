/**
 * Medians, quantiles and percentiles, with NaN in the result or left out.
 *
 * @module
 */
import { formatShape, formatValue, normalizeAxes, sizeOf } from "../base/mod.ts";
import { cast, emit, emitAll, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { readReduction } from "./axes.ts";
import { float, select } from "./operands.ts";
import type { ReductionOptions } from "./reductions.ts";
import type { Axis } from "./types.ts";

/** How a quantile between two elements is computed from them. */
export type QuantileMethod = "linear" | "lower" | "higher" | "midpoint" | "nearest";

/** What quantiles take. */
export interface QuantileOptions extends ReductionOptions {
  /** Default "linear". */
  method?: QuantileMethod | undefined;
}

const METHODS = ["linear", "lower", "higher", "midpoint", "nearest"];

function quantiles(
  x: TensorLike,
  q: Tensor,
  o: QuantileOptions,
  skipNan: boolean,
  action: string,
): Tensor {
  const { method = "linear" } = o;
  if (!METHODS.includes(method)) {
    throw new TypeError(
      `Cannot ${action} with method ${formatValue(method)}: the methods are ${METHODS.join(", ")}`,
    );
  }
  if (q.ndim > 1) {
    throw new RangeError(
      `Cannot ${action} at q of shape ${formatShape(q.shape)}: wanted a number or a vector`,
    );
  }
  const t = float(x, action);
  const axes = normalizeAxes(o.axis, t.ndim, action);
  const kept = t.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const lead = kept.map((i) => t.shape[i]!);
  const n = sizeOf(axes.map((i) => t.shape[i]!));
  if (n === 0) throw new RangeError(`Cannot ${action} of no elements: there is none to name`);
  const flat = t.transpose([...kept, ...axes]).reshape([...lead, n]);
  const sorted = emitAll("sort", [flat], { axis: lead.length })[0]!;
  const last = skipNan
    ? cast(emit("not", [flat.isnan()]), t.dtype).sum({ axis: -1 }).sub(1)
    : flat.zeros(lead).add(n - 1);
  // [...q, ...lead]
  const spread = q.reshape([...q.shape, ...lead.map(() => 1)]);
  const at = spread.mul(last);
  const inside = (s: Tensor): Tensor => cast(s.minimum(last).maximum(0), "int32");
  const element = (s: Tensor): Tensor => {
    const places = inside(s).reshape([-1, sizeOf(lead)]).transpose().reshape([...lead, -1]);
    const values = emit("takeAlong", [sorted, places], { axis: lead.length, outside: "fill" });
    return values.reshape([sizeOf(lead), -1]).transpose().reshape([...q.shape, ...lead]);
  };
  const [below, above] = [at.floor(), at.ceil()];
  const weight = at.sub(below);
  let out: Tensor;
  if (method === "linear") {
    out = element(below).mul(weight.neg().add(1)).add(element(above).mul(weight));
  } else if (method === "midpoint") out = element(below).add(element(above)).mul(0.5);
  else if (method === "nearest") out = select(weight.le(0.5), element(below), element(above));
  else out = element(method === "lower" ? below : above);
  const spoiled = skipNan ? last.lt(0) : flat.isnan().any({ axis: -1 });
  out = select(spoiled.broadcastTo(out.shape), NaN, out);
  if (!o.keepdims) return out;
  return out.reshape([...q.shape, ...t.shape.map((s, i) => axes.includes(i) ? 1 : s)]);
}

const NAMES = ["axis", "keepdims", "method"];

function at(
  x: TensorLike,
  q: TensorLike,
  options: unknown,
  scale: number,
  skipNan: boolean,
  action: string,
): Tensor {
  const o = readReduction<QuantileOptions>(options, NAMES, action);
  if (typeof q === "number" && !(q >= 0 && q <= scale)) {
    throw new RangeError(`Cannot ${action} at ${q}: wanted a number in 0..${scale}`);
  }
  const dtype = toTensor(x, action).dtype === "float64" ? "float64" : "float32";
  const given = cast(toTensor(q, action), dtype);
  return quantiles(x, scale === 1 ? given : given.div(scale), o, skipNan, action);
}

/**
 * The number below which a share `q` of the elements over axes lies. NaN where there is a NaN.
 *
 * @param q a number in 0..1, or a vector of them, whose axis comes first in the result
 * @throws {RangeError} when there is no element, or a plain q is outside
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.quantile([1, 2, 3, 4], 0.5).item(), 2.5);
 * assertEquals(np.quantile([1, 2, 3, 4], 0.5, { method: "lower" }).item(), 2);
 * ```
 */
export function quantile(x: TensorLike, q: TensorLike, options?: Axis | QuantileOptions): Tensor {
  return at(x, q, options, 1, false, "take the quantile");
}

/**
 * The same in percent.
 *
 * @param q a number in 0..100, or a vector of them
 * @throws {RangeError} when there is no element, or a plain q is outside
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.percentile([1, 2, 3, 4], 50).item(), 2.5);
 * ```
 */
export function percentile(x: TensorLike, q: TensorLike, options?: Axis | QuantileOptions): Tensor {
  return at(x, q, options, 100, false, "take the percentile");
}

/**
 * The middle one of the elements over axes in order, or the mean of the two middle ones. NaN where
 * there is a NaN.
 *
 * @throws {RangeError} when there is no element
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.median([3, 1, 2]).item(), 2);
 * ```
 */
export function median(x: TensorLike, options?: Axis | ReductionOptions): Tensor {
  const o = readReduction<ReductionOptions>(options, ["axis", "keepdims"], "take the median");
  return quantile(x, 0.5, { axis: o.axis, keepdims: o.keepdims, method: "midpoint" });
}

/**
 * `quantile` of the elements that are not NaN; NaN where all are.
 *
 * @throws {RangeError} when there is no element, or a plain q is outside
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.nanquantile([1, NaN, 3], 0.5).item(), 2);
 * ```
 */
export function nanquantile(
  x: TensorLike,
  q: TensorLike,
  options?: Axis | QuantileOptions,
): Tensor {
  return at(x, q, options, 1, true, "take the quantile");
}

/**
 * `percentile` of the elements that are not NaN; NaN where all are.
 *
 * @throws {RangeError} when there is no element, or a plain q is outside
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.nanpercentile([1, NaN, 3], 50).item(), 2);
 * ```
 */
export function nanpercentile(
  x: TensorLike,
  q: TensorLike,
  options?: Axis | QuantileOptions,
): Tensor {
  return at(x, q, options, 100, true, "take the percentile");
}

/**
 * `median` of the elements that are not NaN; NaN where all are.
 *
 * @throws {RangeError} when there is no element
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.nanmedian([3, NaN, 1]).item(), 2);
 * ```
 */
export function nanmedian(x: TensorLike, options?: Axis | ReductionOptions): Tensor {
  const o = readReduction<ReductionOptions>(options, ["axis", "keepdims"], "take the median");
  return nanquantile(x, 0.5, { axis: o.axis, keepdims: o.keepdims, method: "midpoint" });
}
