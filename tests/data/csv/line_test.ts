/** The line of a fault in a CSV file: told as an editor counts, where the file can be read again. @module */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { ByteSource } from "../../../src/data/bytes/byte_source.ts";
import { lineOf } from "../../../src/data/csv/line.ts";
import { Dataset } from "../../../src/data/mod.ts";
import { withFile } from "../broken_files.ts";

Deno.test("faults in CSV tell the line, also behind blank ones and lines within quotes", async () => {
  const fails = (text: string, kind: typeof TypeError, place: string, options = {}) =>
    withFile(text, ".csv", (path) => {
      const what = `${path} at ${place} in csv(`;
      assertThrows(() => [...Dataset.csv(path, options)], kind, what);
    });
  await fails("a,b\n1,2\n3,4,5\n", RangeError, "byte 8 (line 3)");
  await fails('a,b\n1,"x\ny"\n\n3\n', RangeError, "byte 13 (line 5)");
  await fails("a,b\r\n1,2\r\nx,4\r\n", TypeError, "byte 10 (line 3)", { types: { a: "int32" } });
  const many = "1,2\n".repeat(200_000);
  await fails(`a,b\n${many}x,2\n`, TypeError, `byte ${4 + many.length} (line 200002)`);
  await fails(`a,b\n${many}1,2,3\n`, RangeError, `byte ${8 + many.length} (line 200002)`);
});

Deno.test("faults in packed CSV tell no line", async () => {
  const file = await Deno.makeTempFile({ suffix: ".csv.gz" });
  try {
    const packed = new Blob(["a,b\n1,2\n3,4,5\n"]).stream()
      .pipeThrough(new CompressionStream("gzip"));
    await Deno.writeFile(file, packed);
    await assertRejects(
      () => Array.fromAsync(Dataset.csv(file)),
      RangeError,
      "gz at byte 8 in csv(",
    );
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("lines are counted only of files that can be read again", async () => {
  const file = (sync: boolean, size: number | null): ByteSource => ({
    name: "f",
    sync,
    size: () => size,
    open: () => {
      assert(sync && size !== null && size > 0, "what is no file is opened");
      return {
        read: (into) => {
          into.fill(10);
          return Math.min(7, into.length); // what lies behind has not been read
        },
        close() {},
      };
    },
  });
  assertEquals(lineOf(file(true, 100), 0), 1);
  assertEquals(lineOf(file(true, 100), 10), 11);
  assertEquals(lineOf(file(false, 100), 10), null);
  assertEquals(lineOf(file(true, null), 10), null);
  assertEquals(lineOf(file(true, 0), 10), null); // as a pipe says
  await withFile("a\nb\nc", ".csv", (path) => {
    const gone = { ...file(true, 100), open: () => Deno.openSync(`${path}.gone`) as never };
    assertEquals(lineOf(gone, 10), null);
  });
});
