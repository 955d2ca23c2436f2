/**
 * Kernels made by a seeded generator, and the check that an emitter does on them what the reference
 * runner does.
 * @module
 */
import { allocate, type DType, DTYPES, isFloat, type Values } from "../../../src/base/dtype.ts";
import {
  type Accumulator,
  checkKernel,
  type Combine,
  type Kernel,
  type KernelArg,
  type ScalarStep,
  type Store,
  type View,
} from "../../../src/ir/kernel.ts";
import { printKernel } from "../../../src/ir/print_kernel.ts";
import { type ScalarName, scalarRow } from "../../../src/ir/scalar.ts";
import { runKernel } from "../../../src/device/reference/kernel.ts";

/** All element types. */
export const ALL: readonly DType[] = ["bool", "uint8", "int32", "uint32", "float32", "float64"];

/** A kernel and what its arguments hold before it runs. */
export interface Case {
  readonly kernel: Kernel;
  readonly data: readonly Values[];
  /** Whether the order of additions may show in float results; else they are equal bit for bit. */
  readonly rounds?: boolean;
}

/** A seeded generator of numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

// deno-fmt-ignore
const SPECIAL: Record<DType, readonly number[]> = {
  bool: [0, 1],
  uint8: [0, 1, 2, 7, 127, 128, 200, 254, 255],
  int32: [0, 1, -1, 2, -2, 3, 7, -7, 31, 32, 33, 255, 256, 65536, 2 ** 31 - 1, -(2 ** 31), 123456789],
  uint32: [0, 1, 2, 3, 7, 31, 32, 33, 255, 256, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1, 4294967167],
  float32: [0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, NaN, Infinity, -Infinity, 1e-45, -1e-40, 3.4e38,
    2147483648, -2147483904, 4294967296, 255.5, 256, -0.25, 1e10, 3.3],
  float64: [0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, NaN, Infinity, -Infinity, 5e-324, -1e-310, 1.7e308,
    2147483647.5, -2147483649, 4294967295.5, 255.5, 256, -0.25, 1e300, 3.3, 1 / 3, 0.1],
};

/** Values of a type: special ones and moderate ones, or moderate ones only. */
export function fill(random: () => number, dtype: DType, n: number, tame = false): Values {
  const out = allocate(dtype, n);
  const special = SPECIAL[dtype];
  for (let i = 0; i < n; i++) {
    if (!tame && random() < 0.5) out[i] = special[Math.floor(random() * special.length)]!;
    else if (isFloat(dtype)) out[i] = (random() - 0.5) * 4;
    else out[i] = dtype === "bool" ? Math.round(random()) : Math.floor(random() * 300) - 20;
  }
  return out;
}

/** Runs a case by `run` and by the reference; returns what differs, or null. */
export function difference(
  { kernel, data, rounds = false }: Case,
  memory: WebAssembly.Memory,
  run: (...addresses: number[]) => void,
): string | null {
  checkKernel(kernel);
  const all = new Uint8Array(memory.buffer);
  let end = 4096;
  const addresses = data.map((values) => {
    const address = end;
    end = (address + values.byteLength + 64 + 63) & ~63;
    return address;
  });
  if (end > all.length) throw new RangeError(`The case needs ${end} bytes`);
  all.fill(0xa5, 0, end);
  data.forEach((values, i) => {
    all.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), addresses[i]!);
  });
  const wanted = all.slice(0, end);
  runKernel(kernel, wanted.buffer, addresses);
  run(...addresses);
  data.forEach((values, i) => {
    const { dtype } = kernel.args[i]!;
    if (!isFloat(dtype)) return;
    const view = (buffer: ArrayBufferLike) =>
      new DTYPES[dtype].array(buffer, addresses[i]!, values.length);
    const [got, want] = [view(memory.buffer), view(wanted.buffer)];
    let largest = 1;
    for (const w of want) if (Math.abs(w) < Infinity) largest = Math.max(largest, Math.abs(w));
    const tolerance = !rounds ? 0 : largest * (dtype === "float32" ? 4e-6 : 1e-12);
    for (let j = 0; j < values.length; j++) {
      const [g, w] = [got[j]!, want[j]!];
      const close = Object.is(g, w) || (g !== g && w !== w) ||
        tolerance > 0 && Math.abs(g - w) <= tolerance;
      if (close) got[j] = want[j] = 0;
    }
  });
  for (let i = 0; i < end; i++) {
    if (all[i] === wanted[i]) continue;
    const arg = addresses.findLastIndex((address) => address <= i);
    const at = arg < 0 ? i : i - addresses[arg]!;
    const dtype = kernel.args[Math.max(arg, 0)]!.dtype;
    const element = Math.floor(at / DTYPES[dtype].bytes);
    const read = (buffer: ArrayBufferLike) =>
      new DTYPES[dtype].array(buffer, addresses[arg]!, element + 1)[element];
    return `argument ${arg} element ${element}: got ${read(memory.buffer)}, want ${
      read(wanted.buffer)
    }\n${printKernel(kernel)}`;
  }
  return null;
}

