/** Generators as sources: epochs, closing, failing. @module */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { HostArray } from "../../../src/base/host_array.ts";
import { Dataset } from "../../../src/data/mod.ts";

function counting(log: string[], n = 5): () => Generator<number> {
  return function* count() {
    log.push("open");
    try {
      for (let i = 0; i < n; i++) yield i;
    } finally {
      log.push("close");
    }
  };
}

function countingLater(log: string[], n = 5): () => AsyncGenerator<number> {
  return async function* count() {
    log.push("open");
    try {
      for (let i = 0; i < n; i++) {
        await Promise.resolve();
        yield i;
      }
    } finally {
      log.push("close");
    }
  };
}

Deno.test("break closes the generator, through every stage", async () => {
  for (const make of [counting, countingLater]) {
    const log: string[] = [];
    const d = Dataset.fromGenerator(make(log)).map((x) => x).shuffle(2).repeat().batch(1).skip(1)
      .take(3).prefetch(2);
    for await (const _ of d) break;
    assertEquals(log, ["open", "close"]);
  }
  const log: string[] = [];
  for (const _ of Dataset.fromGenerator(counting(log)).shuffle(2).batch(2)) break;
  assertEquals(log, ["open", "close"]);
});

Deno.test("every loop and every repeat is a new call of the generator", async () => {
  for (const make of [counting, countingLater]) {
    const log: string[] = [];
    const d = Dataset.fromGenerator(make(log, 2)).repeat(2);
    for (let epoch = 0; epoch < 2; epoch++) {
      const seen: number[] = [];
      for await (const x of d) seen.push(x.item());
      assertEquals(seen, [0, 1, 0, 1]);
    }
    assertEquals(log, Array(4).fill(["open", "close"]).flat());
  }
});

Deno.test("an exception in the loop's body closes the generator", () => {
  const log: string[] = [];
  assertThrows(
    () => {
      for (const _ of Dataset.fromGenerator(counting(log))) throw new Error("mine");
    },
    Error,
    "mine",
  );
  assertEquals(log, ["open", "close"]);
});

Deno.test("an exception in a later stage closes the generator", async () => {
  for (const make of [counting, countingLater]) {
    const log: string[] = [];
    const d = Dataset.fromGenerator(make(log)).map(() => {
      throw new Error("boom");
    });
    await assertRejects(() => Array.fromAsync(d), Error, "element 0 in map() (stage 1): boom");
    assertEquals(log, ["open", "close"]);
  }
});

Deno.test("an exception in the generator surfaces at its element", async () => {
  const failing = function* failing() {
    yield 1;
    throw new Error("Out of tape");
  };
  const message = "Cannot compute element 1 in fromGenerator(failing) (stage 0): Out of tape";
  assertThrows(() => [...Dataset.fromGenerator(failing)], Error, message);
  const failingLater = async function* failing() {
    yield* [1];
    await Promise.reject(new Error("Out of tape"));
  };
  await assertRejects(() => Array.fromAsync(Dataset.fromGenerator(failingLater)), Error, message);
});

Deno.test("for...of over an asynchronous generator names the source", () => {
  assertThrows(
    () => [...Dataset.fromGenerator(countingLater([])).batch(2)],
    TypeError,
    "fromGenerator(count) (stage 0): its generator is asynchronous: use for await",
  );
});

Deno.test("what is not a function, or returns no iterable, is refused", () => {
  assertThrows(
    () => Dataset.fromGenerator([1] as unknown as () => number[]),
    TypeError,
    "function",
  );
  const d = Dataset.fromGenerator((() => 3) as unknown as () => number[]);
  assertThrows(() => [...d], TypeError, "must return an iterable");
});

Deno.test("a generator that yields one buffer again and again gives elements of their own", () => {
  const typed = new Float32Array(1);
  const host = new HostArray(new Int32Array(1));
  const d = Dataset.fromGenerator(function* () {
    for (let i = 0; i < 4; i++) {
      typed[0] = host.values[0] = i;
      yield [typed, { y: host }];
    }
  });
  const [[x, { y }]] = [...d.batch(4)] as [[HostArray, { y: HostArray }]];
  assertEquals([x.data(), y.data()], [Float32Array.of(0, 1, 2, 3), Int32Array.of(0, 1, 2, 3)]);
  const seen = [...d.shuffle(4, { seed: 1 })].map((e) => (e as unknown as HostArray[])[0]!.item());
  assertEquals(seen.sort(), [0, 1, 2, 3]);
});
