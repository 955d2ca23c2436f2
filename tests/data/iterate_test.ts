/** The two loops: turns of the event loop, closing, what is asynchronous. @module */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Dataset } from "../../src/data/mod.ts";
import type { HostArray } from "../../src/base/host_array.ts";

Deno.test("timers run while a synchronous pipeline is looped over with for await", async () => {
  let fired = 0;
  const timer = setInterval(() => fired++, 1);
  const start = performance.now();
  try {
    for await (const _ of Dataset.range(10).repeat()) if (performance.now() - start > 100) break;
  } finally {
    clearInterval(timer);
  }
  assert(fired >= 5, `${fired} times in 100 ms`);
});

Deno.test("yieldEvery: Infinity gives no turn to timers, and the last option holds", async () => {
  const turns = async (d: Dataset<HostArray>, milliseconds: number, enough = Infinity) => {
    let fired = 0;
    const timer = setInterval(() => fired++, 1);
    const start = performance.now();
    for await (const _ of d.repeat()) {
      if (fired >= enough || performance.now() - start > milliseconds) break;
    }
    clearInterval(timer);
    return fired;
  };
  const never = { yieldEvery: Infinity }, often = { yieldEvery: 1 };
  assertEquals(await turns(Dataset.range(9).options(often).options(never), 30), 0);
  // a machine with other work takes its time
  assertEquals(await turns(Dataset.range(9).options(never).options(often), 20_000, 6), 6);
  assertThrows(() => Dataset.range(9).options({ yieldEvery: -1 }), RangeError, "0 or more");
});

Deno.test("leaving a loop cancels a stream", async () => {
  let cancelled = false;
  const make = () =>
    new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(4)),
      cancel: () => {
        cancelled = true;
      },
    });
  for await (const _ of Dataset.fromStream(make).prefetch(2).batch(2)) break;
  assert(cancelled);
});

Deno.test("a stream or an iterator is gone through once", async () => {
  const stream = Dataset.fromStream(ReadableStream.from([1, 2]));
  assertEquals((await Array.fromAsync(stream)).length, 2);
  await assertRejects(() => Array.fromAsync(stream), Error, "used up");
  const list = Dataset.fromIterable([1, 2][Symbol.iterator]());
  assertEquals([...list].length, 2);
  assertThrows(() => [...list], Error, "used up");
  assertEquals([...Dataset.fromIterable(new Set([1, 2])).repeat(2)].length, 4);
});

Deno.test("for...of names the stage that is asynchronous", () => {
  const d = Dataset.range(4);
  const wanted: [Dataset<unknown>, string][] = [
    [d.filter(() => Promise.resolve(true)), "filter() (stage 1)"],
    [d.flatMap((x) => Promise.resolve(Dataset.fromTensors(x))), "flatMap() (stage 1)"],
    [d.scan(0, (s, x) => Promise.resolve([s, x] as const)), "scan() (stage 1)"],
    [
      Dataset.fromSource({ length: 2, at: (i) => Promise.resolve(i) }).batch(2),
      "fromSource(2) (stage 0)",
    ],
    [Dataset.fromStream(ReadableStream.from([1])), "fromStream (stage 0)"],
  ];
  for (const [pipeline, stage] of wanted) {
    const error = assertThrows(() => [...pipeline], Error);
    assert(`${error.message} ${(error.cause as Error | undefined)?.message}`.includes(stage));
    assert(`${error.message} ${(error.cause as Error | undefined)?.message}`.includes("for await"));
  }
});

Deno.test("asynchronous functions run as many at a time as allowed, in order", async () => {
  let running = 0, most = 0;
  const d = Dataset.range(12).map(async (x) => {
    most = Math.max(most, ++running);
    await new Promise((done) => setTimeout(done, x.item() % 3));
    running--;
    return x;
  }, { concurrency: 4 });
  assertEquals(
    (await Array.fromAsync(d)).map((x) => x.item()),
    Array.from({ length: 12 }, (_, i) => i),
  );
  assertEquals(most, 4);
});

Deno.test("an exception in a concurrent function surfaces at its element", async () => {
  const seen: number[] = [];
  const d = Dataset.range(8).map(async (x) => {
    await new Promise((done) => setTimeout(done, 5 - x.item() % 5));
    if (x.item() === 3) throw new Error("Boom");
    return x;
  }, { concurrency: 5 });
  await assertRejects(
    async () => {
      for await (const x of d) seen.push(x.item());
    },
    Error,
    "Cannot compute element 3 in map(, { concurrency: 5 }) (stage 1): Boom",
  );
  assertEquals(seen, [0, 1, 2]);
});

Deno.test("what is wrong with stages is said when they are made", () => {
  const d = Dataset.range(6);
  assertThrows(() => d.map((x) => x).globalShuffle(), TypeError, "map() (stage 1)");
  assertThrows(() => d.globalShuffle({ seed: -1 }), RangeError, "0..4294967295");
  assertThrows(() => d.shard(3, 3), RangeError, "0..2");
  assertThrows(() => Dataset.mix([d], { weights: [0] }), RangeError, "positive");
  assertThrows(() => Dataset.zip([d, 3]), TypeError, "Cannot zip 3");
  assertThrows(() => d.window(0), RangeError, "at least 1");
  assertThrows(() => d.rebatch([]), RangeError, "at least one");
  assertThrows(() => d.bucketBySequenceLength(() => 1, [2], [1]), RangeError, "one bucket more");
  assertThrows(() => d.concatenate(d.batch(2)), TypeError, "ranks must agree");
  assertThrows(() => [...d.flatMap(() => 3 as never)], Error, "return a Dataset");
  assertThrows(() => [...d.filter(() => "x" as never)], Error, "a boolean or a scalar");
  assertThrows(() => [...d.unbatch()], RangeError, "no rows");
});
