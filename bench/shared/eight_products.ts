/**
 * The matrix products of the guide's training step, alone, called directly in OpenBLAS: what a step
 * cannot be faster than.
 *
 * @module
 */
import { addressOf, type Blas } from "../../ffi/mod.ts";

/** Memory of the products; native code uses it, so it must stay. */
let floats: Float32Array<ArrayBuffer> | null = null;

/** Three products forward, three for the weights, two for the inputs, of 784-64-64-10. */
export function makeProducts(blas: Blas, batch: number): () => void {
  const memory = floats ??= new Float32Array(1 << 19).map((_, i) => Math.sin(i));
  const base = addressOf(memory);
  let top = 0;
  const matrix = (rows: number, columns: number): bigint => {
    const at = base + BigInt(top * 4);
    top += rows * columns;
    if (top > memory.length) throw new RangeError(`Cannot hold a batch of ${batch}: too large`);
    return at;
  };
  const [x, w1, h1, w2, h2, w3, z] = [
    matrix(batch, 784),
    matrix(784, 64),
    matrix(batch, 64),
    matrix(64, 64),
    matrix(batch, 64),
    matrix(64, 10),
    matrix(batch, 10),
  ];
  const [g1, g2, g3, d1, d2] = [
    matrix(784, 64),
    matrix(64, 64),
    matrix(64, 10),
    matrix(batch, 64),
    matrix(batch, 64),
  ];
  return () => {
    blas.sgemm(false, false, batch, 64, 784, 1, x, 784, w1, 64, 0, h1, 64);
    blas.sgemm(false, false, batch, 64, 64, 1, h1, 64, w2, 64, 0, h2, 64);
    blas.sgemm(false, false, batch, 10, 64, 1, h2, 64, w3, 10, 0, z, 10);
    blas.sgemm(true, false, 64, 10, batch, 1, h2, 64, z, 10, 0, g3, 10);
    blas.sgemm(false, true, batch, 64, 10, 1, z, 10, w3, 10, 0, d2, 64);
    blas.sgemm(true, false, 64, 64, batch, 1, h1, 64, d2, 64, 0, g2, 64);
    blas.sgemm(false, true, batch, 64, 64, 1, d2, 64, w2, 64, 0, d1, 64);
    blas.sgemm(true, false, 784, 64, batch, 1, x, 784, d1, 64, 0, g1, 64);
  };
}
