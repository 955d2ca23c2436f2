/**
 * How close does the built-in matrix multiplication come to OpenBLAS on one thread?
 *
 *     deno run --allow-ffi --allow-env bench/gemm.ts [float32|float64] [repetitions]
 *
 * Both run in turns on the same addresses of one shared WebAssembly memory; medians are printed. The
 * built-in one is machine code where the processor has AVX-512, unless GLISSADE_NATIVE is 0.
 * Read the core name: an OpenBLAS that is older than the processor falls back to its slowest
 * kernels, and OPENBLAS_CORETYPE (Haswell, SkylakeX ...) names better ones.
 *
 * @module
 */

import { machineCode, processor } from "../ffi/mod.ts";
import { createGemm, type GemmDtype } from "../src/device/cpu/gemm.ts";
import { createNativeGemm } from "../src/device/cpu/x64/gemm.ts";

const ROW_MAJOR = 101;
const NO_TRANSPOSE = 111;
const TRANSPOSE = 112;

const sizes = ["i32", "i32", "i32"] as const;
const { symbols: blas } = Deno.dlopen("libopenblas.so.0", {
  cblas_sgemm: {
    parameters: [...sizes, ...sizes, "f32", "usize", "i32", "usize", "i32", "f32", "usize", "i32"],
    result: "void",
  },
  cblas_dgemm: {
    parameters: [...sizes, ...sizes, "f64", "usize", "i32", "usize", "i32", "f64", "usize", "i32"],
    result: "void",
  },
  openblas_set_num_threads: { parameters: ["i32"], result: "void" },
  openblas_get_corename: { parameters: [], result: "pointer" },
});
blas.openblas_set_num_threads(1);
const corename = blas.openblas_get_corename();
console.log(`OpenBLAS core: ${corename && Deno.UnsafePointerView.getCString(corename)}, 1 thread`);

interface Shape {
  m: number;
  n: number;
  k: number;
  ta?: boolean;
  tb?: boolean;
}

const square = [32, 64, 96, 128, 192, 256, 384, 512, 768, 1024].map((n) => ({ m: n, n, k: n }));
// The layers of the guide's model: forward, gradient of the weights, gradient of the input.
const layers = [[32, 784, 64], [32, 64, 64], [32, 64, 10]].flatMap(([m = 0, k = 0, n = 0]) => [
  { m, n, k },
  { m: k, n, k: m, ta: true },
  { m, n: k, k: n, tb: true },
]);
const thin = [{ m: 1, n: 512, k: 512 }, { m: 1, n: 512, k: 512, tb: true }, {
  m: 512,
  n: 1,
  k: 512,
}];
// Beside the thresholds of `product_choice.ts`, with either operand transposed.
const chosen: Shape[] = [64, 128, 192, 300, 512, 1024].flatMap((n) => [
  { m: n, n, k: n, tb: true },
  { m: n, n, k: n, ta: true },
]);
chosen.push({ m: 40, n: 512, k: 512 }, { m: 48, n: 512, k: 512 }, { m: 512, n: 8, k: 512 });
chosen.push({ m: 512, n: 9, k: 512 }, { m: 256, n: 32, k: 784 }, { m: 256, n: 272, k: 64 });
const shapes: Shape[] = [...square, { m: 512, n: 512, k: 512, ta: true, tb: true }, ...layers];
shapes.push(...thin, ...chosen);

const MATRIX = 1 << 23;
const memory = new WebAssembly.Memory({ initial: 1024, maximum: 1024, shared: true });
const base = BigInt(
  Deno.UnsafePointer.value(Deno.UnsafePointer.of(new Uint8Array(memory.buffer) as BufferSource)),
);
const wasm = createGemm(memory);
const isNative = Deno.env.get("GLISSADE_NATIVE") !== "0" && machineCode() !== null &&
  processor().avx512;
const gemm = isNative ? createNativeGemm(memory, wasm) : wasm;
console.log(`Built-in: ${isNative ? "machine code" : "WebAssembly"}`);
const [a, b, c, scratch] = [0, MATRIX, 2 * MATRIX, 3 * MATRIX];
const [pa, pb, pc] = [base + BigInt(a), base + BigInt(b), base + BigInt(c)];

function median(times: number[]): number {
  return times.sort((x, y) => x - y)[times.length >> 1] ?? NaN;
}

function measure(dtype: GemmDtype, shape: Shape, repetitions: number): void {
  const { m, n, k, ta = false, tb = false } = shape;
  const [lda, ldb] = [ta ? m : k, tb ? k : n];
  const { run } = gemm.piece(dtype);
  const cblas = dtype === "float32" ? blas.cblas_sgemm : blas.cblas_dgemm;
  const [flagA, flagB] = [ta ? TRANSPOSE : NO_TRANSPOSE, tb ? TRANSPOSE : NO_TRANSPOSE];
  const ours = (): void => run(+ta, +tb, m, n, k, a, b, c, 0, scratch, m, n, 1, 1, 0, 1);
  const theirs = (): void => cblas(ROW_MAJOR, flagA, flagB, m, n, k, 1, pa, lda, pb, ldb, 0, pc, n);
  // A turn is long enough for the clock: about half a millisecond.
  const flops = 2 * m * n * k;
  const inner = Math.max(1, Math.round(1.5e7 / flops));
  const time = (run: () => void): number => {
    const start = performance.now();
    for (let i = 0; i < inner; i++) run();
    return (performance.now() - start) / inner;
  };
  const times: [number[], number[]] = [[], []];
  for (let i = -3; i < repetitions; i++) {
    const turn = [time(ours), time(theirs)] as const;
    if (i >= 0) turn.forEach((value, j) => times[j]?.push(value));
  }
  const [own, other] = times.map(median) as [number, number];
  const speed = (milliseconds: number): string => (flops / milliseconds / 1e6).toFixed(1);
  const flags = (ta ? "T" : "N") + (tb ? "T" : "N");
  console.log(
    `${dtype} ${flags} ${`${m}x${k}x${n}`.padEnd(14)} built-in ${speed(own).padStart(6)}` +
      `  OpenBLAS ${speed(other).padStart(6)} GFLOP/s  ratio ${(other / own).toFixed(2)}` +
      `  (${(own * 1000).toFixed(1)} and ${(other * 1000).toFixed(1)} us)`,
  );
}

for (const dtype of ["float32", "float64"] as const) {
  if (Deno.args[0] && Deno.args[0] !== dtype) continue;
  const elements = dtype === "float32"
    ? new Float32Array(memory.buffer)
    : new Float64Array(memory.buffer);
  for (let i = 0; i < elements.length; i++) elements[i] = Math.random() - 0.5;
  // Long enough for V8 to replace its first, simple code.
  for (let i = 0; i < 40; i++) warm(dtype);
  for (const shape of shapes) measure(dtype, shape, Number(Deno.args[1] ?? 15));
}

function warm(dtype: GemmDtype): void {
  const { run } = gemm.piece(dtype);
  for (const m of [1, 2, 3, 4, 5]) {
    run(0, 0, m, 12, 256, a, b, c, 0, scratch, m, 12, 1, 1, 0, 1);
    run(1, 1, m + 60, 60, 256, a, b, c, 0, scratch, m + 60, 60, 1, 1, 0, 1);
  }
}
