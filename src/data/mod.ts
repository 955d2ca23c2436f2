/**
 * Pipelines: streams of elements and batches out of arrays and generators, in the manner of tf.data.
 * They carry HostArrays and know nothing of tensors.
 *
 * @module
 */
export type { BatchOptions } from "./batch.ts";
export type { Compression } from "./byte_source.ts";
export type { CsvOptions } from "./csv.ts";
export type { CsvDefault, CsvType } from "./csv_columns.ts";
export { Dataset } from "./dataset.ts";
export type { ArrayInput, ArraySource, ElementOf } from "./element.ts";
export type { Epochs, Key } from "./epochs.ts";
export type { FixedLengthOptions } from "./fixed_length_records.ts";
export type { MapOptions, RecordContext } from "./map.ts";
export { parseExample } from "./parse_example.ts";
export type { Feature, FeatureValue, ParsedExample } from "./parse_example.ts";
export type { Files } from "./records.ts";
export type { Kept, Run } from "./run.ts";
export type { ShuffleOptions } from "./shuffle.ts";
export { ArraySpec } from "./spec.ts";
export type { Spec } from "./spec.ts";
export { END } from "./stage.ts";
export type { Cursor, PipelineOptions, Pull, Rows, RowSource, Stage, State } from "./stage.ts";
export type { FileOptions } from "./text_lines.ts";
