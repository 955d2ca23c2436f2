import { assert, assertEquals } from "@std/assert";
import type { Tensor } from "../../src/core/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { grad, jit, valueAndGrad } from "../../src/transform/mod.ts";
import { type GoldenArray, type GoldenRecord, readGolden } from "../goldens/read.ts";
import { argumentsOf, arraysIn, casesOf, check, functionsOf, given } from "../numpy/cases.ts";

const functions = functionsOf(nn);
const cases = casesOf("nn");

Deno.test("every nn function has a golden case, itself or under another of its names", () => {
  const tested = new Set([...cases.keys()].map((name) => functions.get(name)));
  const missing = [...functions].filter(([, f]) => !tested.has(f)).map(([name]) => name);
  assertEquals(missing, []);
  assert(nn.swish === nn.silu && nn.logsumexp === np.logsumexp);
});

Deno.test("every golden case belongs to an nn function", () => {
  assertEquals([...cases.keys()].filter((name) => !functions.has(name)), []);
});

for (const [name, list] of cases) {
  const f = functions.get(name)!;
  const values = list.filter((c) => c.kind !== "grad");
  const gradients = list.filter((c) => c.kind === "grad");

  Deno.test(`nn.${name} equals JAX`, () => {
    for (const c of values) check(c, f(...argumentsOf(c)));
  });

  Deno.test(`nn.${name} under jit equals JAX`, () => {
    for (const c of values) {
      const { arrays, fill } = arraysIn(argumentsOf(c));
      const jitted = jit((...tensors: Tensor[]) => f(...fill(tensors)) as Tensor);
      check(c, jitted(...arrays));
    }
  });

  if (gradients.length > 0) {
    Deno.test(`The gradient of nn.${name} equals JAX, at kinks too`, () => {
      for (const c of gradients) checkGradient(c, f);
    });
  }
}

function checkGradient(c: GoldenRecord, f: (...args: unknown[]) => unknown): void {
  const { arrays, fill } = arraysIn(argumentsOf(c));
  const cotangent = np.array(given(c.cotangent!) as Tensor);
  const loss = (...xs: Tensor[]): Tensor => np.sum((f(...fill(xs)) as Tensor).mul(cotangent));
  const all = { argnums: arrays.map((_, i) => i) };
  const [, gradients] = valueAndGrad(loss, all)(...arrays);
  // float32 rounds y * (g - sum(g * y)) by an ulp of g, whatever is left after the subtraction
  const near = c.fn === "softmax" && arrays[0]!.dtype === "float32" ? { ...c, atol: 5e-7 } : c;
  check(near, gradients, c.want as GoldenArray[]);
  check(near, jit(grad(loss, all))(...arrays), c.want as GoldenArray[]);
}

Deno.test("np.where passes the NaN of the side that was not chosen on to gradients, as JAX does", () => {
  const c = readGolden("nn").cases.find((c) => c.fn === "whereSqrt")!;
  const f = (x: Tensor): Tensor => np.where(x.gt(0), x.sqrt(), 0).sum();
  const x = given((c.args as GoldenArray[])[0]!) as Tensor;
  check({ ...c, rtol: 1e-6 }, [grad(f)(x)], c.want);
});
