import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { allocate, DTYPES, type Values } from "../../src/base/dtype.ts";
import { runKernel } from "../../src/device/reference/kernel.ts";
import {
  checkKernel,
  identityOf,
  type Kernel,
  kernelKey,
  normalizeKernel,
  type ScalarStep,
} from "../../src/ir/kernel.ts";
import { printKernel } from "../../src/ir/print_kernel.ts";
import { type CaseKind, generate } from "../device/cpu/kernel_cases.ts";

const view = { offset: 0, strides: [1] };
const base: Kernel = {
  name: "test",
  shape: [4],
  reduce: [],
  args: [{ dtype: "float32", writes: false }, { dtype: "float32", writes: true }],
  body: [
    { op: "load", dtype: "float32", arg: 0, view },
    { op: "neg", dtype: "float32", args: [0] },
  ],
  accumulators: [],
  epilogue: [],
  stores: [{ arg: 1, view, value: 1 }],
};
const [load, neg] = base.body as [ScalarStep, ScalarStep];

Deno.test("checkKernel refuses every kind of malformed kernel", () => {
  checkKernel(base);
  const flat = { offset: 0, strides: [0] };
  const bad: [Partial<Kernel>, string][] = [
    [{ stores: [] }, "nothing is stored"],
    [{ stores: [{ arg: 0, view, value: 1 }] }, "argument 0 is stored to but not marked"],
    [{ stores: [{ arg: 1, view: { offset: 0, strides: [] }, value: 1 }] }, "0 strides for 1 axes"],
    [{ body: [load, { ...neg, args: [1] } as ScalarStep] }, "step 1 uses step 1"],
    [{ body: [load, { ...neg, args: [0, 0] } as ScalarStep] }, "wrong arity"],
    [{ body: [load, { ...neg, dtype: "int32" } as ScalarStep] }, "is int32, not float32"],
    [{ body: [{ ...load, dtype: "int32" } as ScalarStep, neg] }, "loads int32 from argument 0"],
    [{ body: [load, { op: "index", dtype: "int32", axis: 1 }] }, "reads the index of axis 1"],
    [{ body: [load, { op: "acc", dtype: "float32", acc: 0 }] }, "reads no accumulator"],
    [{
      body: [load, { op: "const", dtype: "int32", value: 1 }, {
        op: "add",
        dtype: "float32",
        args: [0, 1],
      }],
    }, "mixes float32, int32"],
    [{
      body: [load, { op: "where", dtype: "float32", args: [0, 0, 0] }],
    }, "selects by float32"],
    [{
      body: [load, {
        op: "load",
        dtype: "float32",
        arg: 0,
        view: { ...flat, at: [{ step: 0, stride: 1 }] },
      }],
    }, "a step that is not int32"],
    [{
      body: [{
        op: "load",
        dtype: "float32",
        arg: 0,
        view: { ...flat, at: [{ step: 0, stride: 1 }] },
      }, neg],
    }, "a later step"],
    [
      { epilogue: [{ op: "const", dtype: "float32", value: 0 }] },
      "an epilogue without accumulators",
    ],
    [{
      reduce: [4],
      shape: [],
      accumulators: [{ combine: "linear", dtype: "float32", value: 1 }],
    }, "a factor goes with linear only"],
    [{
      reduce: [4],
      shape: [],
      accumulators: [{ combine: "add", dtype: "float32", value: 1 }],
    }, "moves along a reduced axis"],
  ];
  for (const [parts, message] of bad) {
    const e = assertThrows(() => checkKernel({ ...base, ...parts }), Error, message);
    assert((e as Error).message.startsWith('Kernel "test" is malformed: '));
  }
});

/** Runs a kernel by the reference; what its arguments hold afterwards: NaN has no one pattern of bits. */
function run(k: Kernel, data: readonly ArrayBufferView[]): Values[] {
  let end = 0;
  const addresses = data.map((d) => {
    const at = end;
    end = (at + d.byteLength + 15) & ~7;
    return at;
  });
  const bytes = new Uint8Array(end + 8);
  data.forEach((d, i) =>
    bytes.set(new Uint8Array(d.buffer, d.byteOffset, d.byteLength), addresses[i]!)
  );
  runKernel(k, bytes.buffer, addresses);
  return k.args.map(({ dtype }, i) => {
    const { array, bytes: width } = DTYPES[dtype];
    return new array(bytes.buffer, addresses[i]!, data[i]!.byteLength / width);
  });
}

