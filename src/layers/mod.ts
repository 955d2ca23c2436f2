/**
 * Layers: variables and the computation that uses them, called with `apply`.
 *
 * @module
 */
export * from "./activation.ts";
export * from "./conv.ts";
export * from "./dense.ts";
export * from "./dropout.ts";
export * from "./embedding.ts";
export * from "./input.ts";
export * from "./layer.ts";
export * from "./merge.ts";
export * from "./normalization.ts";
export * from "./padding.ts";
export * from "./pooling.ts";
export * from "./shape.ts";
export type * from "./types.ts";
