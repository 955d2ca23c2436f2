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
import { type NativeRange, runRange } from "../src/device/cpu/native_range.ts";

const { blas } = findBlas({ mode: "openblas" });
if (blas === null) throw new Error("Cannot measure OpenBLAS: it is not found");
blas.setThreads(1);
console.log(`${blas.library} ${blas.version} ${blas.coreType}`);
if (!hasSmallKernels(blas)) console.log("no kernels for small matrices: products stay whole");

/** Aligned as glissade's own memory is: kernels that do not pack are much slower where rows are not. */
const PAGE = 65536;
const memory = new WebAssembly.Memory({ initial: 2048, maximum: 2048 });
const bytes = new Uint8Array(memory.buffer);
const base = addressOf(bytes);

type Dtype = "float32" | "float64";

function fill(dtype: Dtype): void {
  const { buffer } = bytes;
  const numbers = dtype === "float32" ? new Float32Array(buffer) : new Float64Array(buffer);
  for (let i = 0; i < numbers.length; i++) numbers[i] = Math.sin(i);
}

/** A product, cut into pieces. */
function product(dtype: Dtype, { m, n, k, ta, tb }: ProductShape, cut: Cut): () => void {
  const size = dtype === "float32" ? 4 : 8;
  const gemm = dtype === "float32" ? blas!.sgemm : blas!.dgemm;
  const pages = (numbers: number): number => Math.ceil(numbers * size / PAGE) * PAGE;
  const b = pages(m * k);
  const sizes = [ta ? 1 : 0, tb ? 1 : 0, m, n, k, 0, b, b + pages(k * n), 0] as const;
  const range: NativeRange = [...sizes, cut.rows, cut.columns, cut.depth, m, n, 0, 1];
  return () => runRange(gemm, base, size, range);
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
  [128, 128, 128], [192, 192, 192], [256, 256, 256], [7744, 64, 288], [288, 64, 7744],
  [2048, 256, 256], [256, 256, 2048], [512, 128, 512],
];
for (const dtype of ["float32", "float64"] as const) {
  fill(dtype);
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
