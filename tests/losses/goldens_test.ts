import { assert, assertEquals } from "@std/assert";
import type { Tensor } from "../../src/core/mod.ts";
import * as losses from "../../src/losses/mod.ts";
import { grad, jit } from "../../src/transform/mod.ts";
import { type GoldenArray, readGolden } from "../goldens/read.ts";
import { assertGolden, tensor } from "./golden.ts";

const table = losses as unknown as Record<string, (options?: object) => losses.Loss>;
const { cases } = readGolden("losses");

Deno.test("losses and their gradients are those of Keras, eager and jitted", () => {
  for (const c of cases) {
    const loss = table[c.fn as string]!(c.options as object);
    const sampleWeight = c.sampleWeight && tensor(c.sampleWeight as GoldenArray);
    const call = sampleWeight ? { sampleWeight } : undefined;
    const y = tensor(c.yTrue as GoldenArray);
    const p = tensor(c.yPred as GoldenArray);
    const f = (p: Tensor): Tensor => loss(y, p, call);
    const slope = (p: Tensor): Tensor => grad((p: Tensor) => f(p).sum())(p) as Tensor;
    const label = `${c.fn} ${JSON.stringify(c.options)} ${p.dtype}[${p.shape}] ` +
      `${sampleWeight ? `weights [${sampleWeight.shape}]` : ""} ${c.note ?? ""}`;
    const tolerance = c as { rtol: number; atol: number };
    for (const run of [f, jit(f)]) assertGolden(run(p), c.want as GoldenArray, tolerance, label);
    for (const run of [slope, jit(slope)]) {
      assertGolden(run(p), c.gradient as GoldenArray, tolerance, `gradient of ${label}`);
    }
  }
});

Deno.test("every loss has a golden case", () => {
  const seen = new Set(cases.map((c) => c.fn));
  assertEquals(Object.keys(losses).filter((name) => !seen.has(name)), []);
  assert(seen.size > 0);
});
