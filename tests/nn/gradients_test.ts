import { assertEquals } from "@std/assert";
import type { Tensor, TensorLike } from "../../src/core/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { checkGrads } from "../../src/transform/mod.ts";
import { functionsOf } from "../numpy/cases.ts";
import { draw } from "../numpy/samples.ts";

const functions = functionsOf(nn);
/** Its argument is integers. */
const FLAT = ["oneHot"];

/** Functions of arrays of several axes; their own tests check them. */
const SHAPED = ["conv", "maxPool", "averagePool", "dotProductAttention"];

for (const [name, f] of functions) {
  if (FLAT.includes(name) || SHAPED.includes(name)) continue;
  Deno.test(`nn.${name} has the derivatives of its central differences, to second order`, () => {
    const shapes = name.toLowerCase().includes("soft") || name === "logsumexp"
      ? [[3, 5], [7]]
      : [[], [0, 3], [3, 5], [7]];
    for (const shape of shapes) {
      const x = draw(shape, -3, 3);
      checkGrads((t) => (f as (x: TensorLike) => Tensor)(t), [x], {
        order: 2,
        atol: 1e-6,
        rtol: 1e-6,
      });
    }
  });
}

Deno.test("nn functions with options have the derivatives of their central differences", () => {
  const x = draw([3, 5], -3, 3);
  const forms: ((t: Tensor) => Tensor)[] = [
    (t) => nn.softmax(t, { axis: 0 }),
    (t) => nn.softmax(t, [0, 1]),
    (t) => nn.logSoftmax(t, 0),
    (t) => nn.gelu(t, { approximate: false }),
    (t) => nn.elu(t, { alpha: 0.3 }),
    (t) => nn.leakyRelu(t, 0.2),
  ];
  for (const f of forms) checkGrads(f, [x], { order: 2, atol: 1e-6, rtol: 1e-6 });
  assertEquals([...FLAT, ...SHAPED].every((name) => functions.has(name)), true);
});
