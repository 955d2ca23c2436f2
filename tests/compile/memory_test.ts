/**
 * The memory plan: what lives where, what is written in place, and that donated memory is only
 * overwritten when nobody reads it any more.
 *
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { checkPlan } from "../../src/compile/check_plan.ts";
import type { Plan, PlanStep } from "../../src/compile/plan.ts";
import { emit, emitAll, literal, type Tensor } from "../../src/core/mod.ts";
import type { Kernel } from "../../src/ir/kernel.ts";
import type { GoldenArray } from "../goldens/read.ts";
import { compileChecked } from "../ir/op_samples.ts";
import { type Body, programOf, randomBody, randomInputs, runPlan } from "./random_programs.ts";

const f32 = (shape: readonly number[], ...values: number[]): GoldenArray => ({
  dtype: "float32",
  shape,
  data: Float32Array.from(values),
});
const i32 = (shape: readonly number[], ...values: number[]): GoldenArray => ({
  dtype: "int32",
  shape,
  data: Int32Array.from(values),
});

/** Runs a body with donated pairs; the outputs as lists. */
function run(
  body: Body,
  inputs: readonly GoldenArray[],
  pairs: readonly (readonly [number, number])[],
): number[][] {
  return runPlan(programOf(body, inputs), inputs, { donated: new Map(pairs) }).map((
    r,
  ) => [...r.data]);
}
const planOf = (
  body: Body,
  inputs: readonly GoldenArray[],
  pairs: readonly (readonly [number, number])[] = [],
): Plan => compileChecked(programOf(body, inputs), { donated: new Map(pairs) });

const sources = (p: Plan): string[] =>
  p.outputs.map((o) => o.kind === "fresh" ? "fresh" : `${o.kind} ${o.index}`);
const names = (p: Plan): string[] =>
  p.steps.map((s) => s.kind === "kernel" ? s.kernel.name : "call" in s ? s.call.name : s.kind);

const A = f32([4], 1, 2, 3, 4);
const B = f32([4], 10, 20, 30, 40);
const flip = (x: Tensor): Tensor => emit("flip", [x], { axes: [0] });

Deno.test("an updated state is written over the donated one, without scratch or copy", () => {
  const body: Body = (a, b) => [a.add(b)];
  const plan = planOf(body, [A, B], [[0, 0]]);
  assertEquals([sources(plan), names(plan), plan.scratchBytes], [["donated 0"], ["add"], 0]);
  assertEquals(run(body, [A, B], [[0, 0]]), [[11, 22, 33, 44]]);
});

Deno.test("an operand of another position is overwritten as well", () => {
  const body: Body = (a, b) => [a.sub(b)];
  assertEquals(names(planOf(body, [A, B], [[1, 0]])), ["sub"]);
  assertEquals(run(body, [A, B], [[1, 0]]), [[-9, -18, -27, -36]]);
});

Deno.test("a donated input that is read after its output is written keeps its values until then", () => {
  const body: Body = (a, b) => {
    const next = a.add(b);
    return [next, flip(a)];
  };
  assertEquals(run(body, [A, B], [[0, 0]]), [[11, 22, 33, 44], [4, 3, 2, 1]]);
});

Deno.test("two donated states may change places", () => {
  for (const pairs of [[[0, 0], [1, 1]], [[1, 1], [0, 0]], [[0, 1], [1, 0]]] as const) {
    assertEquals(run((a, b) => [b, a], [A, B], pairs), [[10, 20, 30, 40], [1, 2, 3, 4]]);
  }
});

Deno.test("three donated states may go round", () => {
  const C = f32([4], 5, 6, 7, 8);
  const pairs = [[0, 0], [1, 1], [2, 2]] as const;
  const want = [[10, 20, 30, 40], [5, 6, 7, 8], [1, 2, 3, 4]];
  assertEquals(run((a, b, c) => [b, c, a], [A, B, C], pairs), want);
});

Deno.test("a donated input that is returned beside its update is copied first", () => {
  const plus = (a: Tensor) => a.add(1);
  assertEquals(run((a) => [plus(a), a], [A], [[0, 0]]), [[2, 3, 4, 5], [1, 2, 3, 4]]);
  assertEquals(run((a) => [a, plus(a)], [A], [[0, 1]]), [[1, 2, 3, 4], [2, 3, 4, 5]]);
  const twice = run((a) => [a, plus(a), a], [A], [[0, 1]]);
  assertEquals(twice, [[1, 2, 3, 4], [2, 3, 4, 5], [1, 2, 3, 4]]);
});

Deno.test("a donated input that is returned as it is stays where it is", () => {
  const plan = planOf((a, b) => [a, a.add(b)], [A, B], [[0, 0]]);
  assertEquals([sources(plan), names(plan)], [["donated 0", "fresh"], ["add"]]);
  assertEquals(run((a) => [a, a], [A], [[0, 0]]), [[1, 2, 3, 4], [1, 2, 3, 4]]);
  assertEquals(run((a) => [a, a], [A], [[0, 1]]), [[1, 2, 3, 4], [1, 2, 3, 4]]);
});

