/**
 * Where the gradient of each op is compared with central differences: points away from kinks, in
 * float64. A text says why an op has none.
 *
 * @module
 */
import type { Params } from "../../src/ir/def.ts";
import type { GoldenArray } from "../goldens/read.ts";
import type { SampledOp } from "./op_samples.ts";

/** Inputs of a check; integers and bools are held fixed. */
export interface GradientRow {
  readonly ins: readonly GoldenArray[];
  readonly params: Params;
  /** False where the second derivative does not exist. */
  readonly smooth?: false;
}

type Shape = readonly number[];
const count = (shape: Shape): number => shape.reduce((n, m) => n * m, 1);

let state = 1;
/** Numbers between `low` and `high`, different each time. */
function f64(shape: Shape, low = -2, high = 2): GoldenArray {
  const data = Float64Array.from({ length: count(shape) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + (high - low) * (state / 2 ** 32);
  });
  return { dtype: "float64", shape, data };
}
const given = (shape: Shape, ...values: number[]): GoldenArray => ({
  dtype: "float64",
  shape,
  data: Float64Array.from(values),
});
const i32 = (shape: Shape, ...values: number[]): GoldenArray => ({
  dtype: "int32",
  shape,
  data: Int32Array.from(values),
});
const bools = (shape: Shape): GoldenArray => ({
  dtype: "bool",
  shape,
  data: Uint8Array.from({ length: count(shape) }, (_, i) => i % 2),
});

const row = (params: Params, ...ins: GoldenArray[]): GradientRow => ({ ins, params });

const SHAPES: readonly Shape[] = [[], [0], [5], [2, 1, 3]];
const PAIRS: readonly (readonly [Shape, Shape])[] = [
  ...[[[], []], [[0], [1]], [[3], [3]], [[2, 1], [1, 3]], [[2, 3], [3]], [[], [2, 2]]] as const,
];

/** One operand, between two numbers. */
const unary = (low = -2, high = 2): GradientRow[] =>
  SHAPES.map((shape) => row({}, f64(shape, low, high)));

/** Two operands that broadcast, each between two numbers. */
const binary = (
  [lowA, highA]: readonly [number, number] = [-2, 2],
  [lowB, highB]: readonly [number, number] = [-2, 2],
): GradientRow[] => PAIRS.map(([a, b]) => row({}, f64(a, lowA, highA), f64(b, lowB, highB)));

/** Distinct numbers a tenth apart in a shuffled order: no ties. */
function distinct(shape: Shape): GoldenArray {
  const n = count(shape);
  return given(
    shape,
    ...Array.from({ length: n }, (_, i) => ((i * 7) % Math.max(n, 1)) / 10 - 0.4),
  );
}

const REDUCED: readonly (readonly [Shape, readonly number[]])[] = [
  ...[[[], []], [[5], [0]], [[2, 3], [0]], [[2, 3], [1]], [[2, 3], [0, 1]]] as const,
  ...[[[2, 3, 2], [1]], [[0, 2], [0]], [[2, 0], [0]], [[2, 3], []]] as const,
];
const reduction = (make: (shape: Shape) => GoldenArray, empty = true): GradientRow[] =>
  REDUCED.filter(([shape, axes]) => empty || axes.every((i) => shape[i] !== 0)).flatMap((
    [shape, axes],
  ) => [false, true].map((keepdims) => row({ axes, keepdims }, make(shape))));

const ALONG: readonly (readonly [Shape, number])[] = [
  ...[[[5], 0], [[2, 3], 0], [[2, 3], 1], [[2, 3, 2], 1], [[0], 0], [[2, 0], 1], [[1], 0]] as const,
];
const running = (make: (shape: Shape) => GoldenArray[]): GradientRow[] =>
  ALONG.flatMap(([shape, axis]) =>
    [false, true].map((reverse) => row({ axis, reverse }, ...make(shape)))
  );

/** An array, and size, strides and dilation of windows over its spatial axes. */
const WINDOWED: readonly (readonly [Shape, Shape, Shape, Shape])[] = [
  [[2, 3], [], [], []],
  [[1, 5, 2], [3], [1], [1]],
  [[2, 7, 1], [2], [2], [2]],
  [[1, 4, 3, 2], [2, 2], [2, 1], [1, 1]],
  [[0, 3, 1], [2], [1], [1]],
];

const BOOLS = "it gives bools";
const OF_INTEGERS = "it is of integers";
const NO_OPERAND = "it has no operand";
const POSITION = "it gives a position";

