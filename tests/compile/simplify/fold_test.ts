/**
 * Constant folding: it computes what kernels compute, to the bit, and leaves what rounds as a device
 * likes.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { fold, removeDead } from "../../../src/compile/simplify/mod.ts";
import { literal, literalBeside } from "../../../src/core/mod.ts";
import { EVERY_DTYPE, LITERALS } from "./literals.ts";
import type { OpName } from "../../../src/ir/ops.ts";
import { after, D, F, I, ops, run } from "./cases.ts";
import type { Body } from "../random_programs.ts";

const folded = (body: Body, ...inputs: Parameters<typeof after>[2][]) =>
  after((p) => removeDead(fold(p)), body, ...inputs);
const f32 = (v: number) => literal(v, "float32");

Deno.test("exact arithmetic of numbers is done when compiling", () => {
  const p = folded(() => [f32(0.1).add(f32(0.2)).mul(f32(3)).sqrt()]);
  assertEquals(ops(p), "literal");
  const f = Math.fround;
  const want = f(Math.sqrt(f(f(f(0.1) + f(0.2)) * 3)));
  assertEquals(p.steps[0]!.params.values, [want]);
});

Deno.test("every exact op of every dtype folds to what its kernel gives, for NaN, zeros and extremes", () => {
  const names = {
    number: "add sub mul div rem mod floorDiv maximum minimum eq ne lt le gt ge",
    bits: "and or xor",
    integer: "shl shr",
    one: "neg abs sign",
    float: "sqrt floor ceil trunc round",
  };
  for (const dtype of EVERY_DTYPE) {
    const kind = dtype.startsWith("float") ? "float" : dtype === "bool" ? "bool" : "integer";
    const list = (key: keyof typeof names) => names[key].split(" ") as OpName[];
    const two = [
      ...(kind === "bool" ? ["maximum", "minimum", "eq", "lt"] as OpName[] : list("number")),
      ...(kind === "float" ? [] : list("bits")),
      ...(kind === "integer" ? list("integer") : []),
    ];
    const one = [
      ...(kind === "bool" ? [] : list("one")),
      ...(kind === "float" ? list("float") : ["not"] as OpName[]),
    ];
    for (const a of LITERALS[dtype]) {
      const x = () => literal(a, dtype);
      const p = folded(() => [
        ...one.map((op) => run(op, [x()])),
        ...EVERY_DTYPE.map((to) => run("cast", [x()], { dtype: to })),
        ...LITERALS[dtype].flatMap((b) => two.map((op) => run(op, [x(), literal(b, dtype)]))),
      ]);
      assertEquals(new Set(p.steps.map((s) => s.op)), new Set(["literal"]));
    }
  }
});

Deno.test("transcendentals are left to the device", () => {
  for (const op of ["exp", "log", "tanh", "sin", "sigmoid", "rsqrt", "erf"] as const) {
    assertEquals(ops(folded(() => [run(op, [f32(0.5)])])), `literal ${op}`);
  }
  assertEquals(ops(folded(() => [run("pow", [f32(0.5), f32(3)])])), "literal literal pow");
});

Deno.test("arrays of one number are that number, broadcast", () => {
  const p = folded((x) => {
    const zeros = run("broadcast", [f32(0)], { shape: [3, 4] });
    return [x.add(run("transpose", [zeros.add(f32(1)).reshape([4, 3])], { perm: [1, 0] }))];
  }, F);
  assertEquals(ops(p), "literal broadcast add");
  assertEquals(p.steps[0]!.params.values, [1]);
});

Deno.test("small arrays of numbers are computed, moved, joined and taken from", () => {
  const at = (x: Parameters<Body>[0], values: number[]) =>
    literalBeside(x, values, [values.length], "int32");
  const p = folded((x) => {
    const a = at(x, [3, -1, 7]);
    const b = run("flip", [a.mul(at(x, [2, 2, -2]))], { axes: [0] });
    const both = run("concatenate", [a, b], { axis: 0 });
    const padded = run("pad", [both, literal(9, "int32")], { low: [1], high: [0], inner: [0] });
    return [run("take", [padded, at(x, [0, 1, -1, 99])], { axis: 0, outside: "fill" })];
  }, I);
  assertEquals(ops(p), "literal");
  assertEquals(p.steps[0]!.params.values, [9, 3, 6, -(2 ** 31)]);
});

Deno.test("what is large, or computed from no number, is left", () => {
  const count = (n: number) => run("iota", [], { shape: [n], axis: 0, dtype: "int32" });
  assertEquals(ops(folded(() => [count(4)])), "iota");
  const many = (x: Parameters<Body>[0]) =>
    literalBeside(x, Array.from({ length: 65 }, (_, i) => i), [65], "int32");
  assertEquals(ops(folded((x) => [many(x).add(many(x))], I)), "literal literal add");
  const table = (x: Parameters<Body>[0]) => [
    literalBeside(x, [1, 2, 3, 4, 5, 6, 7, 8, 9], [9, 1], "int32")
      .add(literalBeside(x, [1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 9], "int32")),
  ];
  assertEquals(ops(folded(table, I)), "literal literal add");
});

Deno.test("sums of one number fold where no order of adding rounds", () => {
  const sum = (v: number, n: number, dtype: "float32" | "float64" | "int32" = "float32") =>
    ops(folded(() => [
        run("sum", [run("broadcast", [literal(v, dtype)], { shape: [2, n] })], {
          axes: [1],
          keepdims: false,
        }),
      ]
      )).includes("sum")
      ? "stays"
      : "folds";
  assertEquals(sum(1, 1000), "folds");
  assertEquals(sum(-0, 3), "folds");
  assertEquals(sum(1, 0), "folds");
  assertEquals(sum(0.1, 3), "stays");
  assertEquals(sum(0.75, 2 ** 20), "folds");
  assertEquals(sum(2 ** 23 - 1, 7), "stays");
  assertEquals(sum(NaN, 2), "stays");
  assertEquals(sum(Infinity, 2), "stays");
  assertEquals(sum(1e-42, 2), "stays");
  assertEquals(sum(2 ** 31 - 1, 5, "int32"), "folds");
  assertEquals(sum(0.1, 2, "float64"), "folds");
  assertEquals(sum(0.1, 3, "float64"), "stays");
});

Deno.test("extremes of one number are that number, of none they are left", () => {
  const max = (n: number) => [
    run("max", [run("broadcast", [f32(NaN)], { shape: [2, n] })], { axes: [1], keepdims: true }),
  ];
  assertEquals(ops(folded(() => max(3))), "literal broadcast");
  assertEquals(ops(folded(() => max(0))), "literal broadcast max");
});

Deno.test("numbers beside computed values stay where they are", () => {
  assertEquals(ops(folded((x) => [x.add(1).mul(2)], D)), "literal add literal mul");
});
