/**
 * Kernels as text: what each kind of op becomes, before fusion.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { lowerStep } from "../../src/compile/lower.ts";
import { broadcastStrides } from "../../src/compile/lower/rule.ts";
import { allocate, type DType } from "../../src/base/dtype.ts";
import { emit, emitAll } from "../../src/core/mod.ts";
import { normalizeKernel } from "../../src/ir/kernel.ts";
import { printKernel } from "../../src/ir/print_kernel.ts";
import type { GoldenArray, GoldenDtype } from "../goldens/read.ts";
import { type Body, programOf } from "./random_programs.ts";

const zeros = (dtype: DType, ...shape: number[]): GoldenArray => ({
  dtype: dtype as GoldenDtype,
  shape,
  data: allocate(dtype, shape.reduce((n, m) => n * m, 1)),
});
const f32 = (...shape: number[]): GoldenArray => zeros("float32", ...shape);
const i32 = (...shape: number[]): GoldenArray => zeros("int32", ...shape);

/** What the steps of a body are lowered to. */
function lowered(body: Body, ...inputs: GoldenArray[]): string {
  const p = programOf(body, inputs);
  return p.steps.flatMap((s) => s.op === "literal" ? [] : lowerStep(s, p.avals))
    .map((s) =>
      s.kind === "kernel"
        ? printKernel(normalizeKernel(s.kernel))
        : callText("call" in s ? s.call : s)
    )
    .join("\n");
}
const callText = (call: object): string =>
  Object.entries(call).map(([k, v]) => `${k}=${v}`).join(" ");

/** Asserts the text of a body's kernels; the indentation of `want` does not count. */
function assertLowered(want: string, body: Body, ...inputs: GoldenArray[]): void {
  const lines = want.split("\n").filter((line) => line.trim() !== "");
  const margin = Math.min(...lines.map((line) => line.search(/\S/)));
  assertEquals(lowered(body, ...inputs), lines.map((line) => line.slice(margin)).join("\n"));
}

Deno.test("an operand that broadcasts is read with stride 0", () => {
  assertLowered(
    `
    kernel add (2,3) args a0:f32 a1:f32 a2:f32!
      %0:f32 = load a0[0 + (3,1)]
      %1:f32 = load a1[0 + (0,1)]
      %2:f32 = add %0 %1
      store a2[0 + (3,1)] = %2`,
    (a, b) => [emit("add", [a, b])],
    f32(2, 3),
    f32(3),
  );
  assertEquals(broadcastStrides([3, 1], [2, 3, 4]), [0, 1, 0]);
  assertEquals(broadcastStrides([], [2]), [0]);
});

Deno.test("operands of one shape are one loop", () => {
  assertLowered(
    `
    kernel mul (24) args a0:f32 a1:f32 a2:f32!
      %0:f32 = load a0[0 + (1)]
      %1:f32 = load a1[0 + (1)]
      %2:f32 = mul %0 %1
      store a2[0 + (1)] = %2`,
    (a, b) => [emit("mul", [a, b])],
    f32(2, 3, 4),
    f32(2, 3, 4),
  );
});

Deno.test("a reduction keeps one axis and goes over the others", () => {
  assertLowered(
    `
    kernel sum (2,4) reduce (3) args a0:f32 a1:f32!
      %0:f32 = load a0[0 + (12,1,4)]
      acc 0:f32 add %0
      %1:f32 = acc 0
      store a1[0 + (4,1,0)] = %1`,
    (a) => [emit("sum", [a], { axes: [1], keepdims: false })],
    f32(2, 3, 4),
  );
  assertLowered(
    `
    kernel argmax (2) reduce (3) args a0:f32 a1:i32!
      %0:f32 = load a0[0 + (3,1)]
      acc 0:i32 argmax %0
      %1:i32 = acc 0
      store a1[0 + (1,0)] = %1`,
    (a) => [emit("argmax", [a], { axis: 1 })],
    f32(2, 3),
  );
});

Deno.test("a running sum from the end walks backwards", () => {
  assertLowered(
    `
    kernel cumsum () scan (5) args a0:i32 a1:i32!
      %0:i32 = load a0[4 + (-1)]
      acc 0:i32 add %0
      %1:i32 = acc 0
      store a1[4 + (-1)] = %1`,
    (a) => [emit("cumsum", [a], { axis: 0, reverse: true })],
    i32(5),
  );
  assertLowered(
    `
    kernel recurrence (2) scan (3) args a0:f64 a1:f64 a2:f64!
      %0:f64 = load a0[0 + (3,1)]
      %1:f64 = load a1[0 + (3,1)]
      acc 0:f64 linear %1 by %0
      %2:f64 = acc 0
      store a2[0 + (3,1)] = %2`,
    (a, b) => [emit("recurrence", [a, b], { axis: 1, reverse: false })],
    zeros("float64", 2, 3),
    zeros("float64", 2, 3),
  );
});

