/**
 * Kernels made by hand, each of a form that an emitter may get wrong.
 *
 * @module
 */
import { allocate, type DType, isFloat } from "../../../src/base/dtype.ts";
import { NATIVE } from "../../../src/device/cpu/emit.ts";
import type { Combine, Kernel, ScalarStep, View } from "../../../src/ir/kernel.ts";
import { BIAS, PIVOT, type ScalarName, scalarRow } from "../../../src/ir/scalar.ts";
import { ALL, applies, type Case, fill, seeded } from "./kernel_cases.ts";

/** The view of a contiguous row. */
export const ROW: View = { offset: 0, strides: [1] };

/** A kernel of one scalar operation on contiguous arrays of n elements. */
export function scalarCase(
  op: ScalarName,
  types: readonly DType[],
  to: DType,
  n: number,
): Case {
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
    ...types.map((dtype, arg): ScalarStep => ({ op: "load", dtype, arg, view: ROW })),
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
      stores: [{ arg: types.length, view: ROW, value: types.length }],
    },
    data: [...data, allocate(to, n)],
    rounds: op === "fma",
  };
}

/** Every native operation with the types of its operands and of its result. */
export function* signatures(): Generator<[ScalarName, readonly DType[], DType]> {
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
      for (const to of results) yield [op, types, to];
    }
  }
}

/** A reduction of [rows, columns] over the axes not kept. */
export function reduceCase(
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

/** Strides of an array of some sizes that lies row by row, 0 along the axes that are not kept. */
function stridesOf(sizes: readonly number[], kept: readonly number[], pad = 0): number[] {
  const strides = sizes.map(() => 0);
  let reach = 1;
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    if (!kept.includes(axis)) continue;
    strides[axis] = reach;
    reach = reach * sizes[axis]! + pad;
  }
  return strides;
}

/** How many elements an array takes of which the strides are given. */
function reachOf(sizes: readonly number[], strides: readonly number[]): number {
  return sizes.reduce((n, size, i) => n + (size - 1) * strides[i]!, 1);
}

/** A reduction of an array over those of its axes that are not kept. */
export function severalAxes(
  combine: Combine,
  t: DType,
  sizes: readonly number[],
  kept: readonly number[],
): Case {
  const to = combine.startsWith("arg") ? "int32" : t;
  const axes = sizes.map((_, i) => i);
  const order = [...kept, ...axes.filter((i) => !kept.includes(i))];
  const strides = stridesOf(sizes, axes, 3);
  const shape = kept.map((i) => sizes[i]!);
  const own = stridesOf(shape, [...shape.keys()]);
  const sums = combine === "add" || combine === "mul";
  return {
    kernel: {
      name: combine,
      shape,
      reduce: order.slice(kept.length).map((i) => sizes[i]!),
      args: [{ dtype: t, writes: false }, { dtype: to, writes: true }],
      body: [{
        op: "load",
        dtype: t,
        arg: 0,
        view: { offset: 0, strides: order.map((i) => strides[i]!) },
      }],
      accumulators: [{ combine, dtype: to, value: 0 }],
      epilogue: [{ op: "acc", dtype: to, acc: 0 }],
      stores: [{
        arg: 1,
        value: 1,
        view: { offset: 0, strides: axes.map((i) => own[i] ?? 0) },
      }],
    },
    data: [fill(seeded(7), t, reachOf(sizes, strides), sums), allocate(to, reachOf(shape, own))],
    rounds: sums,
  };
}

/** Running results along the first axis of [rows, columns]. */
export function runningCase(combine: Combine, t: DType, rows: number, columns: number): Case {
  const view = { offset: 0, strides: [1, columns] };
  const n = rows * columns;
  const linear = combine === "linear";
  return {
    kernel: {
      name: combine,
      shape: [columns],
      reduce: [rows],
      args: [
        { dtype: t, writes: false },
        { dtype: t, writes: false },
        { dtype: t, writes: true },
      ],
      body: [
        { op: "load", dtype: t, arg: 0, view },
        { op: "load", dtype: t, arg: 1, view },
      ],
      accumulators: [{ combine, dtype: t, value: 0, ...(linear ? { factor: 1 } : {}) }],
      epilogue: [{ op: "acc", dtype: t, acc: 0 }],
      stores: [{ arg: 2, value: 2, view }],
      scan: true,
    },
    data: [fill(seeded(n), t, n, true), fill(seeded(n + 1), t, n, true), allocate(t, n)],
    rounds: true,
  };
}

