import { assertEquals } from "@std/assert";
import type { Kernel, ScalarStep } from "../../src/ir/kernel.ts";
import {
  liveness,
  readBy,
  readByStores,
  variation,
  withAllRead,
} from "../../src/ir/kernel_facts.ts";

const f32 = "float32";
/** A place along the first axis, the first and the second, or the one that a step tells. */
const row = { offset: 0, strides: [3, 0] };
const both = { offset: 0, strides: [3, 1] };
const told = { offset: 0, strides: [0, 0], at: [{ step: 1, stride: 1 }] };

/** Rows of three: a sum that is stored where a value tells, a product that nothing reads. */
const kernel: Kernel = {
  name: "test",
  shape: [4],
  reduce: [3],
  args: [
    { dtype: f32, writes: false },
    { dtype: "int32", writes: false },
    { dtype: f32, writes: true },
  ],
  body: [
    { op: "load", dtype: f32, arg: 0, view: both },
    { op: "load", dtype: "int32", arg: 1, view: row },
    { op: "load", dtype: f32, arg: 0, view: told },
    { op: "mul", dtype: f32, args: [0, 2] },
    { op: "neg", dtype: f32, args: [0] },
    { op: "index", dtype: "int32", axis: 1 },
  ],
  accumulators: [
    { combine: "add", dtype: f32, value: 3 },
    { combine: "mul", dtype: f32, value: 4 },
  ],
  epilogue: [
    { op: "acc", dtype: f32, acc: 0 },
    { op: "acc", dtype: f32, acc: 1 },
    { op: "exp", dtype: f32, args: [6] },
  ],
  stores: [{ arg: 2, view: { ...row, at: [{ step: 1, stride: 1 }] }, value: 8 }],
};
const steps: readonly ScalarStep[] = [...kernel.body, ...kernel.epilogue];

/** The numbers of what is true. */
const marked = (list: readonly boolean[]): number[] => list.flatMap((v, i) => v ? [i] : []);

Deno.test("a step reads its operands, or what its place needs, and not what is accumulated", () => {
  assertEquals(steps.map(readBy), [[], [], [1], [0, 2], [0], [], [], [], [6]]);
  assertEquals(readByStores(kernel), [8, 1]);
  assertEquals([...withAllRead(steps, [8, 3])].sort(), [0, 1, 2, 3, 6, 8]);
});

Deno.test("a step is live where a store needs it, through accumulators too", () => {
  assertEquals(marked(liveness(kernel, false)), [0, 1, 2, 3, 6, 8]);
  assertEquals(marked(liveness(kernel, true)), [0, 1, 2, 3, 4, 6, 8]);
});

Deno.test("nothing is taken in where there is nothing to reduce", () => {
  const empty = { ...kernel, reduce: [0] };
  assertEquals(marked(liveness(empty, false)), [1, 6, 8]);
  assertEquals(marked(liveness(empty, true)), [1, 6, 8]);
});

Deno.test("a factor is live with what is taken in by it", () => {
  const linear: Kernel = {
    ...kernel,
    scan: true,
    accumulators: [{ combine: "linear", dtype: f32, value: 0, factor: 4 }],
    epilogue: [{ op: "acc", dtype: f32, acc: 0 }],
    stores: [{ arg: 2, view: both, value: 6 }],
  };
  assertEquals(marked(liveness(linear, false)), [0, 4, 6]);
});

Deno.test("a step varies along the axes of all that it reads", () => {
  const axes = variation(kernel, (stride) => stride !== 0, [true, false]).map(marked);
  assertEquals(axes, [[0, 1], [0], [0], [0, 1], [0, 1], [1], [0], [0], [0]]);
  const still = variation(kernel, (stride, axis) => stride !== 0 && axis > 0, [false, false]);
  assertEquals(still.map(marked), [[1], [], [], [1], [1], [1], [], [], []]);
});
