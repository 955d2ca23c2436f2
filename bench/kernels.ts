/**
 * How fast are emitted kernels? Each is set against a plain loop over typed arrays, and against
 * memory.copy, whose GB/s (bytes read plus bytes written) is what this machine's memory can do; where
 * kernels may be machine code, that is measured beside WebAssembly.
 *
 * Run with `deno run bench/kernels.ts`, and with `--allow-ffi` for machine code.
 * @module
 */
import { expand } from "../src/compile/expand.ts";
import { compileKernel, emitKernel, NATIVE } from "../src/device/cpu/emit.ts";
import { createMemory } from "../src/device/cpu/memory.ts";
import { hasRelaxedSimd } from "../src/wasm/relaxed_simd.ts";
import { whyNotNative } from "../src/device/cpu/x64/available.ts";
import { emitMachineCode } from "../src/device/cpu/x64/emit.ts";
import { runnerOf } from "../src/device/cpu/x64/runner.ts";
import type { Combine, Kernel, ScalarStep } from "../src/ir/kernel.ts";

const SIDE = 1024;
const N = SIDE * SIDE;
const BYTES = N * 4;
const memory = createMemory();
const missing = 4 * BYTES + 65536 - memory.buffer.byteLength;
if (missing > 0) memory.grow(Math.ceil(missing / 65536));
const isNative = whyNotNative(memory) === null;
const A = 65536;
const B = A + BYTES;
const OUT = B + BYTES;
const a = new Float32Array(memory.buffer, A, N);
const b = new Float32Array(memory.buffer, B, N);
const out = new Float32Array(memory.buffer, OUT, N);
for (let i = 0; i < N; i++) {
  a[i] = Math.sin(i);
  b[i] = Math.cos(i);
}

/** Median microseconds of a call. */
function time(run: () => void): number {
  const end = performance.now() + 250;
  const times: number[] = [];
  while (performance.now() < end || times.length < 10) {
    const start = performance.now();
    run();
    times.push(performance.now() - start);
  }
  times.splice(0, Math.floor(times.length / 3)); // while the engine warms up
  return times.sort((x, y) => x - y)[Math.floor(times.length / 2)]! * 1000;
}

function elementwise(
  name: string,
  shape: number[],
  loads: number[][],
  steps: ScalarStep[],
  stored: number[],
): Kernel {
  const args = [...loads, stored].map((_, i) =>
    ({ dtype: "float32", writes: i === loads.length }) as const
  );
  const body: ScalarStep[] = [
    ...loads.map((strides, arg): ScalarStep => (
      { op: "load", dtype: "float32", arg, view: { offset: 0, strides } }
    )),
    ...steps,
  ];
  const store = { arg: loads.length, view: { offset: 0, strides: stored }, value: body.length - 1 };
  return {
    name,
    shape,
    reduce: [],
    args,
    body,
    accumulators: [],
    epilogue: [],
    stores: [store],
  };
}

function reduction(name: string, combine: Combine, shape: number[], strides: number[]): Kernel {
  const reduce = shape.length === 0 ? [SIDE, SIDE] : [SIDE];
  const dtype = combine === "argmax" ? "int32" : "float32";
  return {
    name,
    shape,
    reduce,
    args: [{ dtype: "float32", writes: false }, { dtype, writes: true }],
    body: [{ op: "load", dtype: "float32", arg: 0, view: { offset: 0, strides } }],
    accumulators: [{ combine, dtype, value: 0 }],
    epilogue: [{ op: "acc", dtype, acc: 0 }],
    stores: [{
      arg: 1,
      value: 1,
      view: { offset: 0, strides: [...shape.map(() => 1), ...reduce.map(() => 0)] },
    }],
  };
}

const polynomial: ScalarStep[] = [
  { op: "const", dtype: "float32", value: 0.001 },
  ...Array.from(
    { length: 12 },
    (_, i): ScalarStep => ({ op: "fma", dtype: "float32", args: [i === 0 ? 1 : i + 1, 0, 1] }),
  ),
];

