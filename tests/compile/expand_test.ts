import { assert, assertEquals, assertThrows } from "@std/assert";
import type { DType } from "../../src/base/dtype.ts";
import { expand } from "../../src/compile/expand.ts";
import { runKernel } from "../../src/device/reference/kernel.ts";
import { checkKernel, type Kernel, type ScalarStep } from "../../src/ir/kernel.ts";
import type { ScalarName } from "../../src/ir/scalar.ts";

const NATIVE: ReadonlySet<ScalarName> = new Set<ScalarName>(
  // deno-fmt-ignore
  [
    "add", "sub", "mul", "div", "rem", "fma", "neg", "abs", "min", "max", "sqrt", "floor", "ceil",
    "trunc", "round", "and", "or", "xor", "not", "shl", "shr", "eq", "ne", "lt", "le", "gt", "ge",
    "where", "sinWhere", "cosWhere", "tanWhere", "cast", "ldexp", "pow2", "scale", "copysign",
    "exponent", "mantissa", "pow",
  ],
);

const view = (...strides: number[]) => ({ offset: 0, strides });

/** A kernel that applies `op` to each row of `columns`; constants where a number is given. */
function elementwise(op: ScalarName, dtype: DType, operands: (number | null)[], n: number): Kernel {
  const args = operands.map((_, i) => i);
  const loads = operands.filter((o) => o === null).length;
  let arg = 0;
  return {
    name: op,
    shape: [n],
    reduce: [],
    args: Array.from({ length: loads + 1 }, (_, i) => ({ dtype, writes: i === loads })),
    body: [
      ...operands.map((value): ScalarStep =>
        value === null
          ? { op: "load", dtype, arg: arg++, view: view(1) }
          : { op: "const", dtype, value }
      ),
      { op, dtype, args } as ScalarStep,
    ],
    accumulators: [],
    epilogue: [],
    stores: [{ arg: loads, view: view(1), value: args.length }],
  };
}

const ARRAYS = {
  bool: Uint8Array,
  uint8: Uint8Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
};

/** Expands a kernel and runs it on columns of numbers of one type; the last argument comes back. */
function run(plain: Kernel, dtype: DType, columns: readonly number[][]): number[] {
  const k = expand(plain, NATIVE);
  checkKernel(k);
  for (const s of [...k.body, ...k.epilogue]) {
    assert(!("args" in s) || NATIVE.has(s.op), `${s.op} is left`);
  }
  const out = Math.max(...k.shape, 1);
  const stride = 1024;
  const buffer = new ArrayBuffer(stride * k.args.length);
  columns.forEach((c, i) => new ARRAYS[dtype](buffer, i * stride, c.length).set(c));
  runKernel(k, buffer, k.args.map((_, i) => i * stride));
  return [...new ARRAYS[dtype](buffer, columns.length * stride, out)];
}

const apply = (op: ScalarName, dtype: DType, ...columns: number[][]): number[] =>
  run(elementwise(op, dtype, columns.map(() => null), columns[0]!.length), dtype, columns);

Deno.test("a kernel that is native already comes back as it is", () => {
  const k = elementwise("add", "float32", [null, null], 3);
  assert(expand(k, NATIVE) === k);
});

Deno.test("an operation without expansion is an error that names it and the emitter", () => {
  const k = elementwise("sqrt", "float32", [null], 3);
  assertThrows(
    () => expand(k, new Set<ScalarName>(["add"]), "the CUDA emitter"),
    TypeError,
    "Cannot expand sqrt of float32 for the CUDA emitter: ",
  );
});

Deno.test("a transcendental function of integers is an error", () => {
  const k = elementwise("exp", "int32", [null], 3);
  assertThrows(() => expand(k, NATIVE), TypeError, "of int32: float32 or float64 is wanted");
});

