/**
 * Explanations, as the text that people read: a change of a pass shows here.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { allocate } from "../../src/base/dtype.ts";
import { explain, type Explanation } from "../../src/compile/explain.ts";
import { compile, PASSES } from "../../src/compile/mod.ts";
import type { GoldenArray } from "../goldens/read.ts";
import { type Body, programOf, randomBody, randomInputs } from "./random_programs.ts";

const f32 = (...shape: number[]): GoldenArray => ({
  dtype: "float32",
  shape,
  data: allocate("float32", shape.reduce((n, m) => n * m, 1)) as Float32Array,
});

const explained = (
  body: Body,
  inputs: readonly GoldenArray[],
  donated: [number, number][] = [],
): Explanation => explain("f", programOf(body, inputs), new Map(donated));

Deno.test("an explanation reads from the program down to what was fused", () => {
  const body: Body = (x, w) => {
    const h = x.matmul(w).maximum(0);
    return [h.mul(h).sum(), h];
  };
  assertEquals(String(explained(body, [f32(2, 3), f32(3, 4)])).split("\n"), [
    "f of (f32[2,3], f32[3,4])",
    "72 FLOP, 204 B read and written, 0 B of arena",
    "program",
    "  inputs %0:f32[2,3] %1:f32[3,4]",
    "  %2:f32[2,4] = dot %0 %1 {ta: false, tb: false}",
    '  %3:f32[] = literal {dtype: "float32", shape: [], values: [0], weak: false}',
    "  %4:f32[2,4] = maximum %2 %3",
    "  %5:f32[2,4] = mul %4 %4",
    "  %6:f32[] = sum %5 {axes: [0,1], keepdims: false}",
    "  outputs %6 %4",
    "plan",
    "  s0 = input 0",
    "  s1 = input 1",
    "  s2 = output 0",
    "  s3 = output 1",
    "  call gemm dtype=float32 ta=false tb=false m=2 n=4 k=3 batch=1 beta=0 s0 s1 s3",
    "  kernel maximum [8] s3 s3",
    "  kernel mul+sum [] over [8] s2 s3",
    "  outputs fresh 4, fresh 32",
    "kernels",
    "  1x  48 FLOP  104 B  gemm float32 NN 2x4x3",
    "  1x   8 FLOP   64 B  maximum [8]",
    "  1x  16 FLOP   36 B  mul+sum [] over [8]",
    "fusion",
    "  stored %2 (gemm): a routine writes its result to memory",
    "  stored %4 (maximum): it is an output too, and mul+sum reduces it",
    "  fused %5 (mul) into sum",
  ]);
});

Deno.test("what was not fused says why", () => {
  const why = (body: Body, ...inputs: GoldenArray[]) => explained(body, inputs).notes;
  assertEquals(why((x) => [x.exp().matmul(x)], f32(3, 3)), ["stored %1 (exp): gemm reads it"]);
  assertEquals(why((x) => [x.sum(1).exp()], f32(3, 3)), ["fused %1 (sum) into exp"]);
  assertEquals(why((x) => [x.div(x.sum(0))], f32(3, 3)), [
    "stored %1 (sum): a reduction is finished before it is read",
  ]);
  const twice: Body = (x) => {
    const e = x.exp();
    return [e.sum(0), e.sum(1)];
  };
  assertEquals(why(twice, f32(3, 3)), ["stored %1 (exp): 2 steps read it"]);
  assertEquals(why((x, y) => [x.exp().add(y)], f32(3), f32(2, 3)), [
    "stored %2 (exp): add would compute it again and again",
  ]);
  assertEquals(why((x) => [x.exp()], f32(3)), []);
  const long: Body = (x) => {
    let y = x;
    for (let i = 0; i < 60; i++) y = y.mul(x).sin();
    return [y];
  };
  const notes = why(long, f32(3));
  assert(notes.some((n) => n.endsWith("one kernel would have more than 96 steps")), notes.join());
});

Deno.test("equal kernels are one line, with the cost of all their runs", () => {
  const body: Body = (a, b) => [a.mul(a), b.mul(b), a.sum()];
  const { kernels, flops, bytes } = explained(body, [f32(16), f32(16)]);
  assertEquals(kernels.map(({ name, runs, flops }) => [name, runs, flops]), [
    ["mul [16]", 2, 32],
    ["sum [] over [16]", 1, 16],
  ]);
  assertEquals([flops, bytes], [48, 4 * (32 + 32 + 17)]);
  const twice: Body = (a, b) => [a.exp(), b.exp()];
  assertEquals(explained(twice, [f32(16), f32(16)]).kernels, [{
    name: "exp [16]",
    runs: 2,
    flops: 32,
    bytes: 2 * 128,
    text: "kernel exp (16) args a0:f32 a1:f32!\n  %0:f32 = load a0[0 + (1)]\n" +
      "  %1:f32 = exp %0\n  store a1[0 + (1)] = %1",
  }]);
});

Deno.test("donated memory shows in the plan", () => {
  const { plan, arena } = explained((x) => [x.exp()], [f32(16)], [[0, 0]]);
  assertEquals([plan.split("\n").at(-1), arena], ["outputs donated 0", 0]);
});

Deno.test("the explanation of a program is the same text every time", () => {
  for (let seed = 0; seed < 20; seed++) {
    const text = () =>
      String(explained(randomBody(seed, "exact", 12), randomInputs(seed, "exact")));
    assertEquals(text(), text());
  }
});

Deno.test("who listens to the passes hears each once, in order, and changes no plan", () => {
  const program = programOf((x) => [x.sub(1).exp().sum()], [f32(4)]);
  const heard: [string, string][] = [];
  const plan = compile(program, { onPass: (pass, print) => heard.push([pass, print()]) });
  assertEquals(plan, compile(program));
  const fusing = PASSES.indexOf("alias");
  assertEquals(heard.map(([pass]) => pass), [
    ...["dead", "common", "fold", "algebra", "loops", "common", "dead"],
    "lower",
    ...PASSES.slice(fusing, -1),
    "memory",
  ]);
  const kernels = (name: string) =>
    heard.find(([pass]) => pass === name)![1].split("\n").filter((l) => /^kernel .* %/.test(l));
  assertEquals(kernels("lower"), [
    "kernel sub [4] %0 %1 %2",
    "kernel exp [4] %2 %3",
    "kernel sum [] over [4] %3 %4",
  ]);
  assertEquals(kernels("fuse"), ["kernel sub+exp+sum [] over [4] %4 %0"]);
});
