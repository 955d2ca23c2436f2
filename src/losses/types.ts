/**
 * What losses are, and the options that all of them share.
 *
 * @module
 */
import type { Tensor, TensorLike } from "../core/mod.ts";

/** Options of every factory of a loss. */
export interface LossOptions {
  /** How values become one; default "sumOverBatchSize", the mean over all of them. */
  reduction?: Reduction | "sum_over_batch_size" | "mean_with_sample_weight" | null | undefined;
  /** The name of the function. */
  name?: string | undefined;
}

/** Options of a call of a {@link Loss}. */
export interface LossCallOptions {
  /**
   * What each value is multiplied by: a number, or a tensor whose sizes are those of the unreduced
   * loss, or 1. A trailing axis of size 1 may be missing or too many.
   */
  sampleWeight?: TensorLike | null | undefined;
}

/** A function of labels and predictions; it computes in the floating type of the predictions. */
export type Loss = (yTrue: TensorLike, yPred: TensorLike, options?: LossCallOptions) => Tensor;

/**
 * How values become one: their mean over all elements ("sumOverBatchSize", the same as "mean"),
 * their sum, the mean over the sum of the weights, or not at all ("none" or null).
 */
export type Reduction = "sumOverBatchSize" | "mean" | "sum" | "meanWithSampleWeight" | "none";
