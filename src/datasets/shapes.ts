/**
 * Points in the plane, or beyond, in classes of known shape: drawn, not loaded.
 *
 * @module
 */
import { formatValue } from "../base/errors.ts";
import { HostArray } from "../base/host_array.ts";
import { checkOptions } from "../base/options.ts";
import { Philox } from "../data/random/philox.ts";
import { checkSeed, stageKey } from "../data/random/seeds.ts";

/** Points, float32 of shape [n, features], and their classes, int32 of shape [n]. */
export type Points = [x: HostArray, y: HostArray];

/** Options of all shapes. */
export interface ShapeOptions {
  /** Makes the draw repeatable; default: from `utils.setRandomSeed`, else fresh. */
  seed?: number | undefined;
  /** Whether the points are in random order; default true. */
  shuffle?: boolean | undefined;
}

/** Options of `moons`. */
export interface MoonsOptions extends ShapeOptions {
  /** Standard deviation of Gaussian noise on the points; default 0. */
  noise?: number | undefined;
}

/** Options of `blobs`. */
export interface BlobsOptions extends ShapeOptions {
  /** The centers, or how many are to be drawn; default 3. */
  centers?: number | readonly (readonly number[])[] | undefined;
  /** The dimension of the space, where centers are drawn; default 2. */
  features?: number | undefined;
  /** Standard deviation about the centers, for all or for each; default 1. */
  clusterStd?: number | readonly number[] | undefined;
  /** The interval that drawn centers have their coordinates in; default [-10, 10]. */
  centerBox?: readonly [low: number, high: number] | undefined;
}

/** Options of `spiral`. */
export interface SpiralOptions extends ShapeOptions {
  /** The number of arms; default 3. */
  classes?: number | undefined;
  /** Standard deviation of Gaussian noise on the angle, in radians; default 0.2. */
  noise?: number | undefined;
}

/**
 * Two interleaving half circles, as scikit-learn's make_moons draws them: the upper one about
 * (0, 0), the lower one about (1, 0.5), both of radius 1.
 *
 * @param n number of points; the first class has half of them, rounded down
 * @throws {RangeError} when n is no whole number of at least 0
 *
 * @example
 * ```ts
 * import { datasets } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const [x, y] = datasets.moons(4, { shuffle: false });
 * assertEquals(y.toArray(), [0, 0, 1, 1]);
 * assertEquals(x.at(0).toArray(), [1, 0]);
 * ```
 */
export function moons(n = 100, options: MoonsOptions = {}): Points {
  checkOptions(options, ["noise", "seed", "shuffle"], "draw moons");
  const noise = checkSpread(options.noise ?? 0, "noise");
  const counts = [Math.floor(checkWhole(n, "points", 0, MOST_NUMBERS / 2) / 2), Math.ceil(n / 2)];
  return draw(n, 2, counts, options, (random, k, i, point) => {
    const m = counts[k]!;
    const angle = m < 2 ? 0 : Math.PI * i / (m - 1);
    point[0] = k === 0 ? Math.cos(angle) : 1 - Math.cos(angle);
    point[1] = k === 0 ? Math.sin(angle) : 1 - Math.sin(angle) - 0.5;
    for (let d = 0; d < 2 && noise > 0; d++) point[d]! += noise * random.normal();
  });
}

/**
 * Isotropic Gaussian clusters, as scikit-learn's make_blobs defines them.
 *
 * @param n number of points, shared equally among the centers; the first ones get what is left
 * @throws {RangeError} when a count is no whole number, or the sizes of the options do not agree
 *
 * @example
 * ```ts
 * import { datasets } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const [x, y] = datasets.blobs(5, { centers: [[0, 0], [9, 9]], clusterStd: 0, shuffle: false });
 * assertEquals(x.toArray(), [[0, 0], [0, 0], [0, 0], [9, 9], [9, 9]]);
 * assertEquals(y.toArray(), [0, 0, 0, 1, 1]);
 * ```
 */
export function blobs(n = 100, options: BlobsOptions = {}): Points {
  checkOptions(
    options,
    ["centers", "features", "clusterStd", "centerBox", "seed", "shuffle"],
    "draw blobs",
  );
  const { centers = 3, clusterStd = 1, centerBox: [low, high] = [-10, 10] } = options;
  const given = Array.isArray(centers) ? centers as readonly (readonly number[])[] : null;
  const k = given === null
    ? checkWhole(centers as number, "centers", 1, MOST_CLASSES)
    : given.length;
  const features = given?.[0]?.length ??
    checkWhole(options.features ?? 2, "features", 1, MOST_CLASSES);
  checkWhole(n, "points", 0, Math.floor(MOST_NUMBERS / Math.max(1, features)));
  const spread = Array.isArray(clusterStd)
    ? clusterStd as readonly number[]
    : new Array<number>(k).fill(clusterStd as number);
  for (const s of spread) checkSpread(s, "clusterStd");
  for (const x of given?.flat() ?? [low, high]) {
    if (Number.isFinite(x)) continue;
    const what = given === null ? "in the centerBox of" : "about a center with";
    throw new TypeError(`Cannot draw blobs ${what} ${formatValue(x)}: it must be a finite number`);
  }
  if (k === 0 || given?.some((c) => c.length !== features) || spread.length !== k) {
    throw new RangeError(
      `Cannot draw blobs about ${formatValue(centers)} with clusterStd ${
        formatValue(clusterStd)
      }: centers must have equally many coordinates, and clusterStd one number for each`,
    );
  }
  let about = given;
  return draw(n, features, share(n, k), options, (random, c, _, point) => {
    about ??= Array.from(
      { length: k },
      () => Array.from({ length: features }, () => low + (high - low) * random.uniform()),
    );
    for (let d = 0; d < features; d++) point[d] = about[c]![d]! + spread[c]! * random.normal();
  });
}

