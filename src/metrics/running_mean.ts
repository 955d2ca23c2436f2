/**
 * What metrics share that are a total divided by a count.
 *
 * @module
 */
import { broadcastShapes, formatShape, formatValue, sameShape } from "../base/mod.ts";
import { isLeaf, type Tensor, type TensorLike, toTensor, type Variable } from "../core/mod.ts";
import { align, predictions } from "../losses/align.ts";
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

/**
 * A metric that is a total divided by a count.
 *
 * @example
 * ```ts
 * import { metrics } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const mean = new metrics.Mean();
 * mean.updateState([2, 4]);
 * const { total, count }: metrics.RunningMean<Parameters<typeof mean.updateState>> = mean;
 * assertEquals([total.value.item(), count.value.item()], [6, 2]);
 * ```
 */
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
 * A running mean of a figure of labels and predictions.
 *
 * @example
 * ```ts
 * import { metrics } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const metric: metrics.MeanOf = new metrics.CategoricalAccuracy();
 * metric.updateState([[0, 1]], [[0.2, 0.8]]);
 * assertEquals(metric.result().item(), 1);
 * ```
 */
export abstract class MeanOf extends RunningMean<
  [yTrue: TensorLike, yPred: TensorLike, options?: UpdateOptions]
> {
  /** The figure of each sample. */
  protected abstract figure(yTrue: Tensor, yPred: Tensor): Tensor;

  /** Takes labels and predictions of a batch in. */
  updateState(yTrue: TensorLike, yPred: TensorLike, options?: UpdateOptions): void {
    const action = `update the metric "${this.name}" with`;
    this.accumulate(this.figure(toTensor(yTrue, action), predictions(yPred, action)), options);
  }

  /** Throws an error that names both shapes. */
  protected mismatch(y: Tensor, p: Tensor, wanted: string): never {
    throw new RangeError(
      `Cannot update the metric "${this.name}" with yTrue ${formatShape(y.shape)} and yPred ` +
        `${formatShape(p.shape)}: ${wanted}`,
    );
  }
}
