/** Iterators resume: at every position of every stage, from JSON, with exactly what remains. @module */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { HostArray } from "../../src/base/host_array.ts";
import { Dataset, type State } from "../../src/data/mod.ts";
import { seed } from "../seed.ts";

type Any = Dataset<HostArray>;

const wait = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/** Elements as plain values; the datasets of windows as lists. */
async function plain(x: unknown): Promise<unknown> {
  if (x instanceof HostArray) return x.toArray();
  if (x instanceof Dataset) return await Promise.all((await Array.fromAsync(x)).map(plain));
  if (Array.isArray(x)) return await Promise.all(x.map(plain));
  return x;
}

const bySum = (x: HostArray) => (x.toArray() as number[]).flat(9).reduce((a, b) => a + b, 0);
const number = (x: HostArray) => x.ndim === 0 ? x.item() : bySum(x);
const inner = Dataset.range(3).shuffle(3, { seed: 5 });
const ragged = (x: HostArray) => new Int32Array(1 + number(x) % 4).fill(number(x));

/** Stages over numbers, or what turns any element into numbers. */
const STAGES: Record<string, (d: Any) => Any> = {
  map: (d) => d.map((x) => x),
  mapKey: (d) =>
    d.map((x, { key }) => [number(x), key]).map(([x, key]) => x!.item() + key!.at(0).item() % 7),
  mapLater: (d) => d.map(async (x) => (await Promise.resolve(), x)),
  mapConcurrent: (d) => d.map(async (x) => (await wait(number(x) % 2), x), { concurrency: 3 }),
  filter: (d) => d.filter((x) => number(x) % 3 !== 0),
  takeWhile: (d) => d.takeWhile((x) => number(x) < 30),
  batch: (d) => d.map(number).batch(3),
  paddedBatch: (d) => d.map(ragged).paddedBatch(2),
  unbatch: (d) => d.map(ragged).unbatch(),
  rebatch: (d) => d.map(ragged).rebatch([2, 3]),
  shuffle: (d) => d.shuffle(4, { seed: 3 }),
  shuffleFresh: (d) => d.shuffle(5),
  shuffleFixed: (d) => d.shuffle(100, { seed: 3, reshuffleEachIteration: false }),
  repeat: (d) => d.repeat(2),
  take: (d) => d.take(7),
  skip: (d) => d.skip(2),
  shard: (d) => d.shard(2, 1),
  zip: (d) =>
    Dataset.zip([d, Dataset.range(100, 140).shuffle(3, { seed: 2 })]).map(([a, b]) =>
      number(a) + b.item()
    ),
  concatenate: (d) =>
    d.map(number).concatenate(Dataset.range(50, 53).shuffle(3, { seed: 2 }).map((x) => x.item())),
  flatMap: (d) => d.flatMap((x) => Dataset.range(number(x) % 3).map((y) => number(x) + y.item())),
  interleave: (d) =>
    d.interleave((x) => inner.map((y) => number(x) * 10 + y.item()), {
      cycleLength: 2,
      blockLength: 2,
    }),
  enumerate: (d) => d.enumerate().map(([i, x]) => i.item() * 100 + number(x)),
  window: (d) => d.map(number).window(3, { shift: 2 }).flatMap((w) => w.batch(3)),
  windowGap: (d) => d.map(number).window(2, { shift: 3, stride: 2 }).flatMap((w) => w),
  scan: (d) => d.scan(0, (s, x) => [s.item() + number(x), s.item() + number(x)] as const),
  cache: (d) => d.cache().repeat(2),
  prefetch: (d) => d.prefetch(2),
  prefetchLater: (d) => d.map((x) => Promise.resolve(x)).prefetch(3),
  groupByWindow: (d) =>
    d.map(number).groupByWindow((x) => x.item() % 3, (_k, g) => g.shuffle(2, { seed: 1 }), 3),
  bucket: (d) => d.map(ragged).bucketBySequenceLength((x) => x.length, [2, 4], [2, 3, 2]),
  mix: (d) =>
    Dataset.mix([d.map(number), Dataset.range(60, 80).map((x) => x.item())], { weights: [2, 1] }),
  options: (d) => d.options({ yieldEvery: 1 }),
};

const SOURCES: Record<string, () => Any> = {
  range: () => Dataset.range(13),
  slices: () => Dataset.fromTensorSlices(Int32Array.from({ length: 11 }, (_, i) => i * 2)),
  generator: () =>
    Dataset.fromGenerator(function* () {
      for (let i = 0; i < 9; i++) yield i;
    }),
  generatorLater: () =>
    Dataset.fromGenerator(async function* () {
      for (let i = 0; i < 9; i++) yield await Promise.resolve(i);
    }),
  iterable: () => Dataset.fromIterable([5, 6, 7, 8]),
  stream: () => Dataset.fromStream(() => ReadableStream.from([1, 2, 3, 4])) as Any,
  source: () => Dataset.fromSource({ length: 10, at: (i) => Promise.resolve(i) }),
  globalShuffle: () => Dataset.range(12).globalShuffle({ seed: 9 }),
  globalShuffleFresh: () => Dataset.range(12).skip(2).shard(2, 0).globalShuffle(),
  tensors: () => Dataset.fromTensors(4),
};