/**
 * Arms of a spiral about the origin: arm k has radius t and angle 4 (k + t) + noise, in radians,
 * for t from 0 to 1.
 *
 * Definition: the spiral data of Stanford's course CS231n.
 *
 * @param n number of points, shared equally among the arms; the first ones get what is left
 * @throws {RangeError} when a count is no whole number
 *
 * @example
 * ```ts
 * import { datasets } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const [x, y] = datasets.spiral(300, { seed: 1 });
 * assertEquals([x.shape, y.shape], [[300, 2], [300]]);
 * ```
 */
export function spiral(n = 300, options: SpiralOptions = {}): Points {
  checkOptions(options, ["classes", "noise", "seed", "shuffle"], "draw a spiral");
  const noise = checkSpread(options.noise ?? 0.2, "noise");
  const counts = share(
    checkWhole(n, "points", 0, MOST_NUMBERS / 2),
    checkWhole(options.classes ?? 3, "classes", 1, MOST_CLASSES),
  );
  return draw(n, 2, counts, options, (random, k, i, point) => {
    const t = counts[k]! < 2 ? 0 : i / (counts[k]! - 1);
    const angle = 4 * (k + t) + noise * random.normal();
    point[0] = t * Math.sin(angle);
    point[1] = t * Math.cos(angle);
  });
}

/** Coordinates of all points, and classes, that are drawn at most. */
const MOST_NUMBERS = 2 ** 29, MOST_CLASSES = 2 ** 16;

function checkWhole(x: number, what: string, low: number, high: number): number {
  if (!Number.isSafeInteger(x) || x < low) {
    throw new RangeError(
      `Cannot draw ${formatValue(x)} ${what}: it must be a whole number of at least ${low}`,
    );
  }
  if (x <= high) return x;
  throw new RangeError(`Cannot draw ${x} ${what}: at most ${high} are drawn at once`);
}

/** Checks a standard deviation. */
function checkSpread(x: number, what: string): number {
  if (Number.isFinite(x) && x >= 0) return x;
  const kind = typeof x === "number" ? RangeError : TypeError;
  throw new kind(`Cannot draw points with ${what} ${formatValue(x)}: it must be a number >= 0`);
}

/** `n` shared among `k`, what is left to the first ones. */
function share(n: number, k: number): number[] {
  return Array.from({ length: k }, (_, i) => Math.floor(n / k) + (i < n % k ? 1 : 0));
}

/** Draws the points of each class in order, then puts all in random order. */
function draw(
  n: number,
  features: number,
  counts: readonly number[],
  { seed, shuffle = true }: ShapeOptions,
  put: (random: Random, k: number, i: number, point: Float64Array) => void,
): Points {
  if (seed !== undefined) checkSeed(seed, "draw points with seed");
  const random = new Random(seed);
  const x = new Float32Array(n * features);
  const y = new Int32Array(n);
  const point = new Float64Array(features);
  let row = 0;
  for (const [k, count] of counts.entries()) {
    for (let i = 0; i < count; i++, row++) {
      put(random, k, i, point);
      x.set(point, row * features);
      y[row] = k;
    }
  }
  if (!shuffle) return [new HostArray(x, [n, features]), new HostArray(y)];
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const mixed = new Float32Array(n * features);
  for (let i = 0; i < n; i++) {
    mixed.set(x.subarray(order[i]! * features, (order[i]! + 1) * features), i * features);
  }
  return [new HostArray(mixed, [n, features]), new HostArray(y.map((_, i) => y[order[i]!]!))];
}

/** Random numbers out of a Philox stream. */
class Random {
  readonly #stream: Philox;

  constructor(seed: number | undefined) {
    this.#stream = new Philox(...stageKey(seed));
  }

  /** Uniform in [0, 1), of 53 bits. */
  uniform(): number {
    return ((this.#stream.next() >>> 5) * 2 ** 26 + (this.#stream.next() >>> 6)) / 2 ** 53;
  }

  /** Standard normal, by Box and Muller's method. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }
}
