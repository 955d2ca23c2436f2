/**
 * What is wrong in a kernel is found in the run in which it happens, with the thread and the place.
 * @module
 */
import { tests } from "./harness.ts";

const test = await tests();

/** Kernels over x and y, 50 floats each, of which only those of x were written, and n = 50. */
const wrong: readonly (readonly [
  name: string,
  body: string,
  code: number,
  report: RegExp,
  launch: readonly [grid: number, block: number],
])[] = [
  [
    "a write by one past the end",
    "int i = threadIdx.x; if (i <= n) y[i] = x[i < n ? i : 0];",
    700,
    /out-of-bounds: write of 4 bytes .* 200 bytes into a live block of 200 bytes \(past its end\), by thread \(50,0,0\) of block \(0,0,0\) of kernel k0$/m,
    [1, 64],
  ],
  ["a read before the start", "y[0] = x[(int)threadIdx.x - 1];", 700, /out-of-bounds: read/, [
    1,
    1,
  ]],
  ["a null pointer", "float* z = (float*)0; y[0] = z[n];", 700, /out-of-bounds: read/, [1, 1]],
  ["a misaligned access", "*(float*)((char*)y + 2) = 1.0f;", 716, /misaligned: write of 4/, [1, 1]],
  ["a misaligned vector", "*(float4*)(y + 1) = make_float4(1, 2, 3, 4);", 716, /misaligned/, [
    1,
    1,
  ]],
  ["what nobody wrote", "x[threadIdx.x] = y[threadIdx.x];", 719, /uninitialised: read of 4/, [
    1,
    32,
  ]],
  [
    "shared memory that nobody wrote",
    "__shared__ float s[32]; if (threadIdx.x > 0) s[threadIdx.x] = 1.0f; __syncthreads(); y[threadIdx.x] = s[threadIdx.x];",
    719,
    /uninitialised: read/,
    [1, 32],
  ],
  [
    "shared memory of the block before",
    "__shared__ float s[32]; if (blockIdx.x == 0) s[threadIdx.x] = 1.0f; y[blockIdx.x] = s[0];",
    719,
    /uninitialised|data race/,
    [2, 1],
  ],
  [
    "a missing barrier",
    "__shared__ float s[64]; s[threadIdx.x] = 1.0f; y[threadIdx.x % 50] = 0.0f * threadIdx.x; if (threadIdx.x == 0) x[0] = s[63];",
    719,
    /data race|uninitialised/,
    [1, 64],
  ],
  ["one element written by two threads", "y[0] = threadIdx.x;", 719, /data race: write/, [1, 64]],
  [
    "one byte written by two threads",
    "((unsigned char*)y)[threadIdx.x / 2] = 1;",
    719,
    /data race: write of 1 bytes/,
    [1, 64],
  ],
  ["one element written by two blocks", "y[0] = blockIdx.x;", 719, /data race: write/, [2, 1]],
  ["a sum of blocks that is not atomic", "x[1] = x[1] + 1.0f;", 719, /data race/, [2, 1]],
  [
    "an element of another thread that is read and then written",
    "int i = threadIdx.x; x[i] = x[(i + 1) % 32];",
    719,
    /data race/,
    [1, 32],
  ],
  [
    "a transpose in place",
    "int i = threadIdx.x; if (i < 49) x[(i % 7) * 7 + i / 7] = x[i];",
    719,
    /data race/,
    [1, 64],
  ],
  [
    "an atomic beside a plain write",
    "if (threadIdx.x == 0) x[0] = 0; atomicAdd(x, 1.0f);",
    719,
    /data race/,
    [1, 32],
  ],
  [
    "a plain write beside an atomic",
    "atomicAdd(x, 1.0f); if (threadIdx.x == 31) x[0] = 0;",
    719,
    /data race/,
    [1, 32],
  ],
  [
    "a barrier in a branch",
    "if (threadIdx.x < 32) __syncthreads();\n else __syncthreads();",
    719,
    /threads wait at different barriers, lines \d+ and \d+/,
    [1, 64],
  ],
  [
    "shared memory past its end",
    "__shared__ float s[64]; s[threadIdx.x + 1] = 0.0f;",
    719,
    /out-of-bounds in shared memory: write/,
    [1, 64],
  ],
  [
    "shared memory before its start",
    "__shared__ float s[4]; s[-(int)threadIdx.x] = 0.0f;",
    719,
    /in shared memory/,
    [1, 2],
  ],
  [
    "dynamic shared memory that was not asked for",
    "extern __shared__ float d[]; d[0] = 1.0f;",
    719,
    /in shared memory/,
    [1, 1],
  ],
  [
    "a shuffle that a named lane does not reach",
    "float v = 1.0f; if (threadIdx.x & 1) v = __shfl_xor_sync(0xffffffffu, v, 1);\n else __syncwarp(); y[threadIdx.x] = v;",
    719,
    /different warp operations/,
    [1, 32],
  ],
  [
    "a shuffle by a lane that its mask leaves out",
    "y[threadIdx.x] = __shfl_xor_sync(0x0000ffffu, 1.0f, 1);",
    719,
    /does not name it/,
    [1, 32],
  ],
  [
    "a barrier that waits for a warp operation that waits for it",
    "if (threadIdx.x == 0) __syncthreads(); else __syncwarp(0xffffffffu);",
    719,
    /deadlock: 1 threads wait at __syncthreads/,
    [1, 32],
  ],
  [
    "an integer divided by zero",
    "y[threadIdx.x] = (float)(n / (int)(threadIdx.x - 3));",
    719,
    /division by zero/,
    [1, 32],
  ],
  ["a shift by 40", "y[0] = (float)(1 << (n - 10));", 719, /shift count/, [1, 1]],
  [
    "NaN cast to int",
    "y[0] = (float)(int)(__int_as_float(0x7fc00000) * x[0]);",
    719,
    /__float2int_rz/,
    [1, 1],
  ],
  ["__trap", "if (n == 50) __trap();", 719, /__trap/, [1, 1]],
];

