/**
 * The stand-in runs CUDA C as a GPU would: the functions, the conversions, shared memory, warps, and
 * a whole training.
 * @module
 */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { tests } from "./harness.ts";
import type { Machine } from "./machine.ts";

const test = await tests();

const rows = `
extern "C" __global__ void __launch_bounds__(256) scale(const float* __restrict__ x, float* __restrict__ y, float a, int n) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
    y[i] = x[i] * a;
}
__device__ __forceinline__ float warpSum(float v) {
  #pragma unroll
  for (int o = 16; o > 0; o >>= 1) v += __shfl_xor_sync(0xffffffffu, v, o);
  return v;
}
extern "C" __global__ void rows(const float* x, float* y, int columns) {
  __shared__ float part[32];
  const float* row = x + (long long)blockIdx.x * columns;
  float s = 0.0f;
  for (int c = threadIdx.x; c < columns; c += blockDim.x) s += row[c];
  s = warpSum(s);
  int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
  if (lane == 0) part[warp] = s;
  __syncthreads();
  if (warp > 0) return;
  s = warpSum(lane < (int)((blockDim.x + 31) >> 5) ? part[lane] : 0.0f);
  if (lane == 0) y[blockIdx.x] = s;
}
extern "C" __global__ void all(const float* x, float* y, int n) {
  extern __shared__ float sums[];
  float s = 0.0f;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) s += x[i];
  sums[threadIdx.x] = s;
  __syncthreads();
  for (int k = blockDim.x >> 1; k > 0; k >>= 1) {
    if (threadIdx.x < k) sums[threadIdx.x] += sums[threadIdx.x + k];
    __syncthreads();
  }
  if (threadIdx.x == 0) atomicAdd(y, sums[0]);
}
extern "C" __global__ void transpose(const float* x, float* y, int height, int width) {
  __shared__ float tile[32][33];
  int c = blockIdx.x * 32 + threadIdx.x, r = blockIdx.y * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (r + j < height && c < width) tile[threadIdx.y + j][threadIdx.x] = x[(r + j) * width + c];
  __syncthreads();
  c = blockIdx.y * 32 + threadIdx.x;
  r = blockIdx.x * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (r + j < width && c < height) y[(r + j) * height + c] = tile[threadIdx.x][threadIdx.y + j];
}`;

const ramp = (n: number) => Float32Array.from({ length: n }, (_, i) => i % 10);

for (const order of [0, -1, 7]) {
  test(`maps, sums of rows and of everything, transposes, in order ${order}`, ({ machine, standIn }) => {
    standIn.order(order);
    const program = machine.compile(rows), n = 1000, x = machine.upload(ramp(n));
    const y = machine.allocate(n * 4),
      sums = machine.allocate(20),
      sum = machine.upload(new Float32Array(1));
    machine.launch(program.kernel("scale"), [2], [256], [x, y, { float: 2 }, n]);
    assertEquals(machine.floats(y, n), ramp(n).map((value) => 2 * value));
    for (const block of [32, 96, 256]) {
      machine.launch(program.kernel("rows"), [5], [block], [y, sums, 200]);
      assertEquals([...machine.floats(sums, 5)], Array(5).fill(1800));
    }
    machine.launch(program.kernel("all"), [7], [128], [x, sum, n], 128 * 4);
    assertEquals(machine.floats(sum, 1)[0], 4500);
    machine.launch(program.kernel("transpose"), [1, 2], [32, 8], [x, y, 40, 25]);
    const turned = machine.floats(y, n);
    assertEquals(turned, ramp(n).map((_, i) => ((i % 40) * 25 + Math.floor(i / 40)) % 10));
    program.unload();
    machine.free(x, y, sums, sum);
  });
}

