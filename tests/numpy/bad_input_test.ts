import { assert, assertEquals, assertThrows } from "@std/assert";
import { ConcretizationError } from "../../src/base/mod.ts";
import type { Tensor } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { jit } from "../../src/transform/mod.ts";
import { BAD_NAMES } from "./bad_names.ts";
import { type AnyFunction, functionsOf } from "./cases.ts";

type Bad = readonly [
  args: readonly unknown[],
  error: new (...args: never[]) => Error,
  fragment: string,
];

const functions = functionsOf(np);
const x23 = np.zeros([2, 3]);
const words = (text: string): string[] => text.split(" ");

const UNARY = words(
  "negative positive abs sign square sqrt cbrt reciprocal floor ceil trunc fix rint exp exp2 expm1 " +
    "log log2 log10 log1p sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh " +
    "deg2rad rad2deg sinc isnan isfinite isinf logicalNot bitwiseNot",
);
const BINARY = words(
  "add subtract multiply divide floorDivide mod fmod divmod power floatPower hypot copysign " +
    "heaviside logaddexp logaddexp2 arctan2 maximum minimum fmax fmin equal notEqual less lessEqual " +
    "greater greaterEqual isclose allclose logicalAnd logicalOr logicalXor bitwiseAnd bitwiseOr " +
    "bitwiseXor leftShift rightShift",
);
const REDUCTIONS = words("sum mean prod max min ptp any all var std logsumexp argmax argmin");
const ALONG = words("sort argsort cumsum cumprod");

const integers = (n: number): Tensor => np.zeros(n, "int32");

