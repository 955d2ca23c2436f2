/**
 * Losses: factories of functions from labels and predictions to a scalar to be made small, with the
 * formulas of Keras.
 *
 * @module
 */
export * from "./crossentropy.ts";
export * from "./regression.ts";
export type * from "./types.ts";
