/** Files read and written whole: what fails leaves what was there. @module */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "node:path";
import { finalName, readFound, toPath, writeWhole } from "../../src/formats/files.ts";

const text = (s: string) => [new TextEncoder().encode(s)];

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const names = (folder: string) => Array.from(Deno.readDirSync(folder), (e) => e.name).sort();

Deno.test("writeWhole makes a file, replaces it, and leaves nothing beside it", {
  sanitizeResources: true,
}, () =>
  inFolder(async (folder) => {
    const path = join(folder, "a");
    await writeWhole(path, text("one"));
    await writeWhole(path, [...text("tw"), new Uint8Array(0), ...text("o")]);
    assertEquals(await Deno.readTextFile(path), "two");
    assertEquals(names(folder), ["a"]);
  }));

Deno.test(
  "writeWhole into a missing folder or onto a folder fails, names the file, leaves nothing",
  {
    sanitizeResources: true,
  },
  () =>
    inFolder(async (folder) => {
      const missing = join(folder, "no", "a");
      await assertRejects(
        () => writeWhole(missing, text("x")),
        Deno.errors.NotFound,
        `Cannot write ${missing}: `,
      );
      const taken = join(folder, "taken");
      await Deno.mkdir(join(taken, "inner"), { recursive: true });
      await assertRejects(() => writeWhole(taken, text("x")), Error, `Cannot write ${taken}: `);
      assertEquals(names(folder), ["taken"]);
    }),
);

Deno.test("a write that fails midway leaves the old file and no part", () =>
  inFolder(async (folder) => {
    const path = join(folder, "a");
    await writeWhole(path, text("old"));
    const bad = {
      length: 3,
      subarray: () => {
        throw new Error("The disk is full");
      },
    } as unknown as Uint8Array;
    await assertRejects(
      () => writeWhole(path, [...text("part"), bad]),
      Error,
      `Cannot write ${path}: The disk is full: what was there before is as it was`,
    );
    assertEquals(await Deno.readTextFile(path), "old");
    assertEquals(names(folder), ["a"]);
  }));

Deno.test("readFound names a missing file and a folder", () =>
  inFolder(async (folder) => {
    const path = join(folder, "a");
    await assertRejects(
      () => readFound(path),
      Deno.errors.NotFound,
      `Cannot read ${path}: there is`,
    );
    await assertRejects(() => readFound(folder), Error, `Cannot read ${folder}: `);
  }));

Deno.test("toPath takes paths and file URLs", () => {
  assertEquals(toPath("a/b"), "a/b");
  if (Deno.build.os !== "windows") assertEquals(toPath(new URL("file:///a%20b")), "/a b");
  for (const bad of ["", "a\0b", new URL("https://example.com/a"), 3, null]) {
    assertThrows(() => toPath(bad as string), TypeError, "give a path or a file URL");
  }
});

Deno.test("finalName knows what temporary files were to become", () =>
  inFolder(async (folder) => {
    assertEquals(finalName("a"), null);
    assertEquals(finalName(".a.tmp"), null);
    let seen: string[] = [];
    const path = join(folder, "a.b");
    const part = new Proxy(new Uint8Array(1), {
      get(target, key) {
        seen = names(folder);
        const value = Reflect.get(target, key, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    await writeWhole(path, [part]);
    assert(seen.length === 1 && seen[0] !== "a.b");
    assertEquals(finalName(seen[0]!), "a.b");
  }));
