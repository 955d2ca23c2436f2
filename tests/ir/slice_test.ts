/**
 * Cutting programs in parts.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { makeAval } from "../../src/ir/aval.ts";
import { checkProgram, type Program } from "../../src/ir/program.ts";
import { dependents, extract, residuals } from "../../src/ir/slice.ts";

const a = makeAval([2], "float32");
const wide = makeAval([3, 2], "float32");

/** %0 known, %1 later: %2 = exp %0, %3 = broadcast %2, %4 = mul %3 %1 (broadcast), %5 = sin %0. */
const program: Program = {
  avals: [a, wide, a, wide, wide, a],
  inputs: [0, 1],
  constants: [],
  steps: [
    { op: "exp", ins: [0], outs: [2], params: {} },
    { op: "broadcast", ins: [2], outs: [3], params: { shape: [3, 2] } },
    { op: "mul", ins: [3, 1], outs: [4], params: {} },
    { op: "sin", ins: [0], outs: [5], params: {} },
  ],
  outputs: [4, 5],
};

Deno.test("what depends on an input is found", () => {
  assertEquals([...dependents(program, [1])], [1, 4]);
});

Deno.test("a part has the steps that it needs, numbered anew", () => {
  const part = extract(program, [2, 1], [4]);
  checkProgram(part);
  assertEquals(part.steps.map((s) => s.op), ["broadcast", "mul"]);
  assertEquals([part.inputs, part.avals.length], [[0, 1], 4]);
});

Deno.test("what is handed on is the smallest source of what only moves it", () => {
  assertEquals(residuals(program, [1], [4]), [2]);
  assertEquals(residuals(program, [1], [5]), [5]);
});
