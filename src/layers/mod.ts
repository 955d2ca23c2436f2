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
export { input, type InputOptions } from "./graph.ts";
export {
  type CallOptions,
  type InputShape,
  Layer,
  type LayerOptions,
  type StatelessCallOptions,
  type WeightOptions,
} from "./layer.ts";
export { Add, Concatenate } from "./merge.ts";
export {
  BatchNormalization,
  type BatchNormalizationOptions,
  LayerNormalization,
  type NormalizationOptions,
} from "./normalization.ts";
export { Flatten, Reshape } from "./shape.ts";
