/**
 * Schedules: learning rates that change with the number of steps, as Keras has them.
 *
 * @module
 */
export {
  CosineDecay,
  type CosineDecayOptions,
  CosineDecayRestarts,
  type CosineDecayRestartsOptions,
} from "./cosine.ts";
export { type DecayOptions, ExponentialDecay, InverseTimeDecay } from "./decay.ts";
export { PiecewiseConstantDecay, type PiecewiseConstantOptions } from "./piecewise.ts";
export { PolynomialDecay, type PolynomialDecayOptions } from "./polynomial.ts";
export { LearningRateSchedule } from "./schedule.ts";
