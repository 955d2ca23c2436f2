/** Files of arrays. @module */
import { assertEquals, assertRejects } from "@std/assert";
import { Dataset } from "../../../src/data/mod.ts";

Deno.test("files of arrays are rows", async () => {
  const file = await Deno.makeTempFile({ suffix: ".idx" });
  await Deno.writeFile(file, new Uint8Array([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4]));
  const d = await Dataset.fromArrayFile(file);
  assertEquals([...d].map((x) => x.toArray()), [[1, 2], [3, 4]]);
  await Deno.writeFile(file, new Uint8Array([0, 0, 8, 0, 7]));
  await assertRejects(
    () => Dataset.fromArrayFile(file),
    RangeError,
    `Cannot read rows from ${file}: it is uint8[]: all need a first axis of one size`,
  );
  await assertRejects(() => Dataset.fromArrayFile("x.txt"), TypeError, "its name must end in");
  await Deno.remove(file);
});