const SIZES = [1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 33];

/** Whether an operation is defined for operands of a type. */
export function applies(op: ScalarName, dtype: DType): boolean {
  switch (op) {
    case "sqrt":
    case "ldexp":
    case "pow2":
    case "scale":
    case "copysign":
    case "exponent":
    case "mantissa":
    case "sinWhere":
    case "cosWhere":
    case "tanWhere":
      return isFloat(dtype);
    case "and":
    case "or":
    case "xor":
    case "not":
    case "shl":
    case "shr":
      return !isFloat(dtype);
    default:
      return true;
  }
}

const STEPS: readonly ScalarName[] = [
  ...["add", "sub", "mul", "div", "rem", "neg", "abs", "min", "max", "sqrt", "floor", "ceil"],
  ...["trunc", "round", "and", "or", "xor", "not", "shl", "shr", "eq", "ne", "lt", "le", "gt"],
  ...["ge", "where", "cast", "cast", "sign", "pow"],
  ...["sinWhere", "cosWhere", "tanWhere"],
] as ScalarName[];
const COMBINES: readonly Combine[] = ["add", "mul", "max", "min", "argmax", "argmin", "linear"];

/** The kinds of kernels that are generated. */
export type CaseKind = "elementwise" | "reduce" | "scan" | "indirect";

const LONG_SIZES = [1, 2, 3, 5, 15, 16, 17, 31, 33, 48, 63, 64, 65, 100, 129, 500];
const LANE_BY_LANE: ReadonlySet<ScalarName> = new Set<ScalarName>(
  ["sinWhere", "cosWhere", "tanWhere", "pow", "rem", "shl", "shr"],
);

/**
 * One generated case.
 *
 * @param plain whether most views are to be contiguous, loops longer, and operations those that are
 *   done on whole vectors
 */
