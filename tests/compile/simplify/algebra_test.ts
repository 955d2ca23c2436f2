/**
 * Each rule of the algebra fires where it should, and not where it would change a NaN, an infinity, a
 * signed zero or a rounding. Every case is also run with and without the rules, on floats of every
 * kind, and compared to the bit.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { algebra, removeDead, shareCommon } from "../../../src/compile/simplify/mod.ts";
import { literalBeside, type Tensor } from "../../../src/core/mod.ts";
import type { GoldenArray } from "../../goldens/read.ts";
import type { Body } from "../random_programs.ts";
import { after, B, D, F, I, num, ops, run, U } from "./cases.ts";

type One = (x: Tensor, y: Tensor) => Tensor;

/** What is left of an expression of x and y; a literal's step is not told. */
function left(f: One, x: GoldenArray, y: GoldenArray): string {
  const body: Body = (a, b) => [f(a!, b!)];
  const p = after((p) => removeDead(algebra(shareCommon(p))), body, x, y);
  return ops(p).replaceAll("literal ", "").replace(/^literal$/, "");
}

/** What is left of each case. */
function check(x: GoldenArray, y: GoldenArray, cases: readonly (readonly [One, string])[]): void {
  for (const [f, want] of cases) assertEquals(left(f, x, y), want, `${f} of ${x.dtype}`);
}

const cast = (x: Tensor, dtype: string) => run("cast", [x], { dtype });
const not = (x: Tensor) => run("not", [x]);
const two = (
  op: "div" | "and" | "or" | "xor" | "shl" | "shr" | "eq" | "lt" | "ge" | "rem" | "floorDiv",
) => {
  return (a: Tensor, b: Tensor) => run(op, [a, b]);
};
const where = (c: Tensor, a: Tensor, b: Tensor) => run("where", [c, a, b]);
const perm = (x: Tensor, ...axes: number[]) => run("transpose", [x], { perm: axes });
const wide = (x: Tensor, ...shape: number[]) => run("broadcast", [x], { shape });
const slice = (x: Tensor, start: number[], size: number[], step = size.map(() => 1)) =>
  run("slice", [x], { start, size, step });
const sum = (x: Tensor, ...axes: number[]) => run("sum", [x], { axes, keepdims: false });
const floats = [F, D];
const integers = [I, U];

Deno.test("adding and subtracting nothing: -0 and 0 are not the same nothing", () => {
  for (const x of floats) {
    check(x, x, [
      [(x) => x.add(num(x, -0)), ""],
      [(x) => num(x, -0).add(x), ""],
      [(x) => x.sub(num(x, 0)), ""],
      [(x) => x.add(num(x, 0)), "add"],
      [(x) => x.sub(num(x, -0)), "sub"],
      [(x) => num(x, 0).sub(x), "sub"],
      [(x) => x.sub(x), "sub"],
    ]);
  }
  for (const x of integers) {
    check(x, x, [
      [(x) => x.add(num(x, 0)), ""],
      [(x) => x.sub(num(x, 0)), ""],
      [(x) => x.sub(x), "broadcast"],
    ]);
  }
});

Deno.test("multiplying by one and by nothing: NaN and infinity times 0 are NaN", () => {
  for (const x of floats) {
    check(x, x, [
      [(x) => x.mul(num(x, 1)), ""],
      [(x) => num(x, 1).mul(x), ""],
      [(x) => x.mul(num(x, 0)), "mul"],
      [(x) => x.mul(num(x, 2)), "mul"],
      [(x) => x.mul(num(x, -1)), "mul"],
    ]);
  }
  for (const x of integers) check(x, x, [[(x) => x.mul(num(x, 0)), "broadcast"]]);
});

Deno.test("dividing by one; by a power of two is multiplying, where the inverse is a normal number", () => {
  for (const x of floats) {
    check(x, x, [
      [(x) => x.div(num(x, 1)), ""],
      [(x) => x.div(num(x, 8)), "mul"],
      [(x) => x.div(num(x, -0.25)), "mul"],
      [(x) => x.div(num(x, 3)), "div"],
      [(x) => x.div(num(x, 0)), "div"],
      [(x) => x.div(num(x, Infinity)), "div"],
      [(x) => x.div(num(x, x.dtype === "float32" ? 2 ** 127 : 2 ** 1023)), "div"],
      [(x) => x.div(num(x, x.dtype === "float32" ? 2 ** -149 : 2 ** -1074)), "div"],
      [(x) => two("floorDiv")(x, num(x, 1)), "floorDiv"],
      [(x) => two("rem")(x, num(x, 1)), "rem"],
    ]);
  }
  for (const x of integers) {
    check(x, x, [
      [(x) => two("div")(x, num(x, 1)), ""],
      [(x) => two("div")(x, num(x, 8)), "div"],
      [(x) => two("floorDiv")(x, num(x, 1)), ""],
      [(x) => two("rem")(x, num(x, 1)), "broadcast"],
      [(x) => x.mod(num(x, 1)), "broadcast"],
    ]);
  }
});

