/**
 * Layers: variables and the computation that uses them, called with `apply`.
 *
 * @module
 */
export {
  Activation,
  ActivityRegularization,
  type ActivityRegularizationOptions,
  Rescaling,
} from "./activation.ts";
export { Dense, type DenseOptions } from "./dense.ts";
export { Dropout, type DropoutOptions } from "./dropout.ts";
export { input, type InputOptions } from "./input.ts";
export { Layer } from "./layer.ts";
export { Add, Concatenate } from "./merge.ts";
export {
  BatchNormalization,
  type BatchNormalizationOptions,
  LayerNormalization,
  type NormalizationOptions,
} from "./normalization.ts";
export type {
  CallOptions,
  InputShape,
  LayerInput,
  LayerOptions,
  StatelessCallOptions,
  WeightOptions,
} from "./options.ts";
export type { Regularizer, RegularizerLike } from "./regularizer.ts";
export { Flatten, Reshape } from "./shape.ts";
