/**
 * Arithmetic that changes nothing is left out, and what would change a NaN, an infinity, a signed zero
 * or a rounding is not.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { algebra, removeDead } from "../../../../src/compile/simplify/mod.ts";
import type { Body } from "../../random_programs.ts";
import { after, I, num, ops, run, U } from "../cases.ts";
import { check, floats, integers, two } from "./expressions.ts";

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
