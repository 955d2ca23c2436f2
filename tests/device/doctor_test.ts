/** What doctor tells of kernels; each is a process of its own. @module */
import { assertEquals, assertMatch } from "@std/assert";
import { fileURLToPath } from "node:url";
import { NO_AVX512 } from "../ffi/codes.ts";

const script = fileURLToPath(new URL("../../src/device/doctor.ts", import.meta.url));

/** The lines of doctor on kernels. */
async function kernels(flags: string[], env: Record<string, string> = {}): Promise<string[]> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--no-prompt", ...flags, script],
    env: { GLISSADE_BLAS: "builtin", GLISSADE_NATIVE: "", GLISSADE_THREADS: "", ...env },
    stdin: "null",
    stderr: "null",
  }).output();
  assertEquals(code, 0);
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line.includes("kernels: "));
}

Deno.test(`doctor tells that kernels are machine code${NO_AVX512}`, {
  ignore: NO_AVX512 !== "",
}, async () => {
  const [what, threads] = await kernels(["-A"]);
  assertEquals(what, "kernels: machine code (AVX-512) where they take long, else WebAssembly");
  assertMatch(threads!, /^large kernels: on up to \d+ threads?$/);
});

Deno.test("doctor tells why kernels are WebAssembly", async () => {
  const [off] = await kernels(["-A"], { GLISSADE_NATIVE: "0" });
  assertEquals(off, "kernels: WebAssembly (the setting native is false)");
  assertMatch((await kernels([]))[0]!, /^kernels: WebAssembly \(machine code .*\)$/);
});
