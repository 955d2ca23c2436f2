/**
 * Which matrix products machine code of our own computes although OpenBLAS is there, because it is
 * faster: told by the shape alone, so that neither calls nor threads show in a bit of a result.
 *
 * `bench/gemm.ts` measures it on one thread, row W7 of the peers' table on all; here with OpenBLAS
 * 0.3.21 on a processor with AVX-512.
 *
 * @module
 */

/** Products of [m,k] and [k,n], either of which may lie transposed, `batch` of them. */
export interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly ta: boolean;
  readonly tb: boolean;
  readonly batch: number;
}

/** Multiplications below which a call is over sooner than 10 ms of making the code are won back. */
const WORTH_CODE = 1 << 18;
/** Up to so many in one product: OpenBLAS catches up in larger ones, which pack less for each. */
const LARGEST = 1 << 30;
/** From so many in a product, OpenBLAS packs its operands, and ours reads in place what is small. */
const PACKED = 2e6;
/** The same where its kernels for small matrices take blocks, on one thread as fast as ours. */
const BLOCKS = 7e6;
/** Columns of such blocks. */
const BLOCK_COLUMNS = [33, 256] as const;
/** Fewer rows, or columns, are read once whatever is done, and its kernels for vectors are good. */
const LEAST_ROWS = 48;
const LEAST_COLUMNS = 9;

/**
 * Whether our own product is faster: 1.2 to 2.5 times where the right operand lies transposed, which
 * OpenBLAS' small kernels are slow for and which its large ones pack by single numbers; 1.0 to 1.6 times
 * where operands lie as they are and are too large for its small kernels. A left operand that lies
 * transposed is better read by OpenBLAS.
 */
export function isOursFaster({ m, n, k, ta, tb, batch }: Product): boolean {
  const size = m * n * k;
  if (size * batch < WORTH_CODE || size > LARGEST) return false;
  if (tb) return true;
  if (ta || m < LEAST_ROWS || n < LEAST_COLUMNS) return false;
  const [narrow, wide] = BLOCK_COLUMNS;
  return size >= (n >= narrow && n <= wide ? BLOCKS : PACKED);
}
