/**
 * Bad input of the rest of NumPy's namespace, for `bad_input_test.ts`.
 *
 * @module
 */
import type { Tensor } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";

type Bad = readonly [
  args: readonly unknown[],
  error: new (...args: never[]) => Error,
  fragment: string,
];

const x23 = np.zeros([2, 3]);
const v3 = np.zeros(3);
const ints = (n: number): Tensor => np.zeros(n, "int32");
const words = (text: string): string[] => text.split(" ");

/** Functions whose first argument is an array. */
const ARRAY = words(
  "spacing signbit fabs isneginf isposinf modf frexp bitwiseCount packbits unpackbits i0 ravel " +
    "atleast1d atleast2d atleast3d fliplr flipud matrixTranspose unstack shape ndim size diagonal " +
    "trace diagflat trilIndicesFrom triuIndicesFrom diagIndicesFrom vander emptyLike median " +
    "nanmedian nansum nanprod nancumsum nancumprod nanmax nanmin nanmean nanvar nanstd nanargmax " +
    "nanargmin diff ediff1d gradient trapezoid unwrap average cov corrcoef countNonzero " +
    "cumulativeSum cumulativeProd poly polyder polyint roots unique uniqueValues uniqueCounts " +
    "uniqueInverse uniqueAll nonzero argwhere flatnonzero trimZeros bincount histogram " +
    "histogramBinEdges histogramdd rot90",
);
/** Functions of two arrays. */
const PAIR = words(
  "nextafter ldexp gcd lcm kron cross convolve correlate vecdot matvec vecmat polyval polyadd " +
    "polysub polymul polydiv isin in1d setdiff1d union1d intersect1d setxor1d extract compress " +
    "searchsorted digitize append arrayEqual arrayEquiv histogram2d broadcastArrays meshgrid",
);

