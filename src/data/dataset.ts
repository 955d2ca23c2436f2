/**
 * Dataset: the fluent face of pipelines. Every method makes a new dataset of one stage more, which a
 * file named for it checks and makes; here are the types and the documentation. They stand by job:
 * sources in memory, in functions and in files, several datasets, functions over elements, choice
 * and order, batches and groups, datasets of elements, how a pipeline runs, running it, what it is.
 *
 * One class, however long: `deno doc` shows no inherited methods, and refuses hidden ancestors.
 *
 * @module
 */
import type { HostArray } from "../base/host_array.ts";
import { checkOptions } from "../base/options.ts";
import { batch, type BatchOptions } from "./stages/batch.ts";
import { bucketBySequenceLength, type BucketOptions } from "./stages/bucket_by_sequence_length.ts";
import { cache } from "./stages/cache.ts";
import { concatenate } from "./stages/concatenate.ts";
import { csv, type CsvOptions } from "./csv/csv.ts";
import { DatasetIterator } from "./dataset_iterator.ts";
import type { BatchOf, ElementOf, RowOf } from "./element.ts";
import { enumerate } from "./stages/enumerate.ts";
import type { Files } from "./bytes/files.ts";
import { filter, takeWhile, type Verdict } from "./stages/filter.ts";
import { type FixedLengthOptions, fixedLengthRecords } from "./records/fixed_length_records.ts";
import { fromFiles } from "./sources/from_files.ts";
import { fromGenerator } from "./sources/from_generator.ts";
import { fromIterable, fromStream } from "./sources/from_iterable.ts";
import { fromSource, type RandomAccess } from "./sources/from_source.ts";
import { fromTensorSlices } from "./sources/from_tensor_slices.ts";
import { fromTensors } from "./sources/from_tensors.ts";
import { globalShuffle } from "./stages/global_shuffle.ts";
import { groupByWindow } from "./stages/group_by_window.ts";
import { flatMap, interleave, type InterleaveOptions } from "./stages/interleave.ts";
import { iterateAsync, iterateSync } from "./iterate.ts";
import { jsonLines } from "./records/json_lines.ts";
import { map, type MapOptions, type RecordContext } from "./stages/map.ts";
import { mix, type MixOptions } from "./stages/mix.ts";
import { paddedBatch, type PaddedBatchOptions } from "./stages/padded_batch.ts";
import { parallelMap, type ParallelMapOptions } from "./workers/parallel_map.ts";
import { parquet, type ParquetOptions } from "./parquet/parquet.ts";
import { prefetch } from "./stages/prefetch.ts";
import { printPipeline } from "./print_pipeline.ts";
import { range } from "./sources/range.ts";
import { repeat } from "./stages/repeat.ts";
import { reduce, scan } from "./stages/scan.ts";
import { shard } from "./stages/shard.ts";
import { shuffle, type ShuffleOptions } from "./stages/shuffle.ts";
import { skip } from "./stages/skip.ts";
import { load, save } from "./stages/snapshot.ts";
import type { Spec } from "./spec.ts";
import type { PipelineOptions, Stage, State } from "./stage.ts";
import { take } from "./stages/take.ts";
import { type FileOptions, textLines } from "./records/text_lines.ts";
import { tfRecord } from "./records/tf_record.ts";
import { rebatch, unbatch } from "./stages/unbatch.ts";
import { window, type WindowOptions } from "./stages/window.ts";
import { withOptions } from "./stages/with_options.ts";
import { zip } from "./stages/zip.ts";

/** The element of datasets that are zipped: a nest like theirs. */
export type ZipOf<D> = D extends Dataset<infer T> ? T : { -readonly [K in keyof D]: ZipOf<D[K]> };

/** The element of windows: a nest of datasets like that of the arrays. */
export type WindowOf<T> = T extends HostArray ? Dataset<HostArray>
  : { -readonly [K in keyof T]: WindowOf<T[K]> };

/**
 * A pipeline of elements: HostArrays, or lists and plain objects of them. Make one with
 * `fromTensorSlices`, `range` or `fromGenerator`, add stages with its methods, and loop over it
 * with `for...of`, or with `for await` where a stage is asynchronous. Every loop is a new pass;
 * leaving a loop closes the pipeline.
 *
 * Batches go straight into jitted functions. Each owns its memory, unless `batch` is told to reuse it.
 *
 * @example
 * ```ts
 * import { data } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const x = new Float32Array([1, 2, 3, 4, 5]), y = new Int32Array([10, 20, 30, 40, 50]);
 * const batches = data.Dataset.fromTensorSlices([x, y]).batch(2);
 * const seen = [];
 * for (const [xs, ys] of batches) seen.push([xs.toArray(), ys.toArray()]);
 * assertEquals(seen, [[[1, 2], [10, 20]], [[3, 4], [30, 40]], [[5], [50]]]);
 * assertEquals(batches.cardinality, 3);
 * ```
 */
export class Dataset<T> implements Iterable<T>, AsyncIterable<T> {
  readonly #stage: Stage<T>;

