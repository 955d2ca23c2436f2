/** Texts as elements and within elements, through every stage; and batches of what does not fit. @module */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { HostArray } from "../../src/base/host_array.ts";
import { type BatchOf, Dataset, type RowOf } from "../../src/data/mod.ts";

const plain = (x: unknown): unknown =>
  x instanceof HostArray
    ? x.toArray()
    : Array.isArray(x)
    ? x.map(plain)
    : typeof x === "object" && x !== null
    ? Object.fromEntries(Object.entries(x).map(([k, v]) => [k, plain(v)]))
    : x;
const all = (d: Dataset<unknown>) => [...d].map(plain);

interface Row {
  s: string;
  n: HostArray;
}
const words = () => Dataset.fromIterable(["a", "bb", "ccc"]);
const rows = () =>
  Dataset.fromIterable([{ s: "x", n: 1 }, { s: "yy", n: 2 }, { s: "z", n: 3 }]) as Dataset<Row>;

/** The texts and the records, read from files. */
async function inFiles(
  f: (lines: Dataset<string>, json: Dataset<Row>, csv: Dataset<Row>) => void | Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const write = async (name: string, text: string) => {
    await Deno.writeTextFile(`${folder}/${name}`, text);
    return `${folder}/${name}`;
  };
  try {
    await f(
      Dataset.textLines(await write("a.txt", "a\nbb\nccc\n")),
      Dataset.jsonLines(
        await write("a.jsonl", '{"s":"x","n":1}\n{"s":"yy","n":2}\n{"s":"z","n":3}\n'),
      ),
      Dataset.csv(await write("a.csv", "s,n\nx,1\nyy,2\nz,3\n")),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const BATCHES = [{ s: ["x", "yy"], n: [1, 2] }, { s: ["z"], n: [3] }];
const ROWS = [{ s: "x", n: 1 }, { s: "yy", n: 2 }, { s: "z", n: 3 }];

Deno.test("texts in batches are lists, whatever they are read from", () =>
  inFiles((lines, json, csv) => {
    for (const d of [lines, words()]) {
      assertEquals(all(d.batch(2)), [["a", "bb"], ["ccc"]]);
      assertEquals(all(d.batch(2).unbatch()), ["a", "bb", "ccc"]);
    }
    for (const d of [json, csv, rows()]) {
      assertEquals(all(d.batch(2)), BATCHES);
      assertEquals(all(d.map((x) => x).batch(2)), BATCHES);
      assertEquals(all(d.paddedBatch(2)), BATCHES);
      assertEquals(all(d.batch(2).unbatch()), ROWS);
      assertEquals(all(d.batch(1).rebatch(2)), BATCHES);
      assertEquals(all(d.window(2).flatMap((w) => Dataset.zip(w).batch(2))), BATCHES);
      assertEquals(all(d.groupByWindow(() => 0, (_, w) => w.batch(2), 2)), BATCHES);
      assertEquals(all(d.scan(0, (n, x) => [n, x]).prefetch(2).batch(2)), BATCHES);
    }
  }));

Deno.test("texts are computed with, cached, saved, shuffled and resumed", async () => {
  assertEquals(all(words().map((w) => [w.length, `${w}!`])), [[1, "a!"], [2, "bb!"], [3, "ccc!"]]);
  assertEquals(all(rows().filter((r) => r.s !== "yy").map(({ s }) => s)), ["x", "z"]);
  const folder = await Deno.makeTempDir();
  try {
    const cached = rows().cache(`${folder}/cache`);
    for (let pass = 0; pass < 2; pass++) assertEquals(all(cached), ROWS);
    await rows().save(`${folder}/saved`);
    assertEquals(all(Dataset.load(`${folder}/saved`)), ROWS);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  const build = () =>
    rows().scan("-", (s, r) => [s + r.s, { all: s, n: r.n }]).shuffle(2, { seed: 1 });
  const whole = all(build());
  for (let taken = 1; taken < 3; taken++) {
    const it = build().iterate();
    let n = 0;
    for (const _ of it) if (++n === taken) break;
    const state = JSON.parse(JSON.stringify(it.state()));
    assertEquals([...build().iterate({ state })].map(plain), whole.slice(taken));
  }
});

Deno.test("texts go to workers and come back", async () => {
  const module = "data:text/javascript,export default ({ s, n }) => ({ s: s + n.item(), n })";
  const d = rows().parallelMap<Row>(module, { workers: 1 });
  assertEquals(await Array.fromAsync(d, (r) => r.s), ["x1", "yy2", "z3"]);
});

const mixed = (...list: unknown[]) => Dataset.fromIterable(list) as Dataset<unknown>;

Deno.test("what does not fit into one batch is told with both elements", () => {
  const cases: [Dataset<unknown>, typeof TypeError, string][] = [
    [
      mixed("a", 1).batch(2),
      TypeError,
      'Cannot join texts and arrays in batch(2) (stage 1): element 0 of the batch is "a" and ' +
      "element 1 is float32[]: make them equal with map",
    ],
    [mixed({ s: 1 }, { s: "b" }).batch(2), TypeError, "in batch(2) (stage 1) at s: element 1"],
    [mixed({ s: [1] }, { s: "b" }).paddedBatch(2), TypeError, "Cannot join texts and arrays in "],
    [
      mixed({ a: 1 }, { b: 1 }).batch(2),
      TypeError,
      'the root is an object with keys ["a"] in one and an object with keys ["b"] in the other ' +
      "(element 0 of the batch against element 1): make them alike with map",
    ],
    [mixed(null, 1).batch(2), TypeError, "the root is null in one and a leaf in the other"],
    [mixed([1, 2], [1]).batch(2), RangeError, "is float32[2] and element 1 is float32[1]: make"],
    [
      mixed(new Int32Array(1), new Float32Array(1)).batch(2),
      RangeError,
      "element 0 of the batch is int32[1] and element 1 is float32[1]",
    ],
    [mixed("a").unbatch(), RangeError, 'it holds the text "a", which has no rows'],
    [mixed({ s: ["a"], n: [1, 2] }).unbatch(), RangeError, "its arrays have 2 and 1 rows"],
  ];
  for (const [d, kind, message] of cases) assertThrows(() => all(d), kind, message);
});

Deno.test("texts where arrays are wanted, and other wrong arguments, are named", () => {
  const bad = (x: unknown): never => x as never;
  assertThrows(() => Dataset.fromTensorSlices(["a", "b"]), TypeError, 'Cannot slice "a" at [0]');
  assertThrows(() => Dataset.fromTensorSlices({ x: [1], y: ["b"] }), TypeError, "at y[0]: arrays");
  assertThrows(
    () => Dataset.fromIterable(bad("abc")),
    TypeError,
    'dataset from "abc": give an iter',
  );
  assertThrows(() => Dataset.fromFiles([]), RangeError, "by no pattern");
  assertThrows(() => Dataset.fromFiles(bad(3)), TypeError, "Cannot find files by 3");
  assertThrows(
    () => Dataset.textLines("http://[x"),
    TypeError,
    'lines from "http://[x": give a path',
  );
  assertThrows(() => Dataset.range(2).concatenate(bad(3)), TypeError, "Cannot concatenate 3");
  assertThrows(() => Dataset.mix(bad([3])), TypeError, "Cannot mix 3: give datasets");
  assertThrows(() => Dataset.mix(bad(3)), TypeError, "Cannot mix 3: give a list of datasets");
  assertThrows(() => Dataset.range(2).rebatch(bad(null)), TypeError, "Cannot rebatch by null");
  const group = (by: unknown) => Dataset.range(2).groupByWindow(bad(by), () => Dataset.range(1), 2);
  assertThrows(() => group(null), TypeError, "Cannot group a dataset by null: give a function");
  assertThrows(() => Dataset.load(Deno.cwd()), TypeError, "it is no file");
  for (const read of [Dataset.csv, Dataset.parquet]) {
    assertThrows(() => read("x", { select: [] }), TypeError, "at least one");
    assertThrows(() => read("x", { select: bad("a") }), TypeError, 'with select "a": give a list');
    assertThrows(() => read("x", { select: ["a", "a"] }), RangeError, "name each column once");
  }
});

Deno.test("the type of a batch has lists where elements have texts, and unbatch takes it back", () => {
  type Row = { x: HostArray; tags: [string, HostArray]; none: null };
  type Batch = { x: HostArray; tags: [string[], HostArray]; none: null };
  type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
    : false;
  const batched: Same<BatchOf<Row>, Batch> = true;
  const back: Same<RowOf<Batch>, Row> = true;
  const loose: Same<BatchOf<Record<string, HostArray>>, Record<string, HostArray>> = true;
  const unknown: Same<BatchOf<unknown>, unknown> = true;
  assert(batched && back && loose && unknown);
  const words = Dataset.fromIterable(["a", "b", "c"]).batch(2);
  assertEquals([...words].map((list) => list.map((w) => w.toUpperCase())), [["A", "B"], ["C"]]);
  assertEquals([...words.unbatch()].map((w) => w.toUpperCase()), ["A", "B", "C"]);
});