Deno.test("negations meet", () => {
  for (const x of floats) {
    check(x, x, [
      [(x) => x.neg().neg(), ""],
      [(x) => x.add(x.mul(x).neg()), "mul sub"],
      [(x) => x.neg().add(x.mul(x)), "mul sub"],
      [(x) => x.sub(x.mul(x).neg()), "mul add"],
      [(x) => x.neg().mul(x.mul(x).neg()), "mul mul"],
      [(x) => x.neg().div(x.mul(x).neg()), "mul div"],
      [(x) => x.neg().abs(), "abs"],
      [(x) => x.abs().abs(), "abs"],
      [(x) => x.sub(x.mul(x)).neg(), "mul sub neg"],
      [(x) => x.neg().mul(x), "neg mul"],
    ]);
  }
  check(I, I, [
    [(x) => two("div")(x.neg(), x.abs().neg()), "neg abs neg div"],
    [(x) => x.neg().abs(), "abs"],
  ]);
  check(U, U, [
    [(x) => x.neg().abs(), "neg abs"],
    [(x) => x.neg().neg(), ""],
    [(x) => x.add(x.mul(x).neg()), "mul sub"],
  ]);
});

Deno.test("choices that are made already", () => {
  const yes = (x: Tensor) => literalBeside(x, [1], [], "bool");
  const no = (x: Tensor) => literalBeside(x, [0], [], "bool");
  for (const x of [...floats, ...integers]) {
    check(x, B, [
      [(x) => where(yes(x), x, x.mul(x)), ""],
      [(x) => where(no(x), x, x.mul(x)), "mul"],
      [(x, c) => where(c, x, x), ""],
      [(x, c) => where(not(c), x, x.mul(x)), "mul where"],
      [(x, c) => where(c, x, x.mul(x)), "mul where"],
      [(x) => run("maximum", [x, x]), ""],
      [(x) => run("minimum", [x, x]), ""],
      [(x) => two("lt")(x, x), "broadcast"],
      [(x) => two("eq")(x, x), x.dtype.startsWith("float") ? "eq" : "broadcast"],
      [(x) => two("ge")(x, x), x.dtype.startsWith("float") ? "ge" : "broadcast"],
      [(x) => not(two("eq")(x, x.mul(x))), "mul ne"],
      [
        (x) => not(two("lt")(x, x.mul(x))),
        x.dtype.startsWith("float") ? "mul lt not" : "mul ge",
      ],
    ]);
  }
});

Deno.test("a choice keeps the shape that its operands have together", () => {
  const c = (x: Tensor) => literalBeside(x, [0], [], "bool");
  check(F, F, [
    [(x) => where(c(x), wide(x, 2, 3, 4), x), "broadcast"],
    [(x) => x.add(wide(num(x, -0), 2, 3, 4)), "broadcast"],
    [(x) => x.mul(wide(num(x, 1), 2, 3, 4)), "broadcast"],
  ]);
});

Deno.test("bits with all, with none and with themselves", () => {
  for (const x of integers) {
    const all = x === I ? -1 : 2 ** 32 - 1;
    check(x, x, [
      [(x) => two("and")(x, x), ""],
      [(x) => two("or")(x, x), ""],
      [(x) => two("xor")(x, x), "broadcast"],
      [(x) => two("and")(x, num(x, 0)), "broadcast"],
      [(x) => two("or")(x, num(x, 0)), ""],
      [(x) => two("xor")(x, num(x, 0)), ""],
      [(x) => two("and")(x, num(x, all)), ""],
      [(x) => two("or")(num(x, all), x), "broadcast"],
      [(x) => two("and")(x, num(x, 1)), "and"],
      [(x) => not(not(x)), ""],
      [(x) => two("shl")(x, num(x, 0)), ""],
      [(x) => two("shr")(x, num(x, 0)), ""],
      [(x) => two("shl")(x, num(x, 1)), "shl"],
    ]);
  }
  check(B, B, [
    [(x) => two("and")(x, num(x, 1)), ""],
    [(x) => two("or")(x, num(x, 1)), "broadcast"],
    [(x) => not(not(x)), ""],
  ]);
});

