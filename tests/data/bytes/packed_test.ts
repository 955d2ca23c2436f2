/** Packed files: unpacked as they stream, whole or not. @module */
import { assert, assertEquals } from "@std/assert";
import { gunzipSync } from "node:zlib";
import { Dataset } from "../../../src/data/mod.ts";
import { bytesOf, named, outcome, withFile } from "../broken_files.ts";
import { golden, path } from "../golden_files.ts";

Deno.test("gzip and zstd are unpacked as they stream, in several members and frames", async () => {
  for (const name of ["lines.txt.zst", "lines.txt.gz"]) {
    const lines = await Array.fromAsync(Dataset.textLines(path(name)));
    assertEquals(lines.length, golden("lines").count);
    assertEquals([lines[0], lines.at(-1)], ["line 0", "line 1999"]);
  }
});

Deno.test("packed files cut off at every byte, and with bytes changed", async () => {
  for (const name of ["gzip.tfrecord.gz", "zlib.tfrecord.zz"]) {
    const whole = bytesOf(name);
    for (let n = 0; n < whole.length; n += 3) {
      await withFile(whole.slice(0, n), name.slice(-3), async (path) => {
        const [count, e] = await outcome(Dataset.tfRecord(path));
        assert(count <= 4);
        named(e, path, "tfRecord");
      });
    }
  }
  for (const name of ["lines.txt.gz", "lines.txt.zst"]) {
    const whole = bytesOf(name);
    for (let n = 0; n < whole.length; n += 61) {
      await withFile(whole.slice(0, n), name.slice(-4), async (path) => {
        const [count, e] = await outcome(Dataset.textLines(path, {
          compression: name.endsWith("gz") ? "gzip" : "zstd",
        }));
        assert(count < 2000);
        if (e === null) assert(count === 1010 || count === 1011, `${name} ${n}: ${count}`);
        else named(e, path, "textLines");
      });
    }
  }
  const text = gunzipSync(bytesOf("lines.txt.gz"));
  await withFile(text, ".gz", async (path) => {
    named((await outcome(Dataset.textLines(path)))[1], path, "textLines");
  });
});
