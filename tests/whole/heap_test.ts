/**
 * A donated training step leaves nothing behind on the JavaScript heap, and allocates little there
 * while it runs.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { here, runDeno } from "./children.ts";
import type { HeapUse } from "./heap_child.ts";

Deno.test("the heap of JavaScript does not grow with donated steps, which allocate handles only", async () => {
  const { code, stdout, stderr } = await runDeno({
    args: ["run", "-A", "--no-check", "--v8-flags=--expose-gc", here("heap_child.ts"), "6000"],
  });
  assertEquals(code, 0, stderr);
  const { growth, allocated, loss } = JSON.parse(stdout) as HeapUse;
  // one handle of the twenty that a step returns would be more; 13 bytes were measured
  assert(growth < 64, `${growth} bytes stay with each step`);
  // 12 to 14 KB were measured, 600 bytes for each tensor returned
  assert(allocated < 30_000, `a step allocates ${allocated} bytes`);
  assert(Math.abs(loss - Math.log(10)) < 1e-3, `the loss is ${loss}`);
});
