import { assertEquals, assertStringIncludes } from "@std/assert";
import { runDeno } from "../../whole/children.ts";
import { NO_SKIP } from "./build.ts";

/** What comes of asking for the stand-in where there is no g++. */
const withoutCompiler = (env: Readonly<Record<string, string>>) =>
  runDeno({
    args: [
      "run",
      "-A",
      "--no-check",
      decodeURIComponent(new URL("build_child.ts", import.meta.url).pathname),
    ],
    env: { ...env, PATH: "" },
  });

const ignore = Deno.build.os !== "linux";

Deno.test("without g++ there is no stand-in", { ignore }, async () => {
  const { code, stdout } = await withoutCompiler({});
  assertEquals([code, stdout], [0, "null\n"]);
});

Deno.test("where nothing may be left out, a missing g++ is an error", { ignore }, async () => {
  const { code, stderr } = await withoutCompiler({ [NO_SKIP]: "1" });
  assertEquals(code, 1);
  assertStringIncludes(stderr, "Cannot build the stand-in without g++: install g++");
});
