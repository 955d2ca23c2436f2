/**
 * Kernels that are printed in each way there is, large enough for a small device.
 * @module
 */
import { allocate, type DType, isFloat, type Values } from "../../../../src/base/dtype.ts";
import { sizeOf, stridesOf } from "../../../../src/base/shape.ts";
import {
  type Accumulator,
  checkKernel,
  type Combine,
  type Kernel,
  type ScalarStep,
  type View,
} from "../../../../src/ir/kernel.ts";
import { ALL, applies, type CaseKind, fill, generate, seeded } from "../../cpu/kernel_cases.ts";
import { type ScalarName, scalarRow } from "../../../../src/ir/scalar.ts";
import { lowerable } from "./lowerable.ts";
import type { StepCase } from "./printed.ts";

const SUMS = 4e-6;

/** A kernel with its arguments as a case. */
function kernelCase(
  kernel: Kernel,
  data: readonly Values[],
  more: Partial<StepCase> = {},
): StepCase {
  checkKernel(kernel);
  return {
    name: kernel.name,
    step: { kind: "kernel", kernel, args: data.map((_, i) => i) },
    data,
    ...more,
  };
}

const at = (...strides: number[]): View => ({ offset: 0, strides });

/** A reduction of one array, [rows, points] in memory or [points, rows]. */
function reduction(
  combine: Combine,
  dtype: DType,
  rows: number,
  points: number,
  down = false,
): StepCase {
  const random = seeded(rows * 31 + points);
  const place = combine === "argmax" || combine === "argmin";
  const own = place ? "int32" : dtype;
  const x = fill(random, dtype, rows * points, combine !== "max" && !place);
  // products stay within range
  if (combine === "mul" && isFloat(dtype)) x.forEach((v, i) => x[i] = 1 + v / 64);
  return kernelCase(
    {
      name: `${combine} of ${dtype} ${down ? "down" : "along"} ${rows}, ${points}`,
      shape: [rows],
      reduce: [points],
      args: [{ dtype, writes: false }, { dtype: own, writes: true }],
      body: [{ op: "load", dtype, arg: 0, view: down ? at(1, rows) : at(points, 1) }],
      accumulators: [{ combine, dtype: own, value: 0 }],
      epilogue: [{ op: "acc", dtype: own, acc: 0 }],
      stores: [{ arg: 1, view: at(1, 0), value: 1 }],
    },
    [x, allocate(own, rows)],
    { tolerance: SUMS },
  );
}

/** Several accumulators, what they share, and what is done with them: a variance and an extreme. */
function statistics(rows: number, points: number): StepCase {
  const f = "float32";
  const body: ScalarStep[] = [
    { op: "load", dtype: f, arg: 0, view: at(points, 1) },
    { op: "load", dtype: f, arg: 1, view: at(1, 0) },
    { op: "sub", dtype: f, args: [0, 1] },
    { op: "mul", dtype: f, args: [2, 2] },
  ];
  const accumulators: Accumulator[] = [
    { combine: "add", dtype: f, value: 2 },
    { combine: "add", dtype: f, value: 3 },
    { combine: "argmin", dtype: "int32", value: 0 },
    { combine: "max", dtype: f, value: 2 },
  ];
  const epilogue: ScalarStep[] = [
    { op: "acc", dtype: f, acc: 0 },
    { op: "acc", dtype: f, acc: 1 },
    { op: "acc", dtype: "int32", acc: 2 },
    { op: "acc", dtype: f, acc: 3 },
    { op: "add", dtype: f, args: [4, 1] },
  ];
  const random = seeded(points);
  return kernelCase(
    {
      name: `statistics ${rows}, ${points}`,
      shape: [rows],
      reduce: [points],
      args: [
        { dtype: f, writes: false },
        { dtype: f, writes: false },
        { dtype: f, writes: true },
        { dtype: f, writes: true },
        { dtype: "int32", writes: true },
        { dtype: f, writes: true },
      ],
      body,
      accumulators,
      epilogue,
      stores: [
        { arg: 2, view: at(1, 0), value: 8 },
        { arg: 3, view: at(1, 0), value: 5 },
        { arg: 4, view: at(1, 0), value: 6 },
        { arg: 5, view: at(1, 0), value: 7 },
      ],
    },
    [
      fill(random, f, rows * points, true),
      fill(random, f, rows, true),
      allocate(f, rows),
      allocate(f, rows),
      allocate("int32", rows),
      allocate(f, rows),
    ],
    { tolerance: SUMS },
  );
}

