/**
 * Losses: factories of functions from labels and predictions to a scalar to be made small, with the
 * formulas of Keras.
 *
 * @module
 */
export {
  binaryCrossentropy,
  type BinaryCrossentropyOptions,
  categoricalCrossentropy,
  type CategoricalCrossentropyOptions,
  sparseCategoricalCrossentropy,
  type SparseCategoricalCrossentropyOptions,
} from "./crossentropy.ts";
export type { Loss, LossCallOptions, LossOptions } from "./loss.ts";
export type { Reduction } from "./reduce.ts";
export { huber, type HuberOptions, meanAbsoluteError, meanSquaredError } from "./regression.ts";
