/** Making OpenBLAS choose again, with functions that stand in for the library's. */
import { assertEquals } from "@std/assert";
import { type CoreTypeSymbols, raiseCoreType } from "../../ffi/core_type.ts";

const VARIABLE = "OPENBLAS_CORETYPE";

function raised(first: string, supports: { avx2: number; avx512: number; bf16: number }): string {
  let chosen: string | null = first;
  const native: CoreTypeSymbols = {
    support_avx2: () => supports.avx2,
    support_avx512: () => supports.avx512,
    support_avx512_bf16: () => supports.bf16,
    gotoblas_dynamic_quit: () => chosen = null,
    gotoblas_dynamic_init: () => chosen ??= Deno.env.get(VARIABLE) ?? first,
  };
  raiseCoreType(native, () => chosen ?? "");
  return chosen;
}

Deno.test("the fallback core type gives way to the best that the processor supports", () => {
  Deno.env.delete(VARIABLE);
  assertEquals(raised("Prescott", { avx2: 1, avx512: 1, bf16: 1 }), "Cooperlake");
  assertEquals(raised("Prescott", { avx2: 1, avx512: 1, bf16: 0 }), "SkylakeX");
  assertEquals(raised("Prescott", { avx2: 1, avx512: 0, bf16: 0 }), "Haswell");
  assertEquals(raised("Prescott", { avx2: 0, avx512: 0, bf16: 0 }), "Prescott");
  assertEquals(Deno.env.get(VARIABLE), undefined);
});

Deno.test("a core type that the library knew stands", () => {
  Deno.env.delete(VARIABLE);
  assertEquals(raised("Zen", { avx2: 1, avx512: 1, bf16: 1 }), "Zen");
});

Deno.test("a core type that the user chose stands", () => {
  Deno.env.set(VARIABLE, "Prescott");
  try {
    assertEquals(raised("Prescott", { avx2: 1, avx512: 1, bf16: 1 }), "Prescott");
    assertEquals(Deno.env.get(VARIABLE), "Prescott");
  } finally {
    Deno.env.delete(VARIABLE);
  }
});
