/**
 * Programs that stand as one step are written out before a program is simplified, and barriers go
 * after that.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { dropBarriers, openCalls } from "../../src/compile/calls.ts";
import { compile, simplify } from "../../src/compile/mod.ts";
import { makeAval } from "../../src/ir/aval.ts";
import { checkProgram, type Program, type Step } from "../../src/ir/program.ts";

const step = (op: Step["op"], ins: number[], outs: number[], params = {}): Step => ({
  op,
  ins,
  outs,
  params,
});

function program(count: number, inputs: number[], steps: Step[], outputs: number[]): Program {
  const avals = Array.from({ length: count }, () => makeAval([4], "float32"));
  return { avals, inputs, constants: [], steps, outputs };
}

/** sin(b) and b - a, of a and b. */
const inner = program(4, [0, 1], [step("sin", [1], [2]), step("sub", [1, 0], [3])], [2, 3]);

Deno.test("calls are written out where they stand, also those in each other", () => {
  const middle = program(5, [0, 1], [
    step("checkpoint", [1, 0], [2, 3], { program: inner }),
    step("mul", [2, 3], [4]),
  ], [4, 1]);
  const outer = program(5, [0, 1], [
    step("exp", [0], [2]),
    step("custom", [2, 1], [3, 4], { program: middle, operands: 2, call: { label: "f" } }),
  ], [3, 4, 2]);
  checkProgram(outer);
  const open = openCalls(outer);
  checkProgram(open);
  assertEquals(open.steps.map((s) => s.op), ["exp", "sin", "sub", "mul"]);
  // of exp(x) and y: sin(exp(x)) * (exp(x) - y), y, exp(x)
  assertEquals(open.steps.slice(1).map((s) => s.ins), [[2], [2, 1], [
    open.steps[1]!.outs[0]!,
    open.steps[2]!.outs[0]!,
  ]]);
  assertEquals(open.outputs, [open.steps[3]!.outs[0]!, 1, 2]);
});

Deno.test("what stands behind a barrier is not merged with what stands before it", () => {
  const twice = program(6, [0], [
    step("sin", [0], [1]),
    step("barrier", [0], [2]),
    step("sin", [2], [3]),
    step("sin", [2], [4]),
    step("add", [1, 3], [5]),
  ], [5, 4]);
  const simple = simplify(twice);
  assertEquals(simple.steps.map((s) => s.op), ["sin", "barrier", "sin", "add"]);
  const open = dropBarriers(simple);
  assertEquals(open.steps.map((s) => [s.op, s.ins[0]]), [["sin", 0], ["sin", 0], ["add", 1]]);
  assertEquals(open.outputs, [5, 3]);
});

Deno.test("a barrier costs nothing", () => {
  const alone = program(3, [0], [step("barrier", [0], [1]), step("exp", [1], [2])], [2, 1]);
  const plan = compile(alone);
  assertEquals(plan.steps.length, 1);
  assertEquals(plan.outputs[1], { kind: "input", index: 0 });
});
