/**
 * What the tests of single passes share: programs at work sizes, the lines of their plans, and what
 * they compute with passes off.
 *
 * @module
 */
import { assert } from "@std/assert";
import { compile, type CompileOptions } from "../../src/compile/mod.ts";
import { printStep } from "../../src/compile/print_plan.ts";
import type { GoldenArray } from "../goldens/read.ts";
import { type Body, programOf, runPlan } from "./random_programs.ts";

/** Numbers without a pattern in [-1, 1). */
export function floats(...shape: number[]): GoldenArray {
  const n = shape.reduce((a, b) => a * b, 1);
  let state = n + 1;
  const data = new Float32Array(n).map(() => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
  return { dtype: "float32", shape, data };
}

/** The steps of a plan, a line each, the slots left out. */
export function stepsOf(
  body: Body,
  inputs: readonly GoldenArray[],
  options: CompileOptions = {},
): string[] {
  return compile(programOf(body, inputs), options).steps
    .map((s) => printStep({ ...s, args: [] }, "").trimEnd());
}

/** Asserts that a body computes the same, within a tolerance, with and without passes. */
export function assertSame(
  body: Body,
  inputs: readonly GoldenArray[],
  passesOff: readonly string[],
  tolerance: number,
): void {
  const program = programOf(body, inputs);
  const [got, wanted] = [{}, { passesOff }].map((o) => runPlan(program, inputs, o));
  got!.forEach(({ data }, k) => {
    data.forEach((x, i) => {
      const y = Number(wanted![k]!.data[i]);
      const error = Math.abs(Number(x) - y);
      assert(
        error <= tolerance * Math.max(1, Math.abs(y)),
        `output ${k}, element ${i}: ${x}, ${y}`,
      );
    });
  });
}