/** The larger of an array and one that is the same along some axes. */
export function broadcast(
  t: DType,
  rows: number,
  columns: number,
  strides: readonly [number, number],
): Case {
  const n = rows * columns;
  const view = { offset: 0, strides: [columns, 1] };
  return {
    kernel: {
      name: "broadcast",
      shape: [rows, columns],
      reduce: [],
      args: [{ dtype: t, writes: false }, { dtype: t, writes: false }, { dtype: t, writes: true }],
      body: [
        { op: "load", dtype: t, arg: 0, view },
        { op: "load", dtype: t, arg: 1, view: { offset: 1, strides } },
        { op: "max", dtype: t, args: [0, 1] },
      ],
      accumulators: [],
      epilogue: [],
      stores: [{ arg: 2, value: 2, view }],
    },
    data: [
      fill(seeded(n), t, n),
      fill(seeded(n + 1), t, 1 + Math.max(rows, columns)),
      allocate(t, n),
    ],
  };
}

/** Rows of a table at the places that another array tells, added to what is there. */
export function gathered(t: DType, rows: number, columns: number): Case {
  const random = seeded(columns);
  const n = rows * columns;
  return {
    kernel: {
      name: "rows",
      shape: [rows, columns],
      reduce: [],
      args: [
        { dtype: "int32", writes: false },
        { dtype: t, writes: false },
        { dtype: t, writes: true },
      ],
      body: [
        { op: "load", dtype: "int32", arg: 0, view: { offset: 0, strides: [1, 0] } },
        {
          op: "load",
          dtype: t,
          arg: 1,
          view: { offset: 0, strides: [0, 1], at: [{ step: 0, stride: columns }] },
        },
      ],
      accumulators: [],
      epilogue: [],
      stores: [{
        arg: 2,
        value: 1,
        add: true,
        view: { offset: 0, strides: [0, 1], at: [{ step: 0, stride: columns }] },
      }],
    },
    data: [
      Int32Array.from({ length: rows }, () => Math.floor(random() * rows)),
      fill(random, t, n, true),
      fill(random, t, n, true),
    ],
    rounds: true,
  };
}

/** A kernel of some steps on one contiguous array of each dtype, which stores the last of them. */
function program(
  t: DType,
  types: readonly DType[],
  steps: readonly ScalarStep[],
  n: number,
  tame: boolean,
  rounds = false,
): Case {
  const body: ScalarStep[] = [
    ...types.map((dtype, arg): ScalarStep => ({ op: "load", dtype, arg, view: ROW })),
    ...steps,
  ];
  const random = seeded(n);
  return {
    kernel: {
      name: "program",
      shape: [n],
      reduce: [],
      args: [
        ...types.map((dtype) => ({ dtype, writes: false })),
        { dtype: t, writes: true },
      ],
      body,
      accumulators: [],
      epilogue: [],
      stores: [{ arg: types.length, value: body.length - 1, view: ROW }],
    },
    data: [...types.map((dtype) => fill(random, dtype, n, tame)), allocate(t, n)],
    rounds,
  };
}

/** Each of many constants is multiplied and added, three times. */
export function manyConstants(t: DType, count: number, n: number): Case {
  const steps: ScalarStep[] = [];
  let last = 0;
  const constants = Array.from(
    { length: count },
    (_, i) => steps.push({ op: "const", dtype: t, value: isFloat(t) ? i / 8 - 2 : i - 9 }),
  );
  for (let turn = 0; turn < 3; turn++) {
    for (const c of constants) {
      last = steps.push({ op: c % 2 === 0 ? "max" : "sub", dtype: t, args: [c, last] });
    }
  }
  return program(t, [t], steps, n, true);
}

/** Many values of which each is wanted until the end. */
export function manyValues(t: DType, count: number, n: number): Case {
  const steps: ScalarStep[] = [];
  const values: number[] = [0];
  for (let i = 1; i < count; i++) {
    const args = [values.at(-1)!, values[i >> 1]!];
    values.push(1 + steps.push({ op: i % 3 === 0 ? "sub" : "add", dtype: t, args }));
  }
  // the load is step 0, those pushed come after it and the second load
  let last = values.at(-1)!;
  for (const v of values) {
    last = 1 + steps.push({ op: "min", dtype: t, args: [last, v] });
    last = 1 + steps.push({ op: "sub", dtype: t, args: [last, v] });
  }
  return program(t, [t, t], steps, n, true);
}