/** Runs `out[k] = expression` for each, in a kernel of one thread where `x` holds `given`. */
function evaluate(
  machine: Machine,
  expressions: readonly string[],
  given: readonly number[],
  type: "float" | "double" | "int" | "unsigned int" = "float",
): number[] {
  const lines = expressions.map((text, i) => `  out[${i}] = (${type})(${text});`).join("\n");
  const program = machine.compile(
    `extern "C" __global__ void k(const float* x, ${type}* out) {\n${lines}\n}`,
  );
  const Values = type === "double" ? Float64Array : type === "float" ? Float32Array : Int32Array;
  const into = new Values(expressions.length);
  const x = machine.upload(new Float32Array(given)), out = machine.allocate(into.byteLength);
  machine.launch(program.kernel("k"), [1], [1], [x, out]);
  const result = [...machine.download(out, into)];
  machine.free(x, out);
  program.unload();
  return type === "unsigned int" ? result.map((value) => value >>> 0) : result;
}

test("functions of floats and doubles", ({ machine }) => {
  const one: Readonly<Record<string, (x: number) => number>> = {
    exp: Math.exp,
    expm1: Math.expm1,
    log: Math.log,
    log1p: Math.log1p,
    log2: Math.log2,
    log10: Math.log10,
    sin: Math.sin,
    cos: Math.cos,
    tan: Math.tan,
    asin: Math.asin,
    acos: Math.acos,
    atan: Math.atan,
    sinh: Math.sinh,
    cosh: Math.cosh,
    tanh: Math.tanh,
    asinh: Math.asinh,
    atanh: Math.atanh,
    sqrt: Math.sqrt,
    cbrt: Math.cbrt,
    floor: Math.floor,
    ceil: Math.ceil,
    trunc: Math.trunc,
    fabs: Math.abs,
    rsqrt: (x) => 1 / Math.sqrt(x),
  };
  const names = Object.keys(one), x = 0.625;
  const floats = evaluate(machine, names.map((name) => `${name}f(x[0])`), [x]);
  const doubles = evaluate(machine, names.map((name) => `${name}((double)x[0])`), [x], "double");
  const overloads = evaluate(machine, names.map((name) => `${name}(x[0])`), [x]);
  names.forEach((name, i) => {
    const wanted = one[name]!(x);
    assertAlmostEquals(floats[i]!, wanted, 2e-7 * Math.max(1, Math.abs(wanted)), name);
    assertAlmostEquals(doubles[i]!, wanted, 5e-16 * Math.max(1, Math.abs(wanted)), name);
    assertEquals(overloads[i], floats[i], name);
  });
  const others: readonly (readonly [string, number])[] = [
    ["erff(x[0])", 0.6232408821],
    ["erfcf(x[0])", 0.3767591179],
    ["lgammaf(x[0])", 0.3608294],
    ["powf(x[0], 3.0f)", 0.244140625],
    ["atan2f(x[0], -1.0f)", Math.atan2(x, -1)],
    ["fmodf(7.5f, 2.0f)", 1.5],
    ["fminf(x[1], 2.0f)", 2],
    ["fmaxf(x[1], x[0])", x],
    ["min(x[0], 0.5f)", 0.5],
    ["max(3, (int)x[0])", 3],
    ["max(3u, 4)", 4],
    ["fmaf(x[0], 2.0f, 1.0f)", 2.25],
    ["__fmaf_rn(x[0], 2.0f, 1.0f)", 2.25],
    ["__fadd_rn(x[0], 1.0f) * __fmul_rn(x[0], 2.0f)", 2.03125],
    ["__fdiv_rn(1.0f, 4.0f) + __frcp_rn(4.0f)", 0.5],
    ["rintf(2.5f) + roundf(2.5f)", 5],
    ["copysignf(1.0f, -x[0])", -1],
    ["isnan(x[1]) + 2 * isinf(x[0]) + 4 * signbit(-x[0])", 5],
    ["__int_as_float(0x7f800000)", Infinity],
    ["__ldg(x) + ldexpf(x[0], 2)", 3.125],
    ["__saturatef(3.0f) + __fdividef(1.0f, 2.0f)", 1.5],
    ["normcdff(0.0f) + exp10f(1.0f) + sinpif(0.5f) + cospif(1.0f)", 10.5],
    ["make_float4(1.0f, 2.0f, 3.0f, 4.0f).w + make_double2(1.0, 2.0).y", 6],
  ];
  const got = evaluate(machine, others.map(([text]) => text), [x, NaN]);
  others.forEach(([text, wanted], i) => {
    if (Number.isFinite(wanted)) assertAlmostEquals(got[i]!, wanted, 1e-6, text);
    else assertEquals(got[i], wanted, text);
  });
});

