/** The fluent class: both kinds of loop, its printed form, ranges. @module */
import { assertEquals, assertThrows } from "@std/assert";
import { HostArray } from "../../src/base/host_array.ts";
import { type ArraySpec, Dataset } from "../../src/data/mod.ts";

Deno.test("for...of and for await give the same sequence", async () => {
  const make = () => {
    const d = Dataset.fromTensorSlices([new Float32Array(50).map((_, i) => i), new Uint8Array(50)]);
    return d.shuffle(8, { seed: 3 }).map(([x, y]) => [x, y, x.item() * 2]).batch(7).repeat(2);
  };
  const now = Array.from(make(), ([x, , z]) => [x.toArray(), z.toArray()]);
  const later = await Array.fromAsync(make(), ([x, , z]) => [x.toArray(), z.toArray()]);
  assertEquals(later, now);
  assertEquals(now.length, make().cardinality);
});

Deno.test("two loops at once do not disturb each other", () => {
  const d = Dataset.range(4);
  const pairs: number[][] = [];
  for (const a of d) for (const b of d) pairs.push([a.item(), b.item()]);
  assertEquals(pairs.length, 16);
  assertEquals(pairs[15], [3, 3]);
});

Deno.test("range counts like Python's", () => {
  const list = (...args: [number, number?, number?]) =>
    Array.from(Dataset.range(...args), (x) => x.item());
  assertEquals(list(3), [0, 1, 2]);
  assertEquals(list(2, 5), [2, 3, 4]);
  assertEquals(list(5, 0, -2), [5, 3, 1]);
  assertEquals(list(5, 5), []);
  assertEquals(list(5, 0), []);
  assertEquals(list(2147483646, 2147483648), [2147483646, 2147483647]);
  assertEquals([...Dataset.range(7, 0, -3).batch(9)].map((x) => x.toArray()), [[7, 4, 1]]);
  assertThrows(() => Dataset.range(0, 3, 0), RangeError, "step 0");
  assertThrows(() => Dataset.range(0, 2 ** 31 + 1), RangeError, "int32");
  assertThrows(() => Dataset.range(0.5), TypeError, "integers");
});

Deno.test("a dataset prints its stages with counts and specs", () => {
  const d = Dataset.fromTensorSlices({
    image: new HostArray(new Uint8Array(70 * 4), [70, 2, 2]),
    label: new Uint8Array(70),
  }).shuffle(16, { seed: 1 }).batch(32).map(function scale(e) {
    return e;
  });
  assertEquals(
    String(d),
    [
      "Dataset",
      "  fromTensorSlices: 70 elements of { image: uint8[2,2], label: uint8[] }",
      "  .shuffle(16, { seed: 1 }): 70 elements of { image: uint8[2,2], label: uint8[] }",
      "  .batch(32): 3 elements of { image: uint8[?,2,2], label: uint8[?] }",
      "  .map(scale): 3 elements",
    ].join("\n"),
  );
  assertEquals(Deno.inspect(d), String(d));
});

Deno.test("the inputs of a stage of several are printed under it", () => {
  const d = Dataset.zip({ a: Dataset.range(3).skip(1), b: Dataset.range(9) }).batch(2);
  assertEquals(
    String(d),
    [
      "Dataset",
      "  zip: 2 elements of { a: int32[], b: int32[] }",
      "    range(0, 3): 3 elements of int32[]",
      "    .skip(1): 2 elements of int32[]",
      "    range(0, 9): 9 elements of int32[]",
      "  .batch(2): 1 elements of { a: int32[?], b: int32[?] }",
    ].join("\n"),
  );
});

Deno.test("specs and counts follow the stages", () => {
  const d = Dataset.range(5).batch(2);
  const specs = [
    d.unbatch(),
    d.enumerate(),
    d.concatenate(Dataset.range(4).batch(2, { dropRemainder: true })),
    Dataset.mix([d, d]),
    d.filter(() => true),
    d.cache(),
    d.shard(2, 0),
    Dataset.range(5).globalShuffle(),
    Dataset.fromTensors([1, 2]),
  ].map((x) => `${x.cardinality} ${x.elementSpec && String(x.elementSpec)}`);
  assertEquals(specs, [
    "null int32[]",
    "3 int32[],int32[?]",
    "5 int32[?]",
    "6 int32[?]",
    "null int32[?]",
    "3 int32[?]",
    "2 int32[?]",
    "5 int32[]",
    "1 float32[2]",
  ]);
});

Deno.test("the element spec is a nest like the elements", () => {
  const d = Dataset.fromTensorSlices([new Float32Array(3), { y: new Int32Array(3) }]);
  const [x, rest] = d.elementSpec as [ArraySpec, { y: ArraySpec }];
  assertEquals([x.dtype, rest.y.dtype, rest.y.shape], ["float32", "int32", []]);
});

Deno.test("types follow the stages", () => {
  const pairs: Dataset<[HostArray, HostArray]> = Dataset.fromTensorSlices([
    new Float32Array(2),
    new Uint8Array(2),
  ]);
  const mapped: Dataset<[HostArray, HostArray]> = pairs.map(([x, y]) => [x, y.item() + 1]);
  const later: Dataset<{ x: HostArray }> = mapped.map(async ([x]) => await Promise.resolve({ x }));
  assertEquals(later.cardinality, 2);
});