const json = (state: State): State => JSON.parse(JSON.stringify(state));

/**
 * Goes through a pipeline once, keeping the state at every position, then goes on from each in a
 * pipeline that is built anew.
 */
async function resumesEverywhere(build: () => Dataset<unknown>, most = 60): Promise<void> {
  const it = build().iterate();
  const states: State[] = [json(it.state())];
  const whole: unknown[] = [];
  for await (const x of it) {
    whole.push(await plain(x));
    states.push(json(it.state()));
    if (whole.length === most) break;
  }
  for (const [position, state] of states.slice(0, most).entries()) {
    const again = build().iterate({ state });
    assertEquals(json(again.state()), state, `the state at ${position} survives`);
    const rest: unknown[] = [];
    for await (const x of again) {
      rest.push(await plain(x));
      if (rest.length + position === most) break;
    }
    assertEquals(rest, whole.slice(position), `from position ${position}`);
  }
}

for (const [name, source] of Object.entries(SOURCES)) {
  Deno.test(`a pass over ${name} resumes at every position`, async () => {
    await resumesEverywhere(source);
    await resumesEverywhere(() => source().shuffle(3, { seed: 1 }).batch(2));
  });
}

for (const [name, stage] of Object.entries(STAGES)) {
  Deno.test(`${name} resumes at every position, in one pass and in several`, async () => {
    await resumesEverywhere(() => stage(Dataset.range(10)));
    await resumesEverywhere(() => stage(SOURCES.generatorLater!()));
    await resumesEverywhere(() => stage(Dataset.range(6).shuffle(4, { seed: 8 })).repeat(3));
    await resumesEverywhere(() =>
      stage(Dataset.range(5).shuffle(4, { seed: 8 }).repeat(2)).shuffle(2, { seed: 4 })
    );
  });
}

Deno.test("compositions of stages resume at a random position", async () => {
  const names = Object.keys(STAGES);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(SOURCES)),
      fc.array(fc.constantFrom(...names), { minLength: 2, maxLength: 5 }),
      async (source, stages) => {
        const build = () => stages.reduce((d, s) => STAGES[s]!(d), SOURCES[source]!());
        await resumesEverywhere(build, 12);
      },
    ),
    { seed, numRuns: 150 },
  );
});

Deno.test("a state made in for...of resumes in for await and the other way", async () => {
  const build = () =>
    Dataset.range(20).shuffle(4, { seed: 3 }).map((x) => x).prefetch(2).batch(3).repeat(2);
  const whole = [...build()].map((x) => x.toArray());
  const sync = build().iterate();
  const seen: unknown[] = [];
  for (const x of sync) {
    seen.push(x.toArray());
    if (seen.length === 3) break;
  }
  for await (const x of build().iterate({ state: json(sync.state()) })) {
    seen.push(x.toArray());
    if (seen.length === 5) break;
  }
  assertEquals(seen, whole.slice(0, 5));
});

Deno.test("leaving a loop keeps the place in the iterator", async () => {
  const it = Dataset.range(6).iterate();
  const seen: number[] = [];
  for (const x of it) {
    seen.push(x.item());
    if (seen.length === 2) break;
  }
  for await (const x of it) {
    seen.push(x.item());
    if (seen.length === 4) break;
  }
  seen.push((await it.next()).value!.item());
  await it.return();
  for (const x of it) seen.push(x.item());
  assertEquals(seen, [0, 1, 2, 3, 4, 5]);
  assertEquals([...it], []);
});

Deno.test("after an error the state is that before the element that failed", async () => {
  let broken = true;
  const build = () =>
    Dataset.range(6).map((x) => {
      if (broken && x.item() === 3) throw new Error("Broken");
      return x;
    }).batch(2);
  const it = build().iterate();
  const seen: unknown[] = [];
  await assertRejects(
    async () => {
      for await (const x of it) seen.push(x.toArray());
    },
    Error,
    "Broken",
  );
  broken = false;
  for await (const x of build().iterate({ state: json(it.state()) })) seen.push(x.toArray());
  assertEquals(seen, [[0, 1], [2, 3], [4, 5]]);
});