export function generate(seed: number, kind: CaseKind, plain = false): Case {
  const random = seeded(seed * 4 + 17);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const chance = (p: number) => random() < p;
  const rank = plain ? 1 + Math.floor(random() * 3) : Math.floor(random() * 4);
  const sizes: number[] = [];
  const reducing = kind === "reduce" || kind === "scan";
  const axes = rank + (reducing ? Math.floor(random() * 3) : 0);
  let points = 1;
  for (let i = 0; i < axes; i++) {
    let n = chance(0.02) ? 0 : pick(plain ? LONG_SIZES : SIZES);
    if (points * n > 3000) n = plain ? 1 : pick([1, 2, 3]);
    sizes.push(n);
    points *= n;
  }
  const tame = kind !== "elementwise" && kind !== "indirect";
  const args: KernelArg[] = [];
  const data: Values[] = [];
  /** A view of a new argument along some axes, with all its elements inside. */
  const newView = (dtype: DType, writes: boolean, moving: number, at = 0): [number, View] => {
    const strides = sizes.map(() => 0);
    const order = sizes.map((_, i) => i).slice(0, moving);
    if (chance(plain ? 0.05 : 0.3)) order.sort(() => random() - 0.5);
    let reach = writes && chance(plain ? 0.02 : 0.2) ? pick([2, 3]) : 1;
    let offset = pick([0, 0, 1, 3]);
    let length = offset + at;
    for (const axis of order.reverse()) {
      if (!writes && chance(0.2)) continue;
      const n = Math.max(1, sizes[axis]!);
      strides[axis] = reach;
      length += reach * (n - 1);
      if (chance(plain ? 0.02 : 0.15)) {
        strides[axis] = -reach;
        offset += reach * (n - 1);
      }
      reach *= n;
      if (chance(0.1)) reach += 3;
    }
    args.push({ dtype, writes });
    data.push(writes && !at ? allocate(dtype, length + 1) : fill(random, dtype, length + 1, tame));
    return [args.length - 1, { offset, strides }];
  };
  const steps: ScalarStep[] = [];
  const push = (s: ScalarStep) => steps.push(s) - 1;
  const ofType = (dtype: DType): number => {
    const have = steps.flatMap((s, i) => s.dtype === dtype ? [i] : []);
    if (have.length > 0 && chance(0.8)) return pick(have);
    if (steps.length > 0 && chance(0.5)) {
      return push({ op: "cast", dtype, args: [Math.floor(random() * steps.length)] });
    }
    return push({ op: "const", dtype, value: fill(random, dtype, 1, tame)[0]! });
  };
  const load = (dtype: DType): number => {
    const [arg, view] = newView(dtype, false, axes);
    return push({ op: "load", dtype, arg, view });
  };
  const indexInto = (n: number): number => {
    const [arg, view] = newView("int32", false, axes);
    const values = data[arg]!;
    for (let i = 0; i < values.length; i++) values[i] = Math.floor(random() * n);
    return push({ op: "load", dtype: "int32", arg, view });
  };
  for (let i = 1 + Math.floor(random() * 3); i > 0; i--) load(pick(ALL));
  if (kind === "indirect") {
    const dtype = pick(ALL);
    const step = indexInto(5);
    const [arg, view] = newView(dtype, false, axes, 4 * 7);
    push({ op: "load", dtype, arg, view: { ...view, at: [{ step, stride: 7 }] } });
  }
  if (sizes.length > 0 && chance(0.3)) {
    push({ op: "index", dtype: "int32", axis: Math.floor(random() * axes) });
  }
  const grow = (count: number, tamely: boolean) => {
    for (let i = 0; i < count; i++) {
      const op = pick(STEPS);
      if (tamely && (op === "div" || op === "rem" || op === "pow")) continue;
      if (plain && LANE_BY_LANE.has(op)) continue;
      const dtype = steps[Math.floor(random() * steps.length)]!.dtype;
      if (!applies(op, dtype)) continue;
      if (scalarRow(op).selects) {
        push({ op, dtype, args: [ofType("bool"), ofType(dtype), ofType(dtype)] } as ScalarStep);
      } else if (op === "cast") push({ op, dtype: pick(ALL), args: [ofType(dtype)] });
      else {
        const operands = Array.from({ length: scalarRow(op).arity }, () => ofType(dtype));
        push({ op, dtype: scalarRow(op).bool ? "bool" : dtype, args: operands });
      }
    }
  };
  grow(Math.floor(random() * (tame ? 3 : plain ? 30 : 8)), tame);

  const accumulators: Accumulator[] = [];
  const epilogue: ScalarStep[] = [];
  const stored: number[] = [];
  const outer = sizes.slice(0, rank);
  if (reducing) {
    const count = chance(0.3) ? 2 : 1;
    for (let i = 0; i < count; i++) {
      const combine = pick(COMBINES);
      const value = Math.floor(random() * steps.length);
      const { dtype } = steps[value]!;
      const own = combine.startsWith("arg") ? "int32" : dtype;
      if (combine === "linear") {
        accumulators.push({ combine, dtype: own, value, factor: ofType(dtype) });
      } else accumulators.push({ combine, dtype: own, value });
    }
    const body = steps.length;
    accumulators.forEach((a, acc) => epilogue.push({ op: "acc", dtype: a.dtype, acc }));
    accumulators.forEach((_, i) => stored.push(body + i));
    if (kind === "scan" && chance(0.3)) stored.push(Math.floor(random() * body));
  } else {
    stored.push(steps.length - 1);
    if (chance(0.4)) stored.push(Math.floor(random() * steps.length));
  }
  const all = [...steps, ...epilogue];
  const stores: Store[] = stored.map((value) => {
    const { dtype } = all[value]!;
    if (kind === "indirect" && chance(0.7)) {
      const step = steps.findIndex((s) => s.op === "load" && s.view.at !== undefined);
      const at = steps[step] as Extract<ScalarStep, { op: "load" }>;
      const [arg, view] = newView(dtype, true, axes, 4 * 5);
      const strides = view.strides.map((s) => chance(0.3) ? 0 : s);
      return {
        arg,
        value,
        add: chance(0.6),
        view: { offset: view.offset, strides, at: [{ step: at.view.at![0]!.step, stride: 5 }] },
      };
    }
    const [arg, view] = newView(dtype, true, kind === "scan" ? axes : rank);
    return chance(0.1) ? { arg, value, view, add: true } : { arg, value, view };
  });
  return {
    kernel: {
      name: `${kind}${seed}`,
      shape: outer,
      reduce: sizes.slice(rank),
      args,
      body: steps,
      accumulators,
      epilogue,
      stores,
      ...(kind === "scan" ? { scan: true } : {}),
    },
    data,
    rounds: tame,
  };
}
