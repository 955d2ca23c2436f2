/**
 * The running mean, plain or of a figure of labels and predictions.
 *
 * @module
 */
import { broadcastShapes, formatShape, formatValue, sameShape } from "../base/mod.ts";
import { isLeaf, type Tensor, type TensorLike, toTensor, type Variable } from "../core/mod.ts";
import { align } from "../losses/align.ts";
import { divideNoNaN } from "../losses/reduce.ts";
import { checkOptions } from "../numpy/options.ts";
import { Metric, type MetricOptions, type UpdateOptions } from "./metric.ts";

/** Reads the options of an update. */
function weightOf(options: UpdateOptions | undefined, metric: string): TensorLike | null {
  if (options === undefined) return null;
  if (isLeaf(options) || Array.isArray(options)) {
    throw new TypeError(
      `Cannot update the metric "${metric}" with ${formatValue(options)} as options: ` +
        `wanted { sampleWeight }`,
    );
  }
  checkOptions(options, ["sampleWeight"], `update the metric "${metric}"`);
  return options.sampleWeight ?? null;
}

/** A metric that is a total divided by a count. */
export abstract class RunningMean<A extends readonly unknown[]> extends Metric<A> {
  /** The weighted sum of the values. */
  readonly total: Variable;
  /** The sum of the weights. */
  readonly count: Variable;

  /** Makes the two variables. */
  constructor(options: MetricOptions = {}, allowed: readonly string[] = []) {
    super(options, allowed);
    this.total = this.addVariable("total");
    this.count = this.addVariable("count");
  }

  /** Takes values in: averaged over all axes but the first, which is weighed. */
  protected accumulate(given: Tensor, options: UpdateOptions | undefined): void {
    let values = given.astype(this.dtype);
    const sampleWeight = weightOf(options, this.name);
    let count: Tensor | number = values.shape[0] ?? 1;
    if (sampleWeight !== null) {
      let weight = toTensor(sampleWeight, "weigh by").astype(this.dtype);
      [values, weight] = align(values, weight);
      values = averaged(values, weight.shape.length);
      weight = this.#fit(weight, values);
      values = values.mul(weight);
      count = averaged(weight, 1).sum();
    }
    this.total.assign(this.total.value.add(averaged(values, 1).sum()));
    this.count.assign(this.count.value.add(count));
  }

  #fit(weight: Tensor, values: Tensor): Tensor {
    const [w, v] = [weight.shape, values.shape];
    const fits = w.length <= v.length && w.every((n, i) => n === 1 || n === v[i]) &&
      sameShape(broadcastShapes("weigh", w, v), v);
    if (fits) return weight.broadcastTo(v);
    throw new RangeError(
      `Cannot update the metric "${this.name}": values of shape ${formatShape(v)} cannot be ` +
        `weighed by sampleWeight ${formatShape(w)}: each size must be the same or 1`,
    );
  }

  /** The mean so far; 0 before the first update. */
  result(): Tensor {
    return divideNoNaN(this.total.value, this.count.value);
  }
}

/** The mean over all axes from `from` on. */
function averaged(x: Tensor, from: number): Tensor {
  if (x.shape.length <= from) return x;
  return x.mean({ axis: x.shape.map((_, i) => i).slice(from) });
}

/**
 * The running mean of values, such as losses.
 *
 * @example
 * ```ts
 * import { metrics } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const mean = new metrics.Mean({ name: "loss" });
 * mean.updateState([1, 3, 5, 7]);
 * mean.updateState(10, { sampleWeight: 0.5 });
 * assertEquals(mean.variables.map((v) => v.value.item()), [21, 4.5]);
 * const state = mean.statelessUpdateState(mean.statelessResetState(), [2, 4]);
 * assertEquals(mean.statelessResult(state).item(), 3);
 * ```
 */
export class Mean extends RunningMean<[values: TensorLike, options?: UpdateOptions]> {
  /** Takes values in: a number, or a tensor whose first axis is that of the samples. */
  updateState(values: TensorLike, options?: UpdateOptions): void {
    this.accumulate(toTensor(values, `update the metric "${this.name}" with`), options);
  }
}