  /**
   * Makes a dataset of a stage of one's own; the static makers are the usual way.
   *
   * @param stage the last stage of a pipeline
   */
  constructor(stage: Stage<T>) {
    this.#stage = stage;
  }

  /**
   * The rows of arrays: element i holds row i of each. Lists of numbers are one array; other lists
   * and plain objects are nests. Typed arrays and HostArrays are not copied, and elements that are
   * not batched are views of them.
   *
   * @param tensors arrays of rank 1 or more with equal first sizes, or a nest of them
   * @throws {RangeError} when an array has no first axis, or first sizes differ
   * @throws {TypeError} when something in the nest is not an array
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const points = data.Dataset.fromTensorSlices({ at: [[0, 1], [2, 3]], label: [7, 8] });
   * assertEquals([...points].map((p) => p.label.item()), [7, 8]);
   * assertEquals([...points][1]!.at.toArray(), [2, 3]);
   * ```
   */
  static fromTensorSlices<const S>(tensors: S): Dataset<ElementOf<S>> {
    return new Dataset(fromTensorSlices(tensors) as Stage<ElementOf<S>>);
  }

  /**
   * One element: the nest of arrays itself.
   *
   * @throws {TypeError} when something in the nest is not an array
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const one = data.Dataset.fromTensors({ x: [1, 2], y: 3 });
   * assertEquals([...one].map(({ x, y }) => [x.toArray(), y.item()]), [[[1, 2], 3]]);
   * ```
   */
  static fromTensors<const S>(tensors: S): Dataset<ElementOf<S>> {
    return new Dataset(fromTensors(tensors) as Stage<ElementOf<S>>);
  }

  /**
   * The int32 scalars from `start` up to but without `stop`; with one argument, from 0.
   *
   * @throws {TypeError} when an argument is not an integer
   * @throws {RangeError} when an element is not an int32, or the step is 0
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * assertEquals([...data.Dataset.range(2, 9, 3)].map((x) => x.item()), [2, 5, 8]);
   * ```
   */
  static range(start: number, stop?: number, step = 1): Dataset<HostArray> {
    return new Dataset(range(start, stop, step));
  }

  /**
   * The elements of an object with random access; they can be shuffled globally.
   *
   * @param access `length`, and `at(i)`, which returns element i or a Promise of it
   * @throws {TypeError} when it has no `at`
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const squares = data.Dataset.fromSource({ length: 4, at: (i) => i * i });
   * assertEquals([...squares.batch(4)][0]!.toArray(), [0, 1, 4, 9]);
   * ```
   */
  static fromSource<const Y>(access: RandomAccess<Y>): Dataset<ElementOf<Y>> {
    return new Dataset(fromSource(access) as Stage<ElementOf<Y>>);
  }

  /**
   * What a generator yields, each turned into an element as `fromTensorSlices` does with what it is
   * given, and copied: the generator may fill one buffer again and again. The function is called
   * anew for every pass.
   *
   * @param generator a `function*`, an `async function*`, or any function that returns an iterable
   * @throws {TypeError} when it is not a function
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const squares = data.Dataset.fromGenerator(function* () {
   *   for (let i = 0; i < 4; i++) yield i * i;
   * });
   * assertEquals([...squares.batch(4)][0]!.toArray(), [0, 1, 4, 9]);
   * ```
   */
  static fromGenerator<const Y>(
    generator: () => Iterable<Y> | AsyncIterable<Y>,
  ): Dataset<ElementOf<Y>> {
    return new Dataset(fromGenerator(generator) as Stage<ElementOf<Y>>);
  }

  /**
   * The values of an iterable, turned into elements as those of a generator are.
   *
   * @param iterable a list, a Set, or anything with an iterator, synchronous or not; what can be gone
   * through only once is refused a second time
   * @throws {TypeError} when it is no iterable
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const words = data.Dataset.fromIterable([[1, 2, 3], [4]]);
   * assertEquals([...words].map((x) => x.length), [3, 1]);
   * ```
   */
  static fromIterable<const Y>(iterable: Iterable<Y> | AsyncIterable<Y>): Dataset<ElementOf<Y>> {
    return new Dataset(fromIterable(iterable) as Stage<ElementOf<Y>>);
  }

  /**
   * The chunks of a stream, turned into elements. Leaving the loop cancels the stream.
   *
   * @param stream a stream, for one pass, or a function that opens one for every pass
   * @throws {TypeError} when it is neither; while iterating, at a second pass over one stream
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const bytes = data.Dataset.fromStream(() => new Blob(["abc"]).stream());
   * for await (const chunk of bytes) assertEquals(chunk.toArray(), [97, 98, 99]);
   * ```
   */
  static fromStream<Y>(
    stream: ReadableStream<Y> | (() => ReadableStream<Y>),
  ): Dataset<ElementOf<Y>> {
    return new Dataset(fromStream(stream) as Stage<ElementOf<Y>>);
  }

