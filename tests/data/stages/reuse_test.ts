/** Batches whose memory serves again: right in loops, and never seen by other stages. @module */
import { assert, assertEquals, assertNotStrictEquals, assertStrictEquals } from "@std/assert";
import { HostArray } from "../../../src/base/host_array.ts";
import { type BatchOf, Dataset, type State } from "../../../src/data/mod.ts";

type Rows = Dataset<HostArray>;

const table = () => new HostArray(new Float32Array(22 * 30).map((_, i) => i), [22, 30]);
const fixed = { seed: 3, reshuffleEachIteration: false };

function recordFile(): string {
  const path = Deno.makeTempFileSync();
  Deno.writeFileSync(path, new Uint8Array(22 * 30).map((_, i) => i));
  return path;
}

/** Every way in which a batch comes by its rows. */
const SOURCES: Record<string, (path: string) => Rows> = {
  slices: () => Dataset.fromTensorSlices(table()) as Rows,
  range: () => Dataset.range(22),
  mapped: () => Dataset.fromTensorSlices(table()).map((x) => x),
  source: () => Dataset.fromSource({ length: 22, at: (i) => new Float32Array(30).fill(i) }) as Rows,
  generator: () =>
    Dataset.fromGenerator(function* () {
      for (let i = 0; i < 22; i++) yield new Int32Array(30).fill(i);
    }) as Rows,
  records: (path) => Dataset.fixedLengthRecords(path, 30),
};

for (const [name, source] of Object.entries(SOURCES)) {
  Deno.test(`batches of ${name} that reuse memory hold what fresh ones hold`, async () => {
    const path = recordFile();
    const shuffled = () => source(path).shuffle(5, fixed);
    const want = [...shuffled().batch(4)].map((x) => x.toArray());
    const reusing = shuffled().batch(4, { reuse: true });
    assertEquals(Array.from(reusing, (x) => x.toArray()), want);
    assertEquals(await Array.fromAsync(reusing, (x) => x.toArray()), want);
    const again = Array.from(reusing.repeat(3).skip(1).take(14), (x) => x.toArray());
    assertEquals(again, [...want, ...want, ...want].slice(1, 15));
    // the last batch is short: it cannot have the memory of the others
    const memory = [...reusing].map((x) => x.values.buffer);
    assertEquals(memory.map((m) => memory.indexOf(m)), [0, 1, 0, 1, 0, 5]);
    const most = [...reusing.take(5).options({ yieldEvery: 5 })].map((x) => x.values.buffer);
    assertEquals(new Set(most).size, 2);
    Deno.removeSync(path);
  });
}

Deno.test("the batch at hand stays as it is while the next one is made", () => {
  let last: HostArray | null = null, before: unknown = null;
  for (const x of (SOURCES.slices!("")).batch(3, { reuse: true })) {
    if (last !== null) assertEquals(last.toArray(), before);
    [last, before] = [x, x.toArray()];
  }
});

Deno.test("stages behind batches that reuse memory get memory of their own", async () => {
  const batches = (reuse: boolean) =>
    Dataset.fromTensorSlices(table()).batch(4, { reuse }) as unknown as Rows;
  const behind: Record<string, (d: Rows) => Dataset<unknown>> = {
    map: (d) => d.map((x) => x),
    mapLater: (d) => d.map(async (x) => await Promise.resolve(x), { concurrency: 3 }),
    filter: (d) => d.filter(() => true),
    shuffle: (d) => d.shuffle(3, fixed),
    repeated: (d) => d.repeat(2).shuffle(3, fixed),
    prefetch: (d) => d.prefetch(3),
    cache: (d) => d.cache(),
    zip: (d) => Dataset.zip([d, d.skip(1)]),
    concatenate: (d) => d.concatenate(d),
    enumerate: (d) => d.enumerate(),
    interleave: (d) => Dataset.range(2).interleave(() => d, { cycleLength: 2 }),
    takeWhile: (d) => d.takeWhile(() => true),
    window: (d) => d.window(2).flatMap((w) => w),
    unbatch: (d) => d.unbatch(),
    batch: (d) => d.take(4).batch(2),
    mix: (d) => Dataset.mix([d, d]),
  };
  const memory = (x: unknown): unknown[] =>
    Array.isArray(x) ? x.flatMap(memory) : [(x as HostArray).values];
  const plain = (x: unknown): unknown =>
    Array.isArray(x) ? x.map(plain) : (x as HostArray).toArray();
  for (const [name, stage] of Object.entries(behind)) {
    const kept = await Array.fromAsync(stage(batches(true)));
    assertEquals(kept.map(plain), (await Array.fromAsync(stage(batches(false)))).map(plain), name);
    const values = kept.flatMap(memory);
    assertEquals(new Set(values).size, values.length, name);
  }
  const kept = await batches(true).reduce([] as HostArray[], (all, x) => [...all, x]);
  assertEquals(kept.map(plain), [...batches(false)].map(plain));
});

