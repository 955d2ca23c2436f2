/** Lines of text and of JSON. @module */
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { Dataset } from "../../../src/data/mod.ts";
import { withFile } from "../broken_files.ts";

Deno.test("lines end in LF or CRLF, the last one also nowhere, in several files", async () => {
  const folder = await Deno.makeTempDir();
  const long = "x".repeat(700_000);
  await Deno.writeTextFile(`${folder}/a`, `\ufeffone\r\n\ntwo\n${long}`);
  await Deno.writeTextFile(`${folder}/b`, "");
  await Deno.writeTextFile(`${folder}/c`, "drei ä\r\n");
  const files = [`${folder}/a`, new URL(`file://${folder}/b`), `${folder}/c`];
  const want = ["one", "", "two", long, "drei ä"];
  assertEquals([...Dataset.textLines(files)], want);
  assertEquals(await Array.fromAsync(Dataset.textLines(files)), want);
  assertEquals([...Dataset.fromFiles(`${folder}/*`)], ["a", "b", "c"].map((f) => `${folder}/${f}`));
  assertThrows(() => Dataset.fromFiles(`${folder}/*.none`), Deno.errors.NotFound, "none matches");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("lines that are not JSON or not UTF-8 say where", async () => {
  await withFile('{"a":1}\n{"a":}\n', ".jsonl", (path) => {
    const e = assertThrows(() => [...Dataset.jsonLines(path)], TypeError, "is not JSON");
    assertStringIncludes(e.message, `record 1 of ${path} at byte 8 in jsonLines`);
  });
  await withFile(new Uint8Array([97, 10, 0xff, 10]), ".txt", async (path) => {
    assertThrows(() => [...Dataset.textLines(path)], RangeError, "at byte 2 in textLines");
    await assertRejects(() => Array.fromAsync(Dataset.textLines(path)), RangeError, "UTF-8");
  });
  await assertRejects(
    () => Array.fromAsync(Dataset.textLines(Deno.cwd())),
    TypeError,
    "it is no file",
  );
});
