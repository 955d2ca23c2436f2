/**
 * Optimizers: rules that turn gradients into new weights, with the formulas, variables and numbers
 * of Keras.
 *
 * @module
 */
export { Adam, type AdamOptions } from "./adam.ts";
export { AdamW } from "./adamw.ts";
export { Optimizer } from "./optimizer.ts";
export type { Exclusions, OptimizerOptions } from "./options.ts";
export { RMSprop, type RMSpropOptions } from "./rmsprop.ts";
export type { Slots, Step, Updated } from "./step.ts";
export { SGD, type SGDOptions } from "./sgd.ts";
export * as schedules from "./schedules/mod.ts";