Deno.test("movements are copies between views", () => {
  assertLowered(
    `
    kernel transpose (3,2) args a0:f32 a1:f32!
      %0:f32 = load a0[0 + (1,3)]
      store a1[0 + (2,1)] = %0`,
    (a) => [emit("transpose", [a], { perm: [1, 0] })],
    f32(2, 3),
  );
  assertLowered(
    `
    kernel pad (8) args a0:f32 a1:f32!
      %0:f32 = load a0[0 + (0)]
      store a1[0 + (1)] = %0
    kernel pad (3) args a0:f32 a1:f32!
      %0:f32 = load a0[0 + (1)]
      store a1[1 + (2)] = %0`,
    (a, fill) => [emit("pad", [a, fill], { low: [1], high: [2], inner: [1] })],
    f32(3),
    f32(),
  );
  assertLowered(
    `
    kernel concatenate (2,3) args a0:u8 a1:u8!
      %0:u8 = load a0[0 + (3,1)]
      store a1[0 + (4,1)] = %0
    kernel concatenate (2) args a0:u8 a1:u8!
      %0:u8 = load a0[0 + (1)]
      store a1[3 + (4)] = %0`,
    (a, b) => [emit("concatenate", [a, b], { axis: 1 })],
    zeros("uint8", 2, 3),
    zeros("uint8", 2, 1),
  );
});

Deno.test("a gather wraps negative indices once, reads inside, and fills outside", () => {
  assertLowered(
    `
    kernel take (2,4) args a0:i32 a1:f32 a2:f32!
      %0:i32 = load a0[0 + (0,1)]
      %1:i32 = 0
      %2:i32 = 3
      %3:i32 = add %0 %2
      %4:b1 = lt %0 %1
      %5:i32 = where %4 %3 %0
      %6:b1 = ge %5 %1
      %7:b1 = lt %5 %2
      %8:b1 = and %6 %7
      %9:i32 = 2
      %10:i32 = min %5 %9
      %11:i32 = max %1 %10
      %12:f32 = load a1[0 + (3,0) + 1*%11]
      %13:f32 = NaN
      %14:f32 = where %8 %12 %13
      store a2[0 + (4,1)] = %14`,
    (a, at) => [emit("take", [a, at], { axis: 1, outside: "fill" })],
    f32(2, 3),
    i32(4),
  );
});

Deno.test("a window's starts are clamped into range", () => {
  assertLowered(
    `
    kernel dynamicSlice (2,2) args a0:i32 a1:i32 a2:f32 a3:f32!
      %0:i32 = load a0[0 + (0,0)]
      %1:i32 = 0
      %2:i32 = max %0 %1
      %3:i32 = 2
      %4:i32 = min %2 %3
      %5:i32 = load a1[1 + (0,0)]
      %6:i32 = 0
      %7:i32 = max %5 %6
      %8:i32 = 3
      %9:i32 = min %7 %8
      %10:f32 = load a2[0 + (5,1) + 5*%4 + 1*%9]
      store a3[0 + (2,1)] = %10`,
    (a, at) => [emit("dynamicSlice", [a, at], { size: [2, 2] })],
    f32(4, 5),
    i32(2),
  );
});

Deno.test("products of floats are calls, those of integers are loops, sorting is a call", () => {
  assertLowered(
    "name=gemm dtype=float32 ta=true tb=false m=2 n=4 k=3 batch=5 beta=0",
    (a, b) => [emit("dot", [a, b], { ta: true, tb: false })],
    f32(5, 3, 2),
    f32(5, 3, 4),
  );
  assertLowered(
    `
    kernel dot (2,4) reduce (3) args a0:i32 a1:i32 a2:i32!
      %0:i32 = load a0[0 + (3,0,1)]
      %1:i32 = load a1[0 + (0,3,1)]
      %2:i32 = mul %0 %1
      acc 0:i32 add %2
      %3:i32 = acc 0
      store a2[0 + (4,1,0)] = %3`,
    (a, b) => [emit("dot", [a, b], { ta: false, tb: true })],
    i32(2, 3),
    i32(4, 3),
  );
  assertLowered(
    "name=sort dtype=float32 outer=2 size=3 inner=4",
    (a) => emitAll("sort", [a], { axis: 1 }),
    f32(2, 3, 4),
  );
});

Deno.test("a literal has no code", () => {
  const step = { op: "literal", ins: [], outs: [0], params: {} } as const;
  assertThrows(() => lowerStep(step, []), Error, "literal has no lowering");
});
