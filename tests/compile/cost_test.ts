/**
 * What steps cost, against counts made by hand.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { allocate, type DType } from "../../src/base/dtype.ts";
import { type Cost, cost } from "../../src/compile/cost.ts";
import { emit, emitAll } from "../../src/core/mod.ts";
import type { Kernel } from "../../src/ir/kernel.ts";
import * as np from "../../src/numpy/mod.ts";
import type { GoldenArray, GoldenDtype } from "../goldens/read.ts";
import { compileChecked } from "../ir/op_samples.ts";
import { type Body, programOf } from "./random_programs.ts";

const zeros = (dtype: DType, ...shape: number[]): GoldenArray => ({
  dtype: dtype as GoldenDtype,
  shape,
  data: allocate(dtype, shape.reduce((n, m) => n * m, 1)) as Float32Array,
});
const f32 = (...shape: number[]) => zeros("float32", ...shape);

/** The costs of the steps of a body. */
const costs = (body: Body, ...inputs: GoldenArray[]): Cost[] =>
  compileChecked(programOf(body, inputs)).steps.map(cost);

Deno.test("a matrix product costs 2mnk and reads its factors once", () => {
  assertEquals(costs((a, b) => [a.matmul(b)], f32(2, 3), f32(3, 5)), [
    { flops: 2 * 2 * 3 * 5, bytes: 4 * (6 + 15 + 10) },
  ]);
  const f64 = (...shape: number[]) => zeros("float64", ...shape);
  assertEquals(costs((a, b) => [a.matmul(b)], f64(7, 2, 3), f64(7, 3, 5)), [
    { flops: 7 * 60, bytes: 7 * 8 * 31 },
  ]);
});

Deno.test("each scalar operation counts one for each element; a broadcast operand is read once", () => {
  assertEquals(costs((a, b) => [a.mul(b).exp()], f32(8, 4), f32(4)), [
    { flops: 2 * 32, bytes: 4 * (32 + 4 + 32) },
  ]);
});

Deno.test("a reduction takes in every element and writes few", () => {
  assertEquals(costs((a) => [a.mul(a).sum(1)], f32(8, 4)), [
    { flops: 32 + 32, bytes: 4 * (32 + 8) },
  ]);
});

Deno.test("what only moves costs no arithmetic", () => {
  assertEquals(costs((a) => [a.transpose()], f32(8, 4)), [{ flops: 0, bytes: 2 * 128 }]);
  assertEquals(costs((a) => [emit("slice", [a], { start: [2], size: [3], step: [1] })], f32(8)), [
    { flops: 0, bytes: 2 * 12 },
  ]);
});

Deno.test("windows of one argument that overlap are read once", () => {
  const part = (start: number) => ({ start: [start], size: [6], step: [1] });
  const body: Body = (a) => [emit("slice", [a], part(0)).add(emit("slice", [a], part(2)))];
  assertEquals(costs(body, f32(8)), [{ flops: 6, bytes: 4 * (8 + 6) }]);
});

Deno.test("a routine that sorts moves its values and their positions", () => {
  const body: Body = (a) => emitAll("sort", [a], { axis: 1, descending: false } as never);
  assertEquals(costs(body, f32(3, 5)).at(-1), { flops: 0, bytes: 15 * 4 * 3 });
});

Deno.test("nothing costs nothing", () => {
  assertEquals(costs((a) => [a.exp()], f32(0, 4)), [{ flops: 0, bytes: 0 }]);
});

const kernel = (parts: Partial<Kernel>): Cost =>
  cost({
    kind: "kernel",
    args: [0, 1],
    kernel: {
      name: "made by hand",
      shape: [6],
      reduce: [4],
      args: [{ dtype: "float32", writes: false }, { dtype: "float32", writes: true }],
      body: [{ op: "load", dtype: "float32", arg: 0, view: { offset: 0, strides: [4, 1] } }],
      accumulators: [{ combine: "add", dtype: "float32", value: 0 }],
      epilogue: [
        { op: "acc", dtype: "float32", acc: 0 },
        { op: "sqrt", dtype: "float32", args: [1] },
      ],
      stores: [{ arg: 1, view: { offset: 0, strides: [1, 0] }, value: 2 }],
      ...parts,
    },
  });

Deno.test("what follows a reduction counts once for each result, in a scan for each element", () => {
  assertEquals(kernel({}), { flops: 24 + 6, bytes: 4 * (24 + 6) });
  const stores = [{ arg: 1, view: { offset: 0, strides: [4, 1] }, value: 2 }];
  assertEquals(kernel({ scan: true, stores }), { flops: 24 + 24, bytes: 4 * (24 + 24) });
});

Deno.test("a linear recurrence multiplies and adds", () => {
  const accumulators = [{ combine: "linear", dtype: "float32", value: 0, factor: 0 } as const];
  assertEquals(kernel({ accumulators }).flops, 2 * 24 + 6);
});

Deno.test("adding to what is there reads it too, and is an operation", () => {
  const stores = [{ arg: 1, view: { offset: 0, strides: [1, 0] }, value: 2, add: true }];
  assertEquals(kernel({ stores }), { flops: 24 + 6 + 6, bytes: 4 * (24 + 6 + 6) });
});

Deno.test("a gather reads an element for each of its points, however far apart", () => {
  const cost = costs((a, at) => [np.take(a, at, { axis: 0 })], f32(1000, 4), zeros("int32", 3)).at(
    -1,
  )!;
  // positions are read once for each row, rows of four numbers are read and written
  assertEquals(cost.bytes, 4 * (3 + 12 + 12));
});
