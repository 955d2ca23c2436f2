/**
 * First values of weights: factories of functions from a shape to a tensor, with the formulas and
 * the numbers of Keras.
 *
 * @module
 */
export * from "./constants.ts";
export * from "./draws.ts";
export * from "./get.ts";
export * from "./orthogonal.ts";
export * from "./variance_scaling.ts";
export type * from "./types.ts";