Deno.test("a batch whose buffer was given away is not written to again", () => {
  const seen: unknown[] = [], buffers = new Set<unknown>();
  for (const x of Dataset.range(12).batch(3, { reuse: true })) {
    seen.push(x.toArray());
    buffers.add(x.values.buffer);
    structuredClone(x.values.buffer, { transfer: [x.values.buffer as ArrayBuffer] });
  }
  assertEquals(seen, [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]]);
  assertEquals(buffers.size, 4);
});

Deno.test("batches that reuse memory are resumed at every position, also as batches that own theirs", () => {
  const build = (reuse: boolean) =>
    Dataset.fromTensorSlices(table()).shuffle(6, { seed: 1 }).batch(4, { reuse }).repeat(2);
  const whole = [...build(false)].map((x) => x.toArray());
  for (let given = 0; given <= whole.length; given++) {
    const it = build(true).iterate();
    let left = given;
    if (left > 0) { for (const _ of it) if (--left === 0) break; }
    const state: State = JSON.parse(JSON.stringify(it.state()));
    for (const reuse of [true, false]) {
      const rest = Array.from(build(reuse).iterate({ state }), (x) => x.toArray());
      assertEquals(rest, whole.slice(given));
    }
  }
});

Deno.test("two loops over one dataset have memory of their own", () => {
  const d = Dataset.range(8).batch(2, { reuse: true });
  const [a, b] = [d[Symbol.iterator](), d[Symbol.iterator]()];
  const [x, y] = [a.next().value!, b.next().value!];
  assertNotStrictEquals(x.values.buffer, y.values.buffer);
  assertEquals(a.next().value!.toArray(), [2, 3]);
  assertStrictEquals(a.next().value!.values, x.values);
  assert(y.toArray().toString() === "0,1");
  a.return();
  b.return();
});

Deno.test("batches of tables that reuse memory hold what fresh ones hold, in order and shuffled", async () => {
  const path = Deno.makeTempFileSync({ suffix: ".csv" });
  const lines = Array.from({ length: 9000 }, (_, i) => `${i},${i / 4},${i % 3 ? `n${i}` : "x"}`);
  Deno.writeTextFileSync(path, `id,part,name\n${lines.join("\n")}\n`);
  type Row = { id: HostArray; part: HostArray; name: string };
  const plain = ({ id, part, name }: BatchOf<Row>) => [id.toArray(), part.toArray(), name];
  const table = Dataset.csv<Row>(path);
  for (const rows of [table, table.shuffle(900, fixed), table.skip(3).repeat(2)]) {
    for (const size of [5, 64, 4096, 5000]) {
      const want = Array.from(rows.batch(size).take(9), plain);
      const reusing = rows.batch(size, { reuse: true }).take(9);
      assertEquals(Array.from(reusing, plain), want);
      assertEquals(await Array.fromAsync(reusing, plain), want);
    }
    const memory = new Set([...rows.batch(64, { reuse: true }).take(9)].map((x) => x.part.values));
    assertEquals(memory.size, 2);
  }
  Deno.removeSync(path);
});
