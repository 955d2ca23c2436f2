/**
 * The numbers that every contestant computes with, from one formula that inputs.py writes as well.
 *
 * @module
 */

/** Sizes of a work, as the runner sends them. */
export type Sizes = Readonly<Record<string, number | string | boolean | readonly number[]>>;

/** One of the sizes that is a number. */
export function size(sizes: Sizes, name: string): number {
  const value = sizes[name];
  if (typeof value !== "number") throw new TypeError(`Cannot read size ${name}: it is no number`);
  return value;
}

/** Numbers of float32 precision in [-scale, scale): bits of a hash of the position. */
export function uniform(seed: number, count: number, scale?: number): Float32Array<ArrayBuffer> {
  return fill(new Float32Array(count), seed, scale);
}

/** The same numbers in an array that is there. */
export function fill<T extends Float32Array | Float64Array>(into: T, seed: number, scale = 1): T {
  const start = Math.imul(seed, 0x9e3779b9);
  for (let i = 0; i < into.length; i++) {
    let h = (i + start) | 0;
    h ^= h >>> 16;
    h = Math.imul(h, 0x85ebca6b);
    h ^= h >>> 13;
    h = Math.imul(h, 0xc2b2ae35);
    h ^= h >>> 16;
    into[i] = ((h >>> 8) * 2 ** -23 - 1) * scale;
  }
  return into;
}

/** Integers in 0..classes-1. */
export function labels(seed: number, count: number, classes: number): Int32Array<ArrayBuffer> {
  const digits = new Int32Array(count);
  uniform(seed, count).forEach((u, i) => digits[i] = Math.floor((u + 1) / 2 * classes));
  return digits;
}

/** One row for each label, 1 at its place. */
export function oneHot(digits: Int32Array, classes: number): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(digits.length * classes);
  digits.forEach((digit, i) => rows[i * classes + digit] = 1);
  return rows;
}

/** Values of an array and its shape. */
export interface Values {
  readonly values: Float32Array<ArrayBuffer>;
  readonly shape: readonly number[];
}

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

function glorot(seed: number, shape: readonly number[]): Values {
  const fans = product(shape.slice(0, -2)) * (shape.at(-2)! + shape.at(-1)!);
  return { values: uniform(seed, product(shape), Math.sqrt(6 / fans)), shape };
}

function constant(value: number, ...shape: readonly number[]): Values {
  return { values: new Float32Array(product(shape)).fill(value), shape };
}

/** Weights and biases of the dense layers, in turn. */
export function mlpParameters(sizes: Sizes): Values[] {
  const widths = [size(sizes, "features"), ...sizes.hidden as number[], size(sizes, "classes")];
  return widths.slice(1).flatMap((width, i) => [
    glorot(101 + i, [widths[i]!, width]),
    constant(0, width),
  ]);
}

/** Rows and labels. */
export interface Batch {
  readonly x: Values;
  readonly digits: Int32Array<ArrayBuffer>;
  readonly y: Values;
}

function batch(seeds: readonly [number, number], shape: readonly number[], classes: number): Batch {
  const digits = labels(seeds[1], shape[0]!, classes);
  return {
    x: { values: uniform(seeds[0], product(shape)), shape },
    digits,
    y: { values: oneHot(digits, classes), shape: [shape[0]!, classes] },
  };
}

/** The batches of the dense nets. */
export function mlpBatches(sizes: Sizes): Batch[] {
  const shape = [size(sizes, "batch"), size(sizes, "features")];
  return Array.from(
    { length: size(sizes, "batches") },
    (_, b) => batch([1000 + b, 2000 + b], shape, size(sizes, "classes")),
  );
}

/** All rows of the whole loop. */
export function loopData(sizes: Sizes): Batch {
  return batch([7, 8], [size(sizes, "rows"), size(sizes, "features")], size(sizes, "classes"));
}

/** 28x28x1: two convolutions 3x3 (32, 64), each pooled by 2, dense 128, dense 10. */
export function cnnParameters(): Values[] {
  const shapes = [[3, 3, 1, 32], [3, 3, 32, 64], [1600, 128], [128, 10]];
  return shapes.flatMap((shape, i) => [glorot(201 + i, shape), constant(0, shape.at(-1)!)]);
}

/** The batches of the convolutional net. */
export function cnnBatches(sizes: Sizes): Batch[] {
  return Array.from(
    { length: size(sizes, "batches") },
    (_, b) => batch([3000 + b, 4000 + b], [size(sizes, "batch"), 28, 28, 1], 10),
  );
}

/** Norm, one product for query, key and value, projection, norm, two dense layers. */
export function blockParameters(sizes: Sizes): Values[] {
  const d = size(sizes, "width");
  const dense = (seed: number, shape: number[]): Values[] => [
    glorot(seed, shape),
    constant(0, shape[1]!),
  ];
  const norm = (): Values[] => [constant(1, d), constant(0, d)];
  return [
    ...norm(),
    ...dense(301, [d, 3 * d]),
    ...dense(302, [d, d]),
    ...norm(),
    ...dense(303, [d, 4 * d]),
    ...dense(304, [4 * d, d]),
  ];
}

/** What goes into the transformer block, and what should come out. */
export function blockData(sizes: Sizes): [Values, Values] {
  const shape = ["batch", "length", "width"].map((name) => size(sizes, name));
  const made = (seed: number): Values => ({ values: uniform(seed, product(shape)), shape });
  return [made(901), made(902)];
}

/** A few numbers that tell whether two results are the same array. */
export function digest(values: ArrayLike<number>): number[] {
  const n = values.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.abs(values[i]!);
  return [
    sum / n,
    ...[0, Math.floor(n / 3), Math.floor(2 * n / 3), n - 1].map((i) => values[i]!),
  ];
}

/** Random orders of n rows, for systems that have no pipeline of their own. */
export function permutation(n: number): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** Rows of one epoch in a random order, gathered by hand into a fresh array for each batch. */
export function* shuffledBatches(
  { x, y }: Batch,
  rows: number,
): Generator<{ x: Values; y: Values }> {
  const [width, classes] = [x.shape[1]!, y.shape[1]!];
  const order = permutation(x.shape[0]!);
  for (let at = 0; at < order.length; at += rows) {
    const part = order.subarray(at, at + rows);
    const xs = new Float32Array(part.length * width);
    const ys = new Float32Array(part.length * classes);
    part.forEach((row, i) => {
      xs.set(x.values.subarray(row * width, (row + 1) * width), i * width);
      ys.set(y.values.subarray(row * classes, (row + 1) * classes), i * classes);
    });
    yield {
      x: { values: xs, shape: [part.length, width] },
      y: { values: ys, shape: [part.length, classes] },
    };
  }
}
