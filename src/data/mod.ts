/**
 * Pipelines: streams of elements and batches out of arrays and generators, in the manner of tf.data.
 * They carry HostArrays and know nothing of tensors.
 *
 * @module
 */
export type { BatchOptions } from "./batch.ts";
export type { BatchMemory } from "./batch_memory.ts";
export type { Compression } from "./byte_source.ts";
export type { CsvOptions } from "./csv.ts";
export type { CsvDefault, CsvType } from "./csv_columns.ts";
export type { BucketOptions } from "./bucket_by_sequence_length.ts";
export * from "./dataset.ts";
export * from "./dataset_iterator.ts";
export type { ArrayInput, ArraySource, ElementOf } from "./element.ts";
export type { Files } from "./files.ts";
export type { Verdict } from "./filter.ts";
export type { RandomAccess } from "./from_source.ts";
export type { InterleaveOptions } from "./interleave.ts";
export type { MixOptions } from "./mix.ts";
export type { PaddedBatchOptions, PaddedShape } from "./padded_batch.ts";
export type { ParallelMapOptions } from "./parallel_map.ts";
export type { WindowOptions } from "./window.ts";
export { MapWorkerError } from "./worker_pool.ts";
export type { Epochs, Key, Pass } from "./epochs.ts";
export type { FixedLengthOptions } from "./fixed_length_records.ts";
export type { MapOptions, RecordContext } from "./map.ts";
export type { ParquetOptions } from "./parquet.ts";
export * from "./parse_example.ts";
export type { Kept, Run } from "./run.ts";
export type { ShuffleOptions } from "./shuffle.ts";
export { ArraySpec } from "./spec.ts";
export type { Spec } from "./spec.ts";
export { END } from "./stage.ts";
export type { Cursor, PipelineOptions, Pull, Rows, RowSource, Stage, State } from "./stage.ts";
export type { FileOptions } from "./text_lines.ts";
