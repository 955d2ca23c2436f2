/**
 * Pipelines: streams of elements and batches out of arrays and generators, in the manner of tf.data.
 * They carry HostArrays and know nothing of tensors.
 *
 * @module
 */
export type { BatchOptions } from "./batch.ts";
export { Dataset } from "./dataset.ts";
export type { ArrayInput, ArraySource, ElementOf } from "./element.ts";
export type { ShuffleOptions } from "./shuffle.ts";
export { ArraySpec } from "./spec.ts";
export type { Spec } from "./spec.ts";
export { END } from "./stage.ts";
export type { Cursor, Pull, Rows, RowSource, Run, Stage } from "./stage.ts";
