import { assertEquals, assertNotEquals, assertStringIncludes, assertThrows } from "@std/assert";
import type { DeviceStep } from "../../../../src/compile/plan.ts";
import { type Printed, printStep, textKey } from "../../../../src/device/cuda/print/mod.ts";
import type { Kernel } from "../../../../src/ir/kernel.ts";
import { CASES } from "./cases.ts";
import { SMALL } from "./printed.ts";

const row = { offset: 0, strides: [1] };
const double: Kernel = {
  name: "twice",
  shape: [5],
  reduce: [],
  args: [{ dtype: "float32", writes: false }, { dtype: "float32", writes: true }],
  body: [
    { op: "load", dtype: "float32", arg: 0, view: row },
    { op: "const", dtype: "float32", value: 0.1 },
    { op: "mul", dtype: "float32", args: [0, 1] },
  ],
  accumulators: [],
  epilogue: [],
  stores: [{ arg: 1, view: row, value: 2 }],
};

const sum: Kernel = {
  name: "sum",
  shape: [3],
  reduce: [7],
  args: double.args,
  body: [{ op: "load", dtype: "float32", arg: 0, view: { offset: 0, strides: [7, 1] } }],
  accumulators: [{ combine: "add", dtype: "float32", value: 0 }],
  epilogue: [{ op: "acc", dtype: "float32", acc: 0 }],
  stores: [{ arg: 1, view: { offset: 0, strides: [1, 0] }, value: 1 }],
};

const text = (kernel: Kernel): string =>
  printStep({ kind: "kernel", kernel, args: [0, 1] }, "k", SMALL).source;

Deno.test("a pointwise kernel is a loop over its points", () => {
  assertEquals(
    text(double),
    `// twice
extern "C" __global__ void __launch_bounds__(256) k_0(const float* a0, float* a1) {
  for (unsigned int p = blockIdx.x * 256u + threadIdx.x; p < 5u; p += gridDim.x * 256u) {
    const int i0 = p;
    const float v0 = a0[i0];
    const float v2 = __fmul_rn(v0, __int_as_float(0x3dcccccd));
    a1[i0] = v2;
  }
}
`,
  );
});

Deno.test("values that are added go one by one: they alone are no reason to take four at once", () => {
  const kernel: Kernel = {
    ...double,
    shape: [1024],
    // four of these never lie at a multiple of sixteen bytes
    body: [{ op: "load", dtype: "float32", arg: 0, view: { offset: 1, strides: [1] } }],
    stores: [{ arg: 1, view: row, value: 0, add: true }],
  };
  assertEquals(
    text(kernel),
    `// twice
extern "C" __global__ void __launch_bounds__(256) k_0(const float* a0, float* a1) {
  for (unsigned int p = blockIdx.x * 256u + threadIdx.x; p < 1024u; p += gridDim.x * 256u) {
    const int i0 = p;
    const float v0 = a0[i0 + 1];
    a1[i0] = a1[i0] + v0;
  }
}
`,
  );
});

Deno.test("short rows are reduced by the lanes of a warp", () => {
  assertEquals(
    text(sum),
    `// sum
extern "C" __global__ void __launch_bounds__(256) k_0(const float* a0, float* a1) {
  const unsigned int base = blockIdx.x * 32u;
  const unsigned int row = base + threadIdx.x / 8u < 3u ? base + threadIdx.x / 8u : 2u;
  const int i0 = row;
  double s0 = 0.0;
  for (int r = (int)(threadIdx.x % 8u); r < 7; r += 8) {
    const int i1 = r;
    const float v0 = a0[i0 * 7 + i1];
    s0 = s0 + (double)v0;
  }
  for (int o = 4; o > 0; o >>= 1) {
    const double s0o = __shfl_xor_sync(0xffffffffu, s0, o);
    s0 = s0 + s0o;
  }
  if (base + threadIdx.x / 8u < 3u && threadIdx.x % 8u == 0) {
    const float v1 = ((float)s0);
    a1[i0] = v1;
  }
}
`,
  );
});

