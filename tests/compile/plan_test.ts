import { assert, assertEquals } from "@std/assert";
import { allocate } from "../../src/base/dtype.ts";
import { printPlan } from "../../src/compile/mod.ts";
import { emit } from "../../src/core/mod.ts";
import type { GoldenArray } from "../goldens/read.ts";
import { compileChecked } from "../ir/op_samples.ts";
import { type Body, programOf, randomBody, randomInputs, runPlan } from "./random_programs.ts";

const f32 = (...shape: number[]): GoldenArray => ({
  dtype: "float32",
  shape,
  data: allocate("float32", shape.reduce((n, m) => n * m, 1)) as Float32Array,
});
const layer: Body = (x, w) => {
  const h = x.matmul(w).maximum(0);
  return [h, h.sum(), x, h];
};

Deno.test("a plan prints a line for each slot and step, and where its outputs lie", () => {
  const plan = compileChecked(programOf(layer, [f32(2, 3), f32(3, 4)]));
  assertEquals(printPlan(plan).split("\n"), [
    "plan of 2 inputs, 3 steps, 0 bytes of scratch",
    "s0 = input 0",
    "s1 = input 1",
    "s2 = output 0",
    "s3 = output 1",
    "call gemm dtype=float32 ta=false tb=false m=2 n=4 k=3 batch=1 beta=0 s0 s1 s2",
    "kernel maximum [8] s2 s2",
    "kernel sum [] over [8] s2 s3",
    "outputs fresh 32, fresh 4, input 0, output 0",
  ]);
  assert(printPlan(plan, true).includes("  acc 0:f32 add %0\n"));
});

Deno.test("the same program gives the same plan, to the letter", () => {
  for (let seed = 0; seed < 40; seed++) {
    const text = () =>
      printPlan(
        compileChecked(programOf(randomBody(seed, "exact", 12), randomInputs(seed, "exact"))),
        true,
      );
    assertEquals(text(), text());
  }
});

Deno.test("elementwise chains are one kernel, and end in the reduction that reads them", () => {
  const chain: Body = (x) => [x.mul(2).add(1).exp()];
  assertEquals(compileChecked(programOf(chain, [f32(5)])).steps.length, 1);
  const norm: Body = (x) => [x.mul(x).sum()];
  assertEquals(compileChecked(programOf(norm, [f32(5, 3)])).steps.length, 1);
});

Deno.test("a result that is computed along other axes than its own is read where it lies", () => {
  const x: GoldenArray = { dtype: "float32", shape: [1, 4, 2], data: new Float32Array(8) };
  x.data.set([1, 2, 3, 4, 5, 6, 7, 8]);
  const window = { size: [2], strides: [2], dilation: [1] };
  // the windows lie side by side, so that adding them up writes each element once, in order
  const program = programOf((x) => {
    const taken = emit("windows", [x], window);
    return [emit("unwindows", [taken], { shape: [4], strides: [2], dilation: [1] }).neg()];
  }, [x]);
  assertEquals([...runPlan(program, [x])[0]!.data], [-1, -2, -3, -4, -5, -6, -7, -8]);
});
