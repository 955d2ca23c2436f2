/**
 * Shapes: broadcasting, axes and reshapes, and the errors users see.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import {
  broadcastShapes,
  checkShape,
  normalizeAxes,
  normalizeAxis,
  resolveReshape,
  sizeOf,
  stridesOf,
} from "../../src/base/mod.ts";

Deno.test("shapes broadcast as in NumPy", () => {
  assertEquals(broadcastShapes("add", [2, 1], [3]), [2, 3]);
  assertEquals(broadcastShapes("add", [], [3]), [3]);
  assertEquals(broadcastShapes("add", [1], [0]), [0]);
  assertEquals(broadcastShapes("add", [4, 1, 3], [2, 1], [1]), [4, 2, 3]);
});

Deno.test("shapes that do not broadcast are named with the axis", () => {
  const e = assertThrows(() => broadcastShapes("add", [2, 3], [4]), RangeError);
  assertEquals(
    e.message,
    "Cannot add shapes [2,3] and [4]: sizes 3 and 4 at axis -1 must be equal or 1",
  );
  assertThrows(() => broadcastShapes("add", [0], [2]), RangeError, "0 and 2");
});

Deno.test("axes count from either end", () => {
  assertEquals(normalizeAxis(-1, 3, "sum"), 2);
  assertEquals(normalizeAxes([-1, 0], 3, "sum"), [0, 2]);
  assertEquals(normalizeAxes(null, 2, "sum"), [0, 1]);
});

Deno.test("a wrong axis is an error that says which there are", () => {
  const e = assertThrows(() => normalizeAxis(2, 2, "sum"), RangeError);
  assertEquals(e.message, "Cannot sum over axis 2: the array has 2 axes, so it must be in -2..1");
  assertThrows(() => normalizeAxis(0, 0, "sum"), RangeError, "no axis to name");
  assertThrows(() => normalizeAxis(0.5, 2, "sum"), TypeError, "0.5");
  assertThrows(() => normalizeAxes([0, -2], 2, "sum"), RangeError, "repeated");
  for (const odd of [{}, true, "0", 1n, new Set([0]), new Int32Array(1)]) {
    const wanted = "an axis is an integer, several are a list";
    assertThrows(() => normalizeAxes(odd as never, 2, "sum"), TypeError, wanted);
  }
});

Deno.test("one size of a reshape may be -1", () => {
  assertEquals(resolveReshape([2, 6], [-1, 3]), [4, 3]);
  assertEquals(resolveReshape([0, 3], [-1, 3]), [0, 3]);
  assertEquals(resolveReshape([6], 6), [6]);
});

Deno.test("a reshape that does not fit says why", () => {
  assertThrows(() => resolveReshape([6], [-1, -1]), RangeError, "only one size may be -1");
  assertThrows(() => resolveReshape([6], [-1, 4]), RangeError, "6 elements do not divide by 4");
  assertThrows(() => resolveReshape([6], [7]), RangeError, "it has 6 elements, the new shape 7");
  assertThrows(() => resolveReshape([6], [2.5]), TypeError);
  assertThrows(() => resolveReshape([6], "6"), TypeError);
});

Deno.test("a shape is a list of sizes", () => {
  assertEquals(checkShape(3, "make zeros"), [3]);
  assertThrows(() => checkShape([-1], "make zeros"), RangeError, "integers >= 0");
  assertThrows(() => checkShape([1.5], "make zeros"), RangeError);
  assertThrows(() => checkShape("3", "make zeros"), TypeError, "as [2, 3]");
  assertThrows(() => checkShape([2 ** 30, 2 ** 30], "make zeros"), RangeError, "safe integer");
});

Deno.test("strides are row-major and the empty shape holds one", () => {
  assertEquals(stridesOf([2, 3, 4]), [12, 4, 1]);
  assertEquals(sizeOf([]), 1);
  assertEquals(sizeOf([2, 0]), 0);
});