test("conversions saturate as on a GPU, bits are what they are", ({ machine }) => {
  const ints: readonly (readonly [string, number])[] = [
    ["__float2int_rz(x[0])", 0],
    ["__float2int_rz(x[1])", 2147483647],
    ["__float2int_rz(x[2])", -2147483648],
    ["__float2int_rz(-2.7f)", -2],
    ["__float2int_rn(2.5f)", 2],
    ["__float2int_rd(-2.5f)", -3],
    ["__float2int_ru(2.1f)", 3],
    ["__double2int_rz(1e300)", 2147483647],
    ["__float2ll_rz(x[0]) == (long long)0x8000000000000000ull", 1],
    ["__float_as_int(1.0f)", 0x3f800000],
    ["__double2hiint(1.0)", 0x3ff00000],
    ["__mulhi(-2, 0x40000000)", -1],
    ["__popc(0xf0f0u) + __popcll(1ull << 40)", 9],
    ["__clz(1) + __clzll(1) + __clz(0)", 126],
    ["__ffs(8) + __ffsll(1ll << 40)", 45],
    ["sizeof(long long) + sizeof(float3) + alignof(float4) + alignof(double2)", 52],
    ["min(-1, 1) + abs(-3)", 2],
  ];
  assertEquals(
    evaluate(machine, ints.map(([text]) => text), [NaN, 3e9, -3e9], "int"),
    ints.map(([, value]) => value),
  );
  const unsigned: readonly (readonly [string, number])[] = [
    ["__float2uint_rz(x[0])", 0],
    ["__float2uint_rz(x[1])", 4294967295],
    ["__float2uint_rz(-5.0f)", 0],
    ["__float2uint_rz(3e9f)", 3000000000],
    ["__umulhi(0x80000000u, 6u)", 3],
    ["(unsigned)(__umul64hi(1ull << 63, 6ull))", 3],
    ["__brev(1u)", 0x80000000],
    ["__byte_perm(0x33221100u, 0x77665544u, 0x7430u)", 0x77443300],
    ["__funnelshift_l(0x80000000u, 1u, 1u)", 3],
    ["__funnelshift_r(0x1u, 1u, 1u)", 0x80000000],
  ];
  assertEquals(
    evaluate(machine, unsigned.map(([text]) => text), [NaN, 1e10], "unsigned int"),
    unsigned.map(([, value]) => value),
  );
});

test("warps exchange values exactly", ({ machine }) => {
  const program = machine.compile(`
extern "C" __global__ void warp(int* out) {
  int t = threadIdx.x;
  out[t] = __shfl_xor_sync(0xffffffffu, t, 5);
  out[32 + t] = __shfl_up_sync(0xffffffffu, t, 3);
  out[64 + t] = __shfl_down_sync(0xffffffffu, t, 3, 16);
  out[96 + t] = __shfl_sync(0xffffffffu, t, 7);
  out[128 + t] = __ballot_sync(0xffffffffu, t % 3 == 0) == 0x49249249u;
  out[160 + t] = __any_sync(0xffffffffu, t == 9) + 2 * __all_sync(0xffffffffu, t < 32);
  out[192 + t] = __reduce_add_sync(0xffffffffu, t) + __reduce_max_sync(0xffffffffu, t);
  double d = __shfl_xor_sync(0xffffffffu, t * 0.5, 1);
  out[224 + t] = (int)(2.0 * d);
  int half = -1;
  if (t < 16) half = __shfl_xor_sync(0x0000ffffu, t, 1);
  __syncwarp();
  out[256 + t] = half + __syncthreads_count(t < 5) + __syncthreads_or(t == 1) + __syncthreads_and(t < 9);
}`);
  const out = machine.allocate(4 * 288), lanes = Array.from({ length: 32 }, (_, t) => t);
  machine.launch(program.kernel("warp"), [1], [32], [out]);
  const wanted = [
    lanes.map((t) => t ^ 5),
    lanes.map((t) => t < 3 ? t : t - 3),
    lanes.map((t) => t % 16 + 3 > 15 ? t : t + 3),
    lanes.map(() => 7),
    lanes.map(() => 1),
    lanes.map(() => 3),
    lanes.map(() => 496 + 31),
    lanes.map((t) => t ^ 1),
    lanes.map((t) => (t < 16 ? t ^ 1 : -1) + 6),
  ].flat();
  assertEquals([...machine.download(out, new Int32Array(288))], wanted);
  machine.free(out);
  program.unload();
});

