/**
 * Values in messages: short, one line, never an error of their own.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { ConcretizationError, formatShape, formatValue } from "../../src/base/mod.ts";

Deno.test("values are formatted on one short line", () => {
  assertEquals(formatValue("a"), '"a"');
  assertEquals(formatValue([1, [2], "x", 4, 5, 6, 7]), '[1,[...],"x",4,5,6,...]');
  assertEquals(formatValue(undefined), "undefined");
  assertEquals(formatValue({ a: 1, b: 2 }), "{a,b}");
  assertEquals(formatValue(new Map()), "Map");
  assertEquals(formatValue(new Float32Array(2)), "Float32Array(8 bytes)");
  assertEquals(formatValue(function f() {}), "function f");
  assertEquals(formatValue(Symbol("s")), "Symbol(s)");
  assertEquals(formatValue(10n), "10");
  assertEquals(formatValue(Object.create(null)), "{}");
  assertEquals(formatShape([2, 3]), "[2,3]");
});

Deno.test("errors carry their names", () => {
  const e = new ConcretizationError("x");
  assertEquals([e.name, e instanceof TypeError], ["ConcretizationError", true]);
});
