/** The order of shuffled pipelines: tf.data's, seed for seed. @module */
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { Dataset } from "../../../src/data/mod.ts";
import { setGlobalDataSeed } from "../../../src/data/random/seeds.ts";
import type { HostArray } from "../../../src/base/host_array.ts";

const order = (d: Iterable<HostArray>) => Array.from(d, (x) => x.item()).join(" ");
const ten = () => Dataset.range(10);

function withGlobalSeed(seed: number, f: () => void): void {
  setGlobalDataSeed(seed);
  try {
    f();
  } finally {
    setGlobalDataSeed(null);
  }
}

Deno.test("shuffle gives tf.data's order for a global and an operation seed", () => {
  withGlobalSeed(1, () => {
    const fixed = { seed: 2, reshuffleEachIteration: false };
    assertEquals(order(ten().shuffle(3, fixed)), "2 3 0 5 6 4 7 8 9 1");
    const whole = ten().shuffle(10, fixed);
    assertEquals(order(whole), "9 0 8 6 1 3 7 2 4 5");
    assertEquals(order(whole), "9 0 8 6 1 3 7 2 4 5");
    const again = ten().shuffle(10, { seed: 2 });
    assertEquals(order(again), "2 6 1 3 9 5 0 8 7 4");
    assertEquals(order(again), "1 6 0 5 2 7 4 3 9 8");
    const window = ten().shuffle(2, { seed: 2 });
    assertEquals(order(window), "0 2 1 3 5 6 4 7 8 9");
    assertEquals(order(window), "1 0 2 3 4 5 6 7 9 8");
  });
  withGlobalSeed(2, () => {
    const again = ten().shuffle(10, { seed: 2 });
    assertEquals(order(again), "3 0 8 1 5 4 7 2 6 9");
    assertEquals(order(again), "4 6 9 0 1 8 2 7 3 5");
  });
});

Deno.test("shuffle gives tf.data's order for an operation seed alone", () => {
  const d = ten().shuffle(10, { seed: 42 });
  assertEquals(order(d), "5 9 6 4 7 1 2 8 3 0");
  assertEquals(order(d), "3 7 6 5 8 4 0 1 9 2");
  const fixed = ten().shuffle(10, { seed: 42, reshuffleEachIteration: false });
  assertEquals(order(fixed), "2 0 7 8 9 3 6 4 1 5");
});

Deno.test("seeds count modulo 2^31 - 1, negative ones too", () => {
  const of = (seed: number) => order(ten().shuffle(10, { seed }));
  assertEquals(of(42 + 2 ** 31 - 1), of(42));
  assertEquals(of(42 - (2 ** 31 - 1)), of(42));
  assertNotEquals(of(43), of(42));
});

Deno.test("the global seed gives every later shuffle its own repeatable order", () => {
  const make = () => [order(ten().shuffle(10)), order(ten().shuffle(10))];
  withGlobalSeed(7, () => {
    const first = make();
    assertNotEquals(first[0], first[1]);
    setGlobalDataSeed(7);
    assertEquals(make(), first);
  });
});

Deno.test("without a seed of its own the n-th shuffle takes the n-th draw of Python's random", () => {
  // python3: r = random.Random(42); [r.randint(0, 2**31 - 1) for _ in range(2)]
  withGlobalSeed(42, () => {
    const drawn = [order(ten().shuffle(10)), order(ten().shuffle(10))];
    const given = [478163327, 107420369].map((seed) => order(ten().shuffle(10, { seed })));
    assertEquals(drawn, given);
  });
});

Deno.test("without any seed two shuffles differ, a fixed one repeats itself", () => {
  const d = Dataset.range(100).shuffle(100, { reshuffleEachIteration: false });
  assertNotEquals(order(d), order(Dataset.range(100).shuffle(100)));
  assertEquals(order(d), order(d));
});

Deno.test("every element comes once per pass, whatever the buffer", () => {
  for (const n of [0, 1, 2, 7, 64, 65]) {
    for (const buffer of [1, 2, 3, 64, 100, Infinity]) {
      const values = order(Dataset.range(n).shuffle(buffer, { seed: 3 })).split(" ").map(Number);
      const sorted = values.sort((a, b) => a - b).join(" ");
      assertEquals(sorted, n === 0 ? "0" : Array.from({ length: n }, (_, i) => i).join(" "));
    }
  }
  assertEquals(order(Dataset.range(9).shuffle(1)), "0 1 2 3 4 5 6 7 8");
});

Deno.test("element i never comes out before position i - bufferSize + 1", () => {
  const values = order(Dataset.range(500).shuffle(16)).split(" ").map(Number);
  values.forEach((v, position) => assert(position >= v - 15, `${v} at ${position}`));
});

Deno.test("shuffled elements and shuffled row numbers come in the same order", () => {
  const rows = ten().shuffle(4, { seed: 5 });
  const elements = ten().map((x) => x).shuffle(4, { seed: 5 });
  assertEquals(order(elements), order(rows));
});

Deno.test("shuffle before repeat keeps epochs apart and reshuffles each", () => {
  const d = ten().shuffle(10, { seed: 42 }).repeat(2);
  assertEquals(order(d), "5 9 6 4 7 1 2 8 3 0 3 7 6 5 8 4 0 1 9 2");
});

Deno.test("shuffle refuses sizes below one, fractions, and options it does not know", () => {
  assertThrows(() => ten().shuffle(0), RangeError, "buffer size 0: it must be at least 1");
  assertThrows(() => ten().shuffle(-2), RangeError, "at least 1");
  assertThrows(() => ten().shuffle(1.5), TypeError, "integer");
  assertThrows(() => ten().shuffle(2, { seed: 0.5 }), TypeError, "a seed is an integer");
  assertThrows(() => ten().shuffle(2, { sede: 1 } as object), TypeError, "seed");
  assertThrows(() => ten().shuffle(2, null as unknown as object), TypeError, "options");
});