Deno.test("a first and a second power are exact", () => {
  for (const x of integers) {
    check(x, x, [
      [(x) => x.pow(num(x, 1)), ""],
      [(x) => x.pow(num(x, 2)), "mul"],
      [(x) => x.pow(num(x, 3)), "pow"],
    ]);
  }
  for (const x of floats) {
    const p = (n: number): string => {
      const body: Body = (a) => [run("pow", [a!, num(a!, n)])];
      return ops(
        after((q) => removeDead(algebra(q)), body, { ...x, data: x.data.slice(0, 0), shape: [0] }),
      );
    };
    assertEquals([1, 2, 3, 0.5].map(p), ["", "mul", "literal pow", "literal pow"]);
  }
});

Deno.test("conversions that lose nothing are left out", () => {
  check(F, F, [
    [(x) => cast(x, "float32"), ""],
    [(x) => cast(cast(x, "float64"), "float32"), ""],
    [(x) => cast(cast(x, "float64"), "int32"), "cast"],
    [(x) => cast(cast(x, "int32"), "float32"), "cast cast"],
    [(x) => cast(cast(x, "float64"), "bool"), "cast"],
  ]);
  check(D, D, [[(x) => cast(cast(x, "float32"), "float64"), "cast cast"]]);
  check(I, I, [
    [(x) => cast(cast(x, "float64"), "int32"), ""],
    [(x) => cast(cast(x, "float32"), "int32"), "cast cast"],
    [(x) => cast(cast(x, "uint32"), "int32"), ""],
    [(x) => cast(cast(x, "float64"), "float32"), "cast"],
    // integers wrap, floats saturate
    [(x) => cast(cast(x, "float64"), "uint8"), "cast cast"],
    [(x) => cast(cast(x, "uint32"), "float32"), "cast cast"],
    [(x) => cast(cast(x, "bool"), "int32"), "cast cast"],
  ]);
  check(U, U, [
    [(x) => cast(cast(x, "float64"), "int32"), "cast cast"],
    [(x) => cast(cast(x, "int32"), "uint8"), "cast cast"],
  ]);
  check(B, B, [
    [(x) => cast(cast(x, "float32"), "int32"), "cast"],
    [(x) => cast(cast(x, "uint8"), "bool"), ""],
  ]);
});

Deno.test("movements that go nowhere, and two that are one", () => {
  check(F, F, [
    [(x) => x.reshape([3, 4]), ""],
    [(x) => x.reshape([12]).reshape([4, 3]), "reshape"],
    [(x) => x.reshape([12]).reshape([3, 4]), ""],
    [(x) => perm(x, 0, 1), ""],
    [(x) => perm(perm(x, 1, 0), 1, 0), ""],
    [(x) => perm(x, 1, 0), "transpose"],
    [(x) => perm(perm(x.reshape([3, 2, 2]), 1, 2, 0), 1, 2, 0), "reshape transpose"],
    [(x) => perm(x.reshape([3, 1, 4]), 1, 0, 2), "reshape"],
    [(x) => wide(wide(x, 2, 3, 4), 5, 2, 3, 4), "broadcast"],
    [(x) => wide(x, 3, 4), ""],
    [(x) => perm(wide(x.reshape([12]), 5, 12), 1, 0), "reshape broadcast"],
    [(x) => perm(wide(x, 2, 3, 4), 0, 2, 1), "reshape transpose broadcast"],
    [(x) => run("flip", [run("flip", [x], { axes: [0, 1] })], { axes: [1] }), "flip"],
    [(x) => run("flip", [run("flip", [x], { axes: [0] })], { axes: [0] }), ""],
    [(x) => run("flip", [x.reshape([1, 12])], { axes: [0] }), "reshape"],
    [(x) => slice(x, [0, 0], [3, 4]), ""],
    [(x) => slice(slice(x, [1, 0], [2, 2], [1, 2]), [0, 1], [2, 1]), "slice"],
    [(x) => slice(slice(x, [1, 0], [2, 2], [1, 2]), [0, 2], [2, 0]), "slice slice"],
    [
      (x) => run("pad", [x, num(x, 7)], { low: [0, 0], high: [0, 0], inner: [0, 0] }),
      "",
    ],
    [(x) => run("concatenate", [x], { axis: 1 }), ""],
    [(x) => run("concatenate", [slice(x, [0, 0], [0, 4]), x], { axis: 0 }), ""],
    [(x) => run("concatenate", [x, x], { axis: 0 }), "concatenate"],
    [(x) => run("same", [run("stop", [x])]), ""],
  ]);
});

