/**
 * What cutting products into pieces for OpenBLAS's small kernels gains, on one thread.
 *
 *     deno run --allow-ffi --allow-env bench/small_products.ts
 *
 * Whole and cut products run in turns; the least times are printed. Says so where the library has no
 * such kernels on this machine, and the cuts are then what would be used elsewhere.
 *
 * @module
 */
import { addressOf, findBlas } from "../ffi/mod.ts";
import {
  type Cut,
  cutSmall,
  hasSmallKernels,
  type ProductShape,
} from "../src/device/cpu/native_cut.ts";

const { blas } = findBlas({ mode: "openblas" });
if (blas === null) throw new Error("Cannot measure OpenBLAS: it is not found");
blas.setThreads(1);
console.log(`${blas.library} ${blas.version} ${blas.coreType}`);
if (!hasSmallKernels(blas)) console.log("no kernels for small matrices: products stay whole");

const PLACE = 1 << 22;
const numbers = { float32: new Float32Array(3 * PLACE), float64: new Float64Array(3 * PLACE) };
for (const values of Object.values(numbers)) {
  for (let i = 0; i < values.length; i++) values[i] = Math.sin(i);
}

type Dtype = keyof typeof numbers;

/** A product, cut into pieces. */
function product(
  dtype: Dtype,
  { m, n, k, ta, tb }: ProductShape,
  { rows, columns, depth }: Cut,
): () => void {
  const size = numbers[dtype].BYTES_PER_ELEMENT;
  const a = addressOf(numbers[dtype]);
  const [b, c] = [a + BigInt(PLACE * size), a + BigInt(2 * PLACE * size)];
  const gemm = dtype === "float32" ? blas!.sgemm : blas!.dgemm;
  return () => {
    for (let i = 0; i < m; i += rows) {
      const high = Math.min(rows, m - i);
      for (let j = 0; j < n; j += columns) {
        const wide = Math.min(columns, n - j);
        const z = c + BigInt(size * (i * n + j));
        for (let l = 0; l < k; l += depth) {
          const deep = Math.min(depth, k - l);
          const x = a + BigInt(size * (ta ? l * m + i : i * k + l));
          const y = b + BigInt(size * (tb ? j * k + l : l * n + j));
          const sum = l === 0 ? 0 : 1;
          gemm(ta, tb, high, wide, deep, 1, x, ta ? m : k, y, tb ? k : n, sum, z, n);
        }
      }
    }
  };
}

function microseconds(run: () => void, reps: number): number {
  const start = performance.now();
  for (let i = 0; i < reps; i++) run();
  return (performance.now() - start) * 1000 / reps;
}

// deno-fmt-ignore
const shapes: readonly (readonly [number, number, number])[] = [
  [32, 64, 784], [784, 64, 32], [128, 64, 128], [128, 128, 64], [100, 96, 384], [384, 64, 128],
  [256, 10, 1024], [1024, 10, 256], [32, 128, 1600], [1600, 128, 32], [2048, 64, 64], [64, 64, 2048],
  [43264, 32, 9], [9, 32, 43264], [1, 1024, 1024], [2048, 1, 2048], [4, 2048, 1024], [1024, 8, 1024],
];
for (const dtype of ["float32", "float64"] as const) {
  for (const [m, n, k] of shapes) {
    for (const [ta, tb] of [[false, false], [true, false], [false, true]] as const) {
      const shape = { m, n, k, ta, tb };
      const cut = cutSmall(shape);
      if (cut === null) continue;
      const whole = product(dtype, shape, { rows: m, columns: n, depth: k });
      const pieces = product(dtype, shape, cut);
      const reps = Math.max(1, Math.ceil(2e7 / (m * n * k)));
      let [least, leastCut] = [Infinity, Infinity];
      for (let round = 0; round < 30; round++) {
        least = Math.min(least, microseconds(whole, reps));
        leastCut = Math.min(leastCut, microseconds(pieces, reps));
      }
      console.log(
        `${dtype} ${ta ? "T" : "N"}${tb ? "T" : "N"} ${m}x${n}x${k}`.padEnd(28) +
          `${least.toFixed(1).padStart(8)} us whole ${leastCut.toFixed(1).padStart(8)} us as ` +
          `${cut.rows}x${cut.columns}x${cut.depth}`.padEnd(16) + (least / leastCut).toFixed(2),
      );
    }
  }
}