  /**
   * The paths of the files that match a glob pattern, or one of several, sorted. They are found when
   * the dataset is made. Read each with `interleave` or `flatMap`.
   *
   * @throws {Deno.errors.NotFound} when no file matches a pattern
   * @throws {Deno.errors.NotCapable} without permission to read
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const folder = await Deno.makeTempDir();
   * for (const name of ["b.txt", "a.txt"]) await Deno.writeTextFile(`${folder}/${name}`, name);
   * const files = [...data.Dataset.fromFiles(`${folder}/*.txt`)];
   * assertEquals(files, [`${folder}/a.txt`, `${folder}/b.txt`]);
   * ```
   */
  static fromFiles(patterns: string | readonly string[]): Dataset<string> {
    return new Dataset(fromFiles(patterns));
  }

  /**
   * The lines of text files, without what ends them ("\n" or "\r\n"); elements are strings. Files
   * are streamed, from paths and URLs, packed ones (gzip, zstd, zlib) as they are unpacked; unpacked
   * local ones also in a plain `for...of`.
   *
   * @param files a path or URL, or several, read one after the other
   * @throws {Error} while iterating, with file, byte and stage, when a file is missing, damaged or no
   * UTF-8
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const path = await Deno.makeTempFile();
   * await Deno.writeTextFile(path, "one\ntwo\r\nthree");
   * assertEquals([...data.Dataset.textLines(path)], ["one", "two", "three"]);
   * ```
   */
  static textLines(files: Files, options: FileOptions = {}): Dataset<string> {
    return new Dataset(textLines(files, options));
  }

  /**
   * The rows of CSV files, as records by column: numbers are HostArrays, texts strings. Types are
   * inferred from the first rows, or given. Files are streamed; a batch gathers columns and makes no
   * object of a row; texts are lists in it. Its small columns lie in one ArrayBuffer, so whoever
   * transfers one of them transfers all.
   *
   * @param files a path or URL, or several of the same columns
   * @throws {RangeError} with file, byte and stage: for ragged rows, missing integers, damaged files
   * @throws {TypeError} with file, byte and stage: for a value that is not of its column's type
   *
   * @example
   * ```ts
   * import { data, type HostArray } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const path = await Deno.makeTempFile();
   * await Deno.writeTextFile(path, 'size,kind\n1.5,"a, b"\n2,c\n');
   * type Row = { size: HostArray; kind: string };
   * const [batch] = [...data.Dataset.csv<Row>(path).batch(2)];
   * assertEquals(batch!.size.toArray(), [1.5, 2]);
   * assertEquals(batch!.kind, ["a, b", "c"]);
   * ```
   */
  static csv<R = Record<string, HostArray>>(files: Files, options: CsvOptions = {}): Dataset<R> {
    return new Dataset(csv(files, options) as Stage<unknown> as Stage<R>);
  }

  /**
   * The values of files with one JSON value a line: numbers and rectangular lists of them become
   * HostArrays, texts and nulls stay.
   *
   * @throws {TypeError} while iterating, with file, byte and stage, for a line that is not JSON
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const path = await Deno.makeTempFile();
   * await Deno.writeTextFile(path, '{"x": [1, 2], "y": "a"}\n{"x": [3, 4], "y": "b"}\n');
   * type Row = { x: data.ElementOf<number[]>; y: string };
   * const rows = [...data.Dataset.jsonLines<Row>(path)];
   * assertEquals(rows[1]!.x.toArray(), [3, 4]);
   * assertEquals(rows[1]!.y, "b");
   * ```
   */
  static jsonLines<R = unknown>(files: Files, options: FileOptions = {}): Dataset<R> {
    return new Dataset(jsonLines(files, options) as Stage<R>);
  }

  /**
   * The records of TFRecord files, as uint8 vectors; both checksums of each are verified. Parse
   * tf.train.Examples with `map(data.parseExample(features))`.
   *
   * @param options `compression`: for TensorFlow's GZIP and ZLIB "gzip" and "zlib"
   * @throws {RangeError} while iterating, with file, byte and stage, when a file is damaged or
   * truncated
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const path = await Deno.makeTempFile();
   * const bytes = [3, 0, 0, 0, 0, 0, 0, 0, 0xb0, 0x99, 0x49, 0x0e, 97, 98, 99, 0x6e, 0x57, 0xf1, 0x21];
   * await Deno.writeFile(path, new Uint8Array(bytes));
   * assertEquals([...data.Dataset.tfRecord(path)].map((x) => x.toArray()), [[97, 98, 99]]);
   * ```
   */
  static tfRecord(files: Files, options: FileOptions = {}): Dataset<HostArray> {
    return new Dataset(tfRecord(files, options));
  }

