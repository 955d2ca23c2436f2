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
 * Products of contiguous matrices at `a`, `b` and `c`, one behind the other, in pieces of `rows` by
 * `columns`, each the sum of products `depth` deep; units of `tall` by `wide`, which are made of pieces;
 * and the range of units.
 */
// deno-fmt-ignore
export type NativeRange = [
  ta: number, tb: number, m: number, n: number, k: number, a: number, b: number, c: number,
  beta: number, rows: number, columns: number, depth: number, tall: number, wide: number,
  begin: number, end: number,
];

/** Computes the units; `base` is the address of the memory's first byte, `size` the bytes of a number. */
export function runRange(
  product: NativeProduct,
  base: bigint,
  size: number,
  range: NativeRange,
): void {
  const [ta, tb, m, n, k, a, b, c, beta, rows, columns, depth, tall, wide, begin, end] = range;
  // addresses may have come as int32
  const place = (address: number, numbers: number): bigint =>
    base + BigInt((address >>> 0) + numbers * size);
  const [lda, ldb] = [ta ? m : k, tb ? k : n];
  const across = Math.ceil(n / wide);
  const each = across * Math.ceil(m / tall);
  for (let unit = begin; unit < end; unit++) {
    const at = Math.floor(unit / each);
    const top = Math.floor((unit % each) / across) * tall;
    const left = (unit % across) * wide;
    const [bottom, right] = [Math.min(m, top + tall), Math.min(n, left + wide)];
    for (let l = 0; l < k; l += depth) {
      const deep = Math.min(depth, k - l);
      for (let i = top; i < bottom; i += rows) {
        const high = Math.min(rows, bottom - i);
        const x = place(a, at * m * k + (ta ? l * m + i : i * k + l));
        for (let j = left; j < right; j += columns) {
          const y = place(b, at * n * k + (tb ? j * k + l : l * n + j));
          const z = place(c, (at * m + i) * n + j);
          const long = Math.min(columns, right - j);
          product(
            ta === 1,
            tb === 1,
            high,
            long,
            deep,
            1,
            x,
            lda,
            y,
            ldb,
            l === 0 ? beta : 1,
            z,
            n,
          );
        }
      }
    }
  }
}
