import { assertEquals } from "@std/assert";
import { checkMirror } from "../../.ci/check/mirror.ts";
import { placesOf } from "./plant.ts";

Deno.test("each folder with a test of its own, or one named like it, is right", async () => {
  const files = {
    "ffi/a.ts": "",
    "tests/ffi/a_test.ts": "",
    "src/device/cpu/a.ts": "",
    "tests/device/cpu/deep/er_test.ts": "",
    "src/data/stages/a.ts": "",
    "tests/data/stages_test.ts": "",
  };
  assertEquals(await placesOf(checkMirror, files), []);
});

Deno.test("a folder without a test is found", async () => {
  const files = {
    "ffi/a.ts": "",
    "src/ir/a.ts": "",
    "tests/ir/helper.ts": "",
    "src/device/cpu/a.ts": "",
    "src/device/b.ts": "",
    "tests/device/b_test.ts": "",
  };
  assertEquals(await placesOf(checkMirror, files), ["ffi", "src/device/cpu", "src/ir"]);
});
