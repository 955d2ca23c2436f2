/** Blocks made side by side are those made one by one, also where counters carry. */
import { assertEquals } from "@std/assert";
import { philox4x32 } from "../../../src/data/random/philox.ts";
import { ABREAST, MOST_WORDS, philoxKernel } from "../../../src/data/random/philox_kernel.ts";

Deno.test("blocks side by side are blocks one by one", () => {
  const { words, fours } = philoxKernel();
  const last = 2 ** 32 - 1;
  for (const low of [0, 1, last, last - 1, last - 3, last - 6, last - 63]) {
    for (const high of [0, 7, last]) {
      for (const times of [1, 2, 20, MOST_WORDS / (4 * ABREAST)]) {
        const [c2, c3, k0, k1] = [high ^ 5, last - low, low ^ 77, high ^ 0x12345678].map((x) =>
          x >>> 0
        ) as [number, number, number, number];
        fours(low, high, c2, c3, k0, k1, times);
        const want = new Uint32Array(4);
        for (const block of [0, 1, 2, 3, 4, 7, 8, 63, 64, times * ABREAST - 1]) {
          if (block >= times * ABREAST) continue;
          const carry = low + block > last ? 1 : 0;
          philox4x32([(low + block) % 2 ** 32, (high + carry) % 2 ** 32, c2, c3], k0, k1, want);
          assertEquals(words.subarray(4 * block, 4 * block + 4), want, `${low} ${high} ${block}`);
        }
      }
    }
  }
});
