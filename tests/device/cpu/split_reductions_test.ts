/**
 * Reductions in chunks: they give what the whole gives.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { allocate, type DType, DTYPES, isFloat, type Values } from "../../../src/base/dtype.ts";
import { compileKernel } from "../../../src/device/cpu/emit.ts";
import { toTensor } from "../../../src/core/mod.ts";
import { farAxis, splitReduction } from "../../../src/device/cpu/split_reductions.ts";
import { checkKernel, type Combine, type Kernel } from "../../../src/ir/kernel.ts";
import { printKernel } from "../../../src/ir/print_kernel.ts";
import { type Case, fill, generate, seeded } from "./kernel_cases.ts";

const memory = new WebAssembly.Memory({ initial: 160 });

/** Runs kernels one after the other on copies of arrays; returns what the arrays hold then. */
function run(kernels: readonly Kernel[], data: readonly Values[]): Values[] {
  let top = 4096;
  const views = data.map((values) => {
    const Type = values.constructor as { new (b: ArrayBuffer, o: number, n: number): Values };
    const own = new Type(memory.buffer as ArrayBuffer, top, values.length);
    own.set(values);
    top = Math.ceil((top + values.byteLength + 64) / 64) * 64;
    return own;
  });
  for (const k of kernels) {
    checkKernel(k);
    compileKernel(k, memory)(...views.map((v) => v.byteOffset));
  }
  return views.map((v) => v.slice() as Values);
}

/** Compares a reduction with itself in chunks, run backwards; false when it cannot be divided. */
function check({ kernel, data, rounds }: Case): boolean {
  const split = splitReduction(kernel);
  if (split === null) return false;
  const partials = split.last.args.slice(data.length).map(({ dtype }, i) => {
    assert(split.partials[i]! % DTYPES[dtype].bytes === 0);
    return allocate(dtype, split.partials[i]! / DTYPES[dtype].bytes).fill(99);
  });
  const whole = run([kernel], data);
  const parts = run([...[...split.chunks].reverse(), split.last], [...data, ...partials]);
  whole.forEach((want, i) => {
    const { dtype } = kernel.args[i]!;
    let size = 1;
    for (const w of want) if (Math.abs(w) < Infinity) size = Math.max(size, Math.abs(w));
    const tolerance = !rounds || !isFloat(dtype) ? 0 : size * (dtype === "float32" ? 4e-6 : 1e-12);
    want.forEach((w, j) => {
      const g = parts[i]![j]!;
      const close = Object.is(g, w) || Math.abs(g - w) <= tolerance;
      if (close) return;
      throw new Error(`Argument ${i} element ${j}: ${g}, not ${w}, of\n${printKernel(kernel)}`);
    });
  });
  return true;
}

Deno.test("generated reductions in chunks agree with whole ones", () => {
  let divided = 0;
  for (let seed = 0; seed < 300; seed++) if (check(generate(seed, "reduce"))) divided++;
  assert(divided > 30, `only ${divided} of 300 are divided`);
});

/** sum, product or extreme of x * 0.5 over everything but the first axis, scaled by w. */
function reduction(combine: Combine, dtype: DType, shape: number[], reduce: number[]): Case {
  const sizes = [...shape, ...reduce];
  const strides = sizes.map((_, i) => sizes.slice(i + 1).reduce((n, m) => n * m, 1));
  const outer = [...shape.map((_, i) => shape.slice(i + 1).reduce((n, m) => n * m, 1))];
  const results = [...outer, ...reduce.map(() => 0)];
  const points = sizes.reduce((n, m) => n * m, 1);
  const outs = shape.reduce((n, m) => n * m, 1);
  const random = seeded(points);
  return {
    kernel: {
      name: combine,
      shape,
      reduce,
      args: [{ dtype, writes: false }, { dtype, writes: false }, { dtype, writes: true }],
      body: [
        { op: "load", dtype, arg: 0, view: { offset: 0, strides } },
        { op: "load", dtype, arg: 1, view: { offset: 0, strides: results } },
      ],
      accumulators: [{ combine, dtype, value: 0 }],
      epilogue: [
        { op: "acc", dtype, acc: 0 },
        { op: "mul", dtype, args: [2, 1] },
      ],
      stores: [{ arg: 2, view: { offset: 0, strides: results }, value: 3 }],
    },
    data: [
      fill(random, dtype, points, true),
      fill(random, dtype, outs, true),
      allocate(dtype, outs),
    ],
    rounds: true,
  };
}

