/**
 * Losses: factories of functions from labels and predictions to a scalar to be made small, with the
 * formulas of Keras.
 *
 * @module
 */
export * from "./crossentropy.ts";
export type { Loss, LossCallOptions, LossOptions } from "./loss.ts";
export type { Reduction } from "./reduce.ts";
export * from "./regression.ts";
