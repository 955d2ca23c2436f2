/**
 * Building the stand-in from nothing, and under the address sanitizer.
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sanitizedStandIn, standIn, standInProblem } from "./build.ts";

const path = await standIn();
if (path === null) console.warn(`${standInProblem()}: its tests are skipped`);

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

async function deno(args: string[], env: Record<string, string>): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    env: { NO_COLOR: "1", ...env },
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert(success, text + new TextDecoder().decode(stderr));
  return text.trim();
}

Deno.test({
  name: "many processes may build at once",
  ignore: path === null,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const build = () => deno(["run", "-A", here("build_child.ts")], { TMPDIR: folder });
      const paths = await Promise.all([build(), build()]);
      assertEquals(new Set(paths).size, 1);
      const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
      assertEquals(names.map((name) => join(folder, name, "libstandin.so")), [paths[0]]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "the address sanitizer finds nothing in the stand-in",
  ignore: path === null,
  async fn() {
    const asked = await new Deno.Command("g++", { args: ["-print-file-name=libasan.so"] }).output();
    const sanitizer = new TextDecoder().decode(asked.stdout).trim();
    assert(sanitizer.startsWith("/"), "Cannot find libasan.so: install the libraries of g++");
    const library = await sanitizedStandIn();
    const files = ["standin", "faults", "streams", "graphs", "products", "failures"];
    const text = await deno(
      ["test", "-A", "--no-check", ...files.map((f) => here(`${f}_test.ts`))],
      {
        LD_PRELOAD: sanitizer,
        ASAN_OPTIONS: "detect_leaks=0:handle_segv=0",
        STANDIN_LIBRARY: library!,
      },
    );
    assertMatch(text, /ok \| \d+ passed/);
  },
});