Deno.test("accumulators, stores, views and the epilogue follow their renumbered steps", () => {
  // out[r] = log(sum over c of exp(table[id[r]][c])) written at out[id[r]]
  const k: Kernel = {
    name: "logsumexp of picked rows",
    shape: [2],
    reduce: [3],
    args: [
      { dtype: "int32", writes: false },
      { dtype: "float64", writes: false },
      { dtype: "float64", writes: true },
    ],
    body: [
      { op: "load", dtype: "int32", arg: 0, view: view(1, 0) },
      { op: "sign", dtype: "int32", args: [0] },
      {
        op: "load",
        dtype: "float64",
        arg: 1,
        view: { ...view(0, 1), at: [{ step: 1, stride: 3 }] },
      },
      { op: "exp", dtype: "float64", args: [2] },
    ],
    accumulators: [{ combine: "add", dtype: "float64", value: 3 }],
    epilogue: [
      { op: "acc", dtype: "float64", acc: 0 },
      { op: "log", dtype: "float64", args: [4] },
    ],
    stores: [{ arg: 2, view: { ...view(0, 0), at: [{ step: 1, stride: 1 }] }, value: 5 }],
  };
  checkKernel(k);
  const e = expand(k, NATIVE);
  checkKernel(e);
  const buffer = new ArrayBuffer(256);
  new Int32Array(buffer, 0, 2).set([7, 0]);
  new Float64Array(buffer, 64, 6).set([Math.log(1), Math.log(2), Math.log(3), 1, 1, 1]);
  runKernel(e, buffer, [0, 64, 128]);
  const [a, b] = new Float64Array(buffer, 128, 2);
  assert(Math.abs(a! - Math.log(6)) < 1e-15);
  assert(Math.abs(b! - (1 + Math.log(3))) < 1e-15);
});

Deno.test("a linear recurrence keeps its factor", () => {
  const k: Kernel = {
    name: "decayed sum",
    shape: [],
    reduce: [3],
    args: [{ dtype: "float64", writes: false }, { dtype: "float64", writes: true }],
    body: [
      { op: "load", dtype: "float64", arg: 0, view: view(1) },
      { op: "sign", dtype: "float64", args: [0] },
      { op: "const", dtype: "float64", value: 0.5 },
    ],
    accumulators: [{ combine: "linear", dtype: "float64", value: 1, factor: 2 }],
    epilogue: [{ op: "acc", dtype: "float64", acc: 0 }],
    stores: [{ arg: 1, view: view(0), value: 3 }],
  };
  checkKernel(k);
  assertEquals(run(k, "float64", [[4, -3, 9]]), [0.5 * (0.5 * 1 - 1) + 1]);
});

Deno.test("equal functions of the same operand are computed once", () => {
  const once = expand(elementwise("exp", "float32", [null], 1), NATIVE).body.length;
  const k = elementwise("exp", "float32", [null], 1);
  const body: ScalarStep[] = [
    ...k.body,
    { op: "exp", dtype: "float32", args: [0] },
    { op: "mul", dtype: "float32", args: [1, 2] },
  ];
  const twice = { ...k, body, stores: [{ ...k.stores[0]!, value: 3 }] };
  assertEquals(expand(twice, NATIVE).body.length, once + 1);
});

Deno.test("float32 functions stay in float32 and int32", () => {
  for (const op of ["exp", "log1p", "sin", "tan", "asin", "erf", "erfinv", "acosh"] as const) {
    const types = new Set(
      expand(elementwise(op, "float32", [null], 1), NATIVE).body.map((s) => s.dtype),
    );
    assert(!types.has("float64"), op);
  }
});

const INTS = [0, 1, -1, 2, -2, 3, 7, -7, 10, 255, 65536, 2 ** 30, 2 ** 31 - 1, -(2 ** 31)];
const pairs = INTS.flatMap((a) => INTS.map((b) => [a, b] as const));
const left = pairs.map((p) => p[0]);
const right = pairs.map((p) => p[1]);

Deno.test("floorDiv and mod of int32 are Python's, and 0 for a divisor of 0", () => {
  const quotient = (a: bigint, b: bigint): bigint => {
    if (b === 0n) return 0n;
    const q = a / b;
    return q * b !== a && a < 0n !== b < 0n ? q - 1n : q;
  };
  const q = pairs.map(([a, b]) => quotient(BigInt(a), BigInt(b)));
  assertEquals(apply("floorDiv", "int32", left, right), q.map((n) => Number(BigInt.asIntN(32, n))));
  const r = pairs.map(([a, b], i) => b === 0 ? 0 : Number(BigInt(a) - q[i]! * BigInt(b)));
  assertEquals(apply("mod", "int32", left, right), r);
});