Deno.test("reductions of one element: a sum of floats begins at 0, and makes 0 of -0", () => {
  const row = (x: Tensor) => x.reshape([1, 12]);
  const max = (x: Tensor, ...axes: number[]) => run("max", [x], { axes, keepdims: false });
  check(F, F, [
    [(x) => max(row(x), 0), "reshape"],
    [(x) => run("prod", [row(x)], { axes: [0], keepdims: true }), "reshape"],
    [(x) => max(row(x), 1), "reshape max"],
    [(x) => sum(row(x), 0), "reshape sum"],
    [(x) => sum(x), "sum"],
  ]);
  check(I, I, [[(x) => sum(row(x), 0), "reshape"], [(x) => sum(x), ""]]);
});

Deno.test("an elementwise op repeats its operands itself", () => {
  const row = { ...F, shape: [4], data: F.data.slice(0, 4) } as GoldenArray;
  check(F, row, [
    [(x, y) => x.add(wide(y, 3, 4)), "add"],
    [(x, y) => wide(y, 3, 4).sub(x), "sub"],
    [(x, y) => wide(x, 2, 3, 4).mul(wide(y, 2, 3, 4)), "broadcast mul"],
    [(_, y) => wide(y, 3, 4).mul(wide(y, 3, 4)), "broadcast mul"],
  ]);
});

Deno.test("windows at written places are static slices, clamped as at run time", () => {
  for (const [at, start] of [[[1, 1], [1, 1]], [[9, 9], [1, 2]], [[-5, 0], [0, 0]]] as const) {
    const body: Body = (x) => [
      run("dynamicSlice", [x!, literalBeside(x!, at, [2], "int32")], { size: [2, 2] }),
    ];
    const p = after((p) => removeDead(algebra(p)), body, F);
    assertEquals(ops(p), "slice");
    assertEquals(p.steps[0]!.params, { start: [...start], size: [2, 2], step: [1, 1] });
  }
  const at: GoldenArray = { dtype: "int32", shape: [2], data: Int32Array.of(1, 1) };
  check(F, at, [[(x, at) => run("dynamicSlice", [x, at], { size: [2, 2] }), "dynamicSlice"]]);
});

Deno.test("transposes before a product are flags of it", () => {
  const flags = { ta: false, tb: false };
  const dot = (a: Tensor, b: Tensor, ta = false, tb = false) => run("dot", [a, b], { ta, tb });
  check(I, I, [
    [(x, y) => dot(perm(x, 1, 0), y), "dot"],
    [(x, y) => dot(x, perm(y, 1, 0)), "dot"],
  ]);
  const body: Body = (x) => {
    const cube = x!.reshape([3, 2, 2]);
    return [
      run("dot", [perm(cube, 0, 2, 1), cube], flags),
      run("dot", [perm(cube, 0, 2, 1), perm(cube, 0, 2, 1)], { ta: true, tb: false }),
      run("dot", [perm(cube.reshape([2, 3, 2]), 1, 0, 2), cube], flags),
    ];
  };
  const p = after((p) => removeDead(algebra(p)), body, I);
  const dots = p.steps.filter((s) => s.op === "dot");
  assertEquals(dots.map((s) => s.params), [
    { ta: true, tb: false },
    { ta: false, tb: true },
    { ta: false, tb: false },
  ]);
  assertEquals(p.steps.filter((s) => s.op === "transpose").length, 1);
});

Deno.test("rules meet in a chain", () => {
  check(F, F, [
    [(x) => x.mul(num(x, 1)).neg().neg().reshape([12]).reshape([3, 4]).sub(num(x, 0)), ""],
    [(x) => where(not(not(x.gt(num(x, 0)))), x, x.div(num(x, 1))), ""],
  ]);
});