/** A copy of an array with its axes in another order, and something done on the way. */
function transposed(dtype: DType, shape: readonly number[], axes: readonly number[]): StepCase {
  const own = stridesOf(shape);
  const n = sizeOf(shape);
  const out = axes.map((a) => shape[a]!);
  return kernelCase(
    {
      name: `transpose of ${dtype} ${shape} by ${axes}`,
      shape: out,
      reduce: [],
      args: [{ dtype, writes: false }, { dtype, writes: true }],
      body: [
        { op: "load", dtype, arg: 0, view: at(...axes.map((a) => own[a]!)) },
        { op: "add", dtype, args: [0, 0] },
      ],
      accumulators: [],
      epilogue: [],
      stores: [{ arg: 1, view: at(...stridesOf(out)), value: 1 }],
    },
    [fill(seeded(n), dtype, n, true), allocate(dtype, n)],
  );
}

/** x + y of every type that is stored beside a comparison, with y along the last axis only. */
function rowwise(dtype: DType, rows: number, columns: number, shift = 0): StepCase {
  const random = seeded(columns);
  const n = rows * columns;
  return kernelCase(
    {
      name: `add rows of ${dtype} ${rows}, ${columns} from ${shift}`,
      shape: [rows, columns],
      reduce: [],
      args: [
        { dtype, writes: false },
        { dtype, writes: false },
        { dtype, writes: true },
        { dtype: "bool", writes: true },
      ],
      body: [
        { op: "load", dtype, arg: 0, view: { offset: shift, strides: [columns, 1] } },
        { op: "load", dtype, arg: 1, view: at(0, 1) },
        { op: "add", dtype, args: [0, 1] },
        { op: "le", dtype: "bool", args: [0, 1] },
      ],
      accumulators: [],
      epilogue: [],
      stores: [
        { arg: 2, view: at(columns, 1), value: 2 },
        { arg: 3, view: at(columns, 1), value: 3 },
      ],
    },
    [
      fill(random, dtype, n + shift),
      fill(random, dtype, columns),
      allocate(dtype, n),
      allocate("bool", n),
    ],
  );
}

/** A kernel that writes over what it reads, and one whose reduction is of one point. */
function inPlace(dtype: DType, n: number, reduces: boolean): StepCase {
  const kernel: Kernel = {
    name: `in place, ${dtype} ${n}`,
    shape: [n],
    reduce: [],
    args: [{ dtype, writes: false }, { dtype, writes: true }],
    body: [
      { op: "load", dtype, arg: 0, view: at(1) },
      { op: "mul", dtype, args: [0, 0] },
    ],
    accumulators: reduces ? [{ combine: "add", dtype, value: 1 }] : [],
    epilogue: reduces ? [{ op: "acc", dtype, acc: 0 }] : [],
    stores: [{ arg: 1, view: at(1), value: reduces ? 2 : 1 }],
  };
  checkKernel(kernel);
  return {
    name: kernel.name,
    step: { kind: "kernel", kernel, args: [0, 0] },
    data: [fill(seeded(n), dtype, n)],
  };
}

/** Rows that are added where positions say, some of them several times. */
function scattered(dtype: DType, positions: number, columns: number, places: number): StepCase {
  const random = seeded(positions + columns);
  const index = allocate("int32", positions);
  for (let i = 0; i < positions; i++) index[i] = Math.floor(random() * places);
  return kernelCase(
    {
      name: `scatter ${dtype} ${positions}, ${columns} over ${places}`,
      shape: [positions, columns],
      reduce: [],
      args: [
        { dtype: "int32", writes: false },
        { dtype, writes: false },
        { dtype, writes: true },
      ],
      body: [
        { op: "load", dtype: "int32", arg: 0, view: at(1, 0) },
        { op: "const", dtype: "int32", value: 0 },
        { op: "const", dtype: "int32", value: places - 1 },
        { op: "min", dtype: "int32", args: [0, 2] },
        { op: "max", dtype: "int32", args: [1, 3] },
        { op: "load", dtype, arg: 1, view: at(columns, 1) },
      ],
      accumulators: [],
      epilogue: [],
      stores: [{
        arg: 2,
        add: true,
        value: 5,
        view: { offset: 0, strides: [0, 1], at: [{ step: 4, stride: columns }] },
      }],
    },
    [
      index,
      fill(random, dtype, positions * columns, true),
      fill(random, dtype, places * columns, true),
    ],
    { tolerance: SUMS },
  );
}

