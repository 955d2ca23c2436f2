/** Philox4x32-10 against the known answers published with Random123. @module */
import { assertEquals } from "@std/assert";
import { Philox, philox4x32 } from "../../../src/data/random/philox.ts";

const hex = (words: ArrayLike<number>) =>
  Array.from(words, (w) => w.toString(16).padStart(8, "0")).join(" ");

const block = (counter: number[], key: [number, number]) => {
  const out = new Uint32Array(4);
  philox4x32(counter, key[0], key[1], out);
  return hex(out);
};

Deno.test("philox4x32 gives the published answers", () => {
  assertEquals(block([0, 0, 0, 0], [0, 0]), "6627e8d5 e169c58d bc57ac4c 9b00dbd8");
  const ones = 0xffffffff;
  assertEquals(
    block([ones, ones, ones, ones], [ones, ones]),
    "408f276d 41c83b0e a20bc7c6 6d5451fd",
  );
  assertEquals(
    block([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
    "d16cfe09 94fdcceb 5001e420 24126ea1",
  );
});

Deno.test("a Philox stream hands out its blocks one number at a time", () => {
  const stream = new Philox(1, 2, 3, 4);
  const numbers = Array.from({ length: 8 }, () => stream.next());
  assertEquals(hex(numbers), `${block([0, 0, 3, 4], [1, 2])} ${block([1, 0, 3, 4], [1, 2])}`);
});

Deno.test("numbers taken many at a time are those taken singly, also where the counter carries", () => {
  const blocks = 2 ** 32;
  const places = [
    0,
    3,
    4 * (blocks - 2) + 1,
    4 * (blocks - 12),
    4 * (8 * blocks - 21) + 2,
    4 * (8 * blocks - 13),
  ];
  for (const from of places) {
    const seeds = [from === 0 ? 2 ** 32 - 1 : 1, 2, 3, 2 ** 32 - 4] as const;
    const [singly, many] = [new Philox(...seeds), new Philox(...seeds)];
    singly.seek(from);
    many.seek(from);
    // behind the 300,000 of the first place the kernel makes them
    for (
      const count of [3, 1, 9, 0, 6, 16, 64, 77, 9000, 16, 37, from === 0 ? 300_000 : 33_000, 2]
    ) {
      const got = new Uint32Array(count + 1);
      many.fill(got, count);
      assertEquals([...got.subarray(0, count)], Array.from({ length: count }, () => singly.next()));
      assertEquals(got[count], 0);
    }
  }
});
