/**
 * What the tests of simplification share: recording a body, and showing that a pass changed what it
 * should and no bit of any result.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { emit, literal, type Tensor } from "../../../src/core/mod.ts";
import { checkProgram, type Program } from "../../../src/ir/program.ts";
import type { OpName } from "../../../src/ir/ops.ts";
import type { GoldenArray } from "../../goldens/read.ts";
import { difference } from "../../ir/op_samples.ts";
import { type Body, programOf, runPlan } from "../random_programs.ts";

const values = [1.5, -0, 0, NaN, Infinity, -Infinity, -3, 1e-40, 3e38, 7, 2, 0.1];

/** Floats of every kind. */
export const F: GoldenArray = {
  dtype: "float32",
  shape: [3, 4],
  data: Float32Array.from(values),
};
export const D: GoldenArray = { dtype: "float64", shape: [3, 4], data: Float64Array.from(values) };
export const I: GoldenArray = {
  dtype: "int32",
  shape: [3, 4],
  data: Int32Array.of(0, 1, -1, 2, -2, 3, 100, -100, 2 ** 31 - 1, -(2 ** 31), 7, 8),
};
export const U: GoldenArray = {
  dtype: "uint32",
  shape: [3, 4],
  data: Uint32Array.of(0, 1, 2, 3, 4, 5, 2 ** 31, 2 ** 32 - 1, 9, 10, 11, 12),
};
export const B: GoldenArray = {
  dtype: "bool",
  shape: [3, 4],
  data: Uint8Array.of(0, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 0),
};

/** An op of any name. */
export const run = (op: OpName, ins: readonly Tensor[], params: object = {}): Tensor =>
  emit(op as "add", [...ins], params as never);

/** A number beside a tensor, of its dtype. */
export const num = (x: Tensor, n: number): Tensor => literal(n, x.dtype);

/** The ops of the steps, in order. */
export const ops = (p: Program): string => p.steps.map((s) => s.op).join(" ");

/** The program of a body after a pass; no result of it differs from that of the body as written. */
export function after(
  pass: (p: Program) => Program,
  body: Body,
  ...inputs: readonly GoldenArray[]
): Program {
  const p = programOf(body, inputs);
  const simple = pass(p);
  checkProgram(simple);
  const without = { passesOff: ["dead", "common", "fold", "algebra"] };
  const [got, want] = [runPlan(simple, inputs, without), runPlan(p, inputs, without)];
  assertEquals(difference(got, want, {}, true), null, `${body}`);
  return simple;
}
