/** Parquet: files of pyarrow, and broken ones. @module */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import type { HostArray } from "../../../src/base/host_array.ts";
import { Dataset } from "../../../src/data/mod.ts";
import type { GoldenArray, GoldenRecord } from "../../goldens/read.ts";
import { bytesOf, named, outcome, withFile } from "../broken_files.ts";
import { assertSame, golden, path } from "../golden_files.ts";

Deno.test("Parquet of pyarrow in five compressions, in row groups of four", async () => {
  const want = golden("parquet").want as GoldenRecord;
  for (const codec of ["none", "snappy", "gzip", "zstd", "brotli"]) {
    const d = Dataset.parquet<Record<string, unknown>>(path(`${codec}.parquet`));
    const [batch] = await Array.fromAsync(d.batch(20));
    for (const [column, value] of Object.entries(batch!)) {
      if (column === "list") {
        const rows = (value as HostArray[]).flatMap((x) => [...x.values]);
        assertEquals(rows, [...(want.list as GoldenArray).data], codec);
      } else assertSame(value, want[column]);
    }
    const some = Dataset.parquet(path(`${codec}.parquet`), { select: ["f32", "i64"] });
    const rows = await Array.fromAsync(some);
    assertEquals(rows.length, 10);
    assertEquals(Object.keys(rows[0]!), ["f32", "i64"]);
    assertAlmostEquals(rows[9]!.f32!.item(), 3);
  }
  await assertRejects(
    () => Array.fromAsync(Dataset.parquet(path("none.parquet"), { select: ["nothing"] })),
    RangeError,
    "no column",
  );
  assertThrows(() => [...Dataset.parquet(path("none.parquet"))], TypeError, "asynchronously");
});

Deno.test("Parquet cut off and changed gives an error or an end, and never hangs", async () => {
  for (const name of ["none.parquet", "snappy.parquet", "zstd.parquet"]) {
    const whole = bytesOf(name);
    for (let n = 0; n < whole.length; n += 61) {
      await withFile(whole.slice(0, n), ".parquet", async (path) => {
        const [count, e] = await outcome(Dataset.parquet(path));
        assertEquals(count, 0);
        named(e, path, "parquet");
      });
      const changed = whole.slice();
      changed[n]! ^= 0xff;
      await withFile(changed, ".parquet", async (path) => {
        const [count, e] = await outcome(Dataset.parquet(path));
        if (e !== null) named(e, path, "parquet");
        else assert(count <= 10, `${count}`);
      });
    }
  }
});

Deno.test("pages of Parquet that claim what cannot be are refused before they are read", async () => {
  // the first page is a dictionary; byte 7 holds its size, 9 its packed size, in zigzag
  const whole = bytesOf("tiny.zstd.parquet");
  assertEquals([...whole.subarray(4, 11)], [21, 4, 21, 16, 21, 34, 76]);
  const refused = (at: number, bytes: readonly number[], what: string) => {
    const wrong = whole.slice();
    wrong.set(bytes, at);
    return withFile(wrong, ".parquet", async (path) => {
      const start = performance.now();
      const e = (await outcome(Dataset.parquet(path)))[1];
      named(e, path, "parquet");
      assertStringIncludes(e!.message, what);
      assert(performance.now() - start < 2000);
    });
  };
  // without a packed size, or with a negative one, hyparquet would go in circles
  await refused(8, [85], 'Column "a" is damaged: the page at byte 4 does not tell its size');
  await refused(9, [33], "the page at byte 4 claims -17 bytes where ");
  await refused(9, [126], "the page at byte 4 claims 63 bytes where ");
  await refused(7, [15], "claims to unpack to -8 bytes");
  await refused(12, [126], "claims 63 values where at most 2 are left");
  await refused(4, [0x1b], "has no readable header (It holds a field of type 11)");
  await withFile(whole.subarray(0, 300), ".parquet", async (path) => {
    const e = (await outcome(Dataset.parquet(path)))[1];
    assertStringIncludes(e!.message, "It does not end, at byte 300, with PAR1: it is truncated");
  });
  await withFile("", ".parquet", async (path) => {
    named((await outcome(Dataset.parquet(path)))[1], path, "parquet");
  });
});
