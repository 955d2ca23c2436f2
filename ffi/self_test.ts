/**
 * Small products with known answers: a library that cannot do these is not given anybody's data.
 *
 * @module
 */

import { addressOf } from "./memory.ts";

/** A row-major gemm of either precision, as `Blas.sgemm`. */
export type Gemm = (
  ta: boolean,
  tb: boolean,
  m: number,
  n: number,
  k: number,
  alpha: number,
  a: bigint,
  lda: number,
  b: bigint,
  ldb: number,
  beta: number,
  c: bigint,
  ldc: number,
) => void;

// 2 x 2 matrices in rows of 3 (4 for C), so that a mistaken leading dimension shows; 99 is padding.
const A = [1, 2, 99, 3, 4, 99];
const B = [5, 6, 99, 7, 8, 99];
const C = [10, 20, 99, 99, 30, 40, 99, 99];
const CASES = [
  { ta: false, tb: false, product: [19, 22, 43, 50] },
  { ta: true, tb: false, product: [26, 30, 38, 44] },
  { ta: false, tb: true, product: [17, 23, 39, 53] },
  { ta: true, tb: true, product: [23, 31, 34, 46] },
] as const;

/**
 * Computes 2 op(A) op(B) + 3 C under all four transposes. The numbers are small integers, so every
 * order of summation gives the same bits.
 *
 * @returns what went wrong, or null
 */
export function findsWrongProduct(
  name: string,
  TypedArray: Float32ArrayConstructor | Float64ArrayConstructor,
  gemm: Gemm,
): string | null {
  const a = TypedArray.from(A);
  const b = TypedArray.from(B);
  const c = TypedArray.from(C);
  const [atA, atB, atC] = [addressOf(a), addressOf(b), addressOf(c)];
  for (const { ta, tb, product: [p, q, r, s] } of CASES) {
    c.set(C);
    gemm(ta, tb, 2, 2, 2, 2, atA, 3, atB, 3, 3, atC, 4);
    const wanted = [2 * p + 30, 2 * q + 60, 99, 99, 2 * r + 90, 2 * s + 120, 99, 99];
    if (wanted.some((x, i) => c[i] !== x)) {
      return `${name} with transposes ${ta}, ${tb} gave [${c.join()}] for [${wanted.join()}]`;
    }
  }
  return null;
}
