/**
 * First values of weights: factories of functions from a shape to a tensor, with the formulas and
 * the numbers of Keras.
 *
 * @module
 */
export * from "./constants.ts";
export {
  type NormalOptions,
  randomNormal,
  randomUniform,
  type RandomUniformOptions,
  truncatedNormal,
} from "./draws.ts";
export * from "./get.ts";
export type { Initializer, InitializerOptions, SeedOptions } from "./initializer.ts";
export * from "./orthogonal.ts";
export * from "./variance_scaling.ts";