  /**
   * The rows of Parquet files, as records by column: columns of numbers give HostArrays, texts
   * strings, lists of numbers vectors. Row groups are streamed; use `for await`. Reading is left to
   * the npm package hyparquet, which is fetched on first use.
   *
   * @param files a path or URL, or several of the same columns
   * @param options `select`: the columns wanted; `types`: dtypes of columns of numbers
   * @throws {RangeError} while iterating, with file, row group and stage, for damaged files
   * @throws {TypeError} while iterating, for values that do not fit their column's dtype
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertRejects } from "@std/assert";
   * const path = await Deno.makeTempFile();
   * await Deno.writeTextFile(path, "no Parquet at all");
   * const batches = data.Dataset.parquet(path, { select: ["x", "y"] }).shuffle(1024).batch(32);
   * await assertRejects(() => Array.fromAsync(batches), RangeError, "It does not begin with PAR1");
   * ```
   */
  static parquet<R = Record<string, HostArray>>(
    files: Files,
    options: ParquetOptions = {},
  ): Dataset<R> {
    return new Dataset(parquet(files, options) as Stage<unknown> as Stage<R>);
  }

  /**
   * The records of local binary files in which all records have the same length, as uint8 vectors.
   * Behind it a shuffle moves numbers, and `globalShuffle` reaches every record.
   *
   * @param recordBytes bytes of a record
   * @param options `headerBytes` and `footerBytes` of each file; default 0
   * @throws {RangeError} when a file holds no whole number of records
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const path = await Deno.makeTempFile();
   * await Deno.writeFile(path, new Uint8Array([1, 2, 3, 4, 5, 6]));
   * const [batch] = [...data.Dataset.fixedLengthRecords(path, 2).batch(3)];
   * assertEquals(batch!.toArray(), [[1, 2], [3, 4], [5, 6]]);
   * ```
   */
  static fixedLengthRecords(
    files: Files,
    recordBytes: number,
    options: FixedLengthOptions = {},
  ): Dataset<HostArray> {
    return new Dataset(fixedLengthRecords(files, recordBytes, options));
  }

  /**
   * The rows of the arrays in a npy, npz, idx or safetensors file, as `fromTensorSlices` gives them:
   * of one array, or records of the named ones. The file is read whole.
   *
   * @param place a path or URL; its ending tells the format, and gzip or zstd behind that
   * @throws {TypeError} when the ending or the file is of no such format
   * @throws {RangeError} when the file is damaged or truncated
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const path = await Deno.makeTempFile({ suffix: ".idx" });
   * await Deno.writeFile(path, new Uint8Array([0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9]));
   * const rows = await data.Dataset.fromArrayFile(path);
   * assertEquals([...rows].map((x) => x.item()), [7, 8, 9]);
   * ```
   */
  static async fromArrayFile<R = HostArray>(place: string | URL): Promise<Dataset<R>> {
    const { readArrayFile } = await import("./sources/array_file.ts");
    return new Dataset(fromTensorSlices(await readArrayFile(place)) as Stage<R>);
  }

  /**
   * The elements of a file that `save` wrote. Its type is the caller's to know.
   *
   * @throws {RangeError} when the file is damaged or of another kind
   * @throws {Deno.errors.NotFound} when there is none
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const file = await Deno.makeTempFile();
   * await data.Dataset.range(3).save(file);
   * assertEquals([...data.Dataset.load(file)].map((x) => x.item()), [0, 1, 2]);
   * await Deno.remove(file);
   * ```
   */
  static load<T = HostArray>(path: string | URL): Dataset<T> {
    return new Dataset(load(path) as Stage<T>);
  }

  /**
   * Elements of several datasets side by side, in a nest like the one that is given; as many as the
   * shortest has.
   *
   * @param datasets a list or an object of datasets, nested to any depth
   * @throws {TypeError} when something in the nest is no dataset
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const pairs = data.Dataset.zip([data.Dataset.range(3), data.Dataset.range(7, 9)]);
   * assertEquals([...pairs].map(([a, b]) => [a.item(), b.item()]), [[0, 7], [1, 8]]);
   * ```
   */
  static zip<const D>(datasets: D): Dataset<ZipOf<D>> {
    return new Dataset(zip(datasets) as Stage<ZipOf<D>>);
  }

  /**
   * Elements of several datasets in fixed proportions, in the order of Grain's `mix`: without
   * randomness, after any number of elements each has given its share. Ends when the dataset whose
   * turn it is has no more.
   *
   * @param options `weights`: positive numbers, one for each dataset; default: all equal
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const small = data.Dataset.range(100, 200), large = data.Dataset.range(100);
   * const mixed = data.Dataset.mix([large, small], { weights: [2, 1] });
   * assertEquals([...mixed.take(6)].map((x) => x.item()), [0, 1, 100, 2, 3, 101]);
   * ```
   */
  static mix<T>(datasets: readonly Dataset<T>[], options: MixOptions = {}): Dataset<T> {
    return new Dataset(mix(datasets, options));
  }

