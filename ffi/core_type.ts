/**
 * OpenBLAS picks its kernels from a table of processor models, and a processor younger than the
 * library gets the fallback, Prescott: SSE3. Debian 12's 0.3.21 does that to Intel's servers of
 * 2023 and makes them four times slower (measured at 512 x 512: 62 instead of 239 GFLOP/s). The
 * library can still tell what the processor supports, and can be made to choose again.
 *
 * @module
 */

import { libc } from "./libc.ts";

/** What OpenBLAS exports for it; null where it does not. */
export interface CoreTypeSymbols {
  readonly support_avx2: (() => number) | null;
  readonly support_avx512: (() => number) | null;
  readonly support_avx512_bf16: (() => number) | null;
  readonly gotoblas_dynamic_quit: (() => void) | null;
  readonly gotoblas_dynamic_init: (() => void) | null;
}

const FALLBACK = "Prescott";
const VARIABLE = new TextEncoder().encode("OPENBLAS_CORETYPE\0");

/**
 * Lets OpenBLAS choose again when it fell back although the processor has AVX2 or more. Where
 * OPENBLAS_CORETYPE is set, by whomever, its choice stands. Call it before anything is computed.
 *
 * The library has no kernels for a moment, and workers open the same library at the same time. So
 * the look as well as the change happen under a lock of the process: a look without it, in that
 * moment, found no fallback and went on to compute with no kernels. Whoever comes later finds either
 * a better core type or the variable set, and changes nothing under the feet of those who compute.
 *
 * @param coreType tells the core type in use
 */
export function raiseCoreType(native: CoreTypeSymbols, coreType: () => string): void {
  const { gotoblas_dynamic_quit: forget, gotoblas_dynamic_init: choose } = native;
  if (forget === null || choose === null) return;
  const c = libc("lock");
  const lock = c?.stderr ?? null;
  if (c === null || lock === null) return;
  c.flockfile(lock);
  try {
    if (coreType() !== FALLBACK) return;
    const environment = libc("environment");
    if (environment === null || environment.getenv(VARIABLE) !== 0n) return;
    const better = [
      { name: "Cooperlake", supported: native.support_avx512_bf16 },
      { name: "SkylakeX", supported: native.support_avx512 },
      { name: "Haswell", supported: native.support_avx2 },
    ];
    for (const { name, supported } of better) {
      if (supported === null || supported() === 0) continue;
      environment.setenv(VARIABLE, new TextEncoder().encode(`${name}\0`), 1);
      forget();
      choose();
      if (coreType() === FALLBACK) continue;
      environment.unsetenv(VARIABLE);
      return;
    }
  } finally {
    c.funlockfile(lock);
  }
}
