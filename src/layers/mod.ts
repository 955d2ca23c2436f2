/**
 * Layers: variables and the computation that uses them, called with `apply`.
 *
 * @module
 */
export * from "./activation.ts";
export { Conv1D, Conv2D, Conv3D, type ConvLayerOptions } from "./conv.ts";
export * from "./dense.ts";
export * from "./dropout.ts";
export * from "./embedding.ts";
export { input, type InputOptions } from "./input.ts";
export { Layer } from "./layer.ts";
export * from "./merge.ts";
export * from "./normalization.ts";
export type {
  CallOptions,
  InputShape,
  LayerInput,
  LayerOptions,
  StatelessCallOptions,
  WeightOptions,
} from "./options.ts";
export * from "./padding.ts";
export * from "./pooling.ts";
export type { Regularizer, RegularizerLike } from "./regularizer.ts";
export * from "./shape.ts";
