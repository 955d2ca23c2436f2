/** repeat, take, skip and prefetch: order, counts, ends. @module */
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { HostArray } from "../../../src/base/host_array.ts";
import { Dataset } from "../../../src/data/mod.ts";

const numbers = (d: Iterable<HostArray>) => Array.from(d, (x) => x.item());

async function numbersLater(d: AsyncIterable<HostArray>): Promise<number[]> {
  const out: number[] = [];
  for await (const x of d) out.push(x.item());
  return out;
}

const later = (d: Dataset<HostArray>) => d.map((x) => Promise.resolve(x));

const PIPELINES: [string, (d: Dataset<HostArray>) => Dataset<HostArray>, number[]][] = [
  ["repeat(3)", (d) => d.repeat(3), [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]],
  ["repeat(0)", (d) => d.repeat(0), []],
  ["repeat()", (d) => d.repeat().take(6), [0, 1, 2, 3, 0, 1]],
  ["repeat(-1)", (d) => d.repeat(-1).take(5), [0, 1, 2, 3, 0]],
  ["take(2)", (d) => d.take(2), [0, 1]],
  ["take(9)", (d) => d.take(9), [0, 1, 2, 3]],
  ["take(0)", (d) => d.take(0), []],
  ["take(-1)", (d) => d.take(-1), [0, 1, 2, 3]],
  ["skip(1)", (d) => d.skip(1), [1, 2, 3]],
  ["skip(9)", (d) => d.skip(9), []],
  ["skip(-1)", (d) => d.skip(-1), []],
  ["skip in a repeat", (d) => d.skip(3).repeat(2), [3, 3]],
  ["take in a repeat", (d) => d.take(1).repeat(3), [0, 0, 0]],
  ["empty for ever", (d) => d.take(0).repeat(), []],
  ["empty several times", (d) => d.skip(-1).repeat(3), []],
  ["prefetch", (d) => d.prefetch(3), [0, 1, 2, 3]],
  ["prefetch of a few", (d) => d.repeat(2).prefetch(1).skip(2), [2, 3, 0, 1, 2, 3]],
];

for (const [name, build, expected] of PIPELINES) {
  Deno.test(`${name}: on rows, on elements, later, and as counted`, async () => {
    const rows = Dataset.range(4);
    const elements = rows.map((x) => x);
    assertEquals(numbers(build(rows)), expected);
    assertEquals(numbers(build(elements)), expected);
    assertEquals(await numbersLater(build(rows)), expected);
    assertEquals(await numbersLater(build(later(rows))), expected);
    assertEquals(build(rows).cardinality, expected.length);
    assertEquals(build(elements).cardinality, expected.length);
  });
}

Deno.test("cardinality is Infinity without end and null where unknown", () => {
  const unknown = Dataset.fromGenerator(() => [1, 2]);
  assertEquals(Dataset.range(4).repeat().batch(3).cardinality, Infinity);
  assertEquals(Dataset.range(4).repeat().skip(5).cardinality, Infinity);
  assertEquals(Dataset.range(0).repeat().cardinality, 0);
  assertEquals(unknown.batch(2).repeat(2).shuffle(3).skip(1).take(1).prefetch(1).cardinality, null);
  assertEquals(unknown.take(0).cardinality, 0);
});

Deno.test("take stops asking when it has enough", () => {
  let asked = 0;
  const d = Dataset.fromGenerator(function* () {
    for (;;) yield asked++;
  });
  assertEquals(numbers(d.take(3)), [0, 1, 2]);
  assertEquals(asked, 3);
});

Deno.test("prefetch works ahead while the consumer waits, and no further than its size", async () => {
  let made = 0;
  const d = Dataset.range(20).map((x) => {
    made++;
    return Promise.resolve(x);
  }).prefetch(3);
  const seen: number[] = [];
  for await (const x of d) {
    await new Promise((done) => setTimeout(done, 0));
    if (seen.length < 15) assertEquals(made, seen.length + 4);
    seen.push(x.item());
  }
  assertEquals(seen, Array.from({ length: 20 }, (_, i) => i));
  assert(made === 20);
});

Deno.test("counts that make no sense are refused", () => {
  const d = Dataset.range(3);
  for (const method of ["repeat", "take", "skip"] as const) {
    assertThrows(() => d[method](-2), RangeError, "at least -1");
    assertThrows(() => d[method](0.5), TypeError, "integer");
    assertThrows(() => d[method](NaN), TypeError, "integer");
  }
  assertThrows(() => d.prefetch(0), RangeError, "at least 1");
});
