/**
 * What comes out when tensors of different dtypes, and numbers, meet in an operation.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import type { DType } from "../../src/base/mod.ts";
import type { Tensor } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { jit } from "../../src/transform/mod.ts";

const ORDER: DType[] = ["bool", "uint8", "int32", "uint32", "float32", "float64"];
/** jax.numpy.promote_types with 64-bit types off, but for float64. */
const TABLE = [
  "bool uint8 int32 uint32 float32 float64",
  "uint8 uint8 int32 uint32 float32 float64",
  "int32 int32 int32 int32 float32 float64",
  "uint32 uint32 int32 uint32 float32 float64",
  "float32 float32 float32 float32 float32 float64",
  "float64 float64 float64 float64 float64 float64",
].map((row) => row.split(" "));

Deno.test("two tensors add in the dtype where JAX lets them meet, jitted or not", () => {
  const add = jit((x: Tensor, y: Tensor) => x.maximum(y));
  for (const [i, a] of ORDER.entries()) {
    for (const [j, b] of ORDER.entries()) {
      const [x, y] = [np.ones(1, a), np.ones(1, b)];
      assertEquals(x.maximum(y).dtype as string, TABLE[i]![j], `${a} with ${b}`);
      assertEquals(add(x, y).dtype as string, TABLE[i]![j], `${a} with ${b} jitted`);
      assertEquals(Number(x.maximum(y).at(0)), 1);
    }
  }
});

Deno.test("an integer-valued number keeps an integer dtype, any other makes float32", () => {
  const dtypes = (y: number) => ORDER.map((d) => np.ones(1, d).maximum(y).dtype).join(" ");
  assertEquals(dtypes(2), "int32 uint8 int32 uint32 float32 float64");
  assertEquals(dtypes(2.5), "float32 float32 float32 float32 float32 float64");
  assertEquals(dtypes(NaN), "float32 float32 float32 float32 float32 float64");
});

Deno.test("the order of a number and a tensor does not matter", () => {
  for (const d of ORDER) {
    assertEquals(np.maximum(2, np.ones(1, d)).dtype, np.ones(1, d).maximum(2).dtype);
  }
});

Deno.test("a boolean keeps any dtype", () => {
  assertEquals(
    ORDER.map((d) => np.ones(1, d).maximum(true).dtype),
    ORDER,
  );
});

Deno.test("a number given to jit is weak float32: it yields to float64, and makes integers float", () => {
  const f = jit((x: Tensor, y: Tensor) => x.maximum(y));
  assertEquals(
    ORDER.map((d) => f(np.ones(1, d), 2).dtype).join(" "),
    "float32 float32 float32 float32 float32 float64",
  );
  assertEquals(jit((x: Tensor) => x.mul(2))(1).dtype, "float32");
});

Deno.test("division makes floats, and bools count as numbers", () => {
  assertEquals(np.arange(2).div(2).dtype, "float32");
  assertEquals(np.ones(1, "float64").div(2).dtype, "float64");
  assertEquals(np.array([true]).sub(np.array([true])).dtype, "int32");
  assertEquals(np.array([true, false]).add(np.array([true, true])).toArray(), [true, true]);
});

Deno.test("integers wrap, also those of numbers", () => {
  assertEquals(np.array([250], "uint8").add(10).toArray(), [4]);
  assertEquals(np.array([2147483647], "int32").add(1).toArray(), [-2147483648]);
  assertEquals(np.array([0], "uint32").sub(1).toArray(), [4294967295]);
});

Deno.test("a number out of the range of an integer dtype is an error, and no other number", () => {
  const x = np.array([200], "uint8");
  for (const f of [() => x.gt(-1), () => np.less(300, x), () => x.add(256)]) {
    assertThrows(f, RangeError, "out of their range");
  }
  assertThrows(() => np.arange(2).mul(2 ** 31), RangeError, "2147483648 and values of dtype int32");
  assertThrows(() => np.array([true]).add(2 ** 31), RangeError);
  assertEquals(np.array([1], "uint32").maximum(2 ** 32 - 1).item(), 2 ** 32 - 1);
  assertEquals(np.arange(2).minimum(-(2 ** 31)).toArray(), [-(2 ** 31), -(2 ** 31)]);
});

Deno.test("literals: lists are float32, ranges int32, booleans bool", () => {
  assertEquals(np.array([1, 2]).dtype, "float32");
  assertEquals(np.arange(3).dtype, "int32");
  assertEquals(np.array([true]).dtype, "bool");
  assertEquals(np.array([2 ** 24 + 1], "float64").item(), 2 ** 24 + 1);
});