/** Windows of two axes put together again: [batch, counts, sizes, channels] into an image. */
function unwindowed(dtype: DType, step: number, cell: number, channels: number): StepCase {
  const [batch, counts, size] = [2, 5, 3];
  const side = (counts - 1) * step + (size - 1) * cell + 2;
  const shape = [batch, counts, counts, size, size, channels];
  const n = sizeOf(shape);
  const row = side * channels;
  return kernelCase(
    {
      name: `windows of ${dtype} by ${step}, ${cell}, ${channels} channels`,
      shape,
      reduce: [],
      args: [{ dtype, writes: false }, { dtype, writes: true }],
      body: [{ op: "load", dtype, arg: 0, view: at(...stridesOf(shape)) }],
      accumulators: [],
      epilogue: [],
      stores: [{
        arg: 1,
        add: true,
        value: 0,
        view: {
          offset: channels,
          strides: [side * row, step * row, step * channels, cell * row, cell * channels, 1],
        },
      }],
    },
    [fill(seeded(n), dtype, n, true), fill(seeded(1), dtype, batch * side * row, true)],
    { tolerance: SUMS },
  );
}

/** A softmax in three kernels over the same rows, as a group. */
function softmax(rows: number, columns: number, parts: number): StepCase {
  const f = "float32";
  const all = at(columns * parts, columns, 1);
  const each = at(parts, 1, 0);
  const kernel = (name: string, k: Partial<Kernel>): Kernel => ({
    name,
    shape: [rows, parts],
    reduce: [],
    args: [],
    body: [],
    accumulators: [],
    epilogue: [],
    stores: [],
    rows: true,
    ...k,
  });
  const n = rows * columns * parts;
  const kernels = [
    kernel("max", {
      reduce: [columns],
      args: [{ dtype: f, writes: false }, { dtype: f, writes: true }],
      body: [{ op: "load", dtype: f, arg: 0, view: all }],
      accumulators: [{ combine: "max", dtype: f, value: 0 }],
      epilogue: [{ op: "acc", dtype: f, acc: 0 }],
      stores: [{ arg: 1, view: each, value: 1 }],
    }),
    kernel("exp", {
      shape: [rows, parts, columns],
      args: [
        { dtype: f, writes: false },
        { dtype: f, writes: false },
        { dtype: f, writes: true },
      ],
      body: [
        { op: "load", dtype: f, arg: 0, view: all },
        { op: "load", dtype: f, arg: 1, view: each },
        { op: "sub", dtype: f, args: [0, 1] },
        { op: "exp", dtype: f, args: [2] },
      ],
      stores: [{ arg: 2, view: all, value: 3 }],
    }),
    kernel("sum", {
      reduce: [columns],
      args: [{ dtype: f, writes: false }, { dtype: f, writes: true }],
      body: [{ op: "load", dtype: f, arg: 0, view: all }],
      accumulators: [{ combine: "add", dtype: f, value: 0 }],
      epilogue: [{ op: "acc", dtype: f, acc: 0 }],
      stores: [{ arg: 1, view: each, value: 1 }],
    }),
    kernel("div", {
      shape: [rows, parts, columns],
      args: [
        { dtype: f, writes: false },
        { dtype: f, writes: false },
        { dtype: f, writes: true },
      ],
      body: [
        { op: "load", dtype: f, arg: 0, view: all },
        { op: "load", dtype: f, arg: 1, view: each },
        { op: "div", dtype: f, args: [0, 1] },
      ],
      stores: [{ arg: 2, view: all, value: 2 }],
    }),
  ];
  kernels.forEach(checkKernel);
  return {
    name: `softmax ${rows}, ${parts}, ${columns}`,
    // the last kernel writes over what it reads
    step: { kind: "group", kernels, args: [0, 1, 0, 1, 2, 2, 3, 2, 3, 2] },
    data: [
      fill(seeded(n), f, n, true),
      allocate(f, rows * parts),
      allocate(f, n),
      allocate(f, rows * parts),
    ],
    tolerance: SUMS,
  };
}

/** A running reduction along rows or down columns, from either end. */
function running(
  combine: Combine,
  dtype: DType,
  rows: number,
  points: number,
  down = false,
): StepCase {
  const random = seeded(points);
  const n = rows * points;
  const step = down ? -rows : 1;
  const view = { offset: down ? n - rows : 0, strides: down ? [1, step] : [points, step] };
  const linear = combine === "linear";
  const place = combine === "argmax" || combine === "argmin";
  const own = place ? "int32" : dtype;
  const body: ScalarStep[] = [{ op: "load", dtype, arg: 0, view }];
  if (linear) body.push({ op: "load", dtype, arg: 1, view });
  const x = fill(random, dtype, n, true);
  if (combine === "mul" && isFloat(dtype)) x.forEach((v, i) => x[i] = 1 + v / 64);
  const factor = linear ? fill(random, dtype, n, true).map((v) => isFloat(dtype) ? v / 2.5 : v) : x;
  return kernelCase(
    {
      name: `running ${combine} of ${dtype} ${rows}, ${points}${down ? " from below" : ""}`,
      shape: [rows],
      reduce: [points],
      scan: true,
      args: [
        { dtype, writes: false },
        ...(linear ? [{ dtype, writes: false }] : []),
        { dtype: own, writes: true },
      ],
      body,
      accumulators: [{ combine, dtype: own, value: 0, ...(linear ? { factor: 1 } : {}) }],
      epilogue: [{ op: "acc", dtype: own, acc: 0 }],
      stores: [{ arg: linear ? 2 : 1, view, value: body.length }],
    },
    [x, ...(linear ? [factor as Values] : []), allocate(own, n)],
    { tolerance: SUMS },
  );
}

