import { assertEquals } from "@std/assert";
import { checkMentions } from "../../.ci/check/mentions.ts";
import { placesOf } from "./plant.ts";

/** Joined here so that this file does not hold what it looks for. */
const path = (...parts: string[]): string => parts.map((part) => "/" + part).join("");

Deno.test("paths of one machine are found, with their line", async () => {
  const files = {
    "a.md": `fine\nsee ${path("home", "somebody")}`,
    "LICENSE": `see ${path("work", "main")}`,
    "src/ir/a.ts": `const at = "${path("tmp", "x")}";`,
  };
  assertEquals(await placesOf(checkMentions, files), ["LICENSE:1", "a.md:2", "src/ir/a.ts:1"]);
});

Deno.test("folders of a system and of a URL are no path of one machine", async () => {
  const text = `${path("usr", "lib", "x")} https://example.com${path("home", "x")}`;
  assertEquals(await placesOf(checkMentions, { "a.md": text }), []);
});

Deno.test("the host of a registry is found", async () => {
  const host = ["registry", "npmjs", "org"].join(".");
  assertEquals(await placesOf(checkMentions, { "deno.lock": host }), ["deno.lock:1"]);
});

Deno.test("promises to finish later are found", async () => {
  assertEquals(await placesOf(checkMentions, { "a.ts": "// " + "TO" + "DO: x" }), ["a.ts:1"]);
});
