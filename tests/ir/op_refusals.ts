/**
 * What each op must refuse: operands and parameters of a wrong kind or value, and what the message
 * has to say. A text says why there is nothing to refuse.
 *
 * @module
 */
import type { DType } from "../../src/base/dtype.ts";
import type { Params } from "../../src/ir/def.ts";
import type { SampledOp } from "./op_samples.ts";

type Operand = readonly [shape: readonly number[], dtype: DType];

/** A run that must throw. */
export interface Refusal {
  readonly ins: readonly Operand[];
  readonly params: Params;
  readonly error: typeof TypeError | typeof RangeError;
  /** Parts of the message: the action, the value met, the value wanted. */
  readonly says: readonly string[];
}

const f32 = (...shape: number[]): Operand => [shape, "float32"];
const f64 = (...shape: number[]): Operand => [shape, "float64"];
const i32 = (...shape: number[]): Operand => [shape, "int32"];
const u32 = (...shape: number[]): Operand => [shape, "uint32"];
const b1 = (...shape: number[]): Operand => [shape, "bool"];

const kind = (ins: readonly Operand[], says: string[], params: Params = {}): Refusal => ({
  ins,
  params,
  error: TypeError,
  says,
});
const value = (ins: readonly Operand[], says: string[], params: Params = {}): Refusal => ({
  ins,
  params,
  error: RangeError,
  says,
});

/** Shapes that do not broadcast, dtypes that differ, and a dtype that the op does not take. */
const binary = (verb: string, bad?: DType): Refusal[] => {
  const good: DType = bad === "float32" ? "int32" : "float32";
  const other: DType = bad === "float32" ? "uint32" : "float64";
  const of = (dtype: DType, ...shape: number[]): Operand => [shape, dtype];
  return [
    value([of(good, 2, 3), of(good, 4)], [verb, "[2,3]", "[4]", "3 and 4", "equal or 1"]),
    kind([of(good, 2), of(other, 2)], [verb, good, other, "agree"]),
    ...(bad === undefined ? [] : [kind([of(bad, 2), of(bad, 2)], [verb, bad, good, "astype"])]),
  ];
};
const unary = (verb: string, ...bad: DType[]): Refusal[] =>
  bad.map((dtype) => kind([[[2], dtype]], [verb, dtype, "it is defined for", "astype"]));
const NOT_FLOAT: DType[] = ["bool", "uint8", "int32", "uint32"];
const along = (verb: string): Refusal[] => [
  value([f32(2, 3)], [verb, "[2,3]", "axis 2", "0..1"], { axis: 2, reverse: false }),
  value([f32(2, 3)], [verb, "[2,3]", "axis -1", "0..1"], { axis: -1, reverse: false }),
  value([f32()], [verb, "[]", "axis 0", "no axis"], { axis: 0, reverse: false }),
];
const reduction = (verb: string): Refusal[] => [
  value([f32(2, 3)], [verb, "[2,3]", "axis 2", "0..1"], { axes: [2], keepdims: false }),
  value([f32(2, 3)], [verb, "[2,3]", "[0,0]", "repeated"], { axes: [0, 0], keepdims: false }),
];

const windows = (verb: string): Refusal[] => [
  value([f32(1, 5, 3)], [verb, "[1,5,3]", "[6]", "larger", "size 5", "pad"], {
    size: [6],
    strides: [1],
    dilation: [1],
  }),
  value([f32(1, 5, 3)], [verb, "[1,5,3]", "[3]", "dilation [3]", "larger"], {
    size: [3],
    strides: [1],
    dilation: [3],
  }),
  value([f32(1, 5, 3)], [verb, "size", "[2,2]", "each of 1"], {
    size: [2, 2],
    strides: [1],
    dilation: [1],
  }),
  value([f32(1, 5, 3)], [verb, "size", "[0]", ">= 1"], { size: [0], strides: [1], dilation: [1] }),
  value([f32(1, 5, 3)], [verb, "strides", "[1.5]", ">= 1"], {
    size: [2],
    strides: [1.5],
    dilation: [1],
  }),
  value([f32(1, 5, 3)], [verb, "dilation", "[0]", ">= 1"], {
    size: [2],
    strides: [1],
    dilation: [0],
  }),
  value([f32(5)], [verb, "[5]", "batch", "channels"], { size: [], strides: [], dilation: [] }),
];

