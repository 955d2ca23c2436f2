/** Permutations without memory: Grain's, and bijections where Grain's are not. @module */
import { assert, assertEquals } from "@std/assert";
import { indexPermutation } from "../../../src/data/random/index_permutation.ts";
import { readGolden } from "../../goldens/read.ts";

Deno.test("numbers go where Grain sends them, up to 2^31", () => {
  const cases = readGolden("pipelines").cases.filter((c) => c.fn === "globalShuffleAt");
  for (const c of cases) {
    const f = indexPermutation(c.n as number, c.seed as number);
    assertEquals((c.at as number[]).map(f), c.want, `n ${c.n}`);
  }
  assertEquals(cases.length, 8);
});

Deno.test("every number is met once, for every n to 300 and about powers of two", () => {
  const sizes = [...Array(300).keys(), 65535, 65536, 65537, 65538, 131073, 262145];
  for (const n of sizes) {
    const f = indexPermutation(n, 42);
    const seen = new Uint8Array(n);
    for (let i = 0; i < n; i++) seen[f(i)]!++;
    assert(seen.every((count) => count === 1), `n ${n}`);
  }
});

Deno.test("numbers beyond 2^32 are permuted too", () => {
  const n = 2 ** 40 + 1;
  const f = indexPermutation(n, 7);
  const images = new Set<number>();
  for (let i = 0; i < 2000; i++) {
    const at = f(n - 1 - i);
    assert(Number.isSafeInteger(at) && at >= 0 && at < n);
    images.add(at);
  }
  assertEquals(images.size, 2000);
});
