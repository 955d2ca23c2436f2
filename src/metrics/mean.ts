/**
 * The running mean of values.
 *
 * @module
 */
import { type TensorLike, toTensor } from "../core/mod.ts";
import type { UpdateOptions } from "./metric.ts";
import { RunningMean } from "./running_mean.ts";

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
