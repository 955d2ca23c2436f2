/**
 * Rules meet: what one makes is looked at by the others.
 *
 * @module
 */
import { F, num } from "./cases.ts";
import { check, not, where } from "./rules/expressions.ts";

Deno.test("rules meet in a chain", () => {
  check(F, F, [
    [(x) => x.mul(num(x, 1)).neg().neg().reshape([12]).reshape([3, 4]).sub(num(x, 0)), ""],
    [(x) => where(not(not(x.gt(num(x, 0)))), x, x.div(num(x, 1))), ""],
  ]);
});
