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
  varList?: readonly Variable[];
  /** Variables in whose name one of these patterns (regular expressions) is found. */
  varNames?: readonly string[];
}

/** Options of every optimizer. */
export interface OptimizerOptions {
  /** How far a step goes: a number, or a schedule over the steps. */
  learningRate?: number | LearningRateSchedule;
  /** The part of a weight, times the learning rate, that each step takes off it; default none. */
  weightDecay?: number | null;
  /** The greatest norm of the gradient of one variable; longer ones are scaled down. */
  clipnorm?: number | null;
  /** The greatest norm of all gradients together. */
  globalClipnorm?: number | null;
  /** The greatest absolute value of an element of a gradient. */
  clipvalue?: number | null;
  /** Whether to keep an exponential moving average of the weights; default false. */
  useEma?: boolean;
  /** How much of the average stays at each step; default 0.99. */
  emaMomentum?: number;
  /** Every so many steps the weights become their averages; default never. */
  emaOverwriteFrequency?: number | null;
  /** What the loss was multiplied by: gradients are divided by it. */
  lossScaleFactor?: number | null;
  /** Weights change every so many steps, by the mean of the gradients since; default every step. */
  gradientAccumulationSteps?: number | null;
  /** Variables whose weights do not decay. */
  excludeFromWeightDecay?: Exclusions;
  /** Its name, which starts the paths of its variables; default the class name in snake case. */
  name?: string;
}