const cases: { kernel: Kernel; bytes: number; addresses: number[]; plain: () => void }[] = [
  {
    kernel: elementwise("copy", [N], [[1]], [], [1]),
    bytes: 2 * BYTES,
    addresses: [A, OUT],
    plain: () => {
      for (let i = 0; i < N; i++) out[i] = a[i]!;
    },
  },
  {
    kernel: elementwise("add", [N], [[1], [1]], [
      { op: "add", dtype: "float32", args: [0, 1] },
    ], [1]),
    bytes: 3 * BYTES,
    addresses: [A, B, OUT],
    plain: () => {
      for (let i = 0; i < N; i++) out[i] = a[i]! + b[i]!;
    },
  },
  {
    kernel: elementwise("add a row", [SIDE, SIDE], [[SIDE, 1], [0, 1]], [
      { op: "add", dtype: "float32", args: [0, 1] },
    ], [SIDE, 1]),
    bytes: 2 * BYTES,
    addresses: [A, B, OUT],
    plain: () => {
      for (let i = 0; i < N; i++) out[i] = a[i]! + b[i & (SIDE - 1)]!;
    },
  },
  {
    kernel: elementwise("relu", [N], [[1]], [
      { op: "const", dtype: "float32", value: 0 },
      { op: "gt", dtype: "bool", args: [0, 1] },
      { op: "where", dtype: "float32", args: [2, 0, 1] },
    ], [1]),
    bytes: 2 * BYTES,
    addresses: [A, OUT],
    plain: () => {
      for (let i = 0; i < N; i++) out[i] = a[i]! > 0 ? a[i]! : 0;
    },
  },
  {
    kernel: elementwise("12 multiply-adds", [N], [[1]], polynomial, [1]),
    bytes: 2 * BYTES,
    addresses: [A, OUT],
    plain: () => {
      for (let i = 0; i < N; i++) {
        const x = a[i]!;
        let y = 0.001;
        for (let j = 0; j < 12; j++) y = Math.fround(y * x + 0.001);
        out[i] = y;
      }
    },
  },
  ...(["exp", "tanh", "sigmoid"] as const).map((op) => ({
    kernel: elementwise(op, [N], [[1]], [{ op, dtype: "float32", args: [0] }], [1]),
    bytes: 2 * BYTES,
    addresses: [A, OUT],
    plain: () => {
      const f = op === "sigmoid" ? (x: number) => 1 / (1 + Math.exp(-x)) : Math[op];
      for (let i = 0; i < N; i++) out[i] = f(a[i]!);
    },
  })),
  {
    kernel: reduction("max of each row", "max", [SIDE], [SIDE, 1]),
    bytes: BYTES,
    addresses: [A, OUT],
    plain: () => {
      for (let i = 0; i < SIDE; i++) {
        let most = -Infinity;
        for (let j = 0; j < SIDE; j++) most = Math.max(most, a[i * SIDE + j]!);
        out[i] = most;
      }
    },
  },
  {
    kernel: reduction("sum of all", "add", [], [SIDE, 1]),
    bytes: BYTES,
    addresses: [A, OUT],
    plain: () => {
      let sum = 0;
      for (let i = 0; i < N; i++) sum += a[i]!;
      out[0] = sum;
    },
  },
  {
    kernel: reduction("sum of each row", "add", [SIDE], [SIDE, 1]),
    bytes: BYTES,
    addresses: [A, OUT],
    plain: () => {
      for (let i = 0; i < SIDE; i++) {
        let sum = 0;
        for (let j = 0; j < SIDE; j++) sum += a[i * SIDE + j]!;
        out[i] = sum;
      }
    },
  },
  {
    kernel: reduction("sum of each column", "add", [SIDE], [1, SIDE]),
    bytes: BYTES,
    addresses: [A, OUT],
    plain: () => {
      const sums = new Float64Array(SIDE);
      for (let i = 0; i < SIDE; i++) {
        for (let j = 0; j < SIDE; j++) sums[j]! += a[i * SIDE + j]!;
      }
      out.set(sums);
    },
  },
  {
    kernel: reduction("argmax of each row", "argmax", [SIDE], [SIDE, 1]),
    bytes: BYTES,
    addresses: [A, OUT],
    plain: () => {
      for (let i = 0; i < SIDE; i++) {
        let best = 0;
        for (let j = 1; j < SIDE; j++) if (a[i * SIDE + j]! > a[i * SIDE + best]!) best = j;
        out[i] = best;
      }
    },
  },
  {
    kernel: elementwise("transpose", [SIDE, SIDE], [[1, SIDE]], [], [SIDE, 1]),
    bytes: 2 * BYTES,
    addresses: [A, OUT],
    plain: () => {
      for (let i = 0; i < SIDE; i++) {
        for (let j = 0; j < SIDE; j++) out[i * SIDE + j] = a[j * SIDE + i]!;
      }
    },
  },
];

/** Microseconds of a kernel as machine code; null where it is none. */
function machineTime(kernel: Kernel, addresses: readonly number[]): number | null {
  const made = isNative ? emitMachineCode(expand(kernel, NATIVE), false, false) : null;
  const placed = made === null ? null : runnerOf(made.code, made.count, memory);
  return placed === null ? null : time(() => placed.run(...addresses));
}

const copy = time(() => out.set(a));
console.log(`${N} float32 values; memory.copy ${(2 * BYTES / copy / 1000).toFixed(1)} GB/s`);
console.log(
  "kernel                 us    GB/s   of copy   plain us   ratio   machine code us   ratio",
);
for (const { kernel, bytes, addresses, plain } of cases) {
  const run = compileKernel(expand(kernel, NATIVE), memory);
  const us = time(() => run(...addresses));
  const machine = machineTime(kernel, addresses);
  const plainUs = time(plain);
  const gbs = bytes / us / 1000;
  console.log(
    `${kernel.name.padEnd(18)} ${us.toFixed(0).padStart(6)} ${gbs.toFixed(1).padStart(7)} ${
      (gbs / (2 * BYTES / copy / 1000)).toFixed(2).padStart(9)
    } ${plainUs.toFixed(0).padStart(10)} ${(plainUs / us).toFixed(1).padStart(7)} ${
      machine === null ? "-".padStart(17) : machine.toFixed(0).padStart(17)
    } ${machine === null ? "-".padStart(7) : (us / machine).toFixed(1).padStart(7)}`,
  );
}

const small = elementwise("add", [10], [[1], [1]], [
  { op: "add", dtype: "float32", args: [0, 1] },
], [1]);
const run = compileKernel(small, memory);
const calls = 100_000;
const call = time(() => {
  for (let i = 0; i < calls; i++) run(A, B, OUT);
}) / calls;
console.log(`one call of "add" on 10 values: ${(call * 1000).toFixed(1)} ns`);

const options = { relaxed: hasRelaxedSimd(), maximumPages: 65536, shared: false };
let fresh = 11;
/** Another size each time: the engine keeps compiled modules by their bytes. */
const vary = (k: Kernel): Kernel => ({ ...k, shape: [fresh++] });
for (const { kernel } of [cases[1]!, cases[4]!]) {
  const emit = time(() => void emitKernel(vary(kernel), options));
  const whole = time(() => void compileKernel(vary(kernel), memory));
  console.log(
    `compile "${kernel.name}": ${emit.toFixed(0)} us to emit, ${whole.toFixed(0)} us in all`,
  );
}
