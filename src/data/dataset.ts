/**
 * Dataset: the fluent face of pipelines. Every method makes a new dataset of one stage more.
 *
 * @module
 */
import type { HostArray } from "../base/host_array.ts";
import { batch, type BatchOptions } from "./batch.ts";
import { csv, type CsvOptions } from "./csv.ts";
import type { ElementOf } from "./element.ts";
import { type FixedLengthOptions, fixedLengthRecords } from "./fixed_length_records.ts";
import { fromFiles } from "./from_files.ts";
import { fromGenerator } from "./from_generator.ts";
import { fromTensorSlices } from "./from_tensor_slices.ts";
import { iterateAsync, iterateSync } from "./iterate.ts";
import { jsonLines } from "./json_lines.ts";
import { map, type MapOptions, type RecordContext } from "./map.ts";
import { prefetch } from "./prefetch.ts";
import { range } from "./range.ts";
import type { Files } from "./records.ts";
import { repeat } from "./repeat.ts";
import { shuffle, type ShuffleOptions } from "./shuffle.ts";
import { skip } from "./skip.ts";
import { printSpec, type Spec } from "./spec.ts";
import type { Stage } from "./stage.ts";
import { take } from "./take.ts";
import { type FileOptions, textLines } from "./text_lines.ts";
import { tfRecord } from "./tf_record.ts";

/**
 * A pipeline of elements: HostArrays, or lists and plain objects of them. Make one with
 * `fromTensorSlices`, `range` or `fromGenerator`, add stages with its methods, and loop over it
 * with `for...of`, or with `for await` where a stage is asynchronous. Every loop is a new pass;
 * leaving a loop closes the pipeline.
 *
 * Batches go straight into jitted functions. Each owns its memory.
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
    return new Dataset(stop === undefined ? range(0, start, step) : range(start, stop, step));
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
   * object of a row; texts are lists in it.
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
   * type Batch = { size: HostArray; kind: string[] };
   * const [batch] = [...data.Dataset.csv<Batch>(path).batch(2)];
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
   * Joins `size` consecutive elements along a new first axis. The last batch is shorter where the
   * elements do not divide, unless `dropRemainder` leaves it out.
   *
   * @throws {RangeError} when size is less than 1; while iterating, when shapes or dtypes differ
   *
   * @example
   * ```ts
   * import { data } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const batches = data.Dataset.range(5).batch(2, { dropRemainder: true });
   * assertEquals([...batches].map((b) => b.toArray()), [[0, 1], [2, 3]]);
   * ```
   */
  batch(size: number, options: BatchOptions = {}): Dataset<T> {
    return new Dataset(batch(this.#stage, size, options));
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

  /** Starts a pass in which every element is there at once. */
  [Symbol.iterator](): Generator<T, void, undefined> {
    return iterateSync(this.#stage);
  }

  /** Starts a pass that may wait for its elements. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return iterateAsync(this.#stage);
  }

  /** The pipeline, one stage a line, with the number and the spec of its elements. */
  toString(): string {
    const lines: string[] = [];
    for (let s: Stage<unknown> | undefined = this.#stage; s !== undefined; s = s.inputs[0]) {
      const count = s.cardinality === null ? "? elements" : `${s.cardinality} elements`;
      const spec = s.spec === null ? "" : ` of ${printSpec(s.spec)}`;
      lines.unshift(`  ${s.inputs.length === 0 ? "" : "."}${s.label}: ${count}${spec}`);
    }
    return `Dataset\n${lines.join("\n")}`;
  }

  /** What `console.log` shows. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }
}
