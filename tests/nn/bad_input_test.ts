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
    const rest = name === "oneHot" ? [3] : [];
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
