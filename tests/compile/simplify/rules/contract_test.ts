/**
 * Transposes become flags of products.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { algebra, removeDead } from "../../../../src/compile/simplify/mod.ts";
import type { Tensor } from "../../../../src/core/mod.ts";
import type { Body } from "../../random_programs.ts";
import { after, I, run } from "../cases.ts";
import { check, perm } from "./expressions.ts";

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