function sorted(dtype: DType, outer: number, size: number, inner: number): StepCase {
  const n = outer * size * inner;
  return {
    name: `sort ${dtype} ${outer}, ${size}, ${inner}`,
    step: { kind: "call", call: { name: "sort", dtype, outer, size, inner }, args: [0, 1, 2] },
    data: [fill(seeded(n), dtype, n), allocate(dtype, n), allocate("int32", n)],
  };
}

const COMBINES: readonly Combine[] = ["add", "mul", "max", "min", "argmax", "argmin"];

/** Cases by what is shown of them. */
export const CASES: Readonly<Record<string, () => StepCase[]>> = {
  "points by themselves, four at a time where they lie so": () => [
    ...ALL.flatMap((d) => [
      rowwise(d, 40, 64),
      rowwise(d, 40, 64, 4),
      rowwise(d, 40, 64, 1),
      rowwise(d, 1, 1234),
      rowwise(d, 50, 33),
    ]),
  ],
  "what is written over what is read": () => [
    ...ALL.map((d) => inPlace(d, 1001, false)),
    inPlace("float32", 1001, true),
    inPlace("float32", 77, false),
  ],
  "axes in another order": () => [
    ...ALL.map((d) => transposed(d, [70, 45], [1, 0])),
    transposed("float32", [3, 40, 5, 64], [0, 3, 2, 1]),
    transposed("float32", [64, 3, 64], [2, 1, 0]),
    transposed("float64", [2, 33, 35], [0, 2, 1]),
    transposed("float32", [6, 7, 8], [2, 0, 1]),
  ],
  "reductions along rows": () => [
    ...COMBINES.flatMap((c) => ALL.map((d) => reduction(c, d, 5, 77))),
    ...COMBINES.flatMap((c) => [reduction(c, "float32", 3, 1500), reduction(c, "uint8", 3, 1500)]),
    ...[1, 2, 3, 8, 33, 1024, 1025].map((n) => reduction("add", "float32", 9, n)),
    reduction("add", "float64", 4100, 6),
    statistics(7, 50),
    statistics(2, 3000),
  ],
  "reductions of few long rows": () => [
    ...COMBINES.map((c) => reduction(c, "float32", 1, 40000)),
    reduction("argmax", "float64", 2, 20000),
    reduction("max", "int32", 1, 30001),
    reduction("min", "bool", 1, 20000),
    statistics(1, 20000),
  ],
  "reductions down columns": () => [
    ...COMBINES.flatMap((c) => ALL.map((d) => reduction(c, d, 40, 50, true))),
    ...COMBINES.map((c) => reduction(c, "float32", 70, 900, true)),
    reduction("add", "float32", 1100, 300, true),
    reduction("add", "float32", 4200, 20, true),
    reduction("mul", "float64", 33, 5, true),
  ],
  "running reductions": () => [
    ...[...COMBINES, "linear" as const].flatMap((c) => [
      running(c, "float32", 3, 700),
      running(c, "float32", 40, 21, true),
      running(c, "int32", 2, 300),
      running(c, "float64", 1, 5000),
    ]),
    ...ALL.map((d) => running("add", d, 5, 300)),
    ...ALL.map((d) => running("max", d, 2, 1100, true)),
  ],
  "stores that add": () => [
    ...ALL.map((d) => scattered(d, 300, 40, 20)),
    scattered("float32", 700, 1, 30),
    scattered("float32", 40, 300, 5),
    scattered("float32", 3000, 5, 7),
    scattered("float64", 3000, 1, 200),
    scattered("int32", 700, 1, 30),
    ...ALL.map((d) => unwindowed(d, 2, 1, 3)),
    unwindowed("float32", 1, 1, 4),
    unwindowed("float32", 2, 3, 1),
    unwindowed("float64", 3, 2, 2),
  ],
  "groups": () => [softmax(50, 70, 1), softmax(40, 9, 5), softmax(3, 2000, 1), softmax(20, 40, 40)],
  "sorts": () => [
    ...ALL.flatMap((d) => [
      sorted(d, 1, 1, 1),
      sorted(d, 3, 17, 1),
      sorted(d, 2, 100, 3),
      sorted(d, 1, 5000, 1),
    ]),
    sorted("float32", 2, 2049, 2),
    sorted("float64", 1, 9000, 1),
    sorted("int32", 0, 5, 1),
  ],
};

