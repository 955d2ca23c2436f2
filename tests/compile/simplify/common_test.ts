import { assertEquals } from "@std/assert";
import { shareCommon } from "../../../src/compile/simplify/mod.ts";
import { emitAll, literal } from "../../../src/core/mod.ts";
import { print } from "../../../src/transform/debug.ts";
import { type Body, programOf, runPlan } from "../random_programs.ts";
import { after, F, ops } from "./cases.ts";

Deno.test("equal steps become one, also through a chain", () => {
  const p = after(shareCommon, (x) => [x.exp().mul(2).add(x.exp().mul(2))], F);
  assertEquals(ops(p), "exp literal mul add");
});

Deno.test("steps that differ in operand order, parameters or dtype stay apart", () => {
  const cases: [Body, string][] = [
    [(x) => [x.sub(x.exp()), x.exp().sub(x)], "exp sub sub"],
    [(x) => [x.sum({ keepdims: true }), x.sum()], "sum sum"],
    [(x) => [x.astype("int32"), x.astype("uint32")], "cast cast"],
    [() => [literal(1, "int32"), literal(1, "float32")], "literal literal"],
  ];
  for (const [body, want] of cases) {
    const p = after(shareCommon, body, F);
    assertEquals(ops(p), want);
    assertEquals(new Set(p.outputs).size, 2);
  }
});

Deno.test("a weak number is the same as one that is not, once it is recorded", () => {
  const p = after(shareCommon, () => [literal(1, "float32", true), literal(1, "float32")]);
  assertEquals(ops(p), "literal");
});

Deno.test("-0 and 0 are different literals, NaN is the same as NaN", () => {
  const values = [0, -0, NaN, NaN, Infinity, -Infinity, 0];
  const p = after(shareCommon, () => values.map((v) => literal(v, "float32")));
  assertEquals(p.steps.map((s) => (s.params.values as number[])[0]), [
    0,
    -0,
    NaN,
    Infinity,
    -Infinity,
  ]);
  const one = { ...F, shape: [1], data: Float32Array.of(1) };
  const body: Body = (x) => [x.mul(0).mul(literal(-0, "float32")), x.mul(0)];
  const out = runPlan(programOf(body, [one]), [one]);
  assertEquals(out.map((r) => Object.is(r.data[0], -0)), [true, false]);
});

Deno.test("both results of equal steps of several outputs are joined", () => {
  const p = after(
    shareCommon,
    (x) => {
      const [a, b] = [emitAll("sort", [x], { axis: 0 }), emitAll("sort", [x], { axis: 0 })];
      return [a[0]!, b[1]!, b[0]!];
    },
    F,
  );
  assertEquals(ops(p), "sort");
  const [values, indices] = p.steps[0]!.outs;
  assertEquals(p.outputs, [values!, indices!, values!]);
});

Deno.test("an effect happens as often as it is written", () => {
  const p = programOf((x) => {
    print("{}", x);
    print("{}", x);
    return [x];
  }, [F]);
  assertEquals(ops(shareCommon(p)), "callback callback");
});
