/**
 * Nested lists as literals of arrays.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { HostArray, parseNested, toNested } from "../../src/base/mod.ts";
import * as np from "../../src/numpy/mod.ts";

Deno.test("a nest of numbers has the shape of its nesting", () => {
  assertEquals(parseNested([[1, 2, 3], [4, 5, 6]], "use"), {
    shape: [2, 3],
    values: [1, 2, 3, 4, 5, 6],
    bool: false,
  });
  assertEquals(parseNested([[], []], "use").shape, [2, 0]);
  assertEquals(parseNested(5, "use").shape, []);
});

Deno.test("only a nest of booleans alone is bool", () => {
  assertEquals(parseNested([true, false], "use").bool, true);
  assertEquals(parseNested([true, 2], "use"), { shape: [2], values: [1, 2], bool: false });
  assertEquals(parseNested([], "use").bool, false);
});

Deno.test("a ragged list is an error that says where", () => {
  assertThrows(() => parseNested([[1, 2], [3]], "use"), RangeError, "[1] has 1 entries where");
  assertThrows(() => parseNested([1, [2]], "use"), TypeError, "a list stands at [1]");
  assertThrows(() => parseNested([[1], 2], "use"), TypeError, "2 at [1]");
});

Deno.test("a list that holds a tensor is an error that names np.stack", () => {
  for (const x of [np.array(1), new HostArray([1])]) {
    assertThrows(() => parseNested([1, x], "use"), TypeError, "np.stack");
  }
  assertThrows(() => np.array([1]).add([np.array(1)] as never), TypeError, "np.stack");
});

Deno.test("other entries are named", () => {
  assertThrows(() => parseNested([1, "2"], "use"), TypeError, 'Cannot use "2" at [1]');
  assertThrows(() => parseNested([null], "use"), TypeError, "null at [0]");
  assertThrows(() => parseNested(undefined, "use"), TypeError, "undefined");
});

Deno.test("flat values become nested lists again, also empty ones", () => {
  assertEquals(toNested(Int32Array.of(1, 2, 3, 4), [2, 2], false), [[1, 2], [3, 4]]);
  assertEquals(toNested(Uint8Array.of(1, 0), [2], true), [true, false]);
  assertEquals(toNested(new Float32Array(0), [2, 0], false), [[], []]);
  assertEquals(toNested(new Float32Array(0), [0, 2], false), []);
  assertEquals(toNested(Float32Array.of(7), [], false), 7);
});

Deno.test("a list that holds itself is an error, at once", () => {
  const list: unknown[] = [];
  list.push(list, list);
  assertThrows(() => parseNested(list, "use"), RangeError, "Cannot use a list nested deeper than");
  assertThrows(() => np.add(1, list as never), RangeError, "holds itself");
});
