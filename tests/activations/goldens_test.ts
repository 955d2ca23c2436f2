import { assert, assertEquals, assertThrows } from "@std/assert";
import * as activations from "../../src/activations/mod.ts";
import { type Tensor, type TensorLike, toTensor } from "../../src/core/mod.ts";
import { grad, jit } from "../../src/transform/mod.ts";
import { assertGolden, tensor } from "../losses/golden.ts";
import { type GoldenArray, readGolden } from "../goldens/read.ts";

type F = (x: Tensor, options?: object) => Tensor;
const table = activations as unknown as Record<string, F>;
// Keras' sparsemax sums the wrong entries of its running sum; glissade has none
const cases = readGolden("activations").cases.filter((c) => c.fn !== "sparsemax");

Deno.test("activations and their gradients are those of Keras, eager and jitted", () => {
  for (const c of cases) {
    const f = (x: Tensor): Tensor => table[c.fn as string]!(x, optionsOf(c.options));
    const cotangent = tensor(c.cotangent as GoldenArray);
    // gradients were computed in float64: where the value overflows float32, theirs need not
    const finite = (c.want as GoldenArray).data.every(Number.isFinite);
    const slope = (x: Tensor): Tensor =>
      grad((x: Tensor) => f(x).mul(cotangent).sum())(x) as Tensor;
    const x = tensor(c.x as GoldenArray);
    const label = `${c.fn} ${JSON.stringify(c.options)} ${x.dtype} ${c.tags ?? ""}`;
    const { rtol, atol } = c as { rtol: number; atol: number };
    for (const run of [f, jit(f)]) {
      assertGolden(run(x), c.want as GoldenArray, { rtol, atol }, label);
    }
    for (const run of finite ? [slope, jit(slope)] : []) {
      assertGolden(run(x), c.gradient as GoldenArray, { rtol, atol }, `slope of ${label}`);
    }
  }
});

function optionsOf(options: unknown): object | undefined {
  return Object.keys(options as object).length === 0 ? undefined : options as object;
}

Deno.test("every activation has a golden case", () => {
  const seen = new Set(cases.map((c) => c.fn));
  const lacking = Object.keys(activations).filter((name) => name !== "get" && !seen.has(name));
  assertEquals(lacking, []);
  assert(seen.size > 0);
});

Deno.test("activations are found by name in both spellings, and an unknown name lists them", () => {
  assertEquals(activations.get("logSoftmax"), activations.logSoftmax);
  assertEquals(activations.get("log_softmax"), activations.logSoftmax);
  assertEquals(
    activations.get("leaky_relu")([-1]).toArray(),
    activations.leakyRelu([-1]).toArray(),
  );
  assertEquals(activations.get(null), activations.linear);
  const mine = (x: TensorLike): Tensor => activations.relu(x);
  assertEquals(activations.get(mine), mine);
  assertThrows(
    () => activations.get("rellu"),
    RangeError,
    'activation "rellu": wanted one of linear',
  );
  assertThrows(() => activations.get(3 as unknown as string), TypeError, "a name or a function");
});

Deno.test("a name stands for the function of that name", () => {
  const names = Object.keys(activations).filter((name) => name !== "get" && name !== "threshold");
  for (const name of names) {
    assertEquals(activations.get(name), (activations as unknown as Record<string, F>)[name], name);
  }
});

Deno.test("bad options, axes and operands are named", () => {
  const bad = (options: object) => options as never;
  assertThrows(() => activations.relu([1], bad({ slope: 1 })), TypeError, '"slope"');
  assertThrows(() => activations.softmax(1), RangeError, "0 axes");
  assertThrows(() => activations.softmax([1, 2], { axis: 1 }), RangeError, "axis 1");
  assertThrows(() => activations.glu([1, 2, 3]), RangeError, "must be even");
  assertThrows(() => activations.threshold([1], bad({ threshold: 1 })), TypeError, "defaultValue");
  assertThrows(() => activations.relu("x" as never), TypeError, '"x"');
});

Deno.test("integers become float32", () => {
  const ids = toTensor(Int32Array.of(-1, 2));
  for (const name of ["relu", "linear", "gelu", "hardSigmoid", "leakyRelu", "softmax"]) {
    assertEquals(activations.get(name)(ids).dtype, "float32", name);
  }
});
