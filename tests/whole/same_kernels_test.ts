import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { findBlas } from "../../ffi/mod.ts";
import { here, runDeno } from "./children.ts";
import type { Kernels } from "./kernels_child.ts";

/** What a program compiles and computes; as machine code nothing, so that flags make no difference. */
async function kernels(flags: readonly string[], more: Record<string, string>): Promise<Kernels> {
  const env = { ...more, GLISSADE_NATIVE: "0" };
  const ended = await runDeno({ args: ["run", ...flags, here("kernels_child.ts")], env });
  assertEquals([ended.code, ended.stderr], [0, ""]);
  return JSON.parse(ended.stdout) as Kernels;
}

Deno.test("jit uses the kernels that the eager run made, and gives the same bits", async () => {
  const { operations } = await kernels(["-A"], {});
  for (const { name, jitted, results } of operations) {
    assertEquals(jitted, [], `jit compiled another kernel for ${name}`);
    assertEquals(results[0], results[1], name);
  }
  // that the modules are seen at all
  assert(operations.filter(({ eager }) => eager.length > 0).length > 10);
});

Deno.test("a run with no flag compiles the same WebAssembly as one with all, and gives the same bits", async () => {
  const [bare, full] = await Promise.all([
    kernels([], {}),
    kernels(["-A"], { GLISSADE_BLAS: "builtin" }),
  ]);
  assertEquals(bare, full);
  assertEquals(bare.blas, "builtin");
});

Deno.test("with OpenBLAS all but the matrix product is compiled the same; without it, asking fails", async () => {
  if (findBlas({ mode: "auto" }).blas === null) {
    const env = { GLISSADE_BLAS: "openblas" };
    const ended = await runDeno({ args: ["run", "-A", here("kernels_child.ts")], env });
    assertEquals(ended.code, 1);
    assertStringIncludes(ended.stderr, "NativeLibraryError");
    return;
  }
  const [bare, full] = await Promise.all([
    kernels([], {}),
    kernels(["-A"], { GLISSADE_BLAS: "openblas" }),
  ]);
  const rest = (all: Kernels) => all.operations.filter(({ name }) => name !== "matmul");
  assertEquals(rest(bare), rest(full));
  assertEquals(full.operations.find(({ name }) => name === "matmul")!.eager, []);
  assert(bare.operations.find(({ name }) => name === "matmul")!.eager.length > 0);
});

/** The files that a program imports, by value or type, from its folder on down. */
async function imported(entry: string): Promise<string[]> {
  const { code, stdout, stderr } = await runDeno({
    args: ["info", "--json", here(`../../${entry}`)],
  });
  assertEquals(code, 0, stderr);
  const { modules } = JSON.parse(stdout) as { modules: { specifier: string }[] };
  return modules.map(({ specifier }) => specifier);
}

Deno.test("nothing outside tests imports the reference device", async () => {
  const entries = ["mod.ts", "src/device/doctor.ts"];
  for (const folder of ["examples", "bench"]) {
    for (const { name } of Deno.readDirSync(here(`../../${folder}`))) {
      if (name.endsWith(".ts")) entries.push(`${folder}/${name}`);
    }
  }
  for (const entry of [...entries, "tests/whole/soak_child.ts"]) {
    const files = await imported(entry);
    const found = files.filter((file) => file.includes("/src/device/reference/"));
    assertEquals(found, [], `${entry} reaches the reference device`);
    assert(files.some((file) => file.endsWith(entry)), entry);
  }
});

Deno.test("an import of the reference device would be found", async () => {
  const files = await imported("src/device/reference/mod.ts");
  assert(files.some((file) => file.includes("/src/device/reference/")));
});
