/**
 * Schedules: learning rates that change with the number of steps, as Keras has them.
 *
 * @module
 */
export * from "./cosine.ts";
export * from "./decay.ts";
export * from "./piecewise.ts";
export * from "./polynomial.ts";
export { LearningRateSchedule } from "./schedule.ts";
