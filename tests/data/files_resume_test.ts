/** Passes over files gone on with at every position, and files closed when a loop is left. @module */
import { assert, assertEquals } from "@std/assert";
import { HostArray } from "../../src/base/host_array.ts";
import type { Table } from "../../src/data/tables/table.ts";
import { tableStage } from "../../src/data/tables/stage.ts";
import { Dataset, END } from "../../src/data/mod.ts";

const FILES = new URL("../goldens/data/files/", import.meta.url);
const path = (name: string) => new URL(name, FILES);

function plain(x: unknown): unknown {
  if (x instanceof HostArray) return x.toArray();
  if (Array.isArray(x)) return x.map(plain);
  if (typeof x === "object" && x !== null) {
    return Object.fromEntries(Object.entries(x).map(([k, v]) => [k, plain(v)]));
  }
  return x;
}

async function resumes(make: () => Dataset<unknown>, name: string): Promise<void> {
  const want = (await Array.fromAsync(make().iterate())).map(plain);
  for (let k = 0; k <= want.length; k++) {
    const first = make().iterate();
    const seen: unknown[] = [];
    if (k > 0) {
      for await (const x of first) {
        seen.push(plain(x));
        if (seen.length === k) break;
      }
    }
    const state = JSON.parse(JSON.stringify(first.state()));
    for await (const x of make().iterate({ state })) seen.push(plain(x));
    assertEquals(seen, want, `${name} after ${k}`);
  }
}

Deno.test(
  "every source over files goes on at every position",
  { sanitizeResources: true },
  async () => {
    const folder = await Deno.makeTempDir();
    const csv = Array.from({ length: 70 }, (_, i) => `${i},"t\n${i}"`).join("\n");
    await Deno.writeTextFile(`${folder}/a.csv`, `n,t\n${csv}\n`);
    await Deno.writeTextFile(`${folder}/b.csv`, `n,t\r\n-1,end`);
    await Deno.writeTextFile(`${folder}/c.jsonl`, '{"a":[1,2]}\n\n"text"\n[3,"x"]\n5\n');
    const tables = [`${folder}/a.csv`, `${folder}/b.csv`];
    const sources: Record<string, () => Dataset<unknown>> = {
      lines: () => Dataset.textLines([path("lf.csv"), path("crlf.csv")]),
      gzip: () => Dataset.textLines(path("lines.txt.gz")).take(12).skip(3),
      json: () => Dataset.jsonLines(`${folder}/c.jsonl`),
      tfRecord: () => Dataset.tfRecord([path("plain.tfrecord"), path("examples.tfrecord")]),
      zlib: () => Dataset.tfRecord(path("zlib.tfrecord.zz")),
      csv: () => Dataset.csv(tables),
      csvBatches: () => Dataset.csv(tables).batch(7),
      csvShuffled: () => Dataset.csv(tables).shuffle(20, { seed: 1 }).batch(9),
      parquet: () => Dataset.parquet([path("none.parquet"), path("zstd.parquet")]),
      parquetShuffled: () =>
        Dataset.parquet(path("snappy.parquet")).shuffle(6, { seed: 3 }).batch(3),
      records: () => Dataset.fixedLengthRecords(path("plain.tfrecord"), 29).shuffle(5, { seed: 2 }),
    };
    for (const [name, make] of Object.entries(sources)) await resumes(make, name);
    await Deno.remove(folder, { recursive: true });
  },
);

Deno.test("chunks of a table that are not kept are read again", async () => {
  for (const later of [false, true]) {
    let chunks = 0;
    const table: Table = {
      waits: later ? "it waits" : null,
      limit: 24,
      names: () => ["n"],
      open(_stage, place) {
        let at = (place ?? 0) as number;
        return {
          next() {
            if (at === 40) return END;
            chunks++;
            const values = Int32Array.from({ length: 4 }, () => at++);
            const chunk = { rows: 4, columns: [{ dtype: "int32" as const, values }] };
            return later ? Promise.resolve(chunk) : chunk;
          },
          place: () => at,
          close() {},
        };
      },
    };
    const d = new Dataset(tableStage("table", table, 40, null));
    const read = async (x: Dataset<unknown>) => {
      chunks = 0;
      return (await Array.fromAsync(x as Dataset<{ n: HostArray }>)).map((r) => r.n.toArray());
    };
    const all = Array.from({ length: 40 }, (_, i) => i);
    assertEquals(await read(d.repeat(2)), [...all, ...all]);
    assertEquals(chunks, 20);
    const shuffled = await read(d.shuffle(40, { seed: 1 }));
    assert(chunks > 10, `${chunks}`);
    assertEquals(
      shuffled,
      await read(Dataset.range(40).map((n) => ({ n })).shuffle(40, { seed: 1 })),
    );
    assertEquals(
      (await read(d.shuffle(4, { seed: 2 }).batch(40)))[0],
      await read(d.shuffle(4, { seed: 2 })),
    );
    assertEquals(await read(d.skip(30)), all.slice(30));
  }
});

Deno.test("leaving a loop closes the files", { sanitizeResources: true }, async () => {
  const all = [
    Dataset.textLines(path("lf.csv")),
    Dataset.textLines(path("lines.txt.gz")),
    Dataset.textLines(path("lines.txt.zst")),
    Dataset.tfRecord(path("plain.tfrecord")),
    Dataset.csv(path("lf.csv")),
    Dataset.csv(path("lf.csv")).batch(2),
    Dataset.parquet(path("none.parquet")),
    Dataset.fixedLengthRecords(path("plain.tfrecord"), 29),
  ] as Dataset<unknown>[];
  for (const d of all) {
    for await (const _ of d) break;
  }
  for (const _ of Dataset.csv(path("lf.csv")).shuffle(3)) break;
});
