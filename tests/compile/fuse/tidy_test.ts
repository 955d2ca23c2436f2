import { assertEquals, assertStrictEquals } from "@std/assert";
import type { KernelStep } from "../../../src/compile/fuse/steps.ts";
import { tidy } from "../../../src/compile/fuse/tidy.ts";
import { checkKernel, type ScalarStep } from "../../../src/ir/kernel.ts";
import { printKernel } from "../../../src/ir/print_kernel.ts";

const view = { offset: 0, strides: [1] };
const load = (arg: number): ScalarStep => ({ op: "load", dtype: "float32", arg, view });
const op = (name: "add" | "mul" | "exp", ...args: number[]): ScalarStep => ({
  op: name,
  dtype: "float32",
  args,
});

/** A kernel of three read arguments, which stores one step. */
function step(body: readonly ScalarStep[], value: number, ids: readonly number[]): KernelStep {
  const read = { dtype: "float32", writes: false } as const;
  const kernel = {
    name: "test",
    shape: [4],
    reduce: [],
    args: [read, read, read, { ...read, writes: true }],
    body,
    accumulators: [],
    epilogue: [],
    stores: [{ arg: 3, view, value }],
  };
  checkKernel(kernel);
  return { kind: "kernel", kernel, args: ids };
}

Deno.test("a value loaded twice is one argument and one load, and what follows is computed once", () => {
  const body = [load(0), op("exp", 0), load(1), op("exp", 2), load(2), op("add", 1, 3)];
  const { kernel, args } = tidy(step([...body, op("mul", 5, 4)], 6, [7, 7, 8, 9]));
  checkKernel(kernel);
  assertEquals(args, [7, 8, 9]);
  assertEquals(printKernel(kernel).split("\n"), [
    "kernel test (4) args a0:f32 a1:f32 a2:f32!",
    "  %0:f32 = load a0[0 + (1)]",
    "  %1:f32 = exp %0",
    "  %2:f32 = load a1[0 + (1)]",
    "  %3:f32 = add %1 %1",
    "  %4:f32 = mul %3 %2",
    "  store a2[0 + (1)] = %4",
  ]);
});

Deno.test("steps that nothing needs go, with the arguments that they alone read", () => {
  const { kernel, args } = tidy(
    step([load(0), load(1), op("exp", 1), op("exp", 0)], 3, [5, 6, 7, 8]),
  );
  checkKernel(kernel);
  assertEquals(args, [5, 8]);
  assertEquals(kernel.body.map((s) => s.op), ["load", "exp"]);
});

Deno.test("what is tidy stays the very same", () => {
  const given = step([load(0), load(1), load(2), op("add", 0, 1), op("mul", 3, 2)], 4, [
    1,
    2,
    3,
    4,
  ]);
  const once = tidy(given);
  assertEquals(once, given);
  assertStrictEquals(tidy(once), once);
});
