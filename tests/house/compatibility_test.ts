import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { compatibility, render } from "../../.ci/compatibility.ts";

const names = JSON.parse(
  Deno.readTextFileSync(new URL("../goldens/data/names.json", import.meta.url)),
) as Record<string, string[]>;

Deno.test("COMPATIBILITY.md is what the exports say; else run deno task compatibility", async () => {
  const written = Deno.readTextFileSync(new URL("../../COMPATIBILITY.md", import.meta.url));
  assertEquals(written, await compatibility());
});

Deno.test("a name that is there without being expected, or missing without a reason, is found", async () => {
  const exports = { ...await import("../../mod.ts") } as Record<string, object>;
  const without = { ...exports.np } as Record<string, unknown>;
  delete without.sin;
  assertThrows(() => render({ ...exports, np: without }, names), Error, "has sin and we do not");
  const more = { ...exports.np, angle: () => 0 };
  assertThrows(() => render({ ...exports, np: more }, names), Error, "np.angle is exported");
  const fewer = { ...names, "jax.random": names["jax.random"]!.filter((n) => n !== "clone") };
  assertThrows(() => render(exports, fewer), Error, "the notes on clone");
  assertStringIncludes(render(exports, names), "| `clone`");
});