const TABLE: Record<string, Bad[]> = {
  ...Object.fromEntries(UNARY.map((n): [string, Bad[]] => [n, [
    [[null], TypeError, "null: wanted a Tensor"],
    [["1"], TypeError, "wanted a Tensor"],
    [[[1, [2]]], TypeError, "ragged"],
    [[[x23]], TypeError, "np.stack"],
  ]])),
  ...Object.fromEntries(BINARY.map((n): [string, Bad[]] => {
    const bits = /bitwise|Shift/.test(n);
    const [a, b] = bits ? [integers(2), integers(3)] : [np.zeros(2), np.zeros(3)];
    return [n, [
      [[a, b], RangeError, "at axis -1 must be equal or 1"],
      [[a, undefined], TypeError, "undefined: wanted a Tensor"],
      [[[a], 1], TypeError, "np.stack"],
    ]];
  })),
  ...Object.fromEntries(REDUCTIONS.map((n): [string, Bad[]] => [n, [
    [[x23, 2], RangeError, "over axis 2: the array has 2 axes, so it must be in -2..1"],
    [[x23, { axis: 0.5 }], TypeError, "an axis is an integer"],
    [[x23, { keepDims: true }], TypeError, 'with the option "keepDims": the options are axis, '],
    [[x23, { keepdims: 1 }], TypeError, "wanted true or false"],
    [[[x23, x23]], TypeError, "np.stack"],
  ]])),
  ...Object.fromEntries(ALONG.map((n): [string, Bad[]] => [n, [
    [[x23, 2], RangeError, "axis 2: the array has 2 axes"],
    [[x23, [0, 1]], TypeError, "give one axis"],
    [[x23, { order: 1 }], TypeError, 'the option "order"'],
  ]])),
  nanToNum: [[[x23, { fill: 0 }], TypeError, "the options are nan, posinf, neginf"]],
  round: [
    [[x23, 0.5], TypeError, "wanted an integer"],
    [[integers(2), -1], RangeError, "astype"],
  ],
  where: [
    [[x23], TypeError, "give all three arguments"],
    [[x23, np.zeros(2), 1], RangeError, "sizes 3 and 2"],
  ],
  clip: [
    [[x23, np.zeros(2)], RangeError, "sizes 3 and 2"],
    [[np.array(new Uint8Array(3)), -5], RangeError, "clip values of dtype uint8 with min -5"],
    [[np.array(new Uint8Array(3)), 0, 256], RangeError, "with max 256: it is out of their range"],
  ],
  array: [
    [[[x23]], TypeError, "np.stack"],
    [[[[1], [2, 3]]], RangeError, "ragged"],
    [[[1], { dtype: "float16" }], TypeError, "known dtypes are bool"],
    [[[1], { copy: true }], TypeError, "the options are dtype"],
    [["1"], TypeError, "wanted a Tensor"],
  ],
  asarray: [
    [["1"], TypeError, "wanted a Tensor"],
    [[[1], { dtype: "float16" }], TypeError, "known dtypes are bool"],
  ],
  zeros: [
    [[[2, -1]], RangeError, "sizes must be integers >= 0"],
    [[2, 3], TypeError, "dtype 3"],
    [[x23], TypeError, "a shape is a list of sizes"],
  ],
  ones: [[[[1.5]], RangeError, "sizes must be integers >= 0"]],
  full: [
    [[[2, 2], [1, 2, 3]], RangeError, "Cannot broadcast shapes [3] and [2,2]"],
    [[[2], 1, { dtype: "int" }], TypeError, "known dtypes"],
  ],
  zerosLike: [[[x23, { like: 1 }], TypeError, "the options are dtype, shape"]],
  onesLike: [[[null], TypeError, "wanted a Tensor"]],
  fullLike: [[[x23, [1, 2]], RangeError, "Cannot broadcast shapes [2] and [2,3]"]],
  arange: [
    [[x23], TypeError, "a shape cannot depend on a tensor"],
    [[0, 5, 0], RangeError, "step 0"],
    [[0, Infinity], RangeError, "wanted a finite number"],
    [[0, 4e9, 1e9], RangeError, 'give { dtype: "float64" }'],
    [[5, { type: "int32" }], TypeError, "the options are dtype"],
  ],
  linspace: [
    [[0, 1, -1], RangeError, "wanted an integer >= 0"],
    [[0, 1, { n: 3 }], TypeError, "the options are num, endpoint, dtype"],
    [[0, 1, 3, { num: 3 }], TypeError, "the options are endpoint, dtype"],
    [[0, NaN], RangeError, "wanted a finite number"],
  ],
  eye: [[[-1], RangeError, "wanted an integer >= 0"], [[2, { N: 2 }], TypeError, "M, k, dtype"]],
  tril: [
    [[np.zeros(3)], RangeError, "at least two axes"],
    [[x23, { diagonal: 1 }], TypeError, "the options are k"],
  ],
  triu: [[[1], RangeError, "at least two axes"], [[x23, 0.5], TypeError, "wanted an integer"]],
  diag: [[[np.zeros([1, 1, 1])], RangeError, "wanted a matrix"]],
  matmul: [
    [[x23, x23], RangeError, "Cannot matmul [2,3] with [2,3]: inner sizes must match (3 and 2)"],
    [[1, x23], RangeError, "use mul for scalars"],
    [[np.zeros([2, 3, 4]), np.zeros([3, 4, 5])], RangeError, "sizes 2 and 3"],
  ],
  dot: [[[x23, np.zeros(2)], RangeError, "inner sizes must match"]],
  inner: [[[x23, np.zeros(2)], RangeError, "sizes must be equal in pairs"]],
  outer: [[[x23, null], TypeError, "wanted a Tensor"]],
  vdot: [[[x23, np.zeros(2)], RangeError, "inner sizes must match (6 and 2)"]],
  tensordot: [
    [[x23, np.zeros([3, 2])], RangeError, "sizes must be equal in pairs"],
    [[x23, x23, 3], RangeError, "they have 2 and 2"],
    [[x23, x23, [[0], [1]]], RangeError, "sizes must be equal in pairs"],
    [[x23, x23, { axis: 1 }], TypeError, "the options are axes"],
    [[x23, x23, [[0]]], TypeError, "a list of axes for each operand"],
  ],
  einsum: [
    [["ij,jk->ik", x23], RangeError, "it names 2 operands, but 1 were given"],
    [["ij,jk->ik", x23, x23], RangeError, '"j" has size 3 in one place and 2 in another'],
    [["ijk->i", x23], RangeError, 'operand 0 has shape [2,3], but "ijk" names 3 axes'],
    [["ij->ik", x23], RangeError, '"k" of the result occurs in no operand'],
    [["ij->ii", x23], RangeError, "names an axis twice"],
    [["i1->i", x23], RangeError, "neither a letter"],
    [["...j->j", x23], RangeError, 'must have "..." too'],
    [["i->j->k", x23], RangeError, "at most once"],
    [[x23, [0, 1]], TypeError, "lists of axis numbers are not supported"],
  ],
  reshape: [
    [[x23, [4]], RangeError, "it has 6 elements, the new shape 4"],
    [[x23, [-1, -1]], RangeError, "only one size may be -1"],
    [[x23, "6"], TypeError, "sizes must be integers"],
  ],
  transpose: [
    [[x23, [0, 0]], RangeError, "must be named once"],
    [[x23, 1], TypeError, "wanted a list of all axes"],
    [[x23, { axis: [1, 0] }], TypeError, "the options are axes"],
  ],
  swapaxes: [[[x23, 0, 2], RangeError, "the array has 2 axes"]],
  moveaxis: [[[x23, [0, 1], [0]], RangeError, "as many places as axes"]],
  expandDims: [[[x23, 3], RangeError, "must be in -3..2"], [[x23], TypeError, "give one"]],
  squeeze: [[[x23, 0], RangeError, "its size is 2, not 1"]],
  broadcastTo: [[[x23, [3, 2]], RangeError, "broadcast"], [[x23, null], TypeError, "a shape is"]],
  concatenate: [
    [[[]], RangeError, "give at least one"],
    [[[1, 2]], RangeError, "use np.stack"],
    [[x23, x23], TypeError, "give one axis"],
    [[[x23, np.zeros([2, 4])]], RangeError, "all other sizes must agree"],
    [[[x23, x23], { dim: 1 }], TypeError, "the options are axis"],
    [[null], TypeError, "wanted a list of arrays"],
  ],
  stack: [
    [[[x23, np.zeros(3)]], RangeError, "all shapes must be equal"],
    [[[x23], 3], RangeError, "must be in -3..2"],
  ],
  vstack: [[[[x23, np.zeros(2)]], RangeError, "all other sizes must agree"]],
  hstack: [[[[x23, np.zeros([3, 1])]], RangeError, "all other sizes must agree"]],
  arraySplit: [[[x23, 1e10], RangeError, "of size 2 into 10000000000 parts"]],
  polyint: [[[[1, 2], 1e10], RangeError, "10000000000 times: at most 1000"]],
  split: [
    [[x23, 2, 1], RangeError, "into 2 equal parts"],
    [[x23, 0], RangeError, "wanted an integer >= 1"],
    [[x23, "2"], TypeError, "wanted a count or a list of indices"],
  ],
  pad: [
    [[x23, -1], RangeError, "wanted an integer >= 0"],
    [[x23, [1, 2, 3]], RangeError, "a pair for each of the 2 axes"],
    [[x23, 1, "mirror"], TypeError, "the modes are constant, edge, empty, linearRamp"],
    [[x23, 1, { mode: () => 0 }], TypeError, "the modes are"],
    [[x23, 1, { mode: "edge", constantValues: 1 }], TypeError, 'the mode "edge" does not have it'],
    [[np.zeros([0]), 1, "edge"], RangeError, "it has no element"],
    [[x23, 1, { mode: "mean", statLength: 0 }], RangeError, "wanted an integer >= 1"],
    [[x23, 1, { mode: "reflect", reflectType: "both" }], TypeError, 'wanted "even" or "odd"'],
  ],
  flip: [[[x23, 2], RangeError, "must be in -2..1"]],
  roll: [
    [[x23, [1, 2]], TypeError, "give an axis for each shift"],
    [[x23, [1, 2, 3], [0, 1]], RangeError, "as many shifts as axes"],
    [[x23, 0.5], TypeError, "wanted an integer"],
  ],
  tile: [[[x23, -1], RangeError, "sizes must be integers >= 0"]],
  repeat: [
    [[x23, -1], RangeError, "wanted an integer >= 0"],
    [[x23, [1, 2], 1], RangeError, "give one count, or one per entry"],
    [[x23, 1.5], TypeError, "wanted an integer"],
  ],
  take: [
    [[x23, 0.5], TypeError, "indices are integers"],
    [[x23, [true, false]], TypeError, "use np.where for a condition"],
    [[x23, np.zeros(2)], TypeError, "values of dtype float32 as indices"],
    [[x23, 0, { mode: "raise" }], TypeError, 'the modes are "fill", "clip" and "wrap"'],
    [[np.zeros(0), 0, { mode: "clip" }], RangeError, "it is empty"],
  ],
  takeAlongAxis: [
    [[x23, [0], 0], RangeError, "both must have as many axes"],
    [[x23, x23, 0], TypeError, "indices are integers"],
    [[x23, [[0, 0, 0, 0]], 0], RangeError, "sizes 3 and 4"],
  ],
};