Deno.test("a normalized kernel does the same in no more loops", () => {
  let fewer = 0;
  for (const kind of ["elementwise", "reduce", "scan", "indirect"] satisfies CaseKind[]) {
    for (let seed = 0; seed < 60; seed++) {
      const { kernel, data } = generate(seed, kind);
      const short = normalizeKernel(kernel);
      checkKernel(short);
      const loops = (k: Kernel) => k.shape.length + k.reduce.length;
      assert(loops(short) <= loops(kernel));
      if (loops(short) < loops(kernel)) fewer++;
      assertEquals(run(short, data), run(kernel, data), printKernel(kernel));
    }
  }
  assert(fewer > 30, `${fewer} kernels became shorter`);
});

Deno.test("neighbouring axes join only where every view crosses them as one", () => {
  const whole = { offset: 0, strides: [12, 4, 1] };
  const k: Kernel = {
    ...base,
    shape: [2, 3, 4],
    body: [{ ...load, view: whole } as ScalarStep, neg],
    stores: [{ arg: 1, view: whole, value: 1 }],
  };
  assertEquals(normalizeKernel(k).shape, [24]);
  const columns = { offset: 0, strides: [12, 0, 1] };
  const spread = { ...k, body: [{ ...load, view: columns } as ScalarStep, neg] };
  assertEquals(normalizeKernel(spread).shape, [2, 3, 4]);
  const indexed: Kernel = { ...k, body: [...k.body, { op: "index", dtype: "int32", axis: 1 }] };
  assertEquals(normalizeKernel(indexed).shape, [2, 3, 4]);
  const ones = { ...k, shape: [1, 1, 1] };
  assertEquals(normalizeKernel(ones).shape, []);
});

Deno.test("kernels that differ have different keys, also in NaN, -0 and infinity", () => {
  const of = (value: number): Kernel => ({
    ...base,
    body: [load, { op: "const", dtype: "float32", value }],
  });
  const keys = [0, -0, NaN, Infinity, -Infinity, 1].map((x) => kernelKey(of(x)));
  assertEquals(new Set(keys).size, 6);
  assertEquals(kernelKey({ ...base, name: "other" }), kernelKey(base));
  assertNotEquals(kernelKey({ ...base, scan: true }), kernelKey(base));
  assertNotEquals(kernelKey({ ...base, shape: [5] }), kernelKey(base));
});

Deno.test("no number of a kernel but a constant is one that JSON does not tell apart", () => {
  const check = (path: string, v: unknown): void => {
    if (typeof v === "number") assert(Number.isFinite(v) && !Object.is(v, -0), `${path} is ${v}`);
    else if (typeof v === "object" && v !== null) {
      const isConstant = (v as { op?: unknown }).op === "const";
      for (const [k, part] of Object.entries(v)) {
        if (!(isConstant && k === "value")) check(`${path}.${k}`, part);
      }
    }
  };
  for (const kind of ["elementwise", "reduce", "scan", "indirect"] as const) {
    for (let seed = 0; seed < 40; seed++) check(`${kind} ${seed}`, generate(seed, kind).kernel);
  }
});

Deno.test("a kernel prints its loops, steps and stores, -0 as such", () => {
  const k: Kernel = {
    ...base,
    body: [load, { op: "const", dtype: "float32", value: -0 }, {
      op: "add",
      dtype: "float32",
      args: [0, 1],
    }],
    stores: [{ arg: 1, view, value: 2, add: true }],
  };
  assertEquals(printKernel(k).split("\n"), [
    "kernel test (4) args a0:f32 a1:f32!",
    "  %0:f32 = load a0[0 + (1)]",
    "  %1:f32 = -0",
    "  %2:f32 = add %0 %1",
    "  store a1[0 + (1)] += %2",
  ]);
});

Deno.test("identities are what leaves every value of the dtype as it is", () => {
  for (const dtype of Object.keys(DTYPES) as (keyof typeof DTYPES)[]) {
    for (const combine of ["max", "min"] as const) {
      const x = allocate(dtype, 1);
      x[0] = identityOf(combine, dtype);
      assertEquals(x[0], identityOf(combine, dtype), `${combine} ${dtype}`);
      const { kind, bytes } = DTYPES[dtype];
      const lowest = kind === "float" ? -Infinity : kind === "int" ? -(2 ** 31) : 0;
      const highest = kind === "float"
        ? Infinity
        : kind === "bool"
        ? 1
        : kind === "int"
        ? 2 ** 31 - 1
        : 256 ** bytes - 1;
      assertEquals(x[0], combine === "max" ? lowest : highest);
    }
  }
  assertEquals(identityOf("add", "float32"), 0);
  assertEquals(identityOf("mul", "int32"), 1);
});
