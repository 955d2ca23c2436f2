/** One-hot rows, as keras.utils.to_categorical makes them. @module */
import { assertEquals, assertThrows } from "@std/assert";
import { HostArray } from "../../src/base/host_array.ts";
import { toCategorical } from "../../src/utils/to_categorical.ts";

Deno.test("toCategorical makes float32 rows, as many classes as needed or given", () => {
  const x = toCategorical([0, 2]);
  assertEquals([x.dtype, x.shape], ["float32", [2, 3]]);
  assertEquals(x.toArray(), [[1, 0, 0], [0, 0, 1]]);
  assertEquals(toCategorical(new Uint8Array([1]), 2).toArray(), [[0, 1]]);
  assertEquals(toCategorical([], 4).shape, [0, 4]);
});

Deno.test("toCategorical keeps the shape and drops a last axis of one", () => {
  assertEquals(toCategorical([[0, 1], [1, 0]]).shape, [2, 2, 2]);
  assertEquals(toCategorical(new HostArray(new Int32Array(3), [3, 1]), 2).shape, [3, 2]);
  assertEquals(toCategorical([0]).shape, [1, 1]);
  assertEquals(toCategorical(1, 3).toArray(), [0, 1, 0]);
});

Deno.test("toCategorical takes anything with dtype, shape and data()", () => {
  const tensor = { dtype: "int32" as const, shape: [2], data: () => new Int32Array([1, 0]) };
  assertEquals(toCategorical(tensor).toArray(), [[0, 1], [1, 0]]);
});

Deno.test("negative class numbers count from the last class", () => {
  assertEquals(toCategorical([-1, -3], 3).toArray(), [[0, 0, 1], [1, 0, 0]]);
});

Deno.test("class numbers that do not fit are refused", () => {
  assertThrows(() => toCategorical([0, 3], 3), RangeError, "class 3 categorical with 3 classes");
  assertThrows(() => toCategorical([-4], 3), RangeError, "-3..2");
  assertThrows(() => toCategorical([0.5]), RangeError, "integers");
  assertThrows(() => toCategorical([NaN]), RangeError, "integers");
  assertThrows(() => toCategorical([]), RangeError, "give numClasses");
  assertThrows(() => toCategorical([0], 0), RangeError, "at least 1");
});