/** The points of each op. */
export const GRADIENTS: { readonly [K in SampledOp]: readonly GradientRow[] | string } = {
  add: binary(),
  sub: binary(),
  mul: binary(),
  div: binary([-2, 2], [0.5, 2]),
  floorDiv: binary([2.2, 2.8], [1.02, 1.08]),
  mod: [...binary([2.2, 2.8], [1.02, 1.08]), ...binary([-2.8, -2.2], [1.02, 1.08])],
  rem: [...binary([2.2, 2.8], [1.02, 1.08]), ...binary([-2.8, -2.2], [1.02, 1.08])],
  pow: binary([0.5, 2], [-2, 2]),
  maximum: [...binary([-2, -1], [0, 2]), ...binary([1, 2], [-2, 0])],
  minimum: [...binary([-2, -1], [0, 2]), ...binary([1, 2], [-2, 0])],
  atan2: [...binary([0.5, 2], [-2, 2]), ...binary([-2, -0.5], [-2, 2])],
  logaddexp: binary(),
  eq: BOOLS,
  ne: BOOLS,
  lt: BOOLS,
  le: BOOLS,
  gt: BOOLS,
  ge: BOOLS,
  and: OF_INTEGERS,
  or: OF_INTEGERS,
  xor: OF_INTEGERS,
  not: OF_INTEGERS,
  shl: OF_INTEGERS,
  shr: OF_INTEGERS,
  where: [
    row({}, bools([]), f64([]), f64([])),
    row({}, bools([0]), f64([1]), f64([])),
    row({}, bools([5]), f64([5]), f64([])),
    row({}, bools([2, 1]), f64([3]), f64([2, 3])),
  ],
  cast: SHAPES.map((shape) => row({ dtype: "float64" }, f64(shape))),
  neg: unary(),
  abs: [...unary(0.2, 2), ...unary(-2, -0.2)],
  sign: [...unary(0.2, 2), ...unary(-2, -0.2)],
  floor: unary(1.1, 1.9),
  ceil: unary(-1.9, -1.1),
  trunc: unary(-1.9, -1.1),
  round: unary(1.6, 2.4),
  sqrt: unary(0.5, 2),
  rsqrt: unary(0.5, 2),
  exp: unary(),
  expm1: unary(),
  log: unary(0.5, 2),
  log1p: unary(-0.5, 2),
  sin: unary(),
  cos: unary(),
  tan: unary(-1, 1),
  asin: unary(-0.8, 0.8),
  acos: unary(-0.8, 0.8),
  atan: unary(),
  sinh: unary(),
  cosh: unary(),
  tanh: unary(),
  asinh: unary(),
  acosh: unary(1.5, 3),
  atanh: unary(-0.8, 0.8),
  erf: unary(),
  erfinv: unary(-0.8, 0.8),
  sigmoid: unary(),

  sum: reduction(f64),
  prod: [
    ...reduction(f64),
    row({ axes: [0], keepdims: false }, given([4], 2, 0, 3, 0.5)),
    row({ axes: [1], keepdims: false }, given([2, 3], 0, 0, 3, 1, 0, 2)),
  ],
  // over nothing they are infinite
  max: reduction(distinct, false),
  min: reduction(distinct, false),
  argmax: POSITION,
  argmin: POSITION,
  cumsum: running((shape) => [f64(shape)]),
  cumprod: [
    ...running((shape) => [f64(shape)]),
    row({ axis: 0, reverse: false }, given([4], 2, 0, 3, 0)),
    row({ axis: 0, reverse: true }, given([4], 2, 0, 3, 0)),
  ],
  recurrence: running((shape) => [f64(shape), f64(shape)]),

  reshape: [
    row({ shape: [1, 1] }, f64([])),
    row({ shape: [3, 2] }, f64([2, 3])),
    row({ shape: [3, 0] }, f64([0, 2])),
  ],
  transpose: [
    row({ perm: [] }, f64([])),
    row({ perm: [1, 0] }, f64([2, 3])),
    row({ perm: [2, 0, 1] }, f64([2, 3, 4])),
    row({ perm: [1, 0] }, f64([0, 3])),
  ],
  broadcast: [
    row({ shape: [3] }, f64([])),
    row({ shape: [2, 3, 5] }, f64([3, 1])),
    row({ shape: [3, 0] }, f64([1, 0])),
    row({ shape: [0] }, f64([1])),
  ],
  slice: [
    row({ start: [], size: [], step: [] }, f64([])),
    row({ start: [1], size: [3], step: [2] }, f64([7])),
    row({ start: [1, 0], size: [1, 2], step: [1, 2] }, f64([3, 4])),
    row({ start: [2], size: [0], step: [1] }, f64([5])),
    row({ start: [0], size: [0], step: [1] }, f64([0])),
  ],
  pad: [
    row({ low: [], high: [], inner: [] }, f64([]), f64([])),
    row({ low: [2], high: [1], inner: [2] }, f64([3]), f64([])),
    row({ low: [1, 0], high: [0, 2], inner: [0, 1] }, f64([2, 3]), f64([])),
    row({ low: [2], high: [1], inner: [2] }, f64([0]), f64([])),
  ],
  flip: [
    row({ axes: [] }, f64([])),
    row({ axes: [0] }, f64([5])),
    row({ axes: [0, 2] }, f64([2, 1, 3])),
    row({ axes: [1] }, f64([2, 0])),
  ],
  concatenate: [
    row({ axis: 0 }, f64([3])),
    row({ axis: 0 }, f64([2, 3]), f64([1, 3])),
    row({ axis: 1 }, f64([2, 3]), f64([2, 0]), f64([2, 1])),
    row({ axis: 0 }, f64([0]), f64([0])),
  ],

  dot: [false, true].flatMap((ta) =>
    [false, true].flatMap((tb) =>
      ([[[], 2, 3, 5], [[], 1, 1, 1], [[2], 3, 2, 2], [[], 2, 0, 3], [[], 2, 3, 0]] as const)
        .map(([batch, m, k, n]) =>
          row(
            { ta, tb },
            f64([...batch, ...(ta ? [k, m] : [m, k])]),
            f64([...batch, ...(tb ? [n, k] : [k, n])]),
          )
        )
    )
  ),

  windows: WINDOWED.map(([shape, size, strides, dilation]) =>
    row({ size, strides, dilation }, f64(shape))
  ),
  unwindows: WINDOWED.map(([shape, size, strides, dilation]) => {
    const counts = size.map((k, i) =>
      Math.floor((shape[i + 1]! - (k - 1) * dilation[i]! - 1) / strides[i]!) + 1
    );
    const ends = [shape[0]!, shape[shape.length - 1]!];
    return row(
      { shape: shape.slice(1, -1), strides, dilation },
      f64([ends[0]!, ...counts, ...size, ends[1]!]),
    );
  }),
  windowArgmax: POSITION,

  take: [
    row({ axis: 0, outside: "fill" }, f64([5]), i32([], 3)),
    row({ axis: 0, outside: "fill" }, f64([5]), i32([4], 1, -1, 1, 4)),
    row({ axis: 1, outside: "zero" }, f64([2, 3]), i32([2, 2], 1, 5, -9, 1)),
    row({ axis: 0, outside: "zero" }, f64([3, 2]), i32([0])),
  ],
  takeAlong: [
    row({ axis: 0, outside: "fill" }, f64([5]), i32([4], 1, -1, 1, 4)),
    row({ axis: 1, outside: "zero" }, f64([2, 3]), i32([2, 2], 1, 5, -9, 1)),
    row({ axis: 0, outside: "zero" }, f64([3]), i32([0])),
  ],
  scatterAdd: [
    row({ axis: 0 }, f64([5]), i32([], 2), f64([])),
    row({ axis: 0 }, f64([5]), i32([4], 1, -1, 1, 9), f64([4])),
    row({ axis: 1 }, f64([2, 3]), i32([2, 2], 1, 5, -9, 1), f64([2, 2, 2])),
    row({ axis: 0 }, f64([3, 2]), i32([0]), f64([0, 2])),
  ],
  scatterAlong: [
    row({ axis: 0 }, f64([5]), i32([4], 1, -1, 1, 9), f64([4])),
    row({ axis: 1 }, f64([2, 3]), i32([2, 2], 1, 5, -9, 1), f64([2, 2])),
    row({ axis: 0 }, f64([3]), i32([0]), f64([0])),
  ],
  dynamicSlice: [
    row({ size: [] }, f64([]), i32([0])),
    row({ size: [3] }, f64([7]), i32([1], 6)),
    row({ size: [1, 2] }, f64([2, 5]), i32([2], -3, 1)),
    row({ size: [0] }, f64([3]), i32([1], 1)),
  ],
  dynamicUpdate: [
    row({}, f64([]), f64([]), i32([0])),
    row({}, f64([7]), f64([3]), i32([1], 6)),
    row({}, f64([2, 5]), f64([1, 2]), i32([2], -3, 1)),
    row({}, f64([3]), f64([0]), i32([1], 1)),
  ],
  sort: ALONG.map(([shape, axis]) => row({ axis }, distinct(shape))),

  literal: NO_OPERAND,
  iota: NO_OPERAND,
  threefry: "random bits have no derivative",
  same: unary(),
  barrier: [row({}, f64([3]), f64([2, 2])), row({}, f64([0])), row({}, f64([]))],
  stop: "it stops them",
};
