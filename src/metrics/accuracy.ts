/**
 * Accuracies: the part of the samples that was predicted right.
 *
 * @module
 */
import { formatValue, sameShape } from "../base/mod.ts";
import type { Tensor } from "../core/mod.ts";
import { align } from "../losses/align.ts";
import type { MetricOptions } from "./metric.ts";
import { MeanOf } from "./running_mean.ts";

/**
 * How often the greatest of the predictions is where the greatest of the labels is (one-hot rows, as
 * a rule). The first of equals counts.
 *
 * @example
 * ```ts
 * import { metrics } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const accuracy = new metrics.CategoricalAccuracy();
 * accuracy.updateState([[0, 1], [1, 0]], [[0.2, 0.8], [0.3, 0.7]]);
 * assertEquals(accuracy.result().item(), 0.5);
 * assertEquals(accuracy.variables.map((v) => v.path), [
 *   "categorical_accuracy/total",
 *   "categorical_accuracy/count",
 * ]);
 * ```
 */
export class CategoricalAccuracy extends MeanOf {
  /** Whether each sample was predicted right. */
  protected override figure(y: Tensor, p: Tensor): Tensor {
    if (!sameShape(y.shape, p.shape) || p.shape.length === 0) {
      this.mismatch(
        y,
        p,
        "both are [..., classes]; for class numbers use metrics.SparseCategoricalAccuracy",
      );
    }
    return y.argmax({ axis: -1 }).eq(p.argmax({ axis: -1 }));
  }
}

/**
 * How often the greatest of the predictions is that of the class number.
 *
 * @example
 * ```ts
 * import { metrics } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const accuracy = new metrics.SparseCategoricalAccuracy();
 * accuracy.updateState([1, 0], [[0.2, 0.8], [0.3, 0.7]], { sampleWeight: [3, 1] });
 * assertEquals(accuracy.result().item(), 0.75);
 * ```
 */
export class SparseCategoricalAccuracy extends MeanOf {
  /** Whether each sample was predicted right. */
  protected override figure(y: Tensor, p: Tensor): Tensor {
    const samples = p.shape.slice(0, -1);
    const fits = sameShape(y.shape, samples) || sameShape(y.shape, [...samples, 1]);
    if (!fits || p.shape.length === 0) {
      this.mismatch(
        y,
        p,
        "yPred is [..., classes] and yTrue has its shape without the last axis; " +
          "for one-hot labels use metrics.CategoricalAccuracy",
      );
    }
    return y.reshape(samples).eq(p.argmax({ axis: -1 }));
  }
}

/** Options of {@link BinaryAccuracy}. */
export interface BinaryAccuracyOptions extends MetricOptions {
  /** Predictions above it mean 1; default 0.5. */
  threshold?: number | undefined;
}

/**
 * How often a label (0 or 1) is what the prediction says: 1 above the threshold, else 0.
 *
 * @example
 * ```ts
 * import { metrics } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const accuracy = new metrics.BinaryAccuracy({ threshold: 0.5 });
 * accuracy.updateState([1, 1, 0, 0], [0.98, 1, 0, 0.6]);
 * assertEquals(accuracy.result().item(), 0.75);
 * ```
 */
export class BinaryAccuracy extends MeanOf {
  /** Predictions above it mean 1. */
  readonly threshold: number;

  /**
   * Makes the metric.
   *
   * @throws {TypeError} when the threshold is no number
   */
  constructor(options: BinaryAccuracyOptions = {}) {
    super(options, ["threshold"]);
    this.threshold = options.threshold ?? 0.5;
    if (typeof this.threshold !== "number" || Number.isNaN(this.threshold)) {
      throw new TypeError(
        `Cannot make BinaryAccuracy with threshold ${formatValue(options.threshold)}: ` +
          `wanted a number`,
      );
    }
  }

  /** Whether each label is what its prediction says. */
  protected override figure(yTrue: Tensor, yPred: Tensor): Tensor {
    const [y, p] = align(yTrue, yPred);
    if (!sameShape(y.shape, p.shape)) this.mismatch(y, p, "their shapes must be equal");
    return y.eq(p.gt(this.threshold).astype(y.dtype));
  }
}
