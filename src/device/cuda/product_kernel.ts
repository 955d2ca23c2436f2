/**
 * Products of matrices as a kernel of CUDA C, for machines without cuBLAS: tiles of 64 by 64 in
 * shared memory, of which each thread computes 16 elements.
 *
 * @module
 */
import type { Call } from "../../compile/plan.ts";
import type { Printed } from "./print/mod.ts";

/** A product as a plan has it. */
export type Product = Extract<Call, { name: "gemm" }>;

const TILE = 64;
const DEPTH = 16;
const THREADS = 256;

/** The kernel of one product, in a function whose name begins with `prefix`. */
export function printProduct(call: Product, prefix: string): Printed {
  const { m, n, k, batch, ta, tb, beta } = call;
  if (m === 0 || n === 0 || batch === 0 || (k === 0 && beta === 1)) {
    return { source: "", launches: [], temps: [] };
  }
  const [type, fma, zero] = call.dtype === "float32"
    ? ["float", "fmaf", "0.0f"]
    : ["double", "fma", "0.0"];
  const [down, across] = [Math.ceil(m / TILE), Math.ceil(n / TILE)];
  const symbol = `${prefix}_0`;
  const [strideA, strideB, strideC] = [m * k, k * n, m * n].map((size) => `${size}ll`);
  const placeA = ta ? `d * ${m}ll + r` : `r * ${k}ll + d`;
  const placeB = tb ? `s * ${k}ll + d` : `d * ${n}ll + s`;
  // neighbours in memory are read by neighbouring threads
  const [tileA, tileB] = [`i / ${DEPTH}, q = i % ${DEPTH}`, `i % ${TILE}, q = i / ${TILE}`];
  const old = beta === 1 ? " + c[at]" : "";
  const source = `// product ${m}x${n}x${k}
extern "C" __global__ void __launch_bounds__(${THREADS}) ${symbol}(const ${type}* a, const ${type}* b, ${type}* c) {
  __shared__ ${type} sa[${DEPTH}][${TILE + 1}];
  __shared__ ${type} sb[${DEPTH}][${TILE + 1}];
  const int t = (int)threadIdx.x;
  const long long tile = blockIdx.x;
  const long long z = tile / ${down * across};
  const long long row = (tile / ${across} % ${down}) * ${TILE};
  const long long column = (tile % ${across}) * ${TILE};
  a += z * ${strideA};
  b += z * ${strideB};
  c += z * ${strideC};
  ${type} sum[4][4];
  for (int i = 0; i < 4; i++) for (int j = 0; j < 4; j++) sum[i][j] = ${zero};
  for (long long first = 0; first < ${k}ll; first += ${DEPTH}) {
    for (int i = t; i < ${TILE * DEPTH}; i += ${THREADS}) {
      const int p = ${ta ? tileB : tileA};
      const long long r = row + p, d = first + q;
      sa[q][p] = r < ${m}ll && d < ${k}ll ? a[${placeA}] : ${zero};
    }
    for (int i = t; i < ${TILE * DEPTH}; i += ${THREADS}) {
      const int p = ${tb ? tileA : tileB};
      const long long s = column + p, d = first + q;
      sb[q][p] = s < ${n}ll && d < ${k}ll ? b[${placeB}] : ${zero};
    }
    __syncthreads();
    for (int q = 0; q < ${DEPTH}; q++) {
      for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) {
          sum[i][j] = ${fma}(sa[q][t / 16 + 16 * i], sb[q][t % 16 + 16 * j], sum[i][j]);
        }
      }
    }
    __syncthreads();
  }
  for (int i = 0; i < 4; i++) {
    for (int j = 0; j < 4; j++) {
      const long long r = row + t / 16 + 16 * i, s = column + t % 16 + 16 * j;
      if (r < ${m}ll && s < ${n}ll) {
        const long long at = r * ${n}ll + s;
        c[at] = sum[i][j]${old};
      }
    }
  }
}
`;
  return {
    source,
    launches: [{
      symbol,
      grid: [batch * down * across, 1, 1],
      block: [THREADS, 1, 1],
      shared: 0,
      args: [0, 1, 2].map((index) => ({ kind: "slot", index })),
    }],
    temps: [],
  };
}
