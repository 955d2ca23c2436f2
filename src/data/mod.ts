/**
 * Pipelines: streams of elements and batches out of arrays and generators, in the manner of tf.data.
 * They carry HostArrays and know nothing of tensors.
 *
 * @module
 */
export type { BatchOptions } from "./stages/batch.ts";
export type { BatchMemory } from "./batch_memory.ts";
export type { Compression } from "./bytes/byte_source.ts";
export type { CsvOptions } from "./csv/csv.ts";
export type { CsvDefault, CsvType } from "./csv/types.ts";
export type { BucketOptions } from "./stages/bucket_by_sequence_length.ts";
export * from "./dataset.ts";
export * from "./dataset_iterator.ts";
export type { ArrayInput, ArraySource, BatchOf, ElementOf, RowOf } from "./element.ts";
export type { Files } from "./bytes/files.ts";
export type { Verdict } from "./stages/filter.ts";
export type { RandomAccess } from "./sources/from_source.ts";
export type { InterleaveOptions } from "./stages/interleave.ts";
export type { MixOptions } from "./stages/mix.ts";
export type { PaddedBatchOptions, PaddedShape } from "./stages/padded_batch.ts";
export type { ParallelMapOptions } from "./workers/parallel_map.ts";
export type { WindowOptions } from "./stages/window.ts";
export { MapWorkerError } from "./workers/worker_pool.ts";
export type { Epochs, Key, Pass } from "./random/epochs.ts";
export type { FixedLengthOptions } from "./records/fixed_length_records.ts";
export type { MapOptions, RecordContext } from "./stages/map.ts";
export type { ParquetOptions } from "./parquet/parquet.ts";
export * from "./records/parse_example.ts";
export type { Kept, Run } from "./run.ts";
export type { ShuffleOptions } from "./stages/shuffle.ts";
export { ArraySpec } from "./spec.ts";
export type { Spec } from "./spec.ts";
export { END } from "./stage.ts";
export type { Cursor, PipelineOptions, Pull, Rows, RowSource, Stage, State } from "./stage.ts";
export type { FileOptions } from "./records/text_lines.ts";
