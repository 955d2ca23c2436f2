import { assertEquals } from "@std/assert";
import { removeDead, shareCommon, simplify, staticWindows } from "../../src/compile/simplify.ts";
import { emit, emitAll, literal, literalBeside } from "../../src/core/mod.ts";
import { checkProgram, type Program } from "../../src/ir/program.ts";
import type { GoldenArray } from "../goldens/read.ts";
import { difference } from "../ir/op_samples.ts";
import { type Body, programOf, randomBody, randomInputs, runPlan } from "./random_programs.ts";

const X: GoldenArray = { dtype: "float32", shape: [4], data: Float32Array.of(1, 2, 3, 4) };
const AT: GoldenArray = { dtype: "int32", shape: [1], data: Int32Array.of(1) };
const record = (body: Body, ...inputs: GoldenArray[]): Program => programOf(body, inputs);
const ops = (p: Program): string[] => p.steps.map((s) => s.op);

Deno.test("steps whose results nobody reads go, and with them what only they read", () => {
  const p = record((x) => {
    x.exp().mul(3);
    emitAll("sort", [x], { axis: 0 });
    return [x.add(1)];
  }, X);
  assertEquals(ops(removeDead(p)), ["literal", "add"]);
});

Deno.test("a step of several outputs stays when one of them is read", () => {
  const p = removeDead(record((x) => [emitAll("sort", [x], { axis: 0 })[1]!], X));
  assertEquals(ops(p), ["sort"]);
  assertEquals(p.steps[0]!.outs.length, 2);
});

Deno.test("equal steps become one, also through a chain", () => {
  const p = record((x) => [x.exp().mul(2).add(x.exp().mul(2))], X);
  assertEquals(ops(shareCommon(p)), ["exp", "literal", "mul", "add"]);
});

Deno.test("steps that differ in operand order, parameters or dtype stay apart", () => {
  const cases: [Body, string][] = [
    [(x) => [x.sub(x.exp()), x.exp().sub(x)], "exp sub sub"],
    [(x) => [x.sum({ keepdims: true }), x.sum()], "sum sum"],
    [(x) => [x.astype("int32"), x.astype("uint32")], "cast cast"],
    [() => [literal(1, "int32"), literal(1, "float32")], "literal literal"],
    [() => [literal(1, "float32", true), literal(1, "float32")], "literal literal"],
  ];
  for (const [body, want] of cases) {
    const p = shareCommon(record(body, X));
    assertEquals(ops(p).join(" "), want);
    assertEquals(new Set(p.outputs).size, 2);
  }
});

Deno.test("-0 and 0 are different literals, NaN is the same as NaN", () => {
  const values = [0, -0, NaN, NaN, Infinity, -Infinity, 0];
  const p = shareCommon(record(() => values.map((v) => literal(v, "float32")), X));
  assertEquals(p.steps.map((s) => (s.params.values as number[])[0]), [
    0,
    -0,
    NaN,
    Infinity,
    -Infinity,
  ]);
  const out = runPlan(record((x) => [x.mul(0).mul(literal(-0, "float32")), x.mul(0)], X), [X]);
  assertEquals(out.map((r) => Object.is(r.data[0], -0)), [true, false]);
});

Deno.test("both results of equal steps of several outputs are joined", () => {
  const p = simplify(record((x) => {
    const [a, b] = [emitAll("sort", [x], { axis: 0 }), emitAll("sort", [x], { axis: 0 })];
    return [a[0]!, b[1]!, b[0]!];
  }, X));
  assertEquals(ops(p), ["sort"]);
  const [values, indices] = p.steps[0]!.outs;
  assertEquals(p.outputs, [values!, indices!, values!]);
});

Deno.test("same and stop are read through", () => {
  const p = simplify(record((x) => {
    const y = emit("same", [emit("stop", [emit("same", [x])])]);
    return [y, y.exp(), x.exp()];
  }, X));
  assertEquals(ops(p), ["exp"]);
  assertEquals(p.outputs[0], p.inputs[0]);
  assertEquals(p.outputs[1], p.outputs[2]);
});

Deno.test("a window at a written place is a static slice, clamped as at run time", () => {
  for (const [at, start] of [[1, 1], [9, 2], [-5, 0]] as const) {
    const body: Body = (x) => {
      const starts = literalBeside(x, [at], [1], "int32");
      return [emit("dynamicSlice", [x, starts], { size: [2] })];
    };
    const p = simplify(record(body, X));
    assertEquals(ops(p), ["slice"]);
    assertEquals(p.steps[0]!.params, { start: [start], size: [2], step: [1] });
    assertEquals(staticWindows(p), p);
    assertEquals([...runPlan(record(body, X), [X])[0]!.data], [start + 1, start + 2]);
  }
});

Deno.test("a window at a computed place stays dynamic", () => {
  const p = simplify(record((x, at) => [emit("dynamicSlice", [x, at], { size: [2] })], X, AT));
  assertEquals(ops(p), ["dynamicSlice"]);
});

Deno.test("200 random programs keep their inputs, outputs and values", () => {
  for (let seed = 7000; seed < 7200; seed++) {
    const inputs = randomInputs(seed, "exact");
    const p = programOf(randomBody(seed, "exact", 10), inputs);
    const simple = simplify(p);
    checkProgram(simple);
    assertEquals(simple.inputs, p.inputs);
    assertEquals(simple.outputs.map((o) => p.avals[o]!.key), p.outputs.map((o) => p.avals[o]!.key));
    const kept = new Set(simple.steps.flatMap((s) => s.outs));
    assertEquals(kept.size, simple.steps.reduce((n, s) => n + s.outs.length, 0));
    if (seed % 4 > 0) continue;
    assertEquals(difference(runPlan(simple, inputs), runPlan(p, inputs), {}, true), null);
    assertEquals(simplify(simple).steps.length, simple.steps.length, `seed ${seed}`);
  }
});