test("the dialect: bounds in either place, tables, templates, scalars, comments, shared of helpers", ({ machine }) => {
  const program = machine.compile(`
#define TWICE(v) ((v) * 2) // __shared__ int notThis, norThat;
/* __global__ void notThisEither(int a */
__constant__ float table[3] = {1.0f, 2.0f, 4.0f};
template <class T> __device__ __forceinline__ T half(T v) { return v / (T)2; }
__device__ float through(float v) {
  __shared__ float box[64];
  box[threadIdx.x] = v;
  __syncthreads();
  float other = box[63 - threadIdx.x];
  __syncthreads();
  return other;
}
__global__ void notExported();
extern "C" __global__ void unnamed(float*, const unsigned int, void* __restrict__) {}
extern "C" void __launch_bounds__(64, 2) __global__ late(float* out, unsigned char small, double wide, long long big) {
  __shared__ __align__(16) unsigned int words[2][32];
  extern __shared__ double dynamic[];
  int t = threadIdx.x;
  words[t / 32][t % 32] = t; dynamic[t] = wide;
  __syncthreads();
  out[t] = through((float)words[1 - t / 32][t % 32]) + table[t % 3] + half((float)TWICE(small)) + (float)dynamic[63 - t] + (float)big;
}
// no line end after this`);
  const out = machine.allocate(256), block = new DataView(new ArrayBuffer(16));
  block.setFloat64(0, 0.5, true);
  const wide = block.getBigUint64(0, true);
  machine.launch(program.kernel("unnamed"), [1], [1], [out, 0, out]);
  machine.launch(program.kernel("late"), [1], [64], [out, 3, wide, 1000n], 512);
  const wanted = Array.from(
    { length: 64 },
    (_, t) => (63 - t + 32) % 64 + [1, 2, 4][t % 3]! + 3 + 0.5 + 1000,
  );
  assertEquals([...machine.floats(out, 64)], wanted);
  machine.free(out);
  program.unload();
});

const training = `
extern "C" __global__ void biasRelu(float* h, const float* b, int n, int columns) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) { float v = h[i] + b[i % columns]; h[i] = v > 0.0f ? v : 0.0f; }
}
extern "C" __global__ void backRelu(float* dh, const float* h, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n && !(h[i] > 0.0f)) dh[i] = 0.0f;
}
__device__ __forceinline__ float warpMax(float v) { for (int o = 16; o; o >>= 1) v = fmaxf(v, __shfl_xor_sync(0xffffffffu, v, o)); return v; }
__device__ __forceinline__ float warpSum(float v) { for (int o = 16; o; o >>= 1) v += __shfl_xor_sync(0xffffffffu, v, o); return v; }
extern "C" __global__ void entropy(float* z, const float* b, const int* labels, float* loss, int n, int classes) {
  int row = blockIdx.x * (blockDim.x >> 5) + (threadIdx.x >> 5), lane = threadIdx.x & 31;
  if (row >= n) return;
  float* r = z + row * classes;
  float v = lane < classes ? r[lane] + b[lane] : __int_as_float(0xff800000), most = warpMax(v);
  float e = expf(v - most), s = warpSum(e);
  if (lane == labels[row]) atomicAdd(loss, (logf(s) + most - v) / n);
  if (lane < classes) r[lane] = (e / s - (lane == labels[row] ? 1.0f : 0.0f)) / n;
}
extern "C" __global__ void columns(const float* x, float* y, int height, int width) {
  int c = blockIdx.x * blockDim.x + threadIdx.x;
  if (c >= width) return;
  float s = 0.0f;
  for (int r = 0; r < height; r++) s += x[r * width + c];
  y[c] = s;
}
extern "C" __global__ void descend(float* p, const float* g, float rate, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) p[i] -= rate * g[i];
}`;

