import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

Deno.test("the registry's dry run accepts the module and packs the library alone", async () => {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["publish", "--dry-run", "--allow-dirty"],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert(success, text);
  const top = new URL("../../", import.meta.url).href;
  const packed = [...text.matchAll(/file:\S+/g)].map(([url]) => url.replace(top, ""));
  for (const needed of ["mod.ts", "deno.json", "README.md", "LICENSE"]) {
    assert(packed.includes(needed), `${needed} is not packed:\n${text}`);
  }
  const wanted = /^(mod\.ts|deno\.json|README\.md|LICENSE|(src|ffi)\/.+)$/;
  assertEquals(packed.filter((file) => !wanted.test(file)), []);
});