const source = wrong.map(([, body], i) =>
  `extern "C" __global__ void k${i}(float* x, float* y, int n) {\n  ${body}\n}`
).join("\n");

for (const [i, [name, , code, report, [grid, block]]] of wrong.entries()) {
  for (const checked of name.startsWith("a plain write") ? [0] : [0, -1]) {
    if (checked === -1 && /atomic|missing|shared memory of/.test(name)) continue;
    test(`caught in order ${checked}: ${name}`, ({ machine, standIn, caught }) => {
      standIn.order(checked);
      const program = machine.compile(source);
      const x = machine.upload(new Float32Array(50).fill(0.5)), y = machine.allocate(200);
      const kernel = program.kernel(`k${i}`);
      const where = checked === 0 ? report : new RegExp(report.source.split(",")[0]!);
      caught(code, where, () => machine.launch(kernel, [grid], [block], [x, y, 50]));
      program.unload();
      machine.free(x, y);
    });
  }
}

const kernelOf = (name: string) => `k${wrong.findIndex(([known]) => known === name)}`;

test("caught: memory that was freed", ({ machine, caught }) => {
  const program = machine.compile(source), x = machine.upload(new Float32Array(50));
  const y = machine.allocate(200);
  machine.free(y);
  caught(700, /out-of-bounds: write/, () => {
    machine.launch(program.kernel(kernelOf("a missing barrier")), [1], [64], [x, y, 50]);
  });
  machine.free(x);
  program.unload();
});

test("caught: memory that a heap of the test's own has not given out", ({ machine, standIn, caught }) => {
  const program = machine.compile(source), x = machine.upload(new Float32Array(1000));
  standIn.mark(x + 400n, 400, "foreign");
  caught(700, /out-of-bounds: read/, () => {
    machine.launch(program.kernel(kernelOf("what nobody wrote")), [1], [32], [x, x + 280n, 50]);
  });
  standIn.mark(x + 400n, 400, "fresh");
  caught(719, /uninitialised/, () => {
    machine.launch(program.kernel(kernelOf("what nobody wrote")), [1], [32], [x, x + 280n, 50]);
  });
  standIn.mark(x + 400n, 400, "written");
  machine.free(x);
  program.unload();
});

test("not flagged: broadcasts, atomics, shared memory between warp operations", ({ machine, standIn }) => {
  const program = machine.compile(`
extern "C" __global__ void fine(float* x, float* y, int* counts, unsigned char* bytes) {
  __shared__ volatile float s[64];
  int t = threadIdx.x;
  s[t] = x[0];
  __syncwarp();
  float v = s[t ^ 1];
  __syncwarp();
  s[t] = v + 1.0f;
  __syncthreads();
  atomicAdd(y, s[63 - t]);
  atomicMax(counts, t);
  atomicAdd(counts + 1, 1);
  bytes[blockIdx.x * 64 + t] = bytes[192] + 1;
}`);
  for (const order of [0, -1, 3]) {
    standIn.order(order);
    const x = machine.upload(new Float32Array([2])), y = machine.upload(new Float32Array(1));
    const counts = machine.upload(new Int32Array(2)), bytes = machine.upload(new Int32Array(49));
    machine.launch(program.kernel("fine"), [3], [64], [x, y, counts, bytes]);
    machine.synchronize();
    const [sum] = machine.floats(y, 1), [most, all] = machine.download(counts, new Int32Array(2));
    if (sum !== 576 || most !== 63 || all !== 192) throw new Error(`${sum} ${most} ${all}`);
    machine.free(x, y, counts, bytes);
  }
  program.unload();
});
