/** Batches: their sizes, their memory, and what cannot be batched. @module */
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { HostArray } from "../../../src/base/host_array.ts";
import { ArraySpec, Dataset } from "../../../src/data/mod.ts";

Deno.test("the last batch is ragged, or dropped", () => {
  const d = Dataset.range(7);
  const sizes = (b: Iterable<HostArray>) => Array.from(b, (x) => x.length);
  assertEquals(sizes(d.batch(3)), [3, 3, 1]);
  assertEquals(sizes(d.batch(3, { dropRemainder: true })), [3, 3]);
  assertEquals(sizes(d.batch(9)), [7]);
  assertEquals(sizes(d.batch(9, { dropRemainder: true })), []);
  assertEquals(sizes(Dataset.range(0).batch(3)), []);
  assertEquals([d.batch(3).cardinality, d.batch(3, { dropRemainder: true }).cardinality], [3, 2]);
});

Deno.test("a batch owns its buffer", () => {
  const source = new Float32Array(12).map((_, i) => i);
  const d = Dataset.fromTensorSlices(new HostArray(source, [4, 3]));
  for (const pipeline of [d, d.shuffle(4), d.map((x) => x), d.take(4).skip(0)]) {
    const [a, b] = [...pipeline.batch(2)];
    assertNotEquals(a!.values.buffer, source.buffer);
    assert(a!.values.buffer !== b!.values.buffer);
    assertEquals(a!.values.byteLength, a!.values.buffer.byteLength);
    a!.values.fill(-1);
    assertEquals(source[0], 0);
    assert(b!.values.every((v) => v >= 0));
  }
});

Deno.test("rows gathered from the source equal elements joined one by one", () => {
  for (const rowShape of [[], [1], [3], [5, 7], [0], [2, 0]]) {
    const size = rowShape.reduce((a, b) => a * b, 1);
    for (const array of [Float64Array, Int32Array, Uint8Array]) {
      const values = new array(11 * size).map((_, i) => i);
      const d = Dataset.fromTensorSlices({ x: new HostArray(values, [11, ...rowShape]) });
      const ordered = d.shuffle(4, { seed: 1, reshuffleEachIteration: false });
      const gathered = Array.from(ordered.batch(4), ({ x }) => x);
      const joined = Array.from(ordered.map((e) => e).batch(4), ({ x }) => x);
      assertEquals(gathered.map((x) => x.shape), joined.map((x) => x.shape));
      assertEquals(gathered.map((x) => x.values), joined.map((x) => x.values));
      assertEquals(gathered[0]!.shape, [4, ...rowShape]);
    }
  }
});

Deno.test("batches keep dtype and structure", () => {
  const d = Dataset.fromTensorSlices({
    b: [true, false],
    a: [new Uint8Array(2), new Int32Array(2)],
  });
  const [batch] = [...d.batch(2)];
  assertEquals(Object.keys(batch!).sort(), ["a", "b"]);
  assertEquals([batch!.b.dtype, batch!.a[0].dtype, batch!.a[1].dtype], ["bool", "uint8", "int32"]);
});

Deno.test("batches of batches have one axis more", () => {
  const d = Dataset.range(8).batch(2).batch(2);
  assertEquals([...d].map((x) => x.toArray()), [[[0, 1], [2, 3]], [[4, 5], [6, 7]]]);
});

Deno.test("the spec of a batch has an open first size unless remainders are dropped", () => {
  const d = Dataset.fromTensorSlices(new HostArray(new Uint8Array(6), [3, 2]));
  assertEquals(d.batch(2).elementSpec, new ArraySpec("uint8", [null, 2]));
  assertEquals(d.batch(2, { dropRemainder: true }).elementSpec, new ArraySpec("uint8", [2, 2]));
  assertStrictEquals(d.map((x) => x).batch(2).elementSpec, null);
});

Deno.test("elements that differ are named by place, shape and path", () => {
  const ragged = Dataset.range(3).map((x) => [new Float32Array(x.item() < 2 ? 2 : 3)]);
  assertThrows(
    () => [...ragged.batch(3)],
    RangeError,
    "in batch(3) (stage 2): element 0 of the batch is float32[2] and element 2 is float32[3] at [0]",
  );
  const types = Dataset.range(2).map((x) => x.item() === 0 ? new Uint8Array(1) : new Int32Array(1));
  assertThrows(() => [...types.batch(2)], RangeError, "uint8[1] and element 1 is int32[1]");
  const structures = Dataset.range(2).map((x) => x.item() === 0 ? { a: x } : { b: x });
  assertThrows(() => [...structures.batch(2)], TypeError, "different structure");
});

Deno.test("batch refuses sizes below one and unknown options", () => {
  const d = Dataset.range(3);
  assertThrows(() => d.batch(0), RangeError, "Cannot batch by 0");
  assertThrows(() => d.batch(Infinity), RangeError, "finite");
  assertThrows(() => d.batch("2" as unknown as number), TypeError, '"2"');
  assertThrows(() => d.batch(2, { drop: true } as object), TypeError, "dropRemainder");
});

