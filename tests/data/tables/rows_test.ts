/** Rows of tables: whole, whatever the chunks and batches. @module */
import { assertEquals } from "@std/assert";
import type { HostArray } from "../../../src/base/host_array.ts";
import { Dataset } from "../../../src/data/mod.ts";

Deno.test("rows of CSV come whole out of many chunks, in batches of every size", async () => {
  const file = await Deno.makeTempFile({ suffix: ".csv" });
  const n = 9000;
  const row = (i: number) => ({ id: i, half: i / 2, name: i % 2 === 0 ? `n${i}` : `größer ${i}` });
  const rows = Array.from({ length: n }, (_, i) => Object.values(row(i)).join(","));
  await Deno.writeTextFile(file, `id,half,name\n${rows.join("\n")}\n`);
  const d = Dataset.csv(file);
  const fixed = { seed: 1, reshuffleEachIteration: false };
  for (
    const order of [d, d.shuffle(50, fixed), d.shuffle(n, fixed), d.repeat(2).shuffle(700, fixed)]
  ) {
    const ids = Array.from(order, (x) => (x.id as HostArray).item());
    assertEquals([...new Set(ids)].sort((a, b) => a - b), [...rows.keys()]);
    for (const size of [1, 17, 3999]) {
      let at = 0;
      for (const batch of order.take(3000).batch(size)) {
        const want = ids.slice(at, at += (batch.id as HostArray).length).map(row);
        assertEquals((batch.id as HostArray).toArray(), want.map((x) => x.id));
        assertEquals((batch.half as HostArray).toArray(), want.map((x) => x.half));
        assertEquals(batch.name, want.map((x) => x.name));
      }
      assertEquals(at, 3000);
    }
  }
  await Deno.remove(file);
});
