import { assertEquals } from "@std/assert";
import { checkHeaders } from "../../.ci/check/headers.ts";
import { placesOf } from "./plant.ts";

const good = "/** Holds the names of things.\n * @module\n */\nexport const x = 1;\n";

Deno.test("a file with a sentence in a room with a door is right", async () => {
  assertEquals(await placesOf(checkHeaders, { "src/ir/mod.ts": good, "ffi/ffi.ts": good }), []);
});

Deno.test("a file without a doc comment, or with an empty one, is found", async () => {
  const files = {
    "src/ir/mod.ts": good,
    "src/ir/a.ts": "export const x = 1;\n",
    "src/ir/b.ts": "/** @module */\n",
    "src/ir/c.ts": "// A line comment is no doc comment.\n",
    "src/ir/d.ts": "import './mod.ts';\n" + good,
  };
  const late = ["src/ir/a.ts", "src/ir/b.ts", "src/ir/c.ts", "src/ir/d.ts"];
  assertEquals(await placesOf(checkHeaders, files), late);
});

Deno.test("a room without a door is found", async () => {
  const files = { "src/ir/ops.ts": good, "src/core/mod.ts": good.replace(" * @module\n", "") };
  assertEquals((await placesOf(checkHeaders, files)).sort(), ["src/core", "src/ir"]);
});