/** What is exact on every device; of others the last place may differ. */
const EXACT = new Set<ScalarName>(
  // deno-fmt-ignore
  [
    "add", "sub", "mul", "div", "rem", "neg", "abs", "min", "max", "sqrt", "floor", "ceil", "trunc",
    "round", "and", "or", "xor", "not", "shl", "shr", "eq", "ne", "lt", "le", "gt", "ge", "where",
    "cast", "sign", "ldexp", "copysign", "exponent", "mantissa", "mod",
  ],
);

/** One operation on every pair of the special values of a type. */
export function scalarCase(op: ScalarName, dtype: DType, to: DType): StepCase {
  const random = seeded(op.length * 7 + dtype.length);
  const n = 700;
  const operands = operandsOf(op, dtype);
  const data: Values[] = operands.map((d, i) => {
    const values = fill(random, d, n, ROUNDED.has(op));
    lowerable(op, i, dtype, values, random);
    return values;
  });
  const body: ScalarStep[] = operands.map((d, arg) => ({
    op: "load",
    dtype: d,
    arg,
    view: at(1),
  }));
  body.push({ op, dtype: to, args: operands.map((_, i) => i) });
  return kernelCase(
    {
      name: `${op} of ${dtype}${op === "cast" ? ` to ${to}` : ""}`,
      shape: [n],
      reduce: [],
      args: [
        ...operands.map((d) => ({ dtype: d, writes: false })),
        { dtype: to, writes: true },
      ],
      body,
      accumulators: [],
      epilogue: [],
      stores: [{ arg: operands.length, view: at(1), value: operands.length }],
    },
    [...data, allocate(to, n)],
    EXACT.has(op) || !isFloat(dtype) ? {} : allowance(op, dtype),
  );
}

/** Rounded once or twice, or off by a unit of an operand where the result is near 0. */
const ROUNDED = new Set<ScalarName>(["fma", "logaddexp"]);

/** How far functions may be off. */
function allowance(op: ScalarName, dtype: DType): Partial<StepCase> {
  if (ROUNDED.has(op)) return { tolerance: dtype === "float32" ? 2 ** -22 : 2 ** -27 };
  // a formula is its definition, and the reference has another
  if (op === "erfinv") return { ulps: 16 };
  return { ulps: dtype === "float32" ? 2 : 4 };
}

function operandsOf(op: ScalarName, dtype: DType): DType[] {
  const row = scalarRow(op);
  if (row.selects) return ["bool", dtype, dtype];
  if (op === "ldexp") return [dtype, "int32"];
  return new Array<DType>(row.arity).fill(dtype);
}

/** Every operation on every type that has it. */
export function scalarCases(names: readonly ScalarName[]): StepCase[] {
  return names.flatMap((op) =>
    ALL.filter((d) => applies(op, d) && (isFloat(d) || scalarHasIntegers(op))).flatMap((d) =>
      op === "cast"
        ? ALL.map((to) => scalarCase(op, d, to))
        : [scalarCase(op, d, scalarRow(op).bool ? "bool" : op === "exponent" ? "int32" : d)]
    )
  );
}

/** Whether an operation is defined for integers: not the functions of analysis. */
function scalarHasIntegers(op: ScalarName): boolean {
  return EXACT.has(op) && op !== "sqrt" || op === "fma" || op === "pow" || op === "floorDiv";
}

/** What the C library and JavaScript's compute each in its own way. */
const OTHER_LIBRARY: ReadonlySet<string> = new Set(["sinWhere", "cosWhere", "tanWhere", "pow"]);

/** Kernels of the seeded generator. */
export function generated(kind: CaseKind, from: number, to: number): StepCase[] {
  return Array.from({ length: to - from }, (_, i): StepCase => {
    const { kernel, data, rounds: adds } = generate(from + i, kind);
    const rounds = adds || kernel.body.some(({ op }) => OTHER_LIBRARY.has(op));
    return {
      name: kernel.name,
      step: { kind: "kernel", kernel, args: data.map((_, j) => j) },
      data,
      ...(rounds ? { tolerance: 4e-6 } : {}),
    };
  });
}
