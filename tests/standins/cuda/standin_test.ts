/**
 * The stand-in runs CUDA C as a GPU would, and finds what is wrong with it.
 * @module
 */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { ownStandIn, standInProblem } from "./build.ts";
import { livingNames, openStandIn, type StandIn } from "./control.ts";
import { Machine } from "./machine.ts";

const path = await ownStandIn();
if (path === null) console.warn(`${standInProblem()}: its tests are skipped`);
let opened: { machine: Machine; standIn: StandIn } | undefined;

/** A test that ends with nothing wrong reported and nothing left behind. */
function test(name: string, body: (machine: Machine, standIn: StandIn) => void | Promise<void>) {
  Deno.test({
    name,
    ignore: path === null,
    async fn() {
      opened ??= {
        machine: new Machine({ cuda: path!, nvrtc: path!, cublas: path! }),
        standIn: openStandIn(path!),
      };
      const { machine, standIn } = opened;
      standIn.order(0);
      const before = standIn.counts();
      try {
        await body(machine, standIn);
        assertEquals(standIn.report(), "");
        const after = standIn.counts();
        for (const living of livingNames) assertEquals(after[living], before[living], living);
      } finally {
        standIn.revive();
      }
    },
  });
}

const kernels = `
extern "C" __global__ void __launch_bounds__(256) scale(const float* x, float* y, float a, int n) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
    y[i] = x[i] * a;
}
extern "C" __global__ void rows(const float* x, float* y, int columns) {
  __shared__ float part[32];
  const float* row = x + (long long)blockIdx.x * columns;
  float s = 0.0f;
  for (int c = threadIdx.x; c < columns; c += blockDim.x) s += row[c];
  for (int o = 16; o > 0; o >>= 1) s += __shfl_xor_sync(0xffffffffu, s, o);
  int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
  if (lane == 0) part[warp] = s;
  __syncthreads();
  if (warp > 0) return;
  s = lane < (int)((blockDim.x + 31) >> 5) ? part[lane] : 0.0f;
  for (int o = 16; o > 0; o >>= 1) s += __shfl_xor_sync(0xffffffffu, s, o);
  if (lane == 0) y[blockIdx.x] = s;
}`;

for (const order of [0, -1, 7]) {
  test(`kernels run in order ${order}`, (machine, standIn) => {
    standIn.order(order);
    const program = machine.compile(kernels), n = 1000;
    const data = Float32Array.from({ length: n }, (_, i) => i % 10);
    const x = machine.upload(data), y = machine.allocate(n * 4), z = machine.allocate(5 * 4);
    machine.launch(program.kernel("scale"), [2], [256], [x, y, { float: 2 }, n]);
    machine.launch(program.kernel("rows"), [5], [96], [y, z, 200]);
    assertEquals([...machine.floats(z, 5)], Array(5).fill(1800));
    assertEquals(machine.floats(y, n), data.map((value) => 2 * value));
    program.unload();
    machine.free(x, y, z);
  });
}

test("products of matrices, stored as they are or transposed", (machine) => {
  const [m, n, k] = [37, 29, 300];
  const a = (i: number, q: number) => Math.sin(i * 3 + q),
    b = (q: number, j: number) => Math.cos(q - j);
  const table = (rows: number, columns: number, value: (i: number, j: number) => number) =>
    Float32Array.from(
      { length: rows * columns },
      (_, i) => value(Math.floor(i / columns), i % columns),
    );
  const wanted = table(m, n, (i, j) => {
    let sum = 0;
    for (let q = 0; q < k; q++) sum += a(i, q) * b(q, j);
    return sum;
  });
  for (const transA of [false, true]) {
    for (const transB of [false, true]) {
      const left = transA ? table(k, m, (q, i) => a(i, q)) : table(m, k, a);
      const right = transB ? table(n, k, (j, q) => b(q, j)) : table(k, n, b);
      const A = machine.upload(left), B = machine.upload(right), C = machine.allocate(m * n * 4);
      machine.multiply([m, n, k], A, B, C, { transA, transB });
      machine.floats(C, m * n).forEach((value, i) => assertAlmostEquals(value, wanted[i]!, 1e-3));
      machine.free(A, B, C);
    }
  }
});
