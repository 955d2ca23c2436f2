import { assertEquals } from "@std/assert";
import { checkExamples } from "../../.ci/check/examples.ts";
import { placesOf } from "./plant.ts";

const door = {
  "deno.json": `{ "imports": { "glissade": "./mod.ts" } }`,
  "mod.ts": `export const one = 1;`,
};

Deno.test("an example may import mod.ts by its path or its name", async () => {
  const files = {
    ...door,
    "examples/a.ts": `import { one } from "glissade";\nconsole.log(one);`,
    "examples/b.ts": `import { one } from "../mod.ts";\nconsole.log(one);`,
  };
  assertEquals(await placesOf(checkExamples, files), []);
});

Deno.test("an example that reaches behind the door is found", async () => {
  const files = {
    ...door,
    "src/core/a.ts": `export const a = 1;\nexport type A = 1;`,
    "examples/a.ts": `import "../src/core/a.ts";\nimport type { A } from "../src/core/a.ts";`,
    "examples/b.ts": `import "node:fs";`,
  };
  assertEquals(await placesOf(checkExamples, files), [
    "examples/a.ts:1",
    "examples/a.ts:2",
    "examples/b.ts:1",
  ]);
});

Deno.test("an example of 80 lines is too long, one of 79 is not", async () => {
  const files = { "examples/a.ts": "//\n".repeat(80), "examples/b.ts": "//\n".repeat(79) };
  assertEquals(await placesOf(checkExamples, files), ["examples/a.ts"]);
});
