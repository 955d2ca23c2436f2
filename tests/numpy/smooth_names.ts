/**
 * Samples of the rest of NumPy's namespace that are compared with central differences, for
 * `gradients_test.ts`, and the names that have no slope.
 *
 * @module
 */
import type { Tensor } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { draw } from "./samples.ts";

type Sample = readonly [f: (...x: Tensor[]) => unknown, ...args: Tensor[]];

const holes = (x: Tensor): Tensor => np.where(np.array([[1, 0, 1], [1, 1, 1]]), x, NaN);
const of = (
  f: (x: Tensor) => unknown,
  shape: number[] = [2, 3],
  low?: number,
  high?: number,
): Sample => [
  (x) => f(x!),
  draw(shape, low, high),
];
const pair = (f: (a: Tensor, b: Tensor) => unknown, a: number[], b: number[]): Sample => [
  (x, y) => f(x!, y!),
  draw(a),
  draw(b, 0.4, 1.9),
];
const nan = (f: (x: Tensor) => unknown): Sample => of((x) => f(holes(x)));

/** Functions with slopes. */
export const SMOOTH_NAMES: Record<string, Sample[]> = {
  fabs: [of(np.fabs)],
  modf: [of((x) => np.modf(x)[0], [4], 1.1, 1.9)],
  ldexp: [of((x) => np.ldexp(x, [3, -2, 0]))],
  frexp: [of((x) => np.frexp(x)[0], [4], 2.1, 3.9)],
  i0: [of(np.i0)],
  ravel: [of(np.ravel)],
  atleast1d: [of(np.atleast1d, [])],
  atleast2d: [of(np.atleast2d, [3])],
  atleast3d: [of(np.atleast3d)],
  rollaxis: [of((x) => np.rollaxis(x, 2), [2, 3, 2])],
  rot90: [of((x) => np.rot90(x, 3))],
  fliplr: [of(np.fliplr)],
  flipud: [of(np.flipud)],
  matrixTranspose: [of(np.matrixTranspose, [2, 2, 3])],
  broadcastArrays: [pair((a, b) => np.broadcastArrays(a, b), [3], [2, 1])],
  resize: [of((x) => np.resize(x, [5])), of((x) => np.resize(x, 4), [3])],
  unstack: [of((x) => np.unstack(x, 1))],
  columnStack: [pair((a, b) => np.columnStack([a, b]), [3], [3, 2])],
  dstack: [pair((a, b) => np.dstack([a, b]), [2, 3], [2, 3])],
  block: [pair((a, b) => np.block([[a], [b]]), [2, 3], [1, 3])],
  arraySplit: [of((x) => np.arraySplit(x, 2), [5])],
  hsplit: [of((x) => np.hsplit(x, 3))],
  vsplit: [of((x) => np.vsplit(x, 2))],
  dsplit: [of((x) => np.dsplit(x, 2), [1, 2, 4])],
  append: [pair((a, b) => np.append(a, b, 0), [2, 3], [1, 3])],
  delete: [of((x) => np.delete(x, [0, -1], 1))],
  insert: [pair((a, b) => np.insert(a, [0, 2], b, 1), [2, 3], [2, 2])],
  put: [pair((a, b) => np.put(a, [0, 4, 4], b), [2, 3], [3])],
  putAlongAxis: [pair((a, b) => np.putAlongAxis(a, [[2], [0]], b, 1), [2, 3], [2, 1])],
  place: [pair((a, b) => np.place(a, [[1, 0, 1], [0, 1, 1]], b), [2, 3], [3])],
  fillDiagonal: [pair((a, b) => np.fillDiagonal(a, b), [3, 3], [2])],
  choose: [pair((a, b) => np.choose([0, 1, 1], [a, b]), [3], [3])],
  select: [
    pair((a, b) => np.select([[true, false, false], [true, true, false]], [a, b], 7), [3], [3]),
  ],
  piecewise: [of((x) => np.piecewise(x, [x.gt(1)], [(t) => t.mul(t), (t) => t.exp()]))],
  diagonal: [of((x) => np.diagonal(x, 1), [3, 4, 2])],
  trace: [of(np.trace, [3, 4])],
  diagflat: [of((x) => np.diagflat(x, 1))],
  vander: [of((x) => np.vander(x, 4), [3])],
  meshgrid: [pair((a, b) => np.meshgrid(a, b), [3], [2])],
  ix_: [pair((a, b) => np.ix_(a, b), [3], [2])],
  logspace: [pair((a, b) => np.logspace(a, b, { num: 3, base: 2 }), [2], [2])],
  geomspace: [pair((a, b) => np.geomspace(a.add(0.1).abs(), b, 4), [], [])],
  quantile: [of((x) => np.quantile(x, [0.2, 0.9], 1), [2, 5])],
  percentile: [of((x) => np.percentile(x, 33))],
  median: [of((x) => np.median(x, { axis: 0, keepdims: true }), [4, 3])],
  nanquantile: [nan((x) => np.nanquantile(x, 0.3))],
  nanpercentile: [nan((x) => np.nanpercentile(x, 70, 1))],
  nanmedian: [nan((x) => np.nanmedian(x))],
  nansum: [nan((x) => np.nansum(x, 0))],
  nanprod: [nan((x) => np.nanprod(x))],
  nancumsum: [nan((x) => np.nancumsum(x, 1))],
  nancumprod: [nan((x) => np.nancumprod(x, 1))],
  nanmax: [nan((x) => np.nanmax(x, 1))],
  nanmin: [nan((x) => np.nanmin(x))],
  nanmean: [nan((x) => np.nanmean(x, 1))],
  nanvar: [nan((x) => np.nanvar(x))],
  nanstd: [nan((x) => np.nanstd(x))],
  diff: [of((x) => np.diff(x, { n: 2, prepend: 0 }), [5])],
  ediff1d: [of(np.ediff1d)],
  gradient: [
    of((x) => np.gradient(x)),
    of((x) => np.gradient(x, { spacing: [np.array([0, 1, 3, 4])] }), [4]),
  ],
  trapezoid: [pair((a, b) => np.trapezoid(a, { x: b }), [4], [4])],
  unwrap: [of((x) => np.unwrap(x, { period: 1.3 }), [5])],
  interp: [[
    (x, p, v) => np.interp(x!, p!.add([0, 3, 6]), v!),
    draw([4], 0.5, 6),
    draw([3], 0, 0.3),
    draw([3]),
  ]],
  average: [pair((a, b) => np.average(a, { axis: 1, weights: b }), [2, 3], [3])],
  cov: [of(np.cov, [2, 4]), pair((a, b) => np.cov(a, { aweights: b }), [2, 4], [4])],
  corrcoef: [of((x) => np.corrcoef(x).at(0, 1), [2, 4])],
  cumulativeSum: [of((x) => np.cumulativeSum(x, { axis: 1, includeInitial: true }))],
  cumulativeProd: [of((x) => np.cumulativeProd(x), [4])],
  kron: [pair(np.kron, [2], [2, 2])],
  cross: [pair((a, b) => np.cross(a, b), [2, 3], [3])],
  convolve: [pair((a, b) => np.convolve(a, b, "same"), [5], [3])],
  correlate: [pair((a, b) => np.correlate(a, b, "full"), [3], [5])],
  vecdot: [pair((a, b) => np.vecdot(a, b), [2, 3], [3])],
  matvec: [pair(np.matvec, [2, 3], [3])],
  vecmat: [pair(np.vecmat, [2], [2, 3])],
  polyval: [pair((a, b) => np.polyval(a, b), [4], [3])],
  polyadd: [pair(np.polyadd, [2], [4])],
  polysub: [pair(np.polysub, [2], [4])],
  polymul: [pair(np.polymul, [3], [2])],
  polydiv: [pair(np.polydiv, [4], [2])],
  polyder: [of((x) => np.polyder(x, 2), [5])],
  polyint: [of((x) => np.polyint(x, 2), [3])],
  poly: [of(np.poly, [3])],
  polyfit: [[(x, y) => np.polyfit(x!.add([0, 1, 2, 3, 4]), y!, 2), draw([5], 0, 0.3), draw([5])]],
  roots: [of((x) => np.roots(x.mul([1, -9, 1])), [3], 0.6, 1.4)],
  unique: [of((x) => np.unique(x), [4])],
  uniqueValues: [of((x) => np.uniqueValues(x), [4])],
  uniqueCounts: [of((x) => np.uniqueCounts(x).values, [4])],
  uniqueInverse: [of((x) => np.uniqueInverse(x).values, [4])],
  uniqueAll: [of((x) => np.uniqueAll(x).values, [4])],
  setdiff1d: [of((x) => np.setdiff1d(x, [9]), [4])],
  union1d: [pair((a, b) => np.union1d(a, b), [3], [2])],
  intersect1d: [of((x) => np.intersect1d(x, x.mul(1)), [3])],
  setxor1d: [pair((a, b) => np.setxor1d(a, b), [3], [2])],
  extract: [of((x) => np.extract([[1, 0, 1], [1, 1, 0]], x))],
  compress: [of((x) => np.compress([true, false, true], x, 1))],
  trimZeros: [of((x) => np.trimZeros(x.mul([0, 1, 1, 0])), [4])],
  partition: [of((x) => np.partition(x, 2), [5])],
  bincount: [of((x) => np.bincount(np.array([0, 2, 2], "int32"), { weights: x }), [3])],
  histogram: [of((x) => np.histogram([0, 1, 2], { bins: 2, weights: x })[0], [3])],
  histogramBinEdges: [of((x) => np.histogramBinEdges(x, 3), [4])],
  histogramdd: [of((x) => np.histogramdd([[0, 1], [1, 0]], { bins: 2, weights: x })[0], [2])],
  histogram2d: [of((x) => np.histogram2d([0, 1], [1, 0], { bins: 2, weights: x })[0], [2])],
  astype: [of((x) => np.astype(x, "float64"))],
  fromfunction: [of((x) => np.fromfunction((i) => i.mul(x), [3]), [3])],
};

const flat = (names: string, why: string): [string, string][] =>
  names.split(" ").map((n) => [n, why]);

/** Functions without slopes, and why. */
export const FLAT_NAMES: Record<string, string> = Object.fromEntries([
  ...flat("signbit isneginf isposinf isin in1d arrayEqual arrayEquiv", "gives bools"),
  ...flat("gcd lcm bitwiseCount packbits unpackbits", "takes integers"),
  ...flat(
    "nanargmax nanargmin searchsorted digitize lexsort argpartition nonzero argwhere flatnonzero " +
      "trilIndicesFrom triuIndicesFrom diagIndicesFrom ravelMultiIndex unravelIndex countNonzero",
    "gives positions or counts",
  ),
  ...flat("nextafter spacing", "jumps from number to number"),
  ...flat(
    "bartlett blackman hamming hanning kaiser tri trilIndices triuIndices diagIndices maskIndices indices " +
      "identity empty emptyLike broadcastShapes shape ndim size finfo iinfo promoteTypes resultType",
    "depends on no value",
  ),
]);
