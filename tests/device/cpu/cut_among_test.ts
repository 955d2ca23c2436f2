/**
 * How the result of products is cut among threads.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { cutAmong, type Divisible } from "../../../src/device/cpu/cut_among.ts";

const products: Divisible = {
  m: 256,
  n: 1024,
  batch: 1,
  packing: [10, 10],
  units: [8, 32],
  fits: () => true,
};

Deno.test("pieces are as even as can be, and as many as cost nearly nothing", () => {
  assertEquals(cutAmong(products, 1), { rows: 256, columns: 512 });
  assertEquals(cutAmong(products, 2), { rows: 256, columns: 256 });
  const { rows, columns } = cutAmong({ ...products, packing: [0, 0] }, 2);
  assertEquals(256 / rows * 1024 / columns, 8);
});

Deno.test("an operand that costs nothing to pack is packed by all", () => {
  assertEquals(cutAmong({ ...products, packing: [100, 0] }, 2).columns, 1024);
  assertEquals(cutAmong({ ...products, packing: [0, 100] }, 2).rows, 256);
});

Deno.test("many products are pieces as they are, and pieces that do not fit are not made", () => {
  assertEquals(cutAmong({ ...products, batch: 8 }, 2), { rows: 256, columns: 1024 });
  assertEquals(cutAmong({ ...products, fits: () => false }, 4), { rows: 256, columns: 1024 });
  const { rows, columns } = cutAmong({ ...products, fits: (_, columns) => columns > 500 }, 4);
  assert(columns > 500 && rows < 256, `${rows}x${columns}`);
});
