import { assertEquals, assertStringIncludes } from "@std/assert";
import { checkFloors } from "../../.ci/check/floors.ts";
import { placesOf, problemsOf } from "./plant.ts";

const two = "export const two = 2;\nexport type Two = 2;\n";

Deno.test("a value import may go down", async () => {
  const files = { "src/base/a.ts": two, "src/core/b.ts": `export * from "../base/a.ts";` };
  assertEquals(await placesOf(checkFloors, files), []);
});

Deno.test("a value import may not go up", async () => {
  const files = {
    "src/core/a.ts": two,
    "src/base/b.ts": `export const one = 1;\nexport { two } from "../core/a.ts";`,
  };
  const [problem, ...rest] = await problemsOf(checkFloors, files);
  assertEquals([problem?.file, problem?.line, rest], ["src/base/b.ts", 2, []]);
  assertStringIncludes(problem!.message, "src/core is on floor 4, above floor 1");
});

Deno.test("a type import may not go up", async () => {
  const files = { "src/core/a.ts": two, "src/ir/b.ts": `export type { Two } from "../core/a.ts";` };
  assertEquals(await placesOf(checkFloors, files), ["src/ir/b.ts:1"]);
});

Deno.test("an import() that is never awaited counts as a value import", async () => {
  const files = {
    "src/core/a.ts": two,
    "src/ir/b.ts": `export const late = () => import("../core/a.ts");`,
  };
  assertEquals(await placesOf(checkFloors, files), ["src/ir/b.ts:1"]);
});

Deno.test("on one floor values come only from rooms named earlier", async () => {
  const files = {
    "src/compile/a.ts": two,
    "src/device/b.ts": `export * from "../compile/a.ts";\nexport const four = 4;`,
    "src/compile/c.ts": `export { four } from "../device/b.ts";`,
  };
  assertEquals(await placesOf(checkFloors, files), ["src/compile/c.ts:1"]);
});

Deno.test("on one floor types may come from any room", async () => {
  const files = {
    "src/device/a.ts": two,
    "src/compile/b.ts": `import type { Two } from "../device/a.ts";\nexport const x: Two = 2;`,
  };
  assertEquals(await placesOf(checkFloors, files), []);
});

Deno.test("a type and a value import of the same file are told apart", async () => {
  const files = {
    "src/device/a.ts": two,
    "src/compile/b.ts":
      `import type { Two } from "../device/a.ts";\nimport { two } from "../device/a.ts";\nexport const x: Two = two;`,
  };
  assertEquals(await placesOf(checkFloors, files), ["src/compile/b.ts:2"]);
});

Deno.test("pipelines may not see what knows tensors, not even its types", async () => {
  const files = {
    "src/base/a.ts": two,
    "src/core/tensor.ts": two,
    "src/data/b.ts": `export * from "../base/a.ts";`,
    "src/data/c.ts": `export type { Two } from "../core/tensor.ts";`,
  };
  assertEquals(await placesOf(checkFloors, files), ["src/data/c.ts:1"]);
});

Deno.test("a file outside the named rooms is found", async () => {
  assertEquals(await placesOf(checkFloors, { "src/attic/a.ts": two, "src/loose.ts": two }), [
    "src/attic/a.ts",
    "src/loose.ts",
  ]);
});

Deno.test("the library may not import its tests", async () => {
  const files = { "tests/a.ts": two, "mod.ts": `export * from "./tests/a.ts";` };
  assertEquals(await placesOf(checkFloors, files), ["mod.ts:1"]);
});

Deno.test("an empty tree breaks no rule", async () => {
  assertEquals(await placesOf(checkFloors, {}), []);
});
