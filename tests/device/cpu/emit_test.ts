import { assert, assertEquals, assertThrows } from "@std/assert";
import { allocate, type DType, DTYPES, isFloat } from "../../../src/base/dtype.ts";
import type { Combine, Kernel, ScalarStep, View } from "../../../src/ir/kernel.ts";
import { BIAS, PIVOT, type ScalarName, scalarRow } from "../../../src/ir/scalar.ts";
import { compileKernel, emitKernel, NATIVE } from "../../../src/device/cpu/emit.ts";
import {
  ALL,
  applies,
  type Case,
  type CaseKind,
  difference,
  fill,
  generate,
  seeded,
} from "./kernel_cases.ts";

const memory = new WebAssembly.Memory({ initial: 16 });

function check(c: Case): void {
  assertEquals(difference(c, memory, compileKernel(c.kernel, memory)), null);
}

const row = (n = 1): View => ({ offset: 0, strides: Array(n).fill(1) });

for (
  const [kind, count] of Object.entries(
    { elementwise: 500, reduce: 500, scan: 200, indirect: 250 } satisfies Record<CaseKind, number>,
  ) as [CaseKind, number][]
) {
  Deno.test(`${count} generated ${kind} kernels agree with the reference`, () => {
    for (let seed = 0; seed < count; seed++) check(generate(seed, kind));
  });
}

/** A kernel of one scalar operation on contiguous arrays of n elements. */
function scalarCase(op: ScalarName, types: readonly DType[], to: DType, n: number): Case {
  const random = seeded(op.length * 1000 + n);
  const data = types.map((t) => fill(random, t, n));
  if (op === "ldexp") data[1]!.forEach((_, i) => data[1]![i] = Math.floor(random() * 250) - 125);
  const float = types[0] === "float64" ? "float64" : "float32";
  const [pivot, bias] = [PIVOT[float], BIAS[float]];
  const whole = (most: number) => Math.round((random() - 0.5) * 2 * most);
  if (op === "pow2") data[0]!.forEach((_, i) => data[0]![i] = pivot + bias + whole(bias - 1));
  if (op === "scale") {
    data[0]!.forEach((_, i) => data[0]![i] = 0.25 + 3.75 * random());
    data[1]!.forEach((_, i) => data[1]![i] = pivot + 2 * bias + whole(1.2 * bias));
  }
  if (op === "copysign") data[0]!.forEach((x, i) => data[0]![i] = Math.abs(Number(x)));
  if (op === "exponent" || op === "mantissa") {
    data[0]!.forEach((_, i) => data[0]![i] = 2 ** (random() * 250 - 125));
  }
  const body: ScalarStep[] = [
    ...types.map((dtype, arg): ScalarStep => ({ op: "load", dtype, arg, view: row() })),
    { op, dtype: to, args: types.map((_, i) => i) },
  ];
  return {
    kernel: {
      name: op,
      shape: [n],
      reduce: [],
      args: [...types.map((dtype) => ({ dtype, writes: false })), { dtype: to, writes: true }],
      body,
      accumulators: [],
      epilogue: [],
      stores: [{ arg: types.length, view: row(), value: types.length }],
    },
    data: [...data, allocate(to, n)],
    rounds: op === "fma",
  };
}

Deno.test("every native scalar agrees with its meaning for every type it is defined for", () => {
  for (const op of NATIVE) {
    for (const t of ALL) {
      if (!applies(op, t) || (op === "ldexp" && !isFloat(t))) continue;
      const { arity, bool, selects } = scalarRow(op);
      const types = selects
        ? ["bool", t, t] as const
        : op === "ldexp"
        ? [t, "int32"] as const
        : Array<DType>(arity).fill(t);
      const results = op === "cast"
        ? ALL
        : [bool ? "bool" : op === "exponent" ? "int32" : t] as const;
      for (const to of results) check(scalarCase(op, types, to, 4 * 97 + 3));
    }
  }
});