/** 784-128-10 on made-up digits, a batch of 128. */
function network(machine: Machine) {
  const [batch, inputs, hidden, classes] = [128, 784, 128, 10];
  let seed = 1;
  const random = (length: number, scale: number) =>
    Float32Array.from(
      { length },
      () => (((seed = Math.imul(seed, 48271) >>> 0) / 2 ** 32) - 0.5) * scale,
    );
  const program = machine.compile(training);
  const kernel = (name: string) => program.kernel(name);
  const [biasRelu, backRelu, entropy, columns, descend] = [
    "biasRelu",
    "backRelu",
    "entropy",
    "columns",
    "descend",
  ].map(kernel) as [bigint, bigint, bigint, bigint, bigint];
  const x = machine.upload(random(batch * inputs, 1)),
    w1 = machine.upload(random(inputs * hidden, 0.1));
  const b1 = machine.upload(new Float32Array(hidden)),
    w2 = machine.upload(random(hidden * classes, 0.3));
  const b2 = machine.upload(new Float32Array(classes));
  const labels = machine.upload(Int32Array.from({ length: batch }, (_, i) => i * 7 % classes));
  const [h, dh] = [machine.allocate(batch * hidden * 4), machine.allocate(batch * hidden * 4)];
  const [z, g1, g2] = [batch * classes, inputs * hidden, hidden * classes].map((n) =>
    machine.allocate(n * 4)
  ) as [bigint, bigint, bigint];
  const [gb1, gb2, loss] = [hidden, classes, 1].map((n) => machine.allocate(n * 4)) as [
    bigint,
    bigint,
    bigint,
  ];
  const each = (f: bigint, n: number, args: (bigint | number | { float: number })[]) =>
    machine.launch(f, [Math.ceil(n / 256)], [256], [...args, n]);
  return {
    loss,
    step() {
      machine.driver.cuMemsetD32Async(loss, 0, 1n, machine.stream);
      machine.multiply([batch, hidden, inputs], x, w1, h);
      machine.launch(biasRelu, [batch * hidden / 256], [256], [h, b1, batch * hidden, hidden]);
      machine.multiply([batch, classes, hidden], h, w2, z);
      machine.launch(entropy, [batch / 8], [256], [z, b2, labels, loss, batch, classes]);
      machine.multiply([hidden, classes, batch], h, z, g2, { transA: true });
      machine.launch(columns, [1], [32], [z, gb2, batch, classes]);
      machine.multiply([batch, hidden, classes], z, w2, dh, { transB: true });
      each(backRelu, batch * hidden, [dh, h]);
      machine.multiply([inputs, hidden, batch], x, dh, g1, { transA: true });
      machine.launch(columns, [1], [128], [dh, gb1, batch, hidden]);
      for (
        const [p, g, n] of [[w1, g1, inputs * hidden], [b1, gb1, hidden], [
          w2,
          g2,
          hidden * classes,
        ], [b2, gb2, classes]] as const
      ) {
        each(descend, n, [p, g, { float: 0.5 }]);
      }
    },
    free() {
      machine.free(x, w1, b1, w2, b2, labels, h, dh, z, g1, g2, gb1, gb2, loss);
      program.unload();
    },
  };
}

test("a network learns, step by step and as one graph, to the same loss", ({ machine, standIn }) => {
  const plain = network(machine), losses: number[] = [];
  for (let i = 0; i < 10; i++) {
    plain.step();
    losses.push(machine.floats(plain.loss, 1)[0]!);
  }
  plain.free();
  assert(losses[0]! > 2 && losses[0]! < 2.6 && losses[9]! < 0.9 * losses[0]!, String(losses));
  const captured = network(machine), graph = machine.capture(() => captured.step());
  // The products have no workspace here, which is noted at their capture.
  standIn.report();
  for (let i = 0; i < 10; i++) {
    graph.launch();
    machine.synchronize();
  }
  assertEquals(machine.floats(captured.loss, 1)[0], losses[9]);
  graph.destroy();
  captured.free();
});
