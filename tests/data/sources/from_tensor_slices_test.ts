/** Arrays as sources: what counts as one array, and the errors of those that do not fit. @module */
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { HostArray } from "../../../src/base/host_array.ts";
import { FRESH } from "../../../src/data/batch_memory.ts";
import { ArraySpec, Dataset } from "../../../src/data/mod.ts";
import { Run } from "../../../src/data/run.ts";

Deno.test("rectangular numbers are one array, other lists a nest", () => {
  const one = Dataset.fromTensorSlices([[1, 2], [3, 4], [5, 6]]);
  assertEquals(one.elementSpec, new ArraySpec("float32", [2]));
  assertEquals([...one].map((x) => x.toArray()), [[1, 2], [3, 4], [5, 6]]);
  const two = Dataset.fromTensorSlices([new Uint8Array(3), [[1, 2], [3, 4], [5, 6]]]);
  assertEquals(two.elementSpec, [new ArraySpec("uint8", []), new ArraySpec("float32", [2])]);
  assertEquals(two.cardinality, 3);
  const deep = Dataset.fromTensorSlices({ b: [true], a: { c: [[1]] } });
  assertEquals([...deep].map((e) => [e.b.toArray(), e.a.c.toArray()]), [[true, [1]]]);
  assertEquals([...Dataset.fromTensorSlices([])].length, 0);
});

Deno.test("arrays are not copied, and single elements are views", () => {
  const values = new Float32Array(6);
  const [row] = [...Dataset.fromTensorSlices([new HostArray(values, [2, 3])])];
  assertStrictEquals(row![0].values.buffer, values.buffer);
  assertEquals(row![0].shape, [3]);
});

Deno.test("anything with dtype, shape and data() is an array", () => {
  const tensor = { dtype: "int32" as const, shape: [2, 1], data: () => new Int32Array([4, 5]) };
  assertEquals([...Dataset.fromTensorSlices([tensor])].map(([x]) => x.toArray()), [[4], [5]]);
});

Deno.test("first sizes that differ are listed with their paths", () => {
  assertThrows(
    () => Dataset.fromTensorSlices({ x: new Float32Array(3), y: [new Float32Array(4)] }),
    RangeError,
    "arrays of 3 and 4 rows together: x has shape [3], y[0] has shape [4]: " +
      "the first sizes must be equal",
  );
  assertThrows(() => Dataset.fromTensorSlices([[1, 2], [3]]), RangeError, "[0] has shape [2]");
});

Deno.test("scalars, empty nests and strange leaves are refused", () => {
  assertThrows(() => Dataset.fromTensorSlices(3), RangeError, "it has shape []");
  assertThrows(() => Dataset.fromTensorSlices({}), RangeError, "empty nest");
  assertThrows(() => Dataset.fromTensorSlices(null), RangeError, "empty nest");
  assertThrows(() => Dataset.fromTensorSlices([[1], "no"]), TypeError, '"no" at [1]');
  assertThrows(() => Dataset.fromTensorSlices({ a: undefined }), TypeError, "undefined at a");
  assertThrows(() => Dataset.fromTensorSlices(new BigInt64Array(2)), TypeError, "BigInt64Array");
  assertThrows(() => Dataset.fromTensorSlices(new Map()), TypeError, "Map");
});

Deno.test("a batch of rows that are not there is refused, for rows of every width", () => {
  for (const width of [1, 3, 40]) {
    const d = Dataset.fromTensorSlices(new HostArray(new Float32Array(4 * width), [4, width]));
    for (const row of [4, -1, 1.5]) {
      const { rows } = d.stage;
      const gather = () => rows!.source.gather([1, row], 2, new Run(true, false), FRESH);
      assertThrows(gather, RangeError, `Cannot read row ${row} in fromTensorSlices`);
    }
  }
});