Object.assign(TABLE, BAD_NAMES);

// what the families share, and what single members have besides
for (const name of ["max", "min", "argmax", "argmin", "ptp", "logsumexp"]) {
  TABLE[name]!.push([[np.zeros([0])], RangeError, "over an axis of size 0"]);
}
for (const name of ["argmax", "argmin"]) {
  TABLE[name]!.push([[x23, [0, 1]], TypeError, "give one axis"]);
}
for (const name of ["max", "min"]) {
  TABLE[name]!.push([[x23, { where: true }], TypeError, "without initial"]);
}
for (const name of ["bitwiseAnd", "bitwiseOr", "bitwiseXor", "leftShift", "rightShift"]) {
  TABLE[name]!.push([[x23, x23], TypeError, "values of dtype float32"]);
}
TABLE.bitwiseNot!.push([[x23], TypeError, "values of dtype float32"]);
TABLE.power!.push([[integers(2), -1], RangeError, "the result is no integer"]);
TABLE.sum!.push([[x23, { dtype: "int64" }], TypeError, "known dtypes"]);
TABLE.var!.push([[x23, { ddof: "1" }], TypeError, "ddof is a number"]);
TABLE.moveaxis!.push([[x23, {}, 0], TypeError, "several are a list"]);
TABLE.roll!.push([[x23, 1, "x"], TypeError, "several are a list"]);
TABLE.isclose!.push([[x23, x23, { tol: 1 }], TypeError, "the options are rtol, atol, equalNan"]);

Deno.test("every np function has bad input in the table", () => {
  const covered = new Set(Object.keys(TABLE).map((name) => functions.get(name)));
  const missing = [...functions].filter(([, f]) => !covered.has(f)).map(([name]) => name);
  assertEquals(missing, []);
});

for (const [name, list] of Object.entries(TABLE)) {
  Deno.test(`np.${name} refuses bad input and says what is wanted`, () => {
    const f = functions.get(name) as AnyFunction;
    for (const [args, error, fragment] of list) {
      const thrown = assertThrows(() => f(...args), error as ErrorConstructor, fragment);
      assert(/^Cannot .+[^.]$/s.test(thrown.message), thrown.message);
    }
  });
}

Deno.test("a traced condition, count or mode cannot decide a shape", () => {
  assertThrows(() => jit((n: Tensor) => np.repeat(x23, n))(2), ConcretizationError, "no value yet");
  assertThrows(
    () => jit((n: Tensor) => np.zeros(n as unknown as number))(2),
    TypeError,
    "a shape is a list of sizes",
  );
});
