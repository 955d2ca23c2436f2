/**
 * Which routine computes matrix products, and with how many threads.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";

Deno.test("threads: null gives the number back that the library chose", async () => {
  const child = fileURLToPath(new URL("./blas_child.ts", import.meta.url));
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", child],
    env: { GLISSADE_BLAS: "auto" },
  }).output();
  const counts = JSON.parse(new TextDecoder().decode(stdout)) as number[];
  const own = counts[0]!;
  // without a library, or with one that does not tell, it is the same number throughout
  const builtin = Math.min(navigator.hardwareConcurrency, 16);
  assertEquals(counts, own > 1 ? [own, 1, own, builtin, own] : counts);
  assertEquals(counts[0], counts[4]);
});
