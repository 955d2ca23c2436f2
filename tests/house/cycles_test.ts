import { assertEquals, assertStringIncludes } from "@std/assert";
import { checkCycles } from "../../.ci/check/cycles.ts";
import { problemsOf } from "./plant.ts";

Deno.test("a circle of three files is one problem that names them all", async () => {
  const problems = await problemsOf(checkCycles, {
    "src/ir/a.ts": `export * from "./b.ts";`,
    "src/ir/b.ts": `export * from "./c.ts";`,
    "src/ir/c.ts": `import "./a.ts";\nexport const c = 1;`,
    "src/ir/outside.ts": `export * from "./a.ts";`,
  });
  assertEquals(problems.length, 1);
  assertStringIncludes(problems[0]!.message, "src/ir/a.ts, src/ir/b.ts, src/ir/c.ts");
});

Deno.test("two circles are two problems", async () => {
  const problems = await problemsOf(checkCycles, {
    "src/ir/a.ts": `import "./b.ts";\nimport "./c.ts";`,
    "src/ir/b.ts": `import "./a.ts";`,
    "src/ir/c.ts": `import "./d.ts";`,
    "src/ir/d.ts": `import "./c.ts";`,
  });
  assertEquals(problems.map(({ file }) => file).sort(), ["src/ir/a.ts", "src/ir/c.ts"]);
});

Deno.test("a file that imports itself is a circle", async () => {
  const problems = await problemsOf(checkCycles, { "src/ir/a.ts": `import "./a.ts";` });
  assertEquals(problems.length, 1);
});

Deno.test("a circle closed by a type import is none", async () => {
  const problems = await problemsOf(checkCycles, {
    "src/ir/a.ts": `export * from "./b.ts";\nexport type A = 1;`,
    "src/ir/b.ts": `import type { A } from "./a.ts";\nexport const b: A = 1;`,
  });
  assertEquals(problems, []);
});
