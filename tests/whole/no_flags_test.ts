import { assert, assertEquals, assertMatch } from "@std/assert";
import { findBlas } from "../../ffi/mod.ts";
import { hasTerminal, here, runDeno, smallProgram, type Start, type Trained } from "./children.ts";

const mod = new URL("../../mod.ts", import.meta.url).href;

/** Runs a program from a folder of its own, where no deno.json is found. */
async function run(program: string, flags: readonly string[], start: Partial<Start> = {}) {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/script.ts`, program);
    return await runDeno({ args: ["run", ...flags, "script.ts"], cwd: folder, ...start });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The one line that the program prints, which is all that it may print. */
function trained(ended: { code: number; stdout: string; stderr: string }): Trained {
  assertEquals([ended.code, ended.stderr], [0, ""], ended.stdout);
  assertMatch(ended.stdout, /^\{.*\}\n$/);
  return JSON.parse(ended.stdout) as Trained;
}

const installed = findBlas({ mode: "auto" }).blas;

Deno.test("a program trains with no flag at all, on the built-in kernels", async () => {
  const { blas, first, last } = trained(await run(smallProgram(mod), []));
  assertEquals(blas, "builtin");
  assert(last < first / 4, `the loss went from ${first} to ${last}`);
});

Deno.test({
  name: "with no flag under a terminal nothing asks for a permission",
  ignore: !hasTerminal,
  fn: async () => {
    const { blas } = trained(
      await run(smallProgram(mod), [], { terminal: true, timeout: 120_000 }),
    );
    assertEquals(blas, "builtin");
  },
});

Deno.test({
  name: "a program that does ask hangs under that terminal, and is found",
  ignore: !hasTerminal,
  fn: async () => {
    const ended = await run(`Deno.env.get("HOME");`, [], { terminal: true, timeout: 10_000 });
    assertEquals(ended.signal ?? ended.code === 0, "SIGKILL");
    assertMatch(ended.stdout, /Deno requests env access/);
  },
});

Deno.test("settings made in the program need no flag", async () => {
  const before = `g.config({ blas: "builtin", threads: 1, heapBudget: 1 << 20, debug: 0 });`;
  assertEquals(trained(await run(smallProgram(mod, before), [])).blas, "builtin");
});

Deno.test("--allow-ffi brings OpenBLAS where it is installed", async () => {
  const { blas, first, last } = trained(await run(smallProgram(mod), ["--allow-ffi"]));
  assertEquals(blas, installed?.library ?? "builtin");
  assert(last < first / 4, `the loss went from ${first} to ${last}`);
});

for (
  const [how, before, flags] of [
    ["GLISSADE_BLAS", "", ["--allow-env"]],
    ["config", `g.config({ blas: "openblas" });`, []],
  ] as const
) {
  Deno.test(`${how} asking for OpenBLAS without the permission is an error that names the flag`, async () => {
    const ended = await run(smallProgram(mod, before), flags, {
      env: before === "" ? { GLISSADE_BLAS: "openblas" } : {},
    });
    assertEquals([ended.code, ended.stdout], [1, ""]);
    assertMatch(ended.stderr, /NativeLibraryError: Cannot find a BLAS: .*--allow-ffi/);
  });
}

Deno.test("a variable that may not be read is not read", async () => {
  const env = { GLISSADE_BLAS: "openblas", GLISSADE_OPENBLAS: here("no_such_library.so") };
  assertEquals(trained(await run(smallProgram(mod), [], { env })).blas, "builtin");
});
