import { assertEquals, assertThrows } from "@std/assert";
import type { DType } from "../../src/base/dtype.ts";
import { allocate } from "../../src/base/dtype.ts";
import type { Combine, Kernel, ScalarStep } from "../../src/ir/kernel.ts";
import { runKernel } from "../../src/device/reference/kernel.ts";

/** Runs a kernel on arrays laid one after the other; returns what the arguments hold afterwards. */
function run(k: Kernel, ...data: readonly (readonly number[])[]): number[][] {
  const buffer = new ArrayBuffer(4096);
  const arrays = data.map((values, i) => {
    const like = allocate(k.args[i]!.dtype, 0);
    const Type = like.constructor as new (b: ArrayBuffer, o: number, n: number) => typeof like;
    const array = new Type(buffer, 512 * i, values.length);
    array.set(values);
    return array;
  });
  runKernel(k, buffer, arrays.map((a) => a.byteOffset));
  return arrays.map((a) => [...a]);
}

function kernel(parts: Partial<Kernel> & Pick<Kernel, "args" | "body" | "stores">): Kernel {
  return { name: "test", shape: [], reduce: [], accumulators: [], epilogue: [], ...parts };
}

const arg = (dtype: DType, writes = false) => ({ dtype, writes });
const load = (dtype: DType, a: number, strides: number[], offset = 0): ScalarStep => ({
  op: "load",
  dtype,
  arg: a,
  view: { offset, strides },
});

Deno.test("an elementwise kernel visits every point through its views", () => {
  const transposeAndNegate = kernel({
    shape: [3, 2],
    args: [arg("int32"), arg("int32", true)],
    body: [load("int32", 0, [1, 3]), { op: "neg", dtype: "int32", args: [0] }],
    stores: [{ arg: 1, view: { offset: 0, strides: [2, 1] }, value: 1 }],
  });
  assertEquals(run(transposeAndNegate, [1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 0])[1], [
    ...[-1, -4],
    ...[-2, -5],
    ...[-3, -6],
  ]);
});

Deno.test("constants and indices have the type of their step", () => {
  const k = kernel({
    shape: [3],
    args: [arg("uint8", true), arg("int32", true)],
    body: [{ op: "const", dtype: "uint8", value: 258 }, { op: "index", dtype: "int32", axis: 0 }],
    stores: [
      { arg: 0, view: { offset: 0, strides: [1] }, value: 0 },
      { arg: 1, view: { offset: 2, strides: [-1] }, value: 1 },
    ],
  });
  assertEquals(run(k, [0, 0, 0], [0, 0, 0]), [[2, 2, 2], [2, 1, 0]]);
});

function reduction(combine: Combine, dtype: DType, n: number, factor?: number): Kernel {
  const to = combine.startsWith("arg") ? "int32" : dtype;
  return kernel({
    reduce: [n],
    args: [arg(dtype), arg(to, true)],
    body: [
      load(dtype, 0, [1]),
      ...(factor === undefined ? [] : [{ op: "const", dtype, value: factor } as const]),
    ],
    accumulators: [{
      combine,
      dtype: to,
      value: 0,
      ...(factor === undefined ? {} : { factor: 1 }),
    }],
    epilogue: [{ op: "acc", dtype: to, acc: 0 }],
    stores: [{ arg: 1, view: { offset: 0, strides: [0] }, value: factor === undefined ? 1 : 2 }],
  });
}

Deno.test("each combine does what its name says", () => {
  const reduce = (combine: Combine, dtype: DType, values: number[]) =>
    run(reduction(combine, dtype, values.length), values, [99])[1]![0];
  assertEquals(reduce("add", "int32", [1, 2, 2 ** 31 - 1]), -(2 ** 31) + 2);
  assertEquals(reduce("add", "uint8", [200, 100]), 44);
  assertEquals(reduce("add", "bool", [0, 1, 1]), 1);
  assertEquals(reduce("mul", "float32", [2, 3, -4]), -24);
  assertEquals(reduce("max", "float32", [1, NaN, 3]), NaN);
  assertEquals(reduce("min", "uint32", [7, 2 ** 32 - 1, 5]), 5);
  assertEquals(reduce("max", "int32", []), -(2 ** 31));
  assertEquals(reduce("argmax", "float64", [1, 5, 2, 5]), 1);
  assertEquals(reduce("argmin", "int32", [3, 1, 1]), 1);
  assertEquals(reduce("argmax", "float32", [1, NaN, 9, NaN]), 1);
  assertEquals(reduce("argmax", "float32", [-Infinity, -Infinity]), 0);
  assertEquals(reduce("argmin", "float32", []), 0);
  assertEquals(run(reduction("linear", "float32", 3, 0.5), [8, 4, 2], [0])[1], [6]);
});

Deno.test("float32 sums are carried in double and rounded once", () => {
  // in float32, 2^24 + 1 is 2^24 again
  assertEquals(run(reduction("add", "float32", 3), [2 ** 24, 1, 1], [0])[1], [2 ** 24 + 2]);
});

Deno.test("a scan stores the running value after every point", () => {
  const k = reduction("add", "int32", 4);
  const scan = {
    ...k,
    scan: true,
    stores: [{ arg: 1, view: { offset: 0, strides: [1] }, value: 1 }],
  };
  assertEquals(run(scan, [1, 2, 3, 4], [0, 0, 0, 0])[1], [1, 3, 6, 10]);
});

Deno.test("views follow indices, and added stores count duplicates", () => {
  const gather = kernel({
    shape: [3],
    args: [arg("int32"), arg("float32"), arg("float32", true)],
    body: [load("int32", 0, [1]), {
      op: "load",
      dtype: "float32",
      arg: 1,
      view: { offset: 1, strides: [0], at: [{ step: 0, stride: 2 }] },
    }],
    stores: [{
      arg: 2,
      value: 1,
      add: true,
      view: { offset: 0, strides: [0], at: [{ step: 0, stride: 1 }] },
    }],
  });
  assertEquals(run(gather, [1, 0, 1], [10, 20, 30, 40], [1, 1, 1])[2], [21, 81, 1]);
});

Deno.test("an empty shape does nothing, and addresses are counted", () => {
  const k = kernel({
    shape: [0],
    args: [arg("int32", true)],
    body: [{ op: "const", dtype: "int32", value: 1 }],
    stores: [{ arg: 0, view: { offset: 0, strides: [1] }, value: 0 }],
  });
  assertEquals(run(k, [7]), [[7]]);
  assertThrows(() => runKernel(k, new ArrayBuffer(8), []), RangeError, "on 0 addresses");
});