Deno.test("floorDiv and mod of unsigned integers truncate", () => {
  assertEquals(apply("floorDiv", "uint32", [7, 4294967295, 5], [2, 10, 0]), [3, 429496729, 0]);
  assertEquals(apply("mod", "uint8", [7, 255, 5], [2, 10, 0]), [1, 5, 0]);
});

Deno.test("integer powers wrap, and negative ones are 0 but for units", () => {
  const exact = (a: number, n: number, bits: number): bigint => {
    if (n < 0) return a === 1 ? 1n : a === -1 ? (n % 2 === 0 ? 1n : -1n) : 0n;
    let result = 1n;
    let square = BigInt(a);
    for (let rest = BigInt(n); rest > 0n; rest >>= 1n) {
      if (rest & 1n) result = BigInt.asUintN(bits, result * square);
      square = BigInt.asUintN(bits, square * square);
    }
    return result;
  };
  const signed = pairs.map(([a, n]) => Number(BigInt.asIntN(32, exact(a, n, 32))));
  assertEquals(apply("pow", "int32", left, right), signed);
  const positive = [0, 1, 2, 3, 5, 31, 2 ** 30, 2 ** 31, 3 * 2 ** 30 + 5, 2 ** 32 - 1];
  const grid = positive.flatMap((a) => positive.map((n) => [a, n] as const));
  const unsigned = grid.map(([a, n]) => Number(BigInt.asUintN(32, exact(a, n, 32))));
  assertEquals(apply("pow", "uint32", grid.map((p) => p[0]), grid.map((p) => p[1])), unsigned);
  assertEquals(apply("pow", "uint8", [3, 2, 0, 255], [5, 9, 0, 255]), [243, 0, 1, 255]);
  assertEquals(apply("pow", "bool", [0, 0, 1, 1], [0, 1, 0, 1]), [1, 0, 1, 1]);
});

Deno.test("a constant integer power is a short product", () => {
  const k = elementwise("pow", "int32", [null, 5], 3);
  assertEquals(expand(k, NATIVE).body.filter((s) => s.op === "mul").length, 3);
  assertEquals(run(k, "int32", [[2, -3, 65536]]), [32, -243, 0]);
  assertEquals(run(elementwise("pow", "int32", [null, 0], 2), "int32", [[0, 9]]), [1, 1]);
  assertEquals(run(elementwise("pow", "int32", [null, -3], 3), "int32", [[1, -1, 2]]), [1, -1, 0]);
});

Deno.test("a float power stays native", () => {
  const k = elementwise("pow", "float32", [null, null], 3);
  assert(expand(k, NATIVE) === k);
});

Deno.test("sign keeps zeros and NaN", () => {
  assertEquals(apply("sign", "float32", [-3, -0, 0, NaN, 1e-45, -Infinity]), [
    -1,
    -0,
    0,
    NaN,
    1,
    -1,
  ]);
  assertEquals(apply("sign", "int32", [-3, 0, 9]), [-1, 0, 1]);
  assertEquals(apply("sign", "uint32", [4294967295, 0]), [1, 0]);
  assertEquals(apply("sign", "bool", [1, 0]), [1, 0]);
});

Deno.test("sin, cos and tan of the largest numbers and of infinities", () => {
  // correctly rounded by mpmath
  const x = [Number.MAX_VALUE, -(2 ** 1000), 6381956970095103 * 2 ** 797, 0, Infinity, -Infinity];
  const want = {
    sin: [0.004961954789184062, 0.15920170308624243, 1.0],
    cos: [-0.9999876894265599, 0.9872460775989135, -4.687165924254628e-19],
    tan: [-0.004962015874444895, 0.16125837995065806, -2.133485385753704e+18],
  } as const;
  for (const op of ["sin", "cos", "tan"] as const) {
    apply(op, "float64", x).forEach((y, i) => {
      const w: number = [...want[op], op === "cos" ? 1 : 0, NaN, NaN][i]!;
      assert(Object.is(y, w) || Math.abs(y - w) <= 2 ** -51 * Math.abs(w), `${op} ${x[i]}: ${y}`);
    });
  }
});