Deno.test("an output that is another input takes the donated memory, the other input stays", () => {
  assertEquals(run((_a, b) => [b, b], [A, B], [[0, 0]]), [[10, 20, 30, 40], [10, 20, 30, 40]]);
  const both = run((a, b) => [b, a.add(b)], [A, B], [[0, 0], [1, 1]]);
  assertEquals(both, [[10, 20, 30, 40], [11, 22, 33, 44]]);
  const crossed = run((a, b) => [a.add(b), a], [A, B], [[0, 0], [1, 1]]);
  assertEquals(crossed, [[11, 22, 33, 44], [1, 2, 3, 4]]);
});

Deno.test("an output that is an input takes donated memory that other steps have read", () => {
  assertEquals(run((a, b) => [b, a.sum()], [A, B], [[0, 0]]), [[10, 20, 30, 40], [10]]);
  assertEquals(run((a) => [literal(7, "float32").broadcastTo([4]), a.sum()], [A], [[0, 0]]), [
    [7, 7, 7, 7],
    [10],
  ]);
});

Deno.test("what reads a donated input out of order does not write over it", () => {
  assertEquals(run((a) => [flip(a)], [A], [[0, 0]]), [[4, 3, 2, 1]]);
  assertEquals(run((a) => [a.add(flip(a))], [A], [[0, 0]]), [[5, 5, 5, 5]]);
  const square = f32([2, 2], 1, 2, 3, 4);
  assertEquals(run((a) => [a.transpose()], [square], [[0, 0]]), [[1, 3, 2, 4]]);
  const spread = (a: Tensor) => a.slice([1, 2]).broadcastTo([4]);
  assertEquals(run((a) => [spread(a)], [A], [[0, 0]]), [[2, 2, 2, 2]]);
  assertEquals(run((a) => [a.sub(spread(a))], [A], [[0, 0]]), [[-1, 0, 1, 2]]);
  assertEquals(run((a) => [a.matmul(a)], [square], [[0, 0]]), [[7, 10, 15, 22]]);
  const running = (a: Tensor) => emit("cumsum", [a], { axis: 0, reverse: true });
  assertEquals(run((a) => [running(a)], [A], [[0, 0]]), [[10, 9, 7, 4]]);
  const sorted = (a: Tensor) => emitAll("sort", [a], { axis: 0 })[0]!;
  assertEquals(run((a) => [sorted(a)], [f32([3], 3, 1, 2)], [[0, 0]]), [[1, 2, 3]]);
});

Deno.test("a gather of a donated input at itself does not write over it", () => {
  const at = i32([4], 3, 2, 1, 0);
  const body: Body = (a) => [emit("take", [a, a], { axis: 0, outside: "zero" })];
  assertEquals(run(body, [at], [[0, 0]]), [[0, 1, 2, 3]]);
  const along: Body = (a) => [emit("takeAlong", [a, a], { axis: 0, outside: "zero" })];
  assertEquals(run(along, [i32([4], 1, 2, 3, 0)], [[0, 0]]), [[2, 3, 0, 1]]);
  const add: Body = (a) => [emit("scatterAlong", [a, a, a], { axis: 0 })];
  assertEquals(run(add, [i32([4], 1, 2, 3, 0)], [[0, 0]]), [[1, 3, 5, 3]]);
});

Deno.test("an update of a window happens in donated memory", () => {
  const body: Body = (x, u, at) => [emit("dynamicUpdate", [x, u, at])];
  const inputs = [A, f32([2], 8, 9), i32([1], 1)];
  assertEquals(sources(planOf(body, inputs, [[0, 0]])), ["donated 0"]);
  assertEquals(run(body, inputs, [[0, 0]]), [[1, 8, 9, 4]]);
  const own: Body = (x, at) => [
    emit("dynamicUpdate", [x, emit("dynamicSlice", [flip(x), at], { size: [2] }), at]),
  ];
  assertEquals(run(own, [A, i32([1], 1)], [[0, 0]]), [[1, 3, 2, 4]]);
});

Deno.test("one value may be several outputs, each with donated memory", () => {
  const body: Body = (a, b) => {
    const c = a.add(b);
    return [c, c, c];
  };
  const want = [[11, 22, 33, 44], [11, 22, 33, 44], [11, 22, 33, 44]];
  for (const pairs of [[], [[0, 0]], [[0, 1]], [[0, 0], [1, 1]], [[0, 2], [1, 0]]] as const) {
    assertEquals(run(body, [A, B], pairs), want);
  }
  assertEquals(sources(planOf(body, [A, B])), ["fresh", "output 0", "output 0"]);
});

Deno.test("literals may be outputs, in donated memory too", () => {
  const seven = () => literal(7, "float32");
  const scalar = f32([], 3);
  assertEquals(run(() => [seven()], [scalar], [[0, 0]]), [[7]]);
  assertEquals(run((a) => [seven(), a, seven()], [scalar], [[0, 2]]), [[7], [3], [7]]);
});

