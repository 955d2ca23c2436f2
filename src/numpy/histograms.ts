/**
 * Counting: how many elements there are of each number, or in each bin.
 *
 * @module
 */
import { formatShape, formatValue, isInteger, sizeOf } from "../base/mod.ts";
import { cast, emit, promoted, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { insertionPoints } from "./insertion_points.ts";
import { float, together } from "./operands.ts";
import { integer, readOptions } from "./options.ts";
import { valuesOf } from "./places.ts";
import { linspace } from "./ranges.ts";
import type { Options } from "./types.ts";

/** What `bincount` takes. */
export interface BincountOptions extends Options {
  /** What each element counts; default 1. */
  weights?: TensorLike | undefined;
  /** The least number of counts; default 0. */
  minlength?: number | undefined;
  /** The number of counts: greater numbers are dropped. Needed inside `jit`. */
  length?: number | null | undefined;
}

/** Sums of weights by number: out[i] = sum of weights where at = i; numbers outside are dropped. */
function tally(at: Tensor, weights: Tensor, length: number): Tensor {
  return emit("scatterAdd", [weights.zeros([length]), at, weights], { axis: 0 });
}

/**
 * How many elements of a vector there are of each number 0, 1, ... (int32), or the sums of their
 * weights. Negative numbers count as 0, as in JAX.
 *
 * @throws {TypeError} for values that are no integers
 * @throws {RangeError} when it is no vector
 * @throws {ConcretizationError} inside `jit`, unless a length is given
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.bincount(np.array([0, 2, 2], "int32")).toArray(), [1, 0, 2]);
 * ```
 */
export function bincount(x: TensorLike, options?: BincountOptions): Tensor {
  const action = "count";
  const o = readOptions<BincountOptions>(options, ["weights", "minlength", "length"], action);
  const t = toTensor(x, action);
  if (!isInteger(t.dtype) && t.dtype !== "bool") {
    throw new TypeError(
      `Cannot ${action} values of dtype ${t.dtype}: wanted integers: convert with astype("int32")`,
    );
  }
  if (t.ndim !== 1) {
    throw new RangeError(
      `Cannot ${action} the numbers of ${formatShape(t.shape)}: wanted a vector`,
    );
  }
  const least = integer(o.minlength ?? 0, "minlength", action, 0);
  const at = cast(t.dtype === "uint32" ? t.minimum(2147483647) : t, "int32").maximum(0);
  let length: number;
  if (o.length !== undefined && o.length !== null) length = integer(o.length, "length", action, 0);
  else {
    const top = at.size === 0 ? 0 : valuesOf(at.max(), action, "give { length }")[0]! + 1;
    length = Math.max(least, top);
  }
  const weights = o.weights === undefined ? at.zeros().add(1) : toTensor(o.weights, action);
  if (weights.ndim !== 1 || weights.size !== t.size) {
    throw new RangeError(
      `Cannot ${action} ${t.size} elements with weights of shape ${
        formatShape(weights.shape)
      }: wanted one for each`,
    );
  }
  return tally(at, weights, length);
}

/** What `digitize` takes. */
export interface DigitizeOptions extends Options {
  /** Whether a bin holds its upper edge instead of its lower one; default false. */
  right?: boolean | undefined;
}

/**
 * The number (int32) of the bin that each element lies in: how many edges are at or below it. Edges
 * rise, or fall.
 *
 * @throws {RangeError} when the edges are no vector
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.digitize([0.5, 1, 3], [1, 2]).toArray(), [0, 1, 2]);
 * ```
 */
export function digitize(x: TensorLike, edges: TensorLike, options?: DigitizeOptions): Tensor {
  const action = "sort into bins";
  const { right = false } = readOptions<DigitizeOptions>(options, ["right"], action);
  const [t, e] = promoted(x, edges, action);
  if (e.ndim !== 1) {
    throw new RangeError(
      `Cannot ${action} with edges of shape ${formatShape(e.shape)}: wanted a vector`,
    );
  }
  const n = e.size;
  if (n === 0) return cast(t.zeros(), "int32");
  const side = right ? "left" : "right";
  const rising = insertionPoints(e, t, side);
  if (n === 1) return rising;
  const falling = insertionPoints(emit("flip", [e], { axes: [0] }), t, side).neg().add(n);
  return emit("where", [e.at(0).le(e.at(-1)), rising, falling]);
}

/** The bins of a histogram: how many between the ends, or their edges. */
export type Bins = number | TensorLike;

/** What `histogramBinEdges` takes. */
export interface BinOptions extends Options {
  /** How many bins, or their edges; default 10. */
  bins?: Bins | undefined;
  /** The ends; default the least and the greatest element. */
  range?: readonly [number, number] | null | undefined;
}

/** What `histogram` takes. */
export interface HistogramOptions extends BinOptions {
  /** What each element counts; default 1. */
  weights?: TensorLike | undefined;
  /** Whether to divide by the total and the widths; default false. */
  density?: boolean | undefined;
}

function edgesOf(
  t: Tensor,
  bins: Bins,
  range: readonly [number, number] | null | undefined,
  action: string,
): Tensor {
  if (typeof bins !== "number") {
    const edges = cast(toTensor(bins, action), t.dtype);
    if (edges.ndim !== 1 || edges.size < 1) {
      throw new RangeError(
        `Cannot ${action} with edges of shape ${formatShape(edges.shape)}: wanted a vector`,
      );
    }
    return edges;
  }
  const count = integer(bins, "bins", action, 1);
  if (range !== undefined && range !== null && (!Array.isArray(range) || range.length !== 2)) {
    throw new TypeError(
      `Cannot ${action} over the range ${formatValue(range)}: wanted [least, greatest]`,
    );
  }
  const ends = range
    ? [range[0], range[1]].map((x) => cast(toTensor(x, action), t.dtype))
    : t.size === 0
    ? [t.zeros([]), t.zeros([]).add(1)]
    : [t.min(), t.max()];
  const [low, high] = ends as [Tensor, Tensor];
  const flat = high.sub(low).eq(0);
  const half = emit("where", [flat, low.zeros().add(0.5), low.zeros()]);
  return linspace(low.sub(half), high.add(half), { num: count + 1 });
}

/**
 * The edges of the bins of `histogram`.
 *
 * @throws {RangeError} when there is no bin
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.histogramBinEdges([0, 4], { bins: 2 }).toArray(), [0, 2, 4]);
 * ```
 */
export function histogramBinEdges(x: TensorLike, options?: Bins | BinOptions): Tensor {
  const action = "make bins";
  const { bins = 10, range } = readOptions<BinOptions>(options, ["bins", "range"], action, "bins");
  return edgesOf(float(x, action).reshape([-1]), bins, range, action);
}

/** The bin of each element, the last edge included; -1 outside. */
function binOf(t: Tensor, edges: Tensor): Tensor {
  const n = edges.size;
  const at = insertionPoints(edges, t, "right");
  const top = t.eq(edges.at(-1));
  const bin = emit("where", [top, at.zeros().add(n - 1), at]).sub(1);
  const outside = emit("or", [bin.lt(0), bin.ge(n - 1)]);
  return emit("where", [outside, bin.zeros().sub(1), bin]);
}

/**
 * How many elements lie in each bin, and the edges of the bins. Every bin holds its lower edge, the last
 * one both. Counts are floats.
 *
 * @throws {RangeError} when there is no bin, or not one weight for each element
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.histogram([1, 2, 1], { bins: [0, 1, 2, 3] })[0].toArray(), [0, 2, 1]);
 * ```
 */
export function histogram(
  x: TensorLike,
  options?: Bins | HistogramOptions,
): [counts: Tensor, edges: Tensor] {
  const action = "count in bins";
  const o = readOptions<HistogramOptions>(
    options,
    ["bins", "range", "weights", "density"],
    action,
    "bins",
  );
  const t = float(x, action).reshape([-1]);
  const edges = edgesOf(t, o.bins ?? 10, o.range, action);
  const weights = o.weights === undefined
    ? t.zeros().add(1)
    : float(o.weights, action).reshape([-1]);
  if (weights.size !== t.size) {
    throw new RangeError(
      `Cannot ${action} ${t.size} elements with ${weights.size} weights: wanted one for each`,
    );
  }
  const n = edges.size - 1;
  const counts = dropping(binOf(t, edges), weights, n);
  if (!o.density) return [counts, edges];
  const widths = edges.slice(1).sub(edges.slice(0, n));
  return [counts.div(widths).div(counts.sum()), edges];
}

/** Sums of weights by bin; bin -1 is dropped. */
function dropping(bin: Tensor, weights: Tensor, n: number): Tensor {
  const kept = emit("where", [bin.lt(0), bin.zeros().add(n), bin]);
  return tally(kept, weights, n);
}

/** What `histogramdd` and `histogram2d` take. */
export interface GridHistogramOptions extends Options {
  /** How many bins along every axis, or for each axis how many or their edges; default 10. */
  bins?: number | readonly Bins[] | undefined;
  /** The ends for each axis; default the least and the greatest coordinate. */
  range?: readonly (readonly [number, number] | null)[] | null | undefined;
  /** What each point counts; default 1. */
  weights?: TensorLike | undefined;
  /** Whether to divide by the total and the volumes; default false. */
  density?: boolean | undefined;
}

const GRID = ["bins", "range", "weights", "density"];

/**
 * How many points, rows of a matrix, lie in each cell of a grid (int32, unless there are weights), and
 * the edges along each axis.
 *
 * @throws {RangeError} when there are not bins for each axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.histogramdd([[0, 0], [1, 1]], { bins: 2 })[0].toArray(), [[1, 0], [0, 1]]);
 * ```
 */
export function histogramdd(
  points: TensorLike,
  options?: GridHistogramOptions,
): [counts: Tensor, edges: Tensor[]] {
  const action = "count in cells";
  const o = readOptions<GridHistogramOptions>(options, GRID, action);
  const t = float(points, action);
  if (t.ndim !== 2) {
    throw new RangeError(`Cannot ${action} the points of ${formatShape(t.shape)}: wanted a matrix`);
  }
  const [n, rank] = t.shape as [number, number];
  const bins = typeof o.bins === "number" || o.bins === undefined
    ? new Array<Bins>(rank).fill(o.bins ?? 10)
    : o.bins;
  if (!Array.isArray(bins) || bins.length !== rank || (o.range && o.range.length !== rank)) {
    throw new RangeError(
      `Cannot ${action} of ${rank} axes with bins ${
        formatValue(o.bins)
      }: wanted bins and a range for each axis`,
    );
  }
  const columns = Array.from({ length: rank }, (_, i) => t.slice(null, [i, i + 1]).reshape([n]));
  const edges = columns.map((c, i) => edgesOf(c, bins[i]!, o.range?.[i], action));
  const counts = edges.map((e) => e.size - 1);
  const weights = o.weights === undefined
    ? t.zeros([n]).add(1)
    : float(o.weights, action).reshape([-1]);
  if (weights.size !== n) {
    throw new RangeError(
      `Cannot ${action} ${n} points with ${weights.size} weights: wanted one for each`,
    );
  }
  const at = columns.map((c, i) => binOf(c, edges[i]!));
  const outside = at.map((b) => b.lt(0)).reduce((a, b) => emit("or", [a, b]));
  const flat = at.map((b, i) => b.mul(sizeOf(counts.slice(i + 1)))).reduce((a, b) => a.add(b));
  const cell = emit("where", [outside, flat.zeros().sub(1), flat]);
  let out = dropping(cell, weights, sizeOf(counts)).reshape(counts);
  if (o.weights === undefined && !o.density) return [cast(out, "int32"), edges];
  if (o.density) {
    out = out.div(out.sum());
    edges.forEach((e, i) => {
      const widths = e.slice(1).sub(e.slice(0, counts[i]!));
      out = out.div(widths.reshape(counts.map((c, k) => k === i ? c : 1)));
    });
  }
  return [out, edges];
}

/**
 * How many points (x, y) lie in each cell of a grid, and the edges along both axes.
 *
 * @throws {RangeError} when there are not as many x as y
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.histogram2d([0, 1], [0, 1], { bins: 2 })[0].toArray(), [[1, 0], [0, 1]]);
 * ```
 */
export function histogram2d(
  x: TensorLike,
  y: TensorLike,
  options?: GridHistogramOptions,
): [counts: Tensor, xEdges: Tensor, yEdges: Tensor] {
  const action = "count in cells";
  const columns = together([toTensor(x, action), toTensor(y, action)], action).map((t) =>
    t.reshape([-1, 1])
  );
  if (columns[0]!.size !== columns[1]!.size) {
    throw new RangeError(
      `Cannot ${action} ${columns[0]!.size} x and ${columns[1]!.size} y: wanted as many`,
    );
  }
  const o = readOptions<GridHistogramOptions>(options, GRID, action);
  const [counts, [ex, ey]] = histogramdd(emit("concatenate", columns, { axis: 1 }), o) as [
    Tensor,
    [Tensor, Tensor],
  ];
  return [counts, ex, ey];
}
