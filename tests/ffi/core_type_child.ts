/**
 * Lets functions that stand in for OpenBLAS's choose their core type again, in a process whose
 * environment nobody else reads: takes a JSON list of cases and prints what was chosen.
 *
 * @module
 */

import { raiseCoreType } from "../../ffi/core_type.ts";

/** What the library chose, what the processor supports, and the core types it was built with. */
export interface Case {
  readonly first: string;
  readonly avx2: number;
  readonly avx512: number;
  readonly bf16: number;
  readonly built: readonly string[];
}

/** What is in use, how often the library chose, and what is left in the environment. */
export interface Chosen {
  readonly coreType: string;
  readonly choices: number;
  readonly variable: string | null;
}

const VARIABLE = "OPENBLAS_CORETYPE";
const set = Deno.env.get(VARIABLE);

function raise({ first, avx2, avx512, bf16, built }: Case): Chosen {
  if (set === undefined) Deno.env.delete(VARIABLE);
  let coreType = first;
  let choices = 0;
  const symbols = {
    support_avx2: () => avx2,
    support_avx512: () => avx512,
    support_avx512_bf16: () => bf16,
    gotoblas_dynamic_quit: () => {
      coreType = "";
    },
    gotoblas_dynamic_init: () => {
      choices++;
      const wanted = Deno.env.get(VARIABLE) ?? "";
      coreType = built.includes(wanted) ? wanted : "Prescott";
    },
  };
  raiseCoreType(symbols, () => coreType);
  return { coreType, choices, variable: Deno.env.get(VARIABLE) ?? null };
}

if (import.meta.main) {
  console.log(JSON.stringify((JSON.parse(Deno.args[0] ?? "[]") as Case[]).map(raise)));
}
