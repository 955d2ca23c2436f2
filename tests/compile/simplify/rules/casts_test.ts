/**
 * Conversions are left out where nothing is lost by it.
 *
 * @module
 */
import { B, D, F, I, U } from "../cases.ts";
import { cast, check } from "./expressions.ts";

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