Deno.test("fma rounds once with relaxed SIMD and twice without", () => {
  const c = scalarCase("fma", ["float32", "float32", "float32"], "float32", 5);
  for (const relaxed of [false, true]) {
    const bytes = emitKernel(c.kernel, { relaxed, maximumPages: 65536, shared: false });
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
    assertEquals(difference(c, memory, instance.exports.run as () => void), null);
  }
});

Deno.test("shifts by a uniform count agree with the reference", () => {
  for (const op of ["shl", "shr"] as const) {
    for (const t of ["uint8", "int32", "uint32"] as const) {
      for (const count of [0, 1, 7, 31, 32, 100, -1]) {
        const c = scalarCase(op, [t, t], t, 21);
        const body = [...c.kernel.body];
        body[1] = { op: "const", dtype: t, value: count };
        check({ ...c, kernel: { ...c.kernel, body } });
      }
    }
  }
});

Deno.test("every size of an elementwise kernel is done in full and no byte more", () => {
  for (const t of ALL) {
    for (let n = 0; n < 40; n++) check(scalarCase("max", [t, t], t, n));
  }
});

/** A reduction of [rows, columns] over the axes not kept. */
function reduceCase(
  combine: Combine,
  t: DType,
  [rows, columns]: readonly [number, number],
  kept: "rows" | "columns" | "none",
  shift = 0,
): Case {
  const random = seeded(rows * 100 + columns + shift);
  const to = combine.startsWith("arg") ? "int32" : t;
  const [shape, reduce, strides] = kept === "rows"
    ? [[rows], [columns], [columns, 1]]
    : kept === "columns"
    ? [[columns], [rows], [1, columns]]
    : [[], [rows, columns], [columns, 1]];
  const kernel: Kernel = {
    name: combine,
    shape,
    reduce,
    args: [{ dtype: t, writes: false }, { dtype: to, writes: true }],
    body: [{ op: "load", dtype: t, arg: 0, view: { offset: 0, strides } }],
    accumulators: [{ combine, dtype: to, value: 0 }],
    epilogue: [{ op: "acc", dtype: to, acc: 0 }],
    stores: [{
      arg: 1,
      value: 1,
      view: { offset: 0, strides: strides.map((_, i) => i < shape.length ? 1 : 0) },
    }],
  };
  const sums = combine === "add" || combine === "mul";
  return {
    kernel,
    data: [fill(random, t, rows * columns, sums), allocate(to, Math.max(1, shape[0] ?? 1))],
    rounds: sums,
  };
}

Deno.test("reductions of every type along rows, columns and everything agree with the reference", () => {
  for (const combine of ["add", "mul", "max", "min", "argmax", "argmin"] as const) {
    for (const t of ALL) {
      for (const size of [[3, 17], [17, 3], [5, 64], [33, 18], [1, 1], [4, 0], [0, 4]] as const) {
        for (const kept of ["rows", "columns", "none"] as const) {
          check(reduceCase(combine, t, size, kept));
        }
      }
    }
  }
});

Deno.test("argmax takes the first NaN, else the first of equals, wherever they lie", () => {
  for (const t of ["float32", "float64"] as const) {
    for (let at = 0; at < 40; at++) {
      for (const value of [NaN, 5]) {
        const c = reduceCase("argmax", t, [1, 40], "none");
        c.data[0]!.fill(1);
        c.data[0]![at] = value;
        c.data[0]![Math.min(39, at + 7)] = value;
        check(c);
      }
    }
  }
});

Deno.test("ten million float32 ones-like values sum to within 1e-6", () => {
  const n = 10_000_000;
  const big = new WebAssembly.Memory({ initial: Math.ceil((n * 4 + 4096) / 65536) });
  const x = new Float32Array(big.buffer, 1024, n);
  for (const value of [0.1, 1 / 3]) {
    x.fill(value);
    const want = n * Math.fround(value);
    for (const columns of [1, 10]) {
      const { kernel } = reduceCase("add", "float32", [n / columns, columns], "columns");
      compileKernel(kernel, big)(1024, 64);
      const got = new Float32Array(big.buffer, 64, 1)[0]! * columns;
      assert(Math.abs(got - want) / want < 1e-6, `${got} is not ${want}`);
    }
  }
});

