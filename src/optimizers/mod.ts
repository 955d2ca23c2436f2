/**
 * Optimizers: rules that turn gradients into new weights, with the formulas, variables and numbers
 * of Keras.
 *
 * @module
 */
export * from "./adam.ts";
export * from "./adamw.ts";
export * from "./optimizer.ts";
export * from "./rmsprop.ts";
export type * from "./step.ts";
export * from "./sgd.ts";
export * as schedules from "./schedules/mod.ts";
export type * from "./types.ts";
