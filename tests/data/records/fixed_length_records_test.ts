/** Records of equal length: rows of files. @module */
import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import type { HostArray } from "../../../src/base/host_array.ts";
import { Dataset } from "../../../src/data/mod.ts";

Deno.test("fixed-length records are rows, over several files", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeFile(`${folder}/a`, new Uint8Array([9, 1, 2, 3, 4]));
  await Deno.writeFile(`${folder}/b`, new Uint8Array([9, 5, 6]));
  const d = Dataset.fixedLengthRecords([`${folder}/a`, `${folder}/b`], 2, { headerBytes: 1 });
  assertEquals(d.cardinality, 3);
  assertEquals([...d].map((x) => x.toArray()), [[1, 2], [3, 4], [5, 6]]);
  assertEquals([...d.batch(2)].map((x) => x.toArray()), [[[1, 2], [3, 4]], [[5, 6]]]);
  assertEquals(
    [...d.shuffle(3, { seed: 1 })].map((x) => x.values[0]).sort(),
    [1, 3, 5],
  );
  assertThrows(() => Dataset.fixedLengthRecords(`${folder}/a`, 2), RangeError, "no whole number");
  const rows = d[Symbol.iterator]();
  rows.next();
  await Deno.truncate(`${folder}/b`, 2);
  assertThrows(() => [...rows], RangeError, `${folder}/b at byte 2 in fixedLengthRecords`);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("records come whole from blocks that are let go, read again, and shared by two passes", async () => {
  const file = await Deno.makeTempFile();
  // more than is kept of a file; the records but for their numbers are a hole in it
  const bytes = 1 << 14, n = 4000;
  {
    using f = Deno.openSync(file, { write: true });
    f.truncateSync(n * bytes);
    for (let i = 0; i < n; i++) {
      f.seekSync(i * bytes, Deno.SeekMode.Start);
      f.writeSync(new Uint8Array([i & 255, i >> 8]));
    }
  }
  const number = (values: ArrayLike<number>, at = 0) => values[at]! + 256 * values[at + 1]!;
  const numbers = (d: Iterable<HostArray>) =>
    Array.from(d, (x) => Array.from({ length: x.length }, (_, i) => number(x.values, i * bytes)))
      .flat();
  const d = Dataset.fixedLengthRecords(file, bytes);
  const once = Array.from({ length: n }, (_, i) => i);
  assertEquals(numbers(d.batch(7)), once);
  assertEquals(numbers(d.repeat(2).batch(9)), [...once, ...once]);
  for (const window of [5, 3990]) {
    const given = numbers(d.shuffle(window, { seed: 1 }).repeat(2).batch(8));
    assertEquals(given.slice(0, n).sort((a, b) => a - b), once);
    assertEquals(given.slice(n).sort((a, b) => a - b), once);
  }
  const pairs = [...Dataset.zip([d.take(30), d.skip(3).take(30)])];
  assertEquals(
    pairs.map(([a, b]) => [number(a.values), number(b.values)]),
    once.slice(0, 30).map((i) => [i, i + 3]),
  );
  await Deno.remove(file);
});

Deno.test("large records are read in any order into the batch itself", async () => {
  const file = await Deno.makeTempFile();
  const bytes = 1 << 15, n = 40;
  const all = new Uint8Array(n * bytes).map((_, i) => (i >> 15) * 3 + (i & 1));
  await Deno.writeFile(file, all);
  const d = Dataset.fixedLengthRecords(file, bytes);
  const given = [...d.shuffle(9, { seed: 1 }).batch(7)].flatMap((x) =>
    Array.from({ length: x.length }, (_, i) => x.values.subarray(i * bytes, (i + 1) * bytes))
  );
  const order = given.map((record) => record[0]! / 3);
  assertEquals(order.toSorted((a, b) => a - b), Array.from({ length: n }, (_, i) => i));
  assertNotEquals(order, order.toSorted((a, b) => a - b));
  for (const [i, record] of given.entries()) {
    assertEquals(record, all.subarray(order[i]! * bytes, (order[i]! + 1) * bytes));
  }
  await Deno.remove(file);
});