Deno.test("an elementwise kernel may write over its own operand", () => {
  for (const t of ALL) {
    const n = 43;
    const c = scalarCase("add", [t, t], t, n);
    const out = new DTYPES[t].array(memory.buffer, 65536, n);
    const separate = new DTYPES[t].array(memory.buffer, 4096, n);
    const other = new DTYPES[t].array(memory.buffer, 8192, n);
    out.set(c.data[0]!);
    separate.set(c.data[0]!);
    other.set(c.data[1]!);
    const run = compileKernel(c.kernel, memory);
    run(4096, 8192, 32768);
    run(65536, 8192, 65536);
    assertEquals(out, new DTYPES[t].array(memory.buffer, 32768, n));
  }
});

Deno.test("transposed copies of every type and many sizes agree with the reference", () => {
  for (const t of ALL) {
    for (const [rows, columns] of [[1, 9], [4, 4], [8, 8], [9, 13], [16, 33], [37, 21]] as const) {
      check({
        kernel: {
          name: "transpose",
          shape: [columns, rows],
          reduce: [],
          args: [{ dtype: t, writes: false }, { dtype: t, writes: true }],
          body: [{ op: "load", dtype: t, arg: 0, view: { offset: 0, strides: [1, columns] } }],
          accumulators: [],
          epilogue: [],
          stores: [{ arg: 1, view: { offset: 0, strides: [rows, 1] }, value: 0 }],
        },
        data: [fill(seeded(rows), t, rows * columns), allocate(t, rows * columns)],
      });
    }
  }
});

Deno.test("scattered additions count every duplicate", () => {
  for (const t of ALL) {
    const n = 37;
    const index = new Int32Array(n).map((_, i) => i % 3);
    check({
      kernel: {
        name: "scatter",
        shape: [n],
        reduce: [],
        args: [
          { dtype: "int32", writes: false },
          { dtype: t, writes: false },
          { dtype: t, writes: true },
        ],
        body: [
          { op: "load", dtype: "int32", arg: 0, view: row() },
          { op: "load", dtype: t, arg: 1, view: row() },
        ],
        accumulators: [],
        epilogue: [],
        stores: [{
          arg: 2,
          value: 1,
          add: true,
          view: { offset: 0, strides: [0], at: [{ step: 0, stride: 1 }] },
        }],
      },
      data: [index, fill(seeded(3), t, n, true), fill(seeded(4), t, 3, true)],
    });
  }
});

Deno.test("a kernel works on a shared memory and above two gigabytes", () => {
  const shared = new WebAssembly.Memory({ initial: 1, maximum: 4, shared: true });
  const c = scalarCase("add", ["int32", "int32"], "int32", 9);
  assertEquals(difference(c, shared, compileKernel(c.kernel, shared)), null);

  const wide = new WebAssembly.Memory({ initial: 65536 });
  const top = 2 ** 32 - 64;
  new Int32Array(wide.buffer, top - 64, 16).set([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  compileKernel(c.kernel, wide)(top - 64, top - 64, top);
  assertEquals(
    [...new Int32Array(wide.buffer, top, 10)],
    [2, 4, 6, 8, 10, 12, 14, 16, 18, 0],
  );
});

Deno.test("what the emitter cannot write is refused by name", () => {
  const c = scalarCase("exp", ["float32"], "float32", 4);
  assertThrows(
    () => compileKernel(c.kernel, memory),
    TypeError,
    "Cannot emit exp of float32: an operation of the emitter's native set",
  );
  const sum = reduceCase("add", "float32", [4, 4], "rows").kernel;
  assertThrows(
    () => compileKernel({ ...sum, stores: [{ ...sum.stores[0]!, value: 0 }] }, memory),
    TypeError,
    "changes within it",
  );
});
