/**
 * Movements that go nowhere are left out, and two become one.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { algebra, removeDead } from "../../../../src/compile/simplify/mod.ts";
import { literalBeside, type Tensor } from "../../../../src/core/mod.ts";
import type { GoldenArray } from "../../../goldens/read.ts";
import type { Body } from "../../random_programs.ts";
import { after, F, I, num, ops, run } from "../cases.ts";
import { check, perm, slice, sum, wide } from "./expressions.ts";

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