Deno.test("states are small whatever the buffers hold", () => {
  const it = Dataset.fromTensorSlices(new Float32Array(20_000)).map((x) => x)
    .shuffle(10_000, { seed: 1 }).batch(32).iterate();
  let n = 0;
  for (const _ of it) if (++n === 200) break;
  assert(JSON.stringify(it.state()).length < 1000, JSON.stringify(it.state()));
});

Deno.test("what is no state of the pipeline is refused", () => {
  const state = Dataset.range(3).batch(2).iterate().state();
  assertThrows(() => Dataset.range(3).shuffle(2).iterate({ state }), RangeError, "batch(range[3])");
  assertThrows(() => Dataset.range(3).iterate({ state: "x" }), TypeError, '"x"');
  assertThrows(
    () => Dataset.range(3).batch(2).iterate({ state: { ...state as object, version: 2 } }),
    RangeError,
    "version 2",
  );
});

Deno.test("two loops at once over one iterator are refused", () => {
  const it = Dataset.range(3).iterate();
  assertThrows(
    () => {
      for (const _ of it) for (const _ of it);
    },
    TypeError,
    "another loop",
  );
});

Deno.test("another process goes on from a state", async () => {
  const code = `const { Dataset } = await import("${new URL(
    "../../src/data/mod.ts",
    import.meta.url,
  )}");
    const build = () => Dataset.fromTensorSlices(Int32Array.from({ length: 40 }, (_, i) => i))
      .shuffle(8).map((x, { key }) => x.item() * 100 + key.at(1).item() % 100).repeat(3).batch(7);
    const state = Deno.args[0] === undefined ? undefined : JSON.parse(Deno.args[0]);
    const it = build().iterate(state === undefined ? {} : { state });
    const seen = [], states = [];
    for await (const x of it) { seen.push(x.toArray()); states.push(it.state()); }
    console.log(JSON.stringify({ seen, states }));`;
  const run = async (...args: string[]) => {
    const script = `data:text/javascript,${encodeURIComponent(code)}`;
    const command = new Deno.Command(Deno.execPath(), { args: ["run", "-A", script, ...args] });
    const { stdout, stderr } = await command.output();
    const text = new TextDecoder().decode(stdout);
    assert(text !== "", new TextDecoder().decode(stderr));
    return JSON.parse(text) as { seen: unknown[]; states: State[] };
  };
  const whole = await run();
  for (const at of [2, 9]) {
    const rest = await run(JSON.stringify(whole.states[at]));
    assertEquals(rest.seen, whole.seen.slice(at + 1));
    assertEquals(rest.states, whole.states.slice(at + 1));
  }
});

Deno.test("a state of other sizes is refused: a shuffle's buffer, the rows of a source, shards, weights", () => {
  const numbers = (n: number) => Dataset.fromTensorSlices(new Float32Array(n).map((_, i) => i));
  const cases: [string, Dataset<unknown>, Dataset<unknown>][] = [
    ["shuffle[50]", numbers(100).shuffle(50).batch(10), numbers(100).shuffle(20).batch(10)],
    ["fromTensorSlices[100]", numbers(100).shuffle(50).batch(10), numbers(5).shuffle(50).batch(10)],
    ["range[9]", Dataset.range(9), Dataset.range(8)],
    ["shard[3, 1]", numbers(9).shard(3, 1), numbers(9).shard(2, 1)],
    ["rebatch[2, 3]", numbers(9).batch(4).rebatch([2, 3]), numbers(9).batch(4).rebatch([3, 2])],
    [
      "groupByWindow[4]",
      ...([4, 5].map((n) => numbers(9).groupByWindow(() => 0, (_key, group) => group, n)) as [
        Dataset<unknown>,
        Dataset<unknown>,
      ]),
    ],
    [
      "interleave[3, 2]",
      ...([3, 4].map((cycleLength) =>
        numbers(9).interleave(() => numbers(2), { cycleLength, blockLength: 2 })
      ) as [Dataset<unknown>, Dataset<unknown>]),
    ],
    [
      "mix[100, 200]",
      ...([2, 3].map((w) => Dataset.mix([numbers(9), numbers(9)], { weights: [1, w] })) as [
        Dataset<unknown>,
        Dataset<unknown>,
      ]),
    ],
  ];
  for (const [name, one, other] of cases) {
    const it = one.iterate();
    for (const _ of it) break;
    const state = it.state();
    assertThrows(() => other.iterate({ state }), RangeError, name);
    assertEquals([...one.iterate({ state })].length + 1, [...one].length);
  }
  const it = numbers(100).shuffle(50, { seed: 1 }).batch(10).iterate();
  for (const _ of it) break;
  const rest = [...numbers(100).shuffle(50, { seed: 1 }).batch(45).iterate({ state: it.state() })];
  assertEquals(rest.map((x) => x.length), [45, 45]); // batches may have another size
});