/** Sums and products, rounded once, of values and constants that are used again and again. */
export function manyFused(t: DType, count: number, seed: number): Case {
  const random = seeded(seed);
  const steps: ScalarStep[] = [];
  const known = [0, 1, 2];
  for (let i = 0; i < count; i++) {
    const pick = () => known[Math.floor(random() ** 0.5 * known.length)]!;
    if (random() < 0.2) {
      known.push(2 + steps.push({ op: "const", dtype: t, value: random() - 0.5 }));
    } else {
      const fused = 2 + steps.push({ op: "fma", dtype: t, args: [pick(), pick(), pick()] });
      known.push(2 + steps.push({ op: "min", dtype: t, args: [fused, known[0]!] }));
    }
  }
  for (const v of known.filter(() => random() < 0.3)) {
    known.push(2 + steps.push({ op: "max", dtype: t, args: [v, known.at(-1)!] }));
  }
  return program(t, [t, t, t], steps, 61, true, true);
}

/** The sum of as many arrays, which lie anywhere. */
export function manyArrays(t: DType, count: number, n: number): Case {
  const steps: ScalarStep[] = [];
  let last = 0;
  for (let i = 1; i < count; i++) {
    last = count - 1 + steps.push({ op: "add", dtype: t, args: [last, i] });
  }
  return program(t, Array<DType>(count).fill(t), steps, n, true);
}

/** Four loops, none of which can be done as one with the next. */
export function nested(t: DType, sizes: readonly number[]): Case {
  const axes = [...sizes.keys()];
  const [from, to] = [stridesOf(sizes, axes, 2), stridesOf(sizes, axes, 5)];
  return {
    kernel: {
      name: "nested",
      shape: sizes,
      reduce: [],
      args: [{ dtype: t, writes: false }, { dtype: t, writes: true }],
      body: [
        { op: "load", dtype: t, arg: 0, view: { offset: 1, strides: from } },
        { op: "index", dtype: "int32", axis: 3 },
        { op: "index", dtype: "int32", axis: 1 },
        { op: "add", dtype: "int32", args: [1, 2] },
        { op: "cast", dtype: t, args: [3] },
        { op: "max", dtype: t, args: [0, 4] },
      ],
      accumulators: [],
      epilogue: [],
      stores: [{ arg: 1, value: 5, view: { offset: 2, strides: to } }],
    },
    data: [fill(seeded(3), t, 1 + reachOf(sizes, from)), allocate(t, 2 + reachOf(sizes, to))],
  };
}

// deno-fmt-ignore
const WHOLE_VECTORS = [
  "add", "sub", "mul", "div", "neg", "abs", "min", "max", "sqrt", "floor", "ceil", "trunc", "round",
  "and", "or", "xor", "not", "eq", "ne", "lt", "le", "gt", "ge", "where", "cast", "sign", "copysign",
] as const satisfies readonly ScalarName[];

/** A hundred operations or more, of all types, each on values that are known. */
export function longProgram(seed: number): Case {
  const random = seeded(seed + 1000);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const steps: ScalarStep[] = [];
  const types: DType[] = [...ALL];
  const known = new Map<DType, number[]>(ALL.map((t, i) => [t, [i]]));
  const add = (s: ScalarStep) => known.get(s.dtype)!.push(types.length + steps.push(s) - 1);
  const of = (t: DType): number => pick(known.get(t)!.slice(random() < 0.7 ? -6 : 0));
  const count = 100 + Math.floor(random() * 150);
  const favourite = pick(ALL);
  while (steps.length < count) {
    const op = pick(WHOLE_VECTORS);
    const t = random() < 0.5 ? favourite : pick(ALL);
    if (!applies(op, t) || op === "copysign") continue;
    if (random() < 0.1) add({ op: "const", dtype: t, value: fill(random, t, 1)[0]! });
    else if (op === "cast") add({ op, dtype: t, args: [of(pick(ALL))] });
    else if (op === "where") add({ op, dtype: t, args: [of("bool"), of(t), of(t)] });
    else {
      const args = Array.from({ length: scalarRow(op).arity }, () => of(t));
      add({ op, dtype: scalarRow(op).bool ? "bool" : t, args });
    }
  }
  const n = random() < 0.05 ? 2500 : pick([5, 16, 77, 200]);
  const c = program(favourite, types, steps, n, false);
  const stores = ALL.map((t, i) => ({
    arg: types.length + i,
    value: known.get(t)!.at(-1)!,
    view: ROW,
  }));
  return {
    ...c,
    kernel: {
      ...c.kernel,
      args: [
        ...types.map((dtype) => ({ dtype, writes: false })),
        ...ALL.map((dtype) => ({ dtype, writes: true })),
      ],
      stores,
    },
    data: [...c.data.slice(0, -1), ...ALL.map((t) => allocate(t, n))],
  };
}