Deno.test("a kernel that adds where points meet walks them in order", () => {
  const add: Kernel = {
    ...double,
    name: "count",
    stores: [{ arg: 1, view: { offset: 0, strides: [0] }, value: 2, add: true }],
  };
  assertEquals(
    text(add),
    `// count
extern "C" __global__ void __launch_bounds__(64) k_0(const float* a0, float* a1) {
  for (unsigned int p = blockIdx.x * 64u + threadIdx.x; p < 1u; p += gridDim.x * 64u) {
    for (int i0 = 0; i0 < 5; i0++) {
      const float v0 = a0[i0];
      const float v2 = __fmul_rn(v0, __int_as_float(0x3dcccccd));
      a1[0] = a1[0] + v2;
    }
  }
}
`,
  );
});

/** What the first case of a name is printed as, on a device of so many multiprocessors. */
function printed(group: string, name: string, multiprocessors = SMALL.multiprocessors): Printed {
  const found = CASES[group]!().find((c) => c.name.startsWith(name))!;
  return printStep(found.step, "k", { ...SMALL, multiprocessors });
}

Deno.test("each kind of kernel is printed in its own way, by size and device", () => {
  const transposed = printed("axes in another order", "transpose of float32 70,45");
  assertStringIncludes(transposed.source, "__shared__ float h0[32][33];");
  const small = printed("axes in another order", "transpose of float32 70,45", 132);
  assertEquals(small.source.includes("__shared__"), false);
  const rows = printed("points by themselves, four at a time where they lie so", "add rows of f");
  assertStringIncludes(rows.source, "glissade_load(x0, a0 + i0 * 64 + q, 4, even);");
  const long = printed("reductions of few long rows", "add of float32");
  assertEquals(long.launches.map((l) => l.grid), [[1, 8, 1], [1, 1, 1]]);
  assertEquals(long.temps, [8 * 8]);
  const down = printed("reductions down columns", "add of float32 down 70, 900");
  assertEquals(down.launches[0]!.block, [32, 8, 1]);
  const scan = printed("running reductions", "running add of float64 1, 5000");
  assertEquals(scan.launches.length, 2);
  const sum = printed("stores that add", "scatter float32");
  assertStringIncludes(sum.source, "__ballot_sync");
  const count = printed("stores that add", "scatter int32");
  assertStringIncludes(count.source, "atomicAdd(a2");
  assertEquals(sum.source.includes("atomic"), false);
  const windows = printed("stores that add", "windows of float32");
  assertEquals(windows.source.match(/a1\[/g)!.length, 2, "each element is written once");
  assertEquals(printed("groups", "softmax 50").launches.length, 1);
  assertEquals(printed("groups", "softmax 50", 132).launches.length, 4);
  assertEquals(printed("sorts", "sort float32 1, 5000").launches.length, 3);
});

Deno.test("sizes beyond 32 bits are counted in 64", () => {
  const large: Kernel = { ...double, shape: [2 ** 32 + 8] };
  assertStringIncludes(text(large), "for (unsigned long long p =");
  assertStringIncludes(text(large), "p < 1073741826u");
});

Deno.test("a product is no step that is printed", () => {
  const call = { name: "gemm", dtype: "float32", ta: false, tb: false } as const;
  const step: DeviceStep = {
    kind: "call",
    call: { ...call, m: 2, n: 2, k: 2, batch: 1, beta: 0 },
    args: [0, 1, 2],
  };
  assertThrows(() => printStep(step, "k", SMALL), TypeError, "Cannot print a gemm");
});

Deno.test("a step's key tells apart what is printed apart", () => {
  const key = (kernel: Kernel) => textKey({ kind: "kernel", kernel, args: [0, 1] });
  assertEquals(key(double), key({ ...double, name: "another" }));
  assertNotEquals(key(double), key({ ...double, shape: [6] }));
});
