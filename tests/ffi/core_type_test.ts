/** Making OpenBLAS choose again, with functions that stand in for the library's. */
import { assertEquals } from "@std/assert";
import { runChild } from "./children.ts";
import type { Case, Chosen } from "./core_type_child.ts";

const built = ["Prescott", "Haswell", "SkylakeX", "Cooperlake", "Zen"];
const xeon: Case = { first: "Prescott", avx2: 1, avx512: 1, bf16: 1, built };

function raised(cases: Case[], env: Record<string, string> = {}): Promise<Chosen[]> {
  return runChild<Chosen[]>("core_type_child.ts", ["-A"], cases, env);
}

Deno.test("the fallback core type gives way to the best that the processor supports", async () => {
  const told = await raised([
    xeon,
    { ...xeon, bf16: 0 },
    { ...xeon, bf16: 0, avx512: 0 },
    { ...xeon, built: ["Prescott", "Haswell"] },
  ]);
  assertEquals(told, [
    { coreType: "Cooperlake", choices: 1, variable: null },
    { coreType: "SkylakeX", choices: 1, variable: null },
    { coreType: "Haswell", choices: 1, variable: null },
    { coreType: "Haswell", choices: 3, variable: null },
  ]);
});

Deno.test("a core type stands that the library knew, or that the processor allows no better", async () => {
  const told = await raised([
    { ...xeon, first: "Zen" },
    { ...xeon, avx2: 0, avx512: 0, bf16: 0 },
  ]);
  assertEquals(told, [
    { coreType: "Zen", choices: 0, variable: null },
    { coreType: "Prescott", choices: 0, variable: null },
  ]);
});

Deno.test("where nothing better was built, the variable keeps others from trying", async () => {
  const [told] = await raised([{ ...xeon, built: ["Prescott"] }]);
  assertEquals(told, { coreType: "Prescott", choices: 3, variable: "Haswell" });
});

Deno.test("a core type that the user chose stands", async () => {
  const told = await raised([xeon], { OPENBLAS_CORETYPE: "Prescott" });
  assertEquals(told, [{ coreType: "Prescott", choices: 0, variable: "Prescott" }]);
});