Deno.test("an output that later steps read is written where it stays", () => {
  const body: Body = (a, b) => {
    const c = a.add(b);
    return [c, flip(c)];
  };
  const plan = planOf(body, [A, B]);
  assertEquals(sources(plan), ["fresh", "fresh"]);
  assert(plan.slots.every((s) => s.kind !== "scratch"));
  assertEquals(run(body, [A, B], [[0, 1]]), [[11, 22, 33, 44], [44, 33, 22, 11]]);
});

Deno.test("unchanged inputs are shared, not copied, where nothing is donated", () => {
  const plan = planOf((a, b) => [b, a, emit("same", [a])], [A, B]);
  assertEquals([sources(plan), names(plan)], [["input 1", "input 0", "input 0"], []]);
});

Deno.test("intermediates share scratch by lifetime", () => {
  const big = f32([1000], ...new Array<number>(1000).fill(1));
  // a chain that does not fuse: each sort reads all of what the one before wrote
  const body: Body = (x) => {
    let y = x;
    for (let i = 0; i < 10; i++) y = emitAll("sort", [y], { axis: 0 })[0]!;
    return [y];
  };
  const plan = planOf(body, [big]);
  // two values and the indices of one sort live at once
  assert(plan.scratchBytes <= 3 * 4032, `${plan.scratchBytes} bytes of scratch`);
  const held: Body = (x) => {
    const all = [0, 1, 2, 3].map(() => emitAll("sort", [x], { axis: 0 }));
    return [all.map((outs) => outs[0]!).reduce((a, b) => a.add(b))];
  };
  assert(planOf(held, [big]).scratchBytes > 0);
});

Deno.test("values that live at once never overlap, in 300 random programs", () => {
  let shared = 0;
  for (let seed = 5000; seed < 5300; seed++) {
    const plan = planOf(randomBody(seed, "exact", 16), randomInputs(seed, "exact"));
    const scratch = plan.slots.flatMap((s) => s.kind === "scratch" ? [s] : []);
    for (const s of scratch) assertEquals(s.offset % 64, 0);
    const apart = scratch.reduce((n, s) => n + s.bytes, 0);
    assert(plan.scratchBytes <= apart);
    if (plan.scratchBytes < apart) shared++;
  }
  assert(shared > 30, `scratch was shared in ${shared} programs only`);
});

// ---- the checker itself

const copy = (at = [1]): Kernel => ({
  name: "copy",
  shape: [4],
  reduce: [],
  args: [{ dtype: "float32", writes: false }, { dtype: "float32", writes: true }],
  body: [{ op: "load", dtype: "float32", arg: 0, view: { offset: 0, strides: at } }],
  accumulators: [],
  epilogue: [],
  stores: [{ arg: 1, view: { offset: 0, strides: [1] }, value: 0 }],
});
const step = (from: number, to: number, kernel = copy()): PlanStep => ({
  kind: "kernel",
  kernel,
  args: [from, to],
});
const plan = (parts: Partial<Plan>): Plan => ({
  inputs: 2,
  literals: [],
  slots: [
    { kind: "input", index: 0 },
    { kind: "input", index: 1 },
    { kind: "scratch", offset: 0, bytes: 64 },
    { kind: "scratch", offset: 0, bytes: 64 },
    { kind: "output", index: 0 },
  ],
  values: [],
  steps: [],
  outputs: [{ kind: "fresh", bytes: 16 }],
  scratchBytes: 64,
  ...parts,
});

Deno.test("checkPlan accepts turns in one place, and refuses what reads after its turn", () => {
  checkPlan(plan({ steps: [step(0, 2), step(2, 4), step(1, 3), step(3, 4)] }));
  assertThrows(
    () => checkPlan(plan({ steps: [step(0, 2), step(1, 3), step(2, 4)] })),
    Error,
    "Step 2 reads slot 2, which slot 3 has overwritten",
  );
  assertThrows(() => checkPlan(plan({ steps: [step(2, 4)] })), Error, "nothing has written");
  assertThrows(() => checkPlan(plan({ steps: [] })), Error, "Output 0 reads slot 4");
  assertThrows(() => checkPlan(plan({ scratchBytes: 32 })), Error, "32 bytes of scratch, not 64");
});

Deno.test("checkPlan knows that a donated input and its output are one place", () => {
  const outputs = [{ kind: "donated", index: 0 } as const];
  checkPlan(plan({ outputs, steps: [step(0, 4)] }));
  assertThrows(
    () => checkPlan(plan({ outputs, steps: [step(0, 4, copy([-1]))] })),
    Error,
    "Step 0 writes slot 4 over slot 0, which it still reads",
  );
  assertThrows(
    () => checkPlan(plan({ outputs, steps: [step(1, 4), step(0, 2)] })),
    Error,
    "Step 1 reads slot 0, which slot 4 has overwritten",
  );
});
