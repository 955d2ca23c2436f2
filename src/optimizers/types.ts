/**
 * The options that all optimizers share.
 *
 * @module
 */
import type { Variable } from "../core/mod.ts";
import type { LearningRateSchedule } from "./schedules/schedule.ts";

/** Variables whose weights do not decay. */
export interface Exclusions {
  /** These variables. */
  varList?: readonly Variable[] | undefined;
  /** Variables in whose name one of these patterns (regular expressions) is found. */
  varNames?: readonly string[] | undefined;
}

/** Options of every optimizer. */
export interface OptimizerOptions {
  /** How far a step goes: a number, or a schedule over the steps. */
  learningRate?: number | LearningRateSchedule | undefined;
  /** The part of a weight, times the learning rate, that each step takes off it; default none. */
  weightDecay?: number | null | undefined;
  /** The greatest norm of the gradient of one variable; longer ones are scaled down. */
  clipnorm?: number | null | undefined;
  /** The greatest norm of all gradients together. */
  globalClipnorm?: number | null | undefined;
  /** The greatest absolute value of an element of a gradient. */
  clipvalue?: number | null | undefined;
  /** Whether to keep an exponential moving average of the weights; default false. */
  useEma?: boolean | undefined;
  /** How much of the average stays at each step; default 0.99. */
  emaMomentum?: number | undefined;
  /** Every so many steps the weights become their averages; default never. */
  emaOverwriteFrequency?: number | null | undefined;
  /** What the loss was multiplied by: gradients are divided by it. */
  lossScaleFactor?: number | null | undefined;
  /** Weights change every so many steps, by the mean of the gradients since; default every step. */
  gradientAccumulationSteps?: number | null | undefined;
  /** Variables whose weights do not decay. */
  excludeFromWeightDecay?: Exclusions | undefined;
  /** Its name, which starts the paths of its variables; default the class name in snake case. */
  name?: string | undefined;
}
