import { assert, assertMatch } from "@std/assert";
import { here } from "./children.ts";
import { assertFlat, isFlat, runSoak } from "./soak.ts";
import type { Soak } from "./soak_child.ts";

// Short forms of tests/slow/soak_test.ts.
const short: [string, Soak][] = [
  ["donated guide steps", { kind: "guide", count: 1500, loop: "for", donate: true }],
  ["guide steps that keep nothing", { kind: "guide", count: 1500, loop: "for", donate: false }],
  ["awaited guide steps", { kind: "guide", count: 1500, loop: "forAwait", donate: false }],
  ["tiny eager operations", { kind: "eager", count: 4_000_000 }],
  ["many shapes through one jit", { kind: "shapes", count: 160 }],
];
for (const [what, soak] of short) {
  Deno.test(`memory stays flat over ${what}`, async () => {
    assertFlat(await runSoak(soak, 300_000));
  });
}

const growing: [string, Soak][] = [
  ["guide steps", { kind: "guide", count: 600, loop: "for", donate: false, keepAll: true }],
  ["tiny eager operations", { kind: "eager", count: 4_000_000, keepAll: true }],
];
for (const [what, soak] of growing) {
  Deno.test(`without eviction memory does not stay flat over ${what}, and that is seen`, async () => {
    const soaked = await runSoak(soak, 300_000);
    assert(!isFlat(soaked), JSON.stringify(soaked));
  });
}

Deno.test("soaks import only mod.ts and never collect garbage themselves", async () => {
  const text = await Deno.readTextFile(here("soak_child.ts"));
  const imported = [...text.matchAll(/from "([^"]+)"|import\(/g)].map((m) => m[1]);
  assert(imported.length === 1 && imported[0] === "../../mod.ts", imported.join());
  assertMatch(text, /Deno\.memoryUsage\(\)/);
  assert(!/\bgc\(|dispose|expose-gc/.test(text));
});
