/**
 * A range of pieces of products in a native library: what a thread of the pool does. Workers get it as
 * text, so nothing outside of it can be named.
 *
 * @module
 */

/** A product of row-major matrices: ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc. */
// deno-fmt-ignore
export type NativeProduct = (
  ta: boolean, tb: boolean, m: number, n: number, k: number, alpha: number,
  a: bigint, lda: number, b: bigint, ldb: number, beta: number, c: bigint, ldc: number,
) => void;

/**
 * Products of contiguous matrices at `a`, `b` and `c`, one behind the other, each in pieces of `rows` by
 * `columns`, each the sum of products `depth` deep; and the range of pieces.
 */
// deno-fmt-ignore
export type NativeRange = [
  ta: number, tb: number, m: number, n: number, k: number, a: number, b: number, c: number,
  beta: number, rows: number, columns: number, depth: number, begin: number, end: number,
];

/** Computes the pieces; `base` is the address of the memory's first byte, `size` the bytes of a number. */
export function runRange(
  product: NativeProduct,
  base: bigint,
  size: number,
  range: NativeRange,
): void {
  const [ta, tb, m, n, k, a, b, c, beta, rows, columns, depth, begin, end] = range;
  // addresses may have come as int32
  const place = (address: number, numbers: number): bigint =>
    base + BigInt((address >>> 0) + numbers * size);
  const [lda, ldb] = [ta ? m : k, tb ? k : n];
  const across = Math.ceil(n / columns);
  const each = across * Math.ceil(m / rows);
  for (let unit = begin; unit < end; unit++) {
    const at = Math.floor(unit / each);
    const row = Math.floor((unit % each) / across) * rows;
    const column = (unit % across) * columns;
    const [high, wide] = [Math.min(rows, m - row), Math.min(columns, n - column)];
    const z = place(c, (at * m + row) * n + column);
    for (let l = 0; l < k; l += depth) {
      const deep = Math.min(depth, k - l);
      const x = place(a, at * m * k + (ta ? l * m + row : row * k + l));
      const y = place(b, at * n * k + (tb ? column * k + l : l * n + column));
      product(ta === 1, tb === 1, high, wide, deep, 1, x, lda, y, ldb, l === 0 ? beta : 1, z, n);
    }
  }
}
