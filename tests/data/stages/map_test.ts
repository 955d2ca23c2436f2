/** User functions in a pipeline: what they may return and how they fail. @module */
import { assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { HostArray } from "../../../src/base/host_array.ts";
import { Dataset } from "../../../src/data/mod.ts";

const wait = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

Deno.test("what a map function returns becomes an element", () => {
  const d = Dataset.range(1);
  const returned = [
    d.map(() => 1.5),
    d.map(() => true),
    d.map(() => new Int16Array([1, 2])),
    d.map(() => [[1, 2], [3, 4]]),
    d.map((x) => x),
    d.map(() => ({ dtype: "float64" as const, shape: [1], data: () => new Float64Array([9]) })),
  ].map((m) => [...m][0]!);
  for (const x of returned) assertInstanceOf(x, HostArray);
  assertEquals(returned.map((x) => `${x.dtype} ${JSON.stringify(x.toArray())}`), [
    "float32 1.5",
    "bool true",
    "int32 [1,2]",
    "float32 [[1,2],[3,4]]",
    "int32 0",
    "float64 [9]",
  ]);
});

Deno.test("a map function of three arguments is told how elements come", () => {
  const triples = Dataset.fromTensorSlices([[1, 2], [3, 4], [5, 6]]);
  const three = (x: unknown, y: unknown, z: unknown) => [x, y, z];
  assertThrows(() => triples.map(three as never), TypeError, "write ([x, y]) =>");
});

Deno.test("a map function takes an element whole and may return a nest", () => {
  const d = Dataset.fromTensorSlices([[1, 2, 3], [4, 5, 6]].map((v) => new Float32Array(v)));
  const swapped = d.map(([x, y]) => ({ label: y!, more: [x!, 7] as const }));
  const [first] = [...swapped.batch(3)];
  assertEquals(first!.label.toArray(), [4, 5, 6]);
  assertEquals(first!.more[0].toArray(), [1, 2, 3]);
  assertEquals(first!.more[1].toArray(), [7, 7, 7]);
});

Deno.test("asynchronous functions keep the order and run one at a time", async () => {
  let running = 0, most = 0;
  const d = Dataset.range(6).map(async (x) => {
    most = Math.max(most, ++running);
    await wait(x.item() % 2 === 0 ? 3 : 0);
    running--;
    return x.item() * 10;
  });
  const seen: number[] = [];
  for await (const x of d) seen.push(x.item());
  assertEquals(seen, [0, 10, 20, 30, 40, 50]);
  assertEquals(most, 1);
});

Deno.test("every stage works behind an asynchronous one", async () => {
  const source = Dataset.range(12).map((x) => Promise.resolve(x.item()));
  const seen: unknown[] = [];
  for await (const x of source.skip(1).take(8).shuffle(1).batch(3).repeat(2).prefetch(2)) {
    seen.push(x.toArray());
  }
  const pass = [[1, 2, 3], [4, 5, 6], [7, 8]];
  assertEquals(seen, [...pass, ...pass]);
});

Deno.test("for...of over an asynchronous stage says which stage and what to do", () => {
  const d = Dataset.range(3).map((x) => x).map(async function load(x) {
    return await Promise.resolve(x);
  }).batch(2);
  assertThrows(
    () => [...d],
    TypeError,
    "with map(load) (stage 2): its function returns a Promise: use for await",
  );
});

Deno.test("an exception surfaces at its element with stage, index and cause", async () => {
  const boom = new Error("boom");
  const fails = (x: HostArray) => {
    if (x.item() === 2) throw boom;
    return x;
  };
  const seen: number[] = [];
  const error = assertThrows(
    () => {
      for (const x of Dataset.range(5).map(fails)) seen.push(x.item());
    },
    Error,
    "Cannot compute element 2 in map(fails) (stage 1): boom",
  );
  assertEquals(error.cause, boom);
  assertEquals(seen, [0, 1]);
  for (const d of [Dataset.range(5).map((x) => Promise.resolve(x)), Dataset.range(5)]) {
    const later: number[] = [];
    const rejected = await assertRejects(
      async () => {
        for await (const x of d.map(async (x) => await fails(x)).prefetch(4)) later.push(x.item());
      },
      Error,
      "Cannot compute element 2 in",
    );
    assertEquals(rejected.cause, boom);
    assertEquals(later, [0, 1]);
  }
});

Deno.test("a value that is no element is refused at its element, with its path", () => {
  const d = Dataset.range(2).map((x) => ({ a: [x, Symbol("s")] }));
  assertThrows(() => [...d as Dataset<unknown>], Error, "element 0 in map() (stage 1): Cannot use");
  assertThrows(() => [...d as Dataset<unknown>], Error, "Symbol(s) at a[1]: elements are arrays");
  assertThrows(() => [...Dataset.range(1).map(() => undefined)], Error, "undefined");
  assertThrows(() => Dataset.range(1).map(3 as unknown as () => number), TypeError, "function");
});

Deno.test("a mapped function may return the same typed array again and again", () => {
  const buffer = new Float32Array(1);
  const d = Dataset.range(3).map((x) => (buffer[0] = 10 * x.item(), buffer));
  assertEquals([...d.batch(3)][0]!.toArray(), [[0], [10], [20]]);
});
