/**
 * From a loss per sample to the number that is made small: weights, masks, means.
 *
 * @module
 */
import { broadcastShapes, formatShape, formatValue, sameShape } from "../base/mod.ts";
import { emit, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { align } from "./align.ts";
import type { Reduction } from "./types.ts";

const REDUCTIONS: readonly Reduction[] = [
  "sumOverBatchSize",
  "mean",
  "sum",
  "meanWithSampleWeight",
  "none",
];

/** Checks a reduction, in either spelling. */
export function checkReduction(reduction: unknown, name: string): Reduction {
  if (reduction === undefined) return "sumOverBatchSize";
  if (reduction === null) return "none";
  const camel = typeof reduction === "string"
    ? reduction.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase())
    : reduction;
  const found = REDUCTIONS.find((r) => r === camel);
  if (found !== undefined) return found;
  throw new (typeof reduction === "string" ? RangeError : TypeError)(
    `Cannot make ${name} with reduction ${formatValue(reduction)}: ` +
      `wanted one of ${REDUCTIONS.join(", ")}`,
  );
}

/** Values per sample, and which of them count (null: all). */
export interface Values {
  readonly values: Tensor;
  readonly mask: Tensor | null;
}

/** Weighs and reduces values. */
export function reduceValues(
  { values, mask }: Values,
  sampleWeight: TensorLike | null | undefined,
  reduction: Reduction,
  name: string,
): Tensor {
  const given = sampleWeight ?? null;
  let weight = given === null ? null : toTensor(given, "weigh by").astype(values.dtype);
  if (mask !== null) weight = withMask(mask.astype(values.dtype), weight, reduction);
  if (weight !== null) {
    [values, weight] = align(values, weight);
    checkWeight(values, weight, name);
    values = values.mul(weight);
  }
  if (reduction === "none" || values.shape.length === 0) return values;
  if (values.shape.length === 1 && values.shape[0] === 0) return values;
  const total = values.sum();
  if (reduction === "sum") return total;
  if (reduction === "meanWithSampleWeight" && weight !== null) {
    return divideNoNaN(total, weight.sum());
  }
  return values.size === 0 ? total : total.div(values.size);
}

/** The weights with those of masked values 0; in a mean, the others grow to make up for them. */
function withMask(mask: Tensor, weight: Tensor | null, reduction: Reduction): Tensor {
  let share = mask;
  if (reduction === "mean" || reduction === "sumOverBatchSize") {
    share = share.mul(divideNoNaN(share.zeros([]).add(mask.size), share.sum()));
  }
  if (weight === null) return share;
  const [s, w] = align(share, weight);
  return s.mul(w);
}

/** a / b, and 0 where b is 0. */
export function divideNoNaN(a: Tensor, b: Tensor): Tensor {
  const zero = b.eq(0);
  const safe = emit("where", [zero, b.zeros([]).add(1), b]);
  return emit("where", [zero, a.zeros([]), a.div(safe)]);
}

function checkWeight(values: Tensor, weight: Tensor, name: string): void {
  const [v, w] = [values.shape, weight.shape];
  const fits = (w.length === 0 || w.length === v.length) &&
    w.every((n, i) => n === 1 || n === v[i]) && sameShape(broadcastShapes("weigh", v, w), v);
  if (fits) return;
  const remedy = w.length > 0 && w.length < v.length
    ? `; reshape it to ${formatShape([...w, ...v.slice(w.length).map(() => 1)])}`
    : "";
  throw new RangeError(
    `Cannot weigh ${name} values of shape ${formatShape(v)} by sampleWeight ${formatShape(w)}: ` +
      `each size must be the same or 1${remedy}`,
  );
}
