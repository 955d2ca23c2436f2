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
export { Conv1D, Conv2D, Conv3D, type ConvLayerOptions } from "./conv.ts";
export { Dense, type DenseOptions } from "./dense.ts";
export { Dropout, type DropoutOptions } from "./dropout.ts";
export { Embedding, type EmbeddingOptions } from "./embedding.ts";
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
export { ZeroPadding2D, type ZeroPadding2DOptions, type ZeroPadding2DSizes } from "./padding.ts";
export {
  AveragePooling1D,
  AveragePooling2D,
  GlobalAveragePooling2D,
  GlobalMaxPooling2D,
  type GlobalPoolingOptions,
  MaxPooling1D,
  MaxPooling2D,
  type PoolingOptions,
  type SizedPoolingOptions,
} from "./pooling.ts";
export type { Regularizer, RegularizerLike } from "./regularizer.ts";
export { Flatten, Reshape } from "./shape.ts";
