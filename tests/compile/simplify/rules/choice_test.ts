/**
 * Choices that are made already are left out, where NaN allows it.
 *
 * @module
 */
import { literalBeside, type Tensor } from "../../../../src/core/mod.ts";
import { B, F, I, num, run } from "../cases.ts";
import { check, floats, integers, not, two, where, wide } from "./expressions.ts";

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