/** The wrong runs of each op. */
export const REFUSALS: { readonly [K in SampledOp]: readonly Refusal[] | string } = {
  add: binary("add", "bool"),
  sub: binary("subtract", "bool"),
  mul: binary("multiply", "bool"),
  div: binary("divide", "bool"),
  floorDiv: binary("floor-divide", "bool"),
  mod: binary("take the remainder of", "bool"),
  rem: binary("take the remainder of", "bool"),
  pow: binary("raise to a power", "bool"),
  maximum: binary("take the maximum of"),
  minimum: binary("take the minimum of"),
  atan2: [...binary("atan2", "bool"), ...binary("atan2", "int32")],
  logaddexp: [...binary("add the exponentials of", "bool")],
  eq: binary("compare (eq)"),
  ne: binary("compare (ne)"),
  lt: binary("compare (lt)"),
  le: binary("compare (le)"),
  gt: binary("compare (gt)"),
  ge: binary("compare (ge)"),
  and: binary("and", "float32"),
  or: binary("or", "float32"),
  xor: binary("xor", "float32"),
  not: unary("not", "float32", "float64"),
  shl: [...binary("shift", "float32"), kind([b1(2), b1(2)], ["shift", "bool", "uint32"])],
  shr: [...binary("shift", "float32"), kind([b1(2), b1(2)], ["shift", "bool", "uint32"])],
  where: [
    kind([i32(2), f32(2), f32(2)], ["select", "int32", "bool"]),
    kind([b1(2), f32(2), f64(2)], ["select", "float32", "float64", "agree"]),
    value([b1(2), f32(3), f32()], ["select", "[2]", "[3]", "2 and 3"]),
  ],
  cast: [
    kind([f32(2)], ["convert", '"float16"', "float32"], { dtype: "float16" }),
    kind([f32(2)], ["convert", "null", "float32"], { dtype: null }),
  ],
  neg: unary("neg", "bool"),
  abs: unary("abs", "bool"),
  sign: unary("sign", "bool"),
  floor: unary("floor", ...NOT_FLOAT),
  ceil: unary("ceil", ...NOT_FLOAT),
  trunc: unary("trunc", ...NOT_FLOAT),
  round: unary("round", ...NOT_FLOAT),
  sqrt: unary("sqrt", ...NOT_FLOAT),
  rsqrt: unary("rsqrt", ...NOT_FLOAT),
  exp: unary("exp", ...NOT_FLOAT),
  expm1: unary("expm1", ...NOT_FLOAT),
  log: unary("log", ...NOT_FLOAT),
  log1p: unary("log1p", ...NOT_FLOAT),
  sin: unary("sin", ...NOT_FLOAT),
  cos: unary("cos", ...NOT_FLOAT),
  tan: unary("tan", ...NOT_FLOAT),
  asin: unary("asin", ...NOT_FLOAT),
  acos: unary("acos", ...NOT_FLOAT),
  atan: unary("atan", ...NOT_FLOAT),
  sinh: unary("sinh", ...NOT_FLOAT),
  cosh: unary("cosh", ...NOT_FLOAT),
  tanh: unary("tanh", ...NOT_FLOAT),
  asinh: unary("asinh", ...NOT_FLOAT),
  acosh: unary("acosh", ...NOT_FLOAT),
  atanh: unary("atanh", ...NOT_FLOAT),
  erf: unary("erf", ...NOT_FLOAT),
  erfinv: unary("erfinv", ...NOT_FLOAT),
  sigmoid: unary("sigmoid", ...NOT_FLOAT),

  sum: [
    ...reduction("sum"),
    kind([b1(2)], ["sum", "bool", "int32"], { axes: [0], keepdims: false }),
  ],
  prod: [
    ...reduction("multiply up"),
    kind([b1(2)], ["multiply up", "bool", "int32"], { axes: [0], keepdims: false }),
  ],
  max: reduction("take the maximum of"),
  min: reduction("take the minimum of"),
  argmax: [
    ...along("find the greatest of"),
    value([f32(0, 3)], ["find the greatest of", "[0,3]", "axis 0", "size is 0"], { axis: 0 }),
  ],
  argmin: [
    ...along("find the least of"),
    value([f32(3, 0)], ["find the least of", "[3,0]", "axis 1", "size is 0"], { axis: 1 }),
  ],
  cumsum: [
    ...along("accumulate"),
    kind([b1(2)], ["accumulate", "bool", "int32"], { axis: 0, reverse: false }),
  ],
  cumprod: [
    ...along("accumulate"),
    kind([b1(2)], ["accumulate", "bool", "int32"], { axis: 0, reverse: false }),
  ],
  recurrence: [
    value([f32(2), f32(3)], ["recurrence", "[2]", "[3]", "agree"], { axis: 0, reverse: false }),
    value([f32(2), f32(2)], ["recurrence", "[2]", "axis 1", "0..0"], { axis: 1, reverse: false }),
    kind([f32(2), f64(2)], ["recurrence", "float32", "float64"], { axis: 0, reverse: false }),
    kind([b1(2), b1(2)], ["accumulate", "bool", "int32"], { axis: 0, reverse: false }),
  ],

  reshape: [
    value([f32(2, 3)], ["reshape", "[2,3]", "[4]", "counts"], { shape: [4] }),
    value([f32(2, 3)], ["reshape", "[-1,6]", ">= 0"], { shape: [-1, 6] }),
    value([f32(2, 3)], ["reshape", "[1.5,4]", "integers"], { shape: [1.5, 4] }),
  ],
  transpose: [
    value([f32(2, 3)], ["transpose", "[2,3]", "[0]", "each axis"], { perm: [0] }),
    value([f32(2, 3)], ["transpose", "[2,3]", "[0,0]", "repeated"], { perm: [0, 0] }),
    value([f32(2, 3)], ["transpose", "[2,3]", "axis 2", "0..1"], { perm: [0, 2] }),
  ],
  broadcast: [
    value([f32(2)], ["broadcast", "[2]", "[3]"], { shape: [3] }),
    value([f32(2, 3)], ["broadcast", "[2,3]", "[3]"], { shape: [3] }),
    value([f32(3)], ["broadcast", "[3]", "[1]"], { shape: [1] }),
  ],
  slice: [
    value([f32(5)], ["slice", "[4]", "[5]", "[2]", "sticks out"], {
      start: [2],
      size: [4],
      step: [1],
    }),
    value([f32(5)], ["slice", "[3]", "[5]", "sticks out"], { start: [1], size: [3], step: [2] }),
    value([f32(5)], ["slice", "[5]", "starts", "[-1]"], { start: [-1], size: [1], step: [1] }),
    value([f32(5)], ["slice", "[5]", "steps", "[0]", ">= 1"], { start: [0], size: [1], step: [0] }),
    value([f32(5)], ["slice", "[5]", "sizes", "[-1]"], { start: [0], size: [-1], step: [1] }),
    value([f32(5, 2)], ["slice", "[5,2]", "[0]", "each axis"], {
      start: [0],
      size: [1],
      step: [1],
    }),
  ],
  pad: [
    kind([f32(3), f64()], ["pad", "float32", "float64"], { low: [1], high: [1], inner: [0] }),
    value([f32(3), f32(1)], ["pad", "[3]", "[1]", "scalar"], { low: [1], high: [1], inner: [0] }),
    value([f32(3), f32()], ["pad", "[3]", "before", "[-1]"], { low: [-1], high: [1], inner: [0] }),
    value([f32(3), f32()], ["pad", "[3]", "after", "[1,1]"], {
      low: [1],
      high: [1, 1],
      inner: [0],
    }),
    value([f32(3), f32()], ["pad", "[3]", "between", "[0.5]"], {
      low: [1],
      high: [1],
      inner: [0.5],
    }),
  ],
  flip: [
    value([f32(2, 3)], ["flip", "[2,3]", "axis 2", "0..1"], { axes: [2] }),
    value([f32(2, 3)], ["flip", "[2,3]", "[1,1]", "repeated"], { axes: [1, 1] }),
  ],
  concatenate: [
    value([], ["concatenate", "0 arrays", "one"], { axis: 0 }),
    value([f32(2), f32(2, 1)], ["concatenate", "[2]", "[2,1]", "agree"], { axis: 0 }),
    value([f32(2, 3), f32(2, 4)], ["concatenate", "[2,3]", "[2,4]", "axis 0"], { axis: 0 }),
    value([f32(2)], ["concatenate", "[2]", "axis 1"], { axis: 1 }),
    kind([f32(2), f64(2)], ["concatenate", "float32", "float64"], { axis: 0 }),
  ],

  dot: [
    value([f32(2, 3), f32(4, 5)], ["matmul", "[2,3]", "[4,5]", "3 and 4"], {
      ta: false,
      tb: false,
    }),
    value([f32(2, 3), f32(3, 2)], ["matmul", "[2,3]", "[3,2]", "2 and 3"], { ta: true, tb: false }),
    value([f32(2, 3), f32(5, 3, 4)], ["matmul", "[2,3]", "[5,3,4]"], { ta: false, tb: false }),
    value([f32(2, 2, 3), f32(5, 3, 4)], ["matmul", "[2,2,3]", "[5,3,4]"], {
      ta: false,
      tb: false,
    }),
    value([f32(3), f32(3)], ["matmul", "[3]", "two axes"], { ta: false, tb: false }),
    kind([f32(2, 2), f64(2, 2)], ["matmul", "float32", "float64"], { ta: false, tb: false }),
    kind([b1(2, 2), b1(2, 2)], ["matmul", "bool", "int32"], { ta: false, tb: false }),
  ],

  windows: windows("take windows of"),
  unwindows: [
    value([f32(1, 4, 2, 3)], ["add up windows", "[1,4,2,3]", "[6]", "[5]"], {
      shape: [6],
      strides: [1],
      dilation: [1],
    }),
    value([f32(1, 4, 2)], ["add up windows", "[1,4,2]", "[5]", "1 counts", "1 sizes"], {
      shape: [5],
      strides: [1],
      dilation: [1],
    }),
    value([f32(1, 4, 2, 3)], ["add up windows", "strides", "[0]", ">= 1"], {
      shape: [5],
      strides: [0],
      dilation: [1],
    }),
    value([f32(1, 4, 2, 3)], ["add up windows", "shape", "[-5]", ">= 1"], {
      shape: [-5],
      strides: [1],
      dilation: [1],
    }),
    kind([b1(1, 4, 2, 3)], ["add up windows", "bool", "int32"], {
      shape: [5],
      strides: [1],
      dilation: [1],
    }),
  ],
  windowArgmax: windows("find the greatest in windows of"),

  take: [
    kind([f32(3), f32(2)], ["take", "float32", "integers"], { axis: 0, outside: "fill" }),
    kind([f32(3), u32(2)], ["take", "uint32", "integers"], { axis: 0, outside: "fill" }),
    value([f32(3), i32(2)], ["take", "[3]", "axis 1", "0..0"], { axis: 1, outside: "fill" }),
  ],
  takeAlong: [
    kind([f32(3), f32(2)], ["take along", "float32"], { axis: 0, outside: "fill" }),
    value([f32(3), i32(2)], ["take along", "[3]", "axis 1"], { axis: 1, outside: "fill" }),
    value([f32(3, 2), i32(3, 3)], ["take along", "[3,2]", "[3,3]", "but 0"], {
      axis: 0,
      outside: "fill",
    }),
    value([f32(3, 2), i32(3)], ["take along", "[3,2]", "[3]"], { axis: 0, outside: "fill" }),
  ],
  scatterAdd: [
    kind([f32(3), f32(2), f32(2)], ["scatter", "float32", "integers"], { axis: 0 }),
    kind([f32(3), i32(2), f64(2)], ["scatter", "float32", "float64"], { axis: 0 }),
    value([f32(3), i32(2), f32(3)], ["scatter", "[3]", "[2]"], { axis: 0 }),
    value([f32(3), i32(2), f32(2)], ["scatter", "[3]", "axis 1"], { axis: 1 }),
  ],
  scatterAlong: [
    kind([f32(3), f32(2), f32(2)], ["scatter along", "float32", "integers"], { axis: 0 }),
    kind([f32(3), i32(2), f64(2)], ["scatter", "float32", "float64"], { axis: 0 }),
    value([f32(3), i32(2), f32(3)], ["scatter", "[3]", "[2]"], { axis: 0 }),
    value([f32(3, 2), i32(3, 3), f32(3, 3)], ["scatter along", "[3,2]", "[3,3]"], { axis: 0 }),
  ],
  dynamicSlice: [
    kind([f32(3), f32(1)], ["slice", "float32", "integers"], { size: [1] }),
    value([f32(3), i32(1)], ["slice", "[4]", "[3]", "larger"], { size: [4] }),
    value([f32(3), i32(1)], ["slice", "[3]", "[1,1]", "each axis"], { size: [1, 1] }),
    value([f32(3), i32(2)], ["slice", "[3]", "[2]", "[1]"], { size: [1] }),
    value([f32(3), i32()], ["slice", "[3]", "[]", "[1]"], { size: [1] }),
    value([f32(3), i32(1)], ["slice", "[3]", "[-1]"], { size: [-1] }),
  ],
  dynamicUpdate: [
    kind([f32(3), f32(1), f32(1)], ["update", "float32", "integers"]),
    kind([f32(3), f64(1), i32(1)], ["update", "float32", "float64"]),
    value([f32(3), f32(4), i32(1)], ["update", "[3]", "[4]", "larger"]),
    value([f32(3), f32(1, 1), i32(1)], ["update", "[3]", "[1,1]"]),
    value([f32(3), f32(1), i32(2)], ["update", "[3]", "[2]", "[1]"]),
  ],
  sort: along("sort"),

  literal: [
    value([], ["literal", "[2]", "1 values", "wanted 2"], {
      dtype: "float32",
      shape: [2],
      values: [1],
      weak: false,
    }),
    kind([], ["literal", '"complex"', "float32"], {
      dtype: "complex",
      shape: [],
      values: [1],
      weak: false,
    }),
  ],
  iota: [
    value([], ["count", "[2]", "axis 1"], { shape: [2], axis: 1, dtype: "int32" }),
    value([], ["count", "[-2]", ">= 0"], { shape: [-2], axis: 0, dtype: "int32" }),
    kind([], ["count", '"int64"', "int32"], { shape: [2], axis: 0, dtype: "int64" }),
  ],
  threefry: [
    kind([u32(), u32(), u32(2), i32(2)], ["random bits", "int32", "uint32"]),
    value([u32(), u32(), u32(2), u32(3)], ["draw bits", "[2]", "[3]", "2 and 3"]),
  ],
  same: "it takes every value",
  barrier: "it takes every value",
  stop: "it takes every value",
};
