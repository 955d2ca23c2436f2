import { assertEquals, assertThrows } from "@std/assert";
import { Dataset } from "../../src/data/mod.ts";
import { nextSeed } from "../../src/random/seeds.ts";
import { setRandomSeed } from "../../src/utils/random_seed.ts";

Deno.test("missing seeds are Python's random.randint(1, 10**9)", () => {
  setRandomSeed(812);
  assertEquals([nextSeed(), nextSeed()], [33636388, 426286787]);
});

Deno.test("shuffles that are given no seed repeat too", () => {
  const order = (): number[] => {
    setRandomSeed(3);
    const stage = Dataset.range(50).shuffle(50);
    return [...stage].map((x) => (x as unknown as { item(): number }).item());
  };
  const first = order();
  assertEquals(order(), first);
  assertEquals([...first].sort((a, b) => a - b), Array.from({ length: 50 }, (_, i) => i));
});

Deno.test("a seed that is no integer of 32 bits is named", () => {
  assertThrows(() => setRandomSeed(0.5), TypeError, "0.5: a seed is an integer");
  assertThrows(() => setRandomSeed(-1), RangeError, "0..4294967295");
  assertThrows(() => setRandomSeed("1" as never), TypeError, '"1"');
});