  /**
   * Applies a function to every element, in order. What it returns, or what its Promise gives, is
   * turned into an element. An exception surfaces at its element, as the cause of an error that
   * names the stage and the element.
   *
   * @example
   * ```ts
   * import { data, HostArray } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const pixels = new Uint8Array([0, 51, 255]), labels = new Uint8Array([7, 8, 9]);
   * const scaled = data.Dataset.fromTensorSlices([pixels, labels])
   *   .map(([x, y]) => [x.item() / 255, y]);
   * assertEquals([...scaled.batch(3)][0]![0].dtype, "float32");
   * ```
   */
  map<const U>(
    f: (element: T, context: RecordContext) => U | PromiseLike<U>,
    options: MapOptions = {},
  ): Dataset<ElementOf<U>> {
    return new Dataset(map(this.#stage, f, options) as Stage<ElementOf<U>>);
  }

  /**
   * Applies the default export of a module to every element, in workers, in order. Under `for await`
   * only. Elements and keys are given as to a function of `map`; the result is the same for any
   * number of workers. What the export returns is the caller's to know.
   *
   * @param module the URL of the module, as in `new URL("./augment.ts", import.meta.url)`
   * @param options `workers` (2); `buffer` (twice the workers): elements computed ahead; `timeout`
   * (300000): milliseconds for one element; `seed`: of the keys
   * @throws {TypeError} when the module is given by no URL
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const double = "data:text/javascript,export default (x) => x.item() * 2";
   * const doubled = data.Dataset.range(3).parallelMap(double, { workers: 1 });
   * assertEquals((await Array.fromAsync(doubled)).map((x) => x.item()), [0, 2, 4]);
   * ```
   */
  parallelMap<U = HostArray>(module: string | URL, options: ParallelMapOptions = {}): Dataset<U> {
    return new Dataset(parallelMap(this.#stage, module, options) as Stage<U>);
  }

  /**
   * Keeps the elements for which a function holds.
   *
   * @param predicate returns a boolean or a scalar, or a Promise of one
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const even = data.Dataset.range(6).filter((x) => x.item() % 2 === 0);
   * assertEquals([...even].map((x) => x.item()), [0, 2, 4]);
   * ```
   */
  filter(predicate: (element: T) => Verdict | PromiseLike<Verdict>): Dataset<T> {
    return new Dataset(filter(this.#stage, predicate));
  }

  /**
   * Keeps the elements before the first for which a function does not hold.
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const low = data.Dataset.range(9).takeWhile((x) => x.item() < 2);
   * assertEquals([...low].map((x) => x.item()), [0, 1]);
   * ```
   */
  takeWhile(predicate: (element: T) => Verdict | PromiseLike<Verdict>): Dataset<T> {
    return new Dataset(takeWhile(this.#stage, predicate));
  }

  /**
   * Runs a function along the elements: it returns its next state and an element. The state is a
   * nest of arrays whose structure and dtypes stay; it is kept in `state()` of an iterator.
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const sums = data.Dataset.range(1, 5).scan(0, (sum, x) => {
   *   const next = sum.item() + x.item();
   *   return [next, next] as const;
   * });
   * assertEquals([...sums].map((x) => x.item()), [1, 3, 6, 10]);
   * ```
   */
  scan<const S, const U>(
    initial: S,
    f: (
      state: ElementOf<S>,
      element: T,
    ) => readonly [unknown, U] | PromiseLike<readonly [unknown, U]>,
  ): Dataset<ElementOf<U>> {
    return new Dataset(scan(this.#stage, initial, f as never) as Stage<ElementOf<U>>);
  }

  /**
   * Pairs of an int32 number, counted from `start`, and an element.
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const numbered = data.Dataset.range(5, 7).enumerate(3);
   * assertEquals([...numbered].map(([i, x]) => [i.item(), x.item()]), [[3, 5], [4, 6]]);
   * ```
   */
  enumerate(start = 0): Dataset<[HostArray, T]> {
    return new Dataset(enumerate(this.#stage, start));
  }

  /**
   * Keeps the first `count` elements; -1 and Infinity keep all.
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * assertEquals([...data.Dataset.range(9).take(2)].map((x) => x.item()), [0, 1]);
   * ```
   */
  take(count: number): Dataset<T> {
    return new Dataset(take(this.#stage, count));
  }

  /**
   * Leaves out the first `count` elements; -1 and Infinity leave out all.
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * assertEquals([...data.Dataset.range(5).skip(3)].map((x) => x.item()), [3, 4]);
   * ```
   */
  skip(count: number): Dataset<T> {
    return new Dataset(skip(this.#stage, count));
  }

  /**
   * Keeps every `count`-th element from number `index` on: one part of `count` that share the work.
   *
   * @throws {RangeError} unless 0 <= index < count
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * assertEquals([...data.Dataset.range(7).shard(3, 1)].map((x) => x.item()), [1, 4]);
   * ```
   */
  shard(count: number, index: number): Dataset<T> {
    return new Dataset(shard(this.#stage, count, index));
  }

  /**
   * Passes over the elements `count` times; without end by default. Behind a shuffle every pass has
   * its own order.
   *
   * @param count 0 or more; -1 and Infinity never end
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * assertEquals([...data.Dataset.range(2).repeat(2)].map((x) => x.item()), [0, 1, 0, 1]);
   * assertEquals(data.Dataset.range(2).repeat().cardinality, Infinity);
   * ```
   */
  repeat(count = Infinity): Dataset<T> {
    return new Dataset(repeat(this.#stage, count));
  }

  /**
   * The elements of this dataset, then those of others.
   *
   * @throws {TypeError} when elements are known to differ in structure, dtype or rank
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const all = data.Dataset.range(2).concatenate(data.Dataset.range(5, 7));
   * assertEquals([...all].map((x) => x.item()), [0, 1, 5, 6]);
   * ```
   */
  concatenate(...others: Dataset<T>[]): Dataset<T> {
    return new Dataset(concatenate([this, ...others]));
  }

  /**
   * Gives elements in random order: each time one of the next `bufferSize`. The order is that of
   * tf.data for the same seeds. A buffer as large as the dataset makes every permutation equally
   * likely. Behind `fromTensorSlices` or `range` the buffer holds row numbers only.
   *
   * @param bufferSize elements held, at least 1; Infinity holds them all
   * @param options `seed`: an integer that makes the order repeatable; default: derived from
   * `utils.setRandomSeed`, else fresh. `reshuffleEachIteration` (true): every pass has another order
   * @throws {RangeError} when bufferSize is less than 1
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const shuffled = data.Dataset.range(10).shuffle(10, { seed: 42 });
   * assertEquals([...shuffled].map((x) => x.item()), [5, 9, 6, 4, 7, 1, 2, 8, 3, 0]);
   * assertEquals([...shuffled].map((x) => x.item()), [3, 7, 6, 5, 8, 4, 0, 1, 9, 2]);
   * ```
   */
  shuffle(bufferSize: number, options: ShuffleOptions = {}): Dataset<T> {
    return new Dataset(shuffle(this.#stage, bufferSize, options));
  }

  /**
   * Shuffles all elements at once, in constant memory, in the order of Grain's `shuffle` for the same
   * seed. It stands behind a source of random access: fromTensorSlices, range or fromSource, with
   * take, skip or shard between them where wanted.
   *
   * @param options `seed`: in 0..2^32-1; `reshuffleEachIteration` (true): every pass has another order
   * @throws {TypeError} when the elements before it cannot be read in any order
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const shuffled = data.Dataset.range(10).globalShuffle({ seed: 42 });
   * assertEquals([...shuffled].map((x) => x.item()), [8, 6, 7, 9, 0, 5, 1, 2, 4, 3]);
   * ```
   */
  globalShuffle(options: ShuffleOptions = {}): Dataset<T> {
    return new Dataset(globalShuffle(this.#stage, options));
  }

  /**
   * Joins `size` consecutive elements along a new first axis. The last batch is shorter where the
   * elements do not divide, unless `dropRemainder` leaves it out. Texts become a list.
   *
   * @param options `dropRemainder` (false). `reuse` (false): loops over this dataset are given the
   * same memory in turn, which for batches of images about halves their time: a batch stays as it is
   * only until the next but one is asked for. Hand each to a jitted function, which has read it when
   * the call returns, and keep none. What stages behind this one get is their own all the same, but
   * for `repeat`, `take`, `skip` and `options`, which hand the batches on to the loop
   * @throws {RangeError} when size is less than 1; while iterating, when shapes or dtypes differ
   *
   * @example
   * ```ts
   * import { data, jit, type Tensor } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const batches = data.Dataset.range(5).batch(2, { dropRemainder: true });
   * assertEquals([...batches].map((b) => b.toArray()), [[0, 1], [2, 3]]);
   *
   * const sum = jit((x: Tensor) => x.sum());
   * const sums: number[] = [];
   * for (const b of data.Dataset.range(6).batch(2, { reuse: true })) sums.push(sum(b).item());
   * assertEquals(sums, [1, 5, 9]);
   * ```
   */
  batch(size: number, options: BatchOptions = {}): Dataset<BatchOf<T>> {
    return new Dataset(batch(this.#stage, size, options) as Stage<unknown> as Stage<BatchOf<T>>);
  }

  /**
   * Joins `size` elements of unequal sizes, each padded to the largest of its batch or to a given
   * size.
   *
   * @param options `paddedShapes`: one shape for all arrays of an element, or a nest of shapes, with
   * null for the largest; `paddingValues` (0): one number, or a nest; `dropRemainder` (false)
   * @throws {RangeError} while iterating, when an array is larger than its shape
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const words = data.Dataset.fromIterable([[1, 2, 3], [4]]);
   * assertEquals([...words.paddedBatch(2)][0]!.toArray(), [[1, 2, 3], [4, 0, 0]]);
   * ```
   */
  paddedBatch(size: number, options: PaddedBatchOptions = {}): Dataset<BatchOf<T>> {
    const stage: Stage<unknown> = paddedBatch(this.#stage, size, options);
    return new Dataset(stage as Stage<BatchOf<T>>);
  }

  /**
   * Padded batches of sequences of similar length. Bucket i holds lengths of at least
   * `boundaries[i - 1]` and less than `boundaries[i]`.
   *
   * @param lengthFunc returns the length of an element
   * @param boundaries integers that grow
   * @param batchSizes one more than there are boundaries
   * @param options `padToBucketBoundary` (false): pad to one less than the upper boundary;
   * `noPadding` (false); `paddedShapes`, `paddingValues` and `dropRemainder` as in `paddedBatch`
   * @throws {RangeError} when the lists do not fit together
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const words = data.Dataset.fromIterable([[1], [2, 3, 4], [5], [6, 7]]);
   * const batches = words.bucketBySequenceLength((x) => x.length, [2], [2, 2]);
   * assertEquals([...batches].map((x) => x.toArray()), [[[1], [5]], [[2, 3, 4], [6, 7, 0]]]);
   * ```
   */
  bucketBySequenceLength(
    lengthFunc: (element: T) => number | HostArray | PromiseLike<number | HostArray>,
    boundaries: readonly number[],
    batchSizes: readonly number[],
    options: BucketOptions = {},
  ): Dataset<BatchOf<T>> {
    const stage: Stage<unknown> = bucketBySequenceLength(
      this.#stage,
      lengthFunc,
      boundaries,
      batchSizes,
      options,
    );
    return new Dataset(stage as Stage<BatchOf<T>>);
  }

  /**
   * Takes elements apart along their first axis.
   *
   * @throws {RangeError} while iterating, when the arrays of an element have unequal first sizes
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const rows = data.Dataset.range(4).batch(3).unbatch();
   * assertEquals([...rows].map((x) => x.item()), [0, 1, 2, 3]);
   * ```
   */
  unbatch(): Dataset<RowOf<T>> {
    return new Dataset(unbatch(this.#stage) as Stage<unknown> as Stage<RowOf<T>>);
  }

  /**
   * Makes batches of another size of batches.
   *
   * @param sizes a size, or a list of sizes that is gone through again and again
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const batches = data.Dataset.range(6).batch(3).rebatch([1, 2]);
   * assertEquals([...batches].map((x) => x.toArray()), [[0], [1, 2], [3], [4, 5]]);
   * ```
   */
  rebatch(
    sizes: number | readonly number[],
    options: Pick<BatchOptions, "dropRemainder"> = {},
  ): Dataset<T> {
    return new Dataset(rebatch(this.#stage, sizes, options));
  }

  /**
   * Nests of datasets of consecutive elements, one dataset for each array of an element; the last
   * windows are shorter.
   *
   * @param options `shift` (the size): how far apart windows begin; `stride` (1): how far apart the
   * elements of a window lie; `dropRemainder` (false): leave out windows that are cut short
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const windows = data.Dataset.range(4).window(3, { shift: 1, dropRemainder: true });
   * const batches = windows.flatMap((w) => w.batch(3));
   * assertEquals([...batches].map((x) => x.toArray()), [[0, 1, 2], [1, 2, 3]]);
   * ```
   */
  window(size: number, options: WindowOptions = {}): Dataset<WindowOf<T>> {
    return new Dataset(window(this.#stage, size, options, toDataset) as Stage<WindowOf<T>>);
  }

  /**
   * Collects elements of equal keys; what a function makes of each full group follows in its place,
   * and at the end, by ascending key, what it makes of those that are not full.
   *
   * @param keyFunc returns an integer, or a scalar array
   * @param reduceFunc makes a dataset of a group
   * @param windowSize how many elements fill a group; may depend on the key
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const byParity = data.Dataset.range(5)
   *   .groupByWindow((x) => x.item() % 2, (_key, group) => group.batch(2), 2);
   * assertEquals([...byParity].map((x) => x.toArray()), [[0, 2], [1, 3], [4]]);
   * ```
   */
  groupByWindow<U>(
    keyFunc: (element: T) => number | HostArray | PromiseLike<number | HostArray>,
    reduceFunc: (key: number, group: Dataset<T>) => Dataset<U> | PromiseLike<Dataset<U>>,
    windowSize: number | ((key: number) => number),
  ): Dataset<U> {
    return new Dataset(
      groupByWindow<T, Dataset<T>, U>(this.#stage, keyFunc, reduceFunc, windowSize, toDataset),
    );
  }

  /**
   * The elements of the datasets that a function makes of elements, one dataset after the other.
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const counted = data.Dataset.range(3).flatMap((x) => data.Dataset.range(x.item()));
   * assertEquals([...counted].map((x) => x.item()), [0, 0, 1]);
   * ```
   */
  flatMap<U>(f: (element: T) => Dataset<U> | PromiseLike<Dataset<U>>): Dataset<U> {
    return new Dataset(flatMap<T, U>(this.#stage, f));
  }

  /**
   * The elements of the datasets that a function makes of elements, several datasets in turn, in the
   * order of tf.data.
   *
   * @param options `cycleLength` (2): how many are open at a time; `blockLength` (1): how many
   * elements are taken from one before the next has its turn
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const turns = data.Dataset.range(1, 4)
   *   .interleave((x) => data.Dataset.fromTensors(x).repeat(3), { cycleLength: 2, blockLength: 2 });
   * assertEquals([...turns].map((x) => x.item()), [1, 1, 2, 2, 1, 2, 3, 3, 3]);
   * ```
   */
  interleave<U>(
    f: (element: T) => Dataset<U> | PromiseLike<Dataset<U>>,
    options: InterleaveOptions = {},
  ): Dataset<U> {
    return new Dataset(interleave<T, U>(this.#stage, f, options));
  }

  /**
   * Keeps the elements of the first complete pass for all later ones. Put what is random behind it.
   *
   * @param path a file, which later processes read as well, whatever the stages before it give by
   * then; written beside its place and moved there when it is whole. Default: in memory
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * let calls = 0;
   * const cached = data.Dataset.range(3).map((x) => (calls++, x)).cache();
   * assertEquals([...cached.repeat(2)].length, 6);
   * assertEquals(calls, 3);
   * ```
   */
  cache(path?: string | URL): Dataset<T> {
    return new Dataset(cache(this.#stage, path));
  }

  /**
   * Computes up to `size` elements ahead while the loop's body awaits something. It speeds up
   * asynchronous stages under `for await`; synchronous ones pass through. The order is unchanged.
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const slow = data.Dataset.range(3).map((x) => Promise.resolve(x.item() * 2)).prefetch(2);
   * const seen = [];
   * for await (const x of slow) seen.push(x.item());
   * assertEquals(seen, [0, 2, 4]);
   * ```
   */
  prefetch(size: number): Dataset<T> {
    return new Dataset(prefetch(this.#stage, size));
  }

  /**
   * Sets options for the whole pipeline; of several, the last holds.
   *
   * @param options `yieldEvery` (5): milliseconds after which `for await` lets timers, signals and
   * finalizers run; Infinity never
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const d = data.Dataset.range(3).options({ yieldEvery: Infinity });
   * assertEquals([...d].length, 3);
   * ```
   */
  options(options: PipelineOptions): Dataset<T> {
    return new Dataset(withOptions(this.#stage, options));
  }

  /** Starts a pass in which every element is there at once. */
  [Symbol.iterator](): Generator<T, void, undefined> {
    return iterateSync(this.#stage.reusing ?? this.#stage);
  }

  /** Starts a pass that may wait for its elements. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return iterateAsync(this.#stage.reusing ?? this.#stage);
  }

  /**
   * Starts a pass that can be interrupted and gone on with later, in this or in another process.
   * `state()` of the iterator is small JSON; an iterator made with it, of the same pipeline over the
   * same data, gives exactly the elements that the first had not given.
   *
   * @param options `state`: where to go on
   * @throws {RangeError} when the state is of another pipeline
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const make = () => data.Dataset.range(100).shuffle(10, { seed: 1 }).repeat().batch(3);
   * const first = make().iterate();
   * for await (const _ of first) break;
   * const text = JSON.stringify(first.state());
   * const second = make().iterate({ state: JSON.parse(text) });
   * const next = async (it: typeof first) => {
   *   for await (const batch of it) return batch.toArray();
   * };
   * assertEquals(await next(second), await next(first));
   * ```
   */
  iterate(options: { state?: State | undefined } = {}): DatasetIterator<T> {
    checkOptions(options, ["state"], "iterate");
    return new DatasetIterator(this.#stage.reusing ?? this.#stage, options.state);
  }

  /**
   * What a function makes of a state and all elements in turn.
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * assertEquals(await data.Dataset.range(5).reduce(0, (sum, x) => sum + x.item()), 10);
   * ```
   */
  reduce<S>(initial: S, f: (state: S, element: T) => S | PromiseLike<S>): Promise<S> {
    return reduce(this.#stage, initial, f);
  }

  /**
   * Writes the elements of one pass to a file that `Dataset.load` reads. The file is written beside
   * its place and moved there when it is whole.
   *
   * @throws {RangeError} when the dataset has no end
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const file = await Deno.makeTempFile();
   * await data.Dataset.range(4).batch(2).save(file);
   * assertEquals(data.Dataset.load(file).cardinality, 2);
   * await Deno.remove(file);
   * ```
   */
  save(path: string | URL): Promise<void> {
    return save(this.#stage, path);
  }

  /** The number of elements of one pass; Infinity where it never ends, null where it is unknown. */
  get cardinality(): number | null {
    return this.#stage.cardinality;
  }

  /**
   * The dtypes and shapes of the elements, as a nest like theirs; null where they are not known
   * before a user's function has run.
   */
  get elementSpec(): Spec | null {
    return this.#stage.spec;
  }

  /** The last stage: what stages of one's own are made over. */
  get stage(): Stage<T> {
    return this.#stage;
  }

  /** The pipeline, one stage a line, with the number and the spec of its elements. */
  toString(): string {
    return printPipeline(this.#stage);
  }

  /** What `console.log` shows. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }
}

/** For stages that make datasets of their own. */
function toDataset<T>(stage: Stage<T>): Dataset<T> {
  return new Dataset(stage);
}
