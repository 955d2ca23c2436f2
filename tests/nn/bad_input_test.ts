import { assert, assertEquals, assertThrows } from "@std/assert";
import type { TensorLike } from "../../src/core/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { type AnyFunction, functionsOf } from "../numpy/cases.ts";

type Bad = readonly [
  args: readonly unknown[],
  error: new (...args: never[]) => Error,
  fragment: string,
];

const functions = functionsOf(nn);
const x23 = np.zeros([2, 3]);
const x154 = np.zeros([1, 5, 4]);
const k312 = np.zeros([3, 1, 2]);
const q4 = np.zeros([1, 3, 2, 4]);

/** What must follow the first argument. */
const REST: Record<string, readonly unknown[]> = {
  oneHot: [3],
  conv: [k312],
  maxPool: [2],
  averagePool: [2],
  dotProductAttention: [q4, q4],
};

/** Wrong options, axes and sizes; wrong first arguments are the same for all. */
const TABLE: Record<string, Bad[]> = {
  gelu: [[[x23, { approx: true }], TypeError, "the options are approximate"]],
  elu: [[[x23, { a: 1 }], TypeError, "the options are alpha"]],
  leakyRelu: [[[x23, { alpha: 1 }], TypeError, "the options are negativeSlope"]],
  softmax: [
    [[x23, 2], RangeError, "the array has 2 axes"],
    [[x23, { dim: 1 }], TypeError, "the options are axis"],
  ],
  logSoftmax: [[[x23, { axis: -3 }], RangeError, "the array has 2 axes"]],
  logsumexp: [[[x23, 2], RangeError, "the array has 2 axes"]],
  conv: [
    [[x154, k312, { stride: 1 }], TypeError, "the options are strides, padding"],
    [[x154, k312], RangeError, "takes 1 channels in each of 1 groups, and the input has 4"],
    [[x154, np.zeros([3, 2, 3]), { groups: 2 }], RangeError, "3 features must be a multiple"],
    [[x154, np.zeros([3, 4])], RangeError, "as many spatial axes"],
    [[x154, np.zeros([3, 3, 4, 2])], RangeError, "as many spatial axes"],
    [[x154, np.zeros([6, 4, 2])], RangeError, "larger than the spatial sizes [5]"],
    [[x154, np.zeros([0, 4, 2])], RangeError, "the kernel is empty"],
    [[x154, np.zeros([3, 4, 2]), { dilation: 3 }], RangeError, "dilation [3]"],
    [[x154, np.zeros([3, 4, 2]), { strides: 0 }], RangeError, "wanted an integer >= 1"],
    [[x154, np.zeros([3, 4, 2]), { strides: [1, 1] }], RangeError, "wanted an integer >= 1"],
    [[x154, np.zeros([3, 4, 2]), { dilation: 1.5 }], TypeError, "wanted an integer >= 1"],
    [[x154, np.zeros([3, 4, 2]), { groups: 0 }], RangeError, "wanted an integer >= 1"],
    [[x154, np.zeros([3, 4, 2]), { padding: "full" }], RangeError, '"valid", "same", "causal"'],
    [[x154, np.zeros([3, 4, 2]), { padding: 1 }], TypeError, "a pair [before, after]"],
    [[x154, np.zeros([3, 4, 2]), { padding: [[1, -1]] }], RangeError, "integers >= 0"],
    [[x154, np.zeros([3, 4, 2]), { padding: [[1, 1], [1, 1]] }], RangeError, "wanted 1 pairs"],
    [[np.zeros([1, 5, 5, 1]), np.zeros([2, 2, 1, 1]), { padding: "causal" }], RangeError, "causal"],
  ],
  maxPool: [
    [[x154, 2, { stride: 1 }], TypeError, "the options are strides, padding"],
    [[x154, 6], RangeError, "larger than the spatial sizes [5]"],
    [[x154, [2, 2]], RangeError, "wanted an integer >= 1"],
    [[x23, 2], RangeError, "wanted [batch, ...spatial, channels]"],
    [[x154, 2, { padding: "causal" }], RangeError, '"valid", "same" or a pair'],
    [[x154, null], TypeError, "wanted an integer >= 1"],
  ],
  averagePool: [
    [[x154, 2, { count: 1 }], TypeError, "the options are strides, padding"],
    [[x154, 0], RangeError, "wanted an integer >= 1"],
    [[x23, 2], RangeError, "wanted [batch, ...spatial, channels]"],
  ],
  dotProductAttention: [
    [[q4, q4, q4, { isCausal: true }], TypeError, "the options are causal, mask, scale"],
    [[q4, q4, x154], RangeError, "wanted [B, T, N, H]"],
    [[q4, q4, np.zeros([1, 3, 2, 5])], RangeError, "key and value must have one shape"],
    [[q4, np.zeros([2, 3, 2, 4]), np.zeros([2, 3, 2, 4])], RangeError, "batches must agree"],
    [[q4, np.zeros([1, 3, 2, 5]), np.zeros([1, 3, 2, 5])], RangeError, "last sizes must agree"],
    [[q4, np.zeros([1, 0, 2, 4]), np.zeros([1, 0, 2, 4])], RangeError, "no key"],
    [[q4, np.zeros([1, 3, 3, 4]), np.zeros([1, 3, 3, 4])], RangeError, "must be a multiple"],
    [[q4, q4, q4, { mask: np.ones([3, 3]) }], TypeError, "mask of dtype float32"],
    [[q4, q4, q4, { mask: np.ones([2, 3]).gt(0) }], RangeError, "must broadcast to the scores"],
    [[q4, q4, q4, { scale: "1" }], TypeError, "wanted a number"],
  ],
  oneHot: [
    [[x23, 3], TypeError, "indices are integers"],
    [[[0.5], 3], TypeError, "indices are integers"],
    [[[0], -1], RangeError, "wanted an integer >= 0"],
    [[[0], 3, { axis: 2 }], RangeError, "the array has 2 axes"],
    [[[0], 3, { depth: 2 }], TypeError, "the options are dtype, axis"],
    [[[0], 3, { dtype: "int8" }], TypeError, "known dtypes"],
  ],
};

function refuses(f: AnyFunction, [args, error, fragment]: Bad): void {
  const thrown = assertThrows(() => f(...args), error as ErrorConstructor, fragment);
  assert(/^Cannot .+[^.]$/s.test(thrown.message), thrown.message);
}

for (const [name, f] of functions) {
  Deno.test(`nn.${name} refuses bad input and says what is wanted`, () => {
    const rest = REST[name] ?? [];
    refuses(f, [[null, ...rest], TypeError, "null: wanted a Tensor"]);
    refuses(f, [[[x23], ...rest], TypeError, "np.stack"]);
    refuses(f, [[[[1], [2, 3]], ...rest], RangeError, "ragged"]);
    for (const bad of TABLE[name] ?? []) refuses(f, bad);
  });
}

Deno.test("every nn function with options has a wrong option in the table", () => {
  const optional = [...functions].filter(([, f]) => f.length > 1).map(([name]) => name);
  assertEquals(optional.filter((name) => TABLE[name] === undefined), []);
});

Deno.test("nn takes everything that np takes", () => {
  const forms: TensorLike[] = [[-1, 2], new Float32Array([-1, 2]), np.array([-1, 2])];
  for (const x of forms) assertEquals(nn.relu(x).toArray(), [0, 2]);
  assertEquals(nn.relu(-3).item(), 0);
});