Deno.test("sums, products and extremes of every type and of odd sizes", () => {
  for (const dtype of ["float32", "float64", "int32", "uint32", "uint8"] as const) {
    for (const combine of ["add", "max", "min"] as const) {
      for (const sizes of [[1000], [3, 131], [7, 5, 31]]) {
        for (const shape of [[], [2, 3]]) {
          assert(check(reduction(combine, dtype, shape, sizes)), `${combine} ${shape} ${sizes}`);
        }
      }
    }
  }
});

Deno.test("partial sums of float32 keep their digits", () => {
  // the sum of the first of 64 chunks, 2^24 + 1, is not a float32
  const n = 1 << 14;
  const { kernel, data } = reduction("add", "float32", [], [n]);
  data[0]!.fill(1).fill(2 ** 16, 0, n / 64).fill(-(2 ** 16), n - n / 64);
  data[0]![5]!++;
  data[1]!.fill(1);
  const split = splitReduction(kernel)!;
  assertEquals(split.last.args[3]!.dtype, "float64");
  const partials = new Float64Array(split.partials[0]! / 8);
  const out = run([...split.chunks, split.last], [...data, partials])[2]!;
  assertEquals(out[0], n - 2 * n / 64 + 1);
});

Deno.test("what cannot be divided is left whole", () => {
  const { kernel } = reduction("add", "float32", [], [1000]);
  assertEquals(splitReduction({ ...kernel, reduce: [3] }), null);
  assertEquals(splitReduction({ ...kernel, scan: true }), null);
  const argmax = { combine: "argmax", dtype: "int32", value: 0 } as const;
  assertEquals(splitReduction({ ...kernel, accumulators: [argmax] }), null);
  assert(splitReduction(kernel) !== null);
});

Deno.test("a walk down the columns of a large array is divided into few rows at a time", () => {
  const [rows, columns] = [2000, 600];
  const kernel: Kernel = {
    name: "sum",
    shape: [columns],
    reduce: [rows],
    args: [{ dtype: "float32", writes: false }, { dtype: "float32", writes: true }],
    body: [{ op: "load", dtype: "float32", arg: 0, view: { offset: 0, strides: [1, columns] } }],
    accumulators: [{ combine: "add", dtype: "float32", value: 0 }],
    epilogue: [{ op: "acc", dtype: "float32", acc: 0 }],
    stores: [{ arg: 1, view: { offset: 0, strides: [1, 0] }, value: 1 }],
  };
  assertEquals(farAxis(kernel), 1);
  assertEquals(farAxis({ ...kernel, reduce: [100] }), -1);
  const data = [
    fill(seeded(1), "float32", rows * columns, true),
    allocate("float32", columns),
  ];
  assert(check({ kernel, data, rounds: true }));
  assertEquals(splitReduction(kernel)!.chunks.map((k) => [...k.shape, ...k.reduce]), [
    [62, columns, 32],
    [1, columns, 16],
  ]);
});

Deno.test("few rows are not cut in chunks, however long they are", () => {
  for (const rows of [2, 5, 31, 32, 63]) {
    const columns = Math.ceil(2 ** 21 / rows);
    const kernel: Kernel = {
      name: "sum",
      shape: [columns],
      reduce: [rows],
      args: [{ dtype: "float32", writes: false }, { dtype: "float32", writes: true }],
      body: [{ op: "load", dtype: "float32", arg: 0, view: { offset: 0, strides: [1, columns] } }],
      accumulators: [{ combine: "add", dtype: "float32", value: 0 }],
      epilogue: [{ op: "acc", dtype: "float32", acc: 0 }],
      stores: [{ arg: 1, view: { offset: 0, strides: [1, 0] }, value: 1 }],
    };
    assertEquals(farAxis(kernel), -1);
    const split = splitReduction(kernel);
    assert(split === null, `${rows} rows`);
    const ones = toTensor(new Float32Array(rows * columns).fill(1)).reshape([rows, columns]);
    assert(ones.sum({ axis: 0 }).data().every((x) => x === rows));
    assert(ones.max({ axis: 0 }).data().every((x) => x === 1));
  }
});
