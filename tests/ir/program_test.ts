import { assertEquals, assertThrows } from "@std/assert";
import { makeAval } from "../../src/ir/aval.ts";
import { checkProgram, printProgram, type Program } from "../../src/ir/program.ts";

const v = makeAval([2, 3], "float32");
const row = makeAval([3], "float32");
const good: Program = {
  avals: [v, row, v, makeAval([2], "float32")],
  inputs: [0],
  constants: [1],
  steps: [
    { op: "add", ins: [0, 1], outs: [2], params: {} },
    { op: "sum", ins: [2], outs: [3], params: { axes: [1], keepdims: false } },
  ],
  outputs: [3, 0],
};

Deno.test("a program prints one step a line", () => {
  assertEquals(printProgram(good).split("\n"), [
    "inputs %0:f32[2,3]",
    "constants %1:f32[3]",
    "%2:f32[2,3] = add %0 %1",
    "%3:f32[2] = sum %2 {axes: [1], keepdims: false}",
    "outputs %3 %0",
  ]);
});

Deno.test("checkProgram refuses what contradicts itself or the op table", () => {
  checkProgram(good);
  const [add, sum] = good.steps as [Program["steps"][0], Program["steps"][0]];
  const bad: [Partial<Program>, string][] = [
    [{ steps: [sum, add] }, "Step 0 (sum) reads unwritten %2"],
    [{ steps: [add, { ...sum, outs: [2] }] }, "Step 1 (sum) writes %2 again"],
    [{ steps: [add, { ...sum, outs: [0] }] }, "Step 1 (sum) writes %0 again"],
    [{ steps: [add, { ...sum, outs: [] }] }, "Step 1 (sum) has 0 outputs"],
    [
      { steps: [add, { ...sum, params: { axes: [0], keepdims: false } }] },
      "gives f32[3] but %3 is f32[2]",
    ],
    [{ steps: [add] }, "Output %3 is never written"],
  ];
  for (const [parts, message] of bad) {
    assertThrows(() => checkProgram({ ...good, ...parts }), Error, message);
  }
});

Deno.test("avals of one key are equal, weak ones are marked", () => {
  assertEquals(makeAval([2, 3], "float32").key, "f32[2,3]");
  assertEquals(makeAval([], "uint8", true).key, "u8~[]");
  const a = makeAval([2, 0, 3], "float64");
  assertEquals([a.size, a.bytes], [0, 0]);
  assertEquals(makeAval([2, 3], "float64").bytes, 48);
});
