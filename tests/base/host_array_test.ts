/**
 * Arrays in ordinary memory.
 *
 * @module
 */
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { HostArray, stackHostArrays } from "../../src/base/mod.ts";
import * as data from "../../src/data/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { jit } from "../../src/transform/mod.ts";

const six = () => new HostArray(new Float32Array([1, 2, 3, 4, 5, 6]), [3, 2]);

Deno.test("a typed array is kept, not copied", () => {
  const values = new Float32Array(4);
  assertStrictEquals(new HostArray(values, [2, 2]).values, values);
  assertEquals(new HostArray(values).shape, [4]);
});

Deno.test("nested lists become float32, booleans bool", () => {
  assertEquals(new HostArray([[1, 2]]).dtype, "float32");
  assertEquals(new HostArray([true]).dtype, "bool");
  assertEquals(new HostArray([300, -1.5], undefined, "uint8").toArray(), [255, 0]);
});

Deno.test("a typed array of another type converts to the dtype that is asked for", () => {
  assertEquals(new HostArray(new Float64Array([1.5]), [1], "int32").toArray(), [1]);
  assertEquals(new HostArray(new Uint8Array([0, 5]), [2], "bool").toArray(), [false, true]);
  assertEquals(new HostArray(new Int16Array([-3])).dtype, "int32");
});

Deno.test("slice, at and reshape are views", () => {
  const x = six();
  x.slice(1).values[0] = 30;
  x.at(-1).values[1] = 60;
  x.reshape([-1]).values[0] = 10;
  assertEquals(x.toArray(), [[10, 2], [30, 4], [5, 60]]);
});

Deno.test("slice counts as Array.prototype.slice does", () => {
  const rows = (x: HostArray) => x.toArray() as number[][];
  const array = rows(six());
  for (const [a, b] of [[0, 2], [-2, undefined], [1, -1], [2, 1], [-99, 99], [5, 9]] as const) {
    const got = six().slice(a, b);
    assertEquals(rows(got), array.slice(a, b));
    assertEquals(got.shape, [array.slice(a, b).length, 2]);
  }
});

Deno.test("astype and data are fresh memory", () => {
  const x = six();
  x.data()[0] = 9;
  x.astype("float32").values[0] = 9;
  assertEquals(x.values[0], 1);
});

Deno.test("item reads the only value", () => {
  assertEquals(new HostArray([7]).item(), 7);
  assertThrows(() => six().item(), RangeError, "it holds 6 values");
});

Deno.test("at takes one index per axis, as that of a tensor", () => {
  assertEquals(six().at(2, 0).item(), 5);
  assertEquals(six().at(-1, -1).item(), 6);
  assertThrows(() => six().at(0, 2), RangeError, "Cannot read row 2 of 2");
  assertThrows(() => six().at(0, 0, 0), TypeError, "scalar");
});

Deno.test("operators read a scalar or throw, and never make NaN or text of an array", () => {
  // deno-lint-ignore no-explicit-any
  const x: any = six();
  assertThrows(() => x / 255, TypeError, "np.divide(x, 255)");
  assertThrows(() => x + 1, TypeError, "shape [3,2]");
  // deno-lint-ignore eqeqeq
  assertThrows(() => x == 1, TypeError, "JavaScript operator");
  assertEquals(x.at(1, 1) / 2, 2);
  assertEquals(Number(x.at(1, 1)), 4);
  assertEquals(`${x.at(0)}`, "[1. 2.]");
});

Deno.test("iteration gives the rows", () => {
  assertEquals([...six()].map((r) => r.toArray()), [[1, 2], [3, 4], [5, 6]]);
});

Deno.test("wrong shapes, rows and types are errors", () => {
  assertThrows(() => new HostArray(new Float32Array(3), [2, 2]), RangeError, "holds 4");
  assertThrows(() => new HostArray("abc" as never), TypeError);
  assertThrows(() => new HostArray([1], [1], "float16" as never), TypeError, "float16");
  assertThrows(() => six().at(3), RangeError, "Cannot read row 3 of 3");
  assertThrows(() => six().at(0.5), TypeError);
  assertThrows(() => six().slice(0.5), TypeError);
  assertThrows(() => six().reshape([4]), RangeError);
  assertThrows(() => new HostArray(1).length, TypeError, "scalar");
});

Deno.test("stacking wants arrays of one shape, not only of one size", () => {
  assertEquals(stackHostArrays([six(), six()]).shape, [2, 3, 2]);
  assertThrows(() => stackHostArrays([six(), six().reshape([2, 3])]), RangeError, "entry 1");
  assertThrows(() => stackHostArrays([six(), six().astype("int32")]), RangeError);
  assertThrows(() => stackHostArrays([]), RangeError);
});

Deno.test("memory that was transferred or resized is an error, never other numbers", () => {
  const x = six();
  structuredClone(x.values.buffer, { transfer: [x.values.buffer as ArrayBuffer] });
  const buffer = new ArrayBuffer(16, { maxByteLength: 64 });
  const short = new HostArray(new Float32Array(buffer), [2, 2]);
  buffer.resize(4);
  for (const gone of [x, short]) {
    const uses = [
      () => gone.data(),
      () => gone.toArray(),
      () => gone.astype("int32"),
      () => stackHostArrays([gone, gone]),
      () => np.add(gone, 1),
      () => jit((y) => y.add(1))(gone),
      () => [...data.Dataset.fromTensorSlices(gone).batch(2)],
    ];
    for (const use of uses) assertThrows(use, TypeError, "was transferred or resized");
  }
  assertThrows(() => new HostArray(x.values), TypeError, "of a detached array");
});
