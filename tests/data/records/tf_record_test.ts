/** TFRecords: those of TensorFlow, and broken ones. @module */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { maskedCrc32c } from "../../../src/data/bytes/crc32c.ts";
import { Dataset } from "../../../src/data/mod.ts";
import { bytesOf, named, outcome, withFile } from "../broken_files.ts";
import { golden, path } from "../golden_files.ts";

Deno.test("TFRecords of TensorFlow, plain, gzip and zlib", async () => {
  const want = (golden("tfRecord").want as number[][]).map((v) => Array.from(v));
  assertEquals([...Dataset.tfRecord(path("plain.tfrecord"))].map((x) => [...x.values]), want);
  for (const name of ["plain.tfrecord", "gzip.tfrecord.gz", "zlib.tfrecord.zz"]) {
    const got = await Array.fromAsync(Dataset.tfRecord(path(name)));
    assertEquals(got.map((x) => [...x.values]), want, name);
  }
  assertThrows(() => [...Dataset.tfRecord(path("gzip.tfrecord.gz"))], TypeError, "asynchronously");
});

Deno.test("TFRecords cut off at every byte, and with every byte changed", async () => {
  const whole = bytesOf("examples.tfrecord");
  const first = 16 + new DataView(whole.buffer).getUint32(0, true);
  for (let n = 0; n < whole.length; n++) {
    await withFile(whole.slice(0, n), ".tfrecord", async (path) => {
      const [count, e] = await outcome(Dataset.tfRecord(path));
      assertEquals(count, n >= first ? 1 : 0);
      if (n === 0 || n === first) assertEquals(e, null);
      else named(e, path, "tfRecord");
    });
    const changed = whole.slice();
    changed[n]! ^= 0x41;
    await withFile(changed, ".tfrecord", async (path) => {
      const [count, e] = await outcome(Dataset.tfRecord(path));
      assertEquals(count, n < first ? 0 : 1);
      named(e, path, "tfRecord");
      assertStringIncludes(e!.message, `record ${count} of`);
    });
  }
});

Deno.test("a length beyond the file is refused before anything is read or allocated", async () => {
  for (
    const [low, high] of [[0xffffffff, 0], [0, 0x7fffffff], [0xffffffff, 0xffffffff], [100, 0]]
  ) {
    const head = new Uint8Array(12);
    const view = new DataView(head.buffer);
    view.setUint32(0, low!, true);
    view.setUint32(4, high!, true);
    view.setUint32(8, maskedCrc32c(head, 0, 8), true);
    await withFile(head, ".tfrecord", (path) => {
      assertThrows(() => [...Dataset.tfRecord(path)], RangeError, "at byte 0 in tfRecord");
    });
  }
});