Deno.test("batches of row numbers taken in one call hold what single elements hold, in their order", () => {
  const fixed = { seed: 3, reshuffleEachIteration: false };
  const reorderings: ((d: Dataset<HostArray>) => Dataset<HostArray>)[] = [
    (d) => d,
    (d) => d.take(7),
    (d) => d.globalShuffle(fixed),
    ...[1, 2, 5, 11, 40].flatMap((size) => [
      (d: Dataset<HostArray>) => d.shuffle(size, fixed),
      (d: Dataset<HostArray>) => d.shuffle(size, fixed).take(9),
      (d: Dataset<HostArray>) => d.shuffle(size, fixed).shuffle(3, fixed),
      (d: Dataset<HostArray>) => d.shuffle(size, fixed).repeat(2).shuffle(3, fixed),
      (d: Dataset<HostArray>) => d.shuffle(size, fixed).repeat(3),
      (d: Dataset<HostArray>) => d.shuffle(size, fixed).repeat().take(70),
    ]),
  ];
  for (const n of [0, 1, 11, 30]) {
    for (const reordered of reorderings) {
      const d = reordered(Dataset.range(n));
      const singly = [...d].map((x) => x.item());
      for (const size of [1, 4, 11, 100]) {
        assertEquals([...d.batch(size)].flatMap((x) => [...x.values]), singly);
        const stateful = d.batch(size).iterate();
        assertEquals([...stateful].flatMap((x) => [...x.values]), singly);
      }
    }
  }
});

Deno.test("rows of every width and type are gathered whole, out of views as well", () => {
  for (const type of [Uint8Array, Int32Array, Float32Array, Float64Array]) {
    for (const width of [0, 1, 2, 23, 24, 25, 64]) {
      const all = new type(3 + 10 * width).map((_, i) => i % 251);
      const x = new HostArray(all.subarray(3), [10, width]);
      const batches = [...Dataset.fromTensorSlices(x).globalShuffle({ seed: 1 }).batch(4)];
      const rows = [...Dataset.fromTensorSlices(x).globalShuffle({ seed: 1 })];
      assertEquals(
        batches.flatMap((b) => [...b]).map((r) => r.toArray()),
        rows.map((r) => r.toArray()),
      );
    }
  }
});

Deno.test("batches of row numbers go on at every position, behind shuffles and repeats", () => {
  const fixed = { seed: 3, reshuffleEachIteration: false };
  const pipelines: (() => Dataset<HostArray>)[] = [
    () => Dataset.range(20).shuffle(6, fixed).batch(3),
    () => Dataset.range(20).shuffle(6, { seed: 1 }).repeat(2).batch(7),
    () => Dataset.range(9).repeat(3).shuffle(50, { seed: 1 }).take(20).batch(4),
    () => Dataset.range(20).globalShuffle({ seed: 2 }).shuffle(3, fixed).repeat(2).batch(6),
  ];
  for (const make of pipelines) {
    const whole = [...make()].map((x) => x.toArray());
    for (let given = 0; given <= whole.length; given++) {
      const it = make().iterate();
      let left = given;
      if (left > 0) { for (const _ of it) if (--left === 0) break; }
      const state = JSON.parse(JSON.stringify(it.state()));
      assertEquals([...make().iterate({ state })].map((x) => x.toArray()), whole.slice(given));
    }
  }
});

Deno.test("repeats of repeats are batched, shuffled and resumed", async () => {
  const once = Dataset.range(5);
  const want = [...Array(4)].flatMap(() => [0, 1, 2, 3, 4]);
  const twice = once.repeat(2).repeat(2);
  assertEquals([...twice.batch(3)].flatMap((x) => [...x.values]), want);
  assertEquals(
    [...once.repeat(1).repeat(2).repeat(2).batch(7)].flatMap((x) => [...x.values]),
    want,
  );
  const shuffled = [...once.shuffle(5, { seed: 1 }).repeat(2).repeat(2).batch(3)];
  assertEquals(shuffled.flatMap((x) => [...x.values]).sort(), want.toSorted());
  const ahead = await Array.fromAsync(once.repeat(2).prefetch(2).repeat(2).batch(3));
  assertEquals(ahead.flatMap((x) => [...x.values]), want);
  assertEquals([...once.take(0).repeat(2).repeat(2).batch(3)], []);
  for (let given = 0; given <= 7; given++) {
    const it = twice.batch(3).iterate();
    const first = [...Array(given)].length === 0 ? [] : await Array.fromAsync(takeOf(it, given));
    const rest = [...twice.batch(3).iterate({ state: it.state() })];
    assertEquals([...first, ...rest].flatMap((x) => [...x.values]), want);
  }
});

function* takeOf<T>(it: Iterable<T>, count: number): Generator<T> {
  for (const x of it) {
    yield x;
    if (--count === 0) return;
  }
}