const extra: Record<string, Bad[]> = {
  nextafter: [[[v3, np.zeros(2)], RangeError, "must be equal or 1"]],
  ldexp: [[[v3, v3], TypeError, "indices are integers"]],
  gcd: [[[v3, v3], TypeError, "wanted integers"]],
  lcm: [[[v3, 2], TypeError, "wanted integers"]],
  bitwiseCount: [[[v3], TypeError, "wanted integers"]],
  packbits: [
    [[v3], TypeError, "wanted bools or integers"],
    [[ints(3), { bitorder: "middle" }], TypeError, '"big" or "little"'],
    [[ints(3), 1], RangeError, "axis 1"],
  ],
  unpackbits: [
    [[ints(3)], TypeError, "wanted uint8"],
    [[np.zeros(1, "uint8"), { count: 0.5 }], TypeError, "wanted an integer"],
  ],
  rollaxis: [
    [[x23, 2], RangeError, "axis 2"],
    [[x23, 0, 5], RangeError, "wanted -2..2"],
  ],
  rot90: [
    [[v3], RangeError, "axis 1"],
    [[x23, { axes: [0, 0] }], RangeError, "they are one"],
    [[x23, 0.5], TypeError, "wanted an integer"],
    [[x23, { axes: 1 }], TypeError, "wanted two axes"],
  ],
  fliplr: [[[v3], RangeError, "axis 1"]],
  flipud: [[[1], RangeError, "axis 0"]],
  matrixTranspose: [[[v3], RangeError, "at least two axes"]],
  broadcastShapes: [[[[2], [3]], RangeError, "must be equal or 1"]],
  broadcastArrays: [[[v3, np.zeros(2)], RangeError, "must be equal or 1"]],
  resize: [[[v3, [-1]], RangeError, "sizes must be integers"]],
  unstack: [[[x23, 2], RangeError, "axis 2"]],
  size: [[[x23, 2], RangeError, "axis 2"]],
  columnStack: [[[[x23, v3]], RangeError, "sizes must agree"], [
    [1],
    TypeError,
    "a list of arrays",
  ]],
  dstack: [[[[x23, v3]], RangeError, "sizes must agree"], [[1], TypeError, "a list of arrays"]],
  block: [
    [[[]], RangeError, "a list is empty"],
    [[[[x23], x23]], RangeError, "wanted equal depths"],
  ],
  arraySplit: [[[v3, 0], RangeError, "wanted an integer >= 1"]],
  hsplit: [[[1, 1], RangeError, "at least 1 axes"], [[v3, 2], RangeError, "2 equal parts"]],
  vsplit: [[[v3, 3], RangeError, "at least 2 axes"]],
  dsplit: [[[x23, 3], RangeError, "at least 3 axes"]],
  append: [[[x23, v3, 0], RangeError, "sizes must agree"]],
  delete: [
    [[v3, 3], RangeError, "wanted -3..2"],
    [[v3, 0.5], TypeError, "wanted an integer"],
    [[v3, v3], TypeError, "an integer or a list of them"],
  ],
  insert: [
    [[v3, 4, 1], RangeError, "wanted -3..3"],
    [[v3, [0, 1], [1, 2, 3]], RangeError, "broadcast"],
  ],
  put: [
    [[v3, [0.5], 1], TypeError, "indices are integers"],
    [[v3, 0, 1, { mode: "raise" }], TypeError, '"clip" or "wrap"'],
  ],
  putAlongAxis: [
    [[x23, [0], 1, 0], RangeError, "both must have as many axes"],
    [[x23, x23, 1, 0], TypeError, "indices are integers"],
  ],
  place: [
    [[v3, [true], 1], RangeError, "wanted one for each"],
    [[v3, [true, true, true], []], RangeError, "at least one"],
  ],
  fillDiagonal: [
    [[v3, 1], RangeError, "at least 2 axes"],
    [[np.zeros([2, 2, 3]), 1], RangeError, "all sizes must be equal"],
  ],
  choose: [
    [[v3, [v3]], TypeError, "indices are integers"],
    [[ints(3), [v3], { mode: "raise" }], TypeError, '"clip" or "wrap"'],
    [[ints(3), []], RangeError, "choose from no arrays"],
  ],
  select: [
    [[[v3], []], RangeError, "wanted one for each"],
    [[1, 2], TypeError, "wanted two lists"],
  ],
  piecewise: [
    [[v3, [v3], []], RangeError, "1 conditions want 1 functions"],
    [[v3, 1, []], TypeError, "wanted lists"],
  ],
  diagonal: [
    [[v3], RangeError, "at least two axes"],
    [[x23, { axis1: 1 }], RangeError, "axis 1 and itself"],
  ],
  trace: [[[v3], RangeError, "at least two axes"]],
  tri: [[[-1], RangeError, "wanted an integer >= 0"]],
  trilIndices: [[[-1], RangeError, "wanted an integer >= 0"], [[2, 0.5], TypeError, "an integer"]],
  triuIndices: [[[2, { m: -1 }], RangeError, "wanted an integer >= 0"]],
  trilIndicesFrom: [[[v3], RangeError, "wanted a matrix"]],
  triuIndicesFrom: [[[v3], RangeError, "wanted a matrix"]],
  diagIndices: [[[-1], RangeError, "wanted an integer >= 0"]],
  diagIndicesFrom: [[[x23], RangeError, "axes of one size"]],
  vander: [[[x23], RangeError, "wanted a vector"], [[v3, -1], RangeError, ">= 0"]],
  meshgrid: [
    [[x23], RangeError, "wanted vectors"],
    [[v3, { indexing: "ji" }], TypeError, '"xy" or "ij"'],
  ],
  indices: [[[[-1]], RangeError, "sizes must be integers"]],
  fromfunction: [[[1, [2]], TypeError, "a function of indices"]],
  ix_: [[[x23], RangeError, "wanted vectors"]],
  ravelMultiIndex: [
    [[[[0]], [2, 3]], RangeError, "one array for each axis"],
    [[[[0.5]], [2]], TypeError, "indices are integers"],
    [[[[0]], [2], "raise"], TypeError, '"clip" or "wrap"'],
  ],
  unravelIndex: [
    [[0.5, [2]], TypeError, "indices are integers"],
    [[[0], [0]], RangeError, "it has no elements"],
  ],
  logspace: [[[0, 1, { base: 0 }], RangeError, "a positive base"], [
    [0, 1, -1],
    RangeError,
    ">= 0",
  ]],
  geomspace: [[[0, 1], RangeError, "of one sign, not 0"], [[1, 2, -1], RangeError, ">= 0"]],
  identity: [[[-1], RangeError, ">= 0"]],
  empty: [[[-1], RangeError, "sizes must be integers"]],
  quantile: [
    [[v3, 2], RangeError, "in 0..1"],
    [[v3, x23], RangeError, "a number or a vector"],
    [[v3, 0.5, { method: "median" }], TypeError, "the methods are linear"],
    [[[], 0.5], RangeError, "there is none to name"],
  ],
  percentile: [[[v3, 101], RangeError, "in 0..100"]],
  nanquantile: [[[v3, -1], RangeError, "in 0..1"]],
  nanpercentile: [[[v3, -1], RangeError, "in 0..100"]],
  median: [[[x23, 2], RangeError, "axis 2"], [[[]], RangeError, "there is none to name"]],
  diff: [[[1], RangeError, "no axis"], [[v3, -1], RangeError, ">= 0"]],
  gradient: [
    [[[1]], RangeError, "at least two elements"],
    [[x23, { axis: "0" }], TypeError, "an axis is an integer"],
    [[x23, { spacing: [1] }], RangeError, "one for each axis"],
    [[v3, { spacing: [np.zeros(2)] }], RangeError, "wanted one for each"],
  ],
  trapezoid: [[[v3, { x: np.zeros(2) }], RangeError, "wanted one for each"]],
  unwrap: [[[v3, { period: 0 }], RangeError, "a positive one"]],
  interp: [
    [[v3, v3, np.zeros(2)], RangeError, "two vectors of one size"],
    [[v3, v3, v3, { period: 0 }], RangeError, "another number than 0"],
    [[v3, v3, v3, { end: 0 }], TypeError, '"end"'],
  ],
  average: [[[v3, { weights: [1, 2] }], RangeError, "the same shape"]],
  cov: [
    [[np.zeros([1, 1, 1])], RangeError, "at most two axes"],
    [[x23, { fweights: ints(2) }], RangeError, "wanted one for each"],
    [[x23, { y: np.zeros(2) }], RangeError, "wanted as many"],
  ],
  cumulativeSum: [[[x23], RangeError, "only a vector needs none"]],
  cumulativeProd: [[[1], RangeError, "only a vector needs none"]],
  cross: [
    [[np.zeros(4), v3], RangeError, "wanted 2 or 3"],
    [[1, v3], RangeError, "wanted vectors"],
  ],
  convolve: [
    [[x23, v3], RangeError, "wanted vectors"],
    [[v3, v3, "half"], TypeError, '"full", "same" or "valid"'],
  ],
  correlate: [[[v3, []], RangeError, "not empty"]],
  vecdot: [[[v3, np.zeros(2)], RangeError, "wanted as many"], [[1, v3], RangeError, "vectors"]],
  matvec: [[[v3, v3], RangeError, "a matrix and a vector"]],
  vecmat: [[[v3, v3], RangeError, "a vector and a matrix"]],
  polyval: [[[x23, 1], RangeError, "a vector of coefficients"]],
  polyder: [[[v3, -1], RangeError, ">= 0"]],
  polyint: [[[v3, { m: 2, k: [1, 2, 3] }], RangeError, "one for each time"]],
  polydiv: [[[v3, []], RangeError, "no coefficients"]],
  polyfit: [
    [[v3, v3, 3], RangeError, "at least as many points"],
    [[v3, np.zeros(2), 1], RangeError, "a value for each coordinate"],
    [[v3, v3, 1, { w: [1] }], RangeError, "wanted one for each"],
  ],
  roots: [
    [[[1, 0, 1]], RangeError, "they are complex"],
    [[[1, 2, 3, 4]], RangeError, "a degree of 2 at most"],
  ],
  unique: [
    [[v3, { axis: 1 }], RangeError, "axis 1"],
    [[[], { size: 2 }], RangeError, "give { fillValue }"],
    [[v3, { size: -1 }], RangeError, ">= 0"],
  ],
  nonzero: [[[1], RangeError, "it has no axis"], [
    [v3, { fillValue: [1, 2] }],
    RangeError,
    "for each",
  ]],
  argwhere: [[[1], RangeError, "it has no axis"]],
  extract: [[[np.ones(4), v3], RangeError, "there are too many"]],
  compress: [
    [[x23, x23], RangeError, "wanted a vector"],
    [[[true, true, true], x23, 0], RangeError, "there are too many"],
  ],
  trimZeros: [[[x23], RangeError, "wanted a vector"], [[v3, "x"], TypeError, '"f", "b" or "fb"']],
  lexsort: [
    [[[]], RangeError, "give at least one"],
    [[2], TypeError, "2: wanted a list of arrays"],
    [[[v3, np.zeros(2)]], RangeError, "wanted equal ones"],
  ],
  partition: [[[v3, 3], RangeError, "wanted -3..2"]],
  argpartition: [[[v3, 0.5], TypeError, "wanted an integer"]],
  searchsorted: [
    [[x23, 1], RangeError, "a sorted vector"],
    [[v3, 1, "middle"], TypeError, '"left" or "right"'],
  ],
  bincount: [
    [[v3], TypeError, "wanted integers"],
    [[np.zeros([1, 1], "int32")], RangeError, "wanted a vector"],
    [[ints(3), { weights: [1] }], RangeError, "one for each"],
  ],
  digitize: [[[v3, x23], RangeError, "wanted a vector"]],
  histogram: [
    [[v3, 0], RangeError, "wanted an integer >= 1"],
    [[v3, { weights: [1] }], RangeError, "one for each"],
    [[v3, { range: 3 }], TypeError, "wanted [least, greatest]"],
  ],
  histogramBinEdges: [[[v3, 0], RangeError, "wanted an integer >= 1"]],
  histogramdd: [
    [[v3], RangeError, "wanted a matrix"],
    [[x23, { bins: [2] }], RangeError, "for each axis"],
  ],
  histogram2d: [[[v3, np.zeros(2)], RangeError, "wanted as many"]],
  bartlett: [[[-1], RangeError, ">= 0"]],
  blackman: [[[0.5], TypeError, "wanted an integer"]],
  hamming: [[[-1], RangeError, ">= 0"]],
  hanning: [[[-1], RangeError, ">= 0"]],
  kaiser: [[[-1, 1], RangeError, ">= 0"], [[3, NaN], TypeError, "beta NaN"]],
  finfo: [[["int32"], TypeError, "use np.iinfo"], [["float16"], TypeError, "known dtypes"]],
  iinfo: [[["float32"], TypeError, "an integer dtype"]],
  astype: [[[v3, "int64"], TypeError, "known dtypes"]],
  maskIndices: [[[2, 1], TypeError, "wanted a function"], [[-1, np.triu], RangeError, ">= 0"]],
  promoteTypes: [[["int32", "int64"], TypeError, "known dtypes"]],
  resultType: [[[], TypeError, "at least one value"], [["int64"], TypeError, "known dtypes"]],
};

const NULL: Bad = [[null], TypeError, "null: wanted a Tensor"];
const PLAIN: Bad = [[null, null], TypeError, "wanted a Tensor"];

/** What each function refuses. */
export const BAD_NAMES: Record<string, Bad[]> = { ...extra };
for (const name of ARRAY) BAD_NAMES[name] = [NULL, ...extra[name] ?? []];
for (const name of PAIR) BAD_NAMES[name] = [PLAIN, ...extra[name] ?? []];
