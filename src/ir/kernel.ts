/**
 * Kernel: a loop nest over memory, the unit that emitters compile. It knows no op: loads through
 * affine views, a straight list of scalar steps, optional reductions, stores.
 *
 * For every point of `shape`, `body` runs at every point of `reduce` and feeds the accumulators;
 * then `epilogue` runs once and the stores write. With `scan` the stores run inside, after every
 * point of `reduce` (a running reduction). Without `reduce` the body runs once per point.
 *
 * @module
 */
import { type DType, DTYPES } from "../base/dtype.ts";
import { exactJson } from "../base/exact_json.ts";
import { type ScalarName, scalarRow, SCALARS } from "./scalar.ts";

/**
 * Where the element of a loop point lies in an argument, in elements:
 * `offset + sum(strides[i] * index[i]) + sum(at[j].stride * value(at[j].step))`. `strides` covers
 * the axes of `shape`, then those of `reduce`. A step used in `at` must be int32 and in range.
 */
export interface View {
  readonly offset: number;
  readonly strides: readonly number[];
  readonly at?: readonly { readonly step: number; readonly stride: number }[];
}

/** One value of a kernel; steps are numbered from 0 through `body`, then on through `epilogue`. */
export type ScalarStep =
  | { readonly op: "load"; readonly dtype: DType; readonly arg: number; readonly view: View }
  | { readonly op: "const"; readonly dtype: DType; readonly value: number }
  /** The loop index along an axis of `shape`, then `reduce`; int32. */
  | { readonly op: "index"; readonly dtype: "int32"; readonly axis: number }
  /** The value of an accumulator: final in the epilogue, running in a `scan`. */
  | { readonly op: "acc"; readonly dtype: DType; readonly acc: number }
  | { readonly op: ScalarName; readonly dtype: DType; readonly args: readonly number[] };

/**
 * How an accumulator takes in a value. `argmax`/`argmin` keep the position (in row-major order of
 * `reduce`, int32) of the first extreme; NaN wins. `linear` is acc = factor * acc + value.
 */
export type Combine = "add" | "mul" | "max" | "min" | "argmax" | "argmin" | "linear";

/** A reduction over the `reduce` axes. */
export interface Accumulator {
  readonly combine: Combine;
  readonly dtype: DType;
  /** Body step that is taken in. */
  readonly value: number;
  /** Body step of the factor, for `linear`. */
  readonly factor?: number;
}

/** A write. With `add`, it adds to what is there (one after the other, in row-major loop order). */
export interface Store {
  readonly arg: number;
  readonly view: View;
  readonly value: number;
  readonly add?: boolean;
}

/** One array argument of a kernel. */
export interface KernelArg {
  readonly dtype: DType;
  readonly writes: boolean;
}

/** A loop nest; see the module comment. */
export interface Kernel {
  /** The ops it stands for, for people. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly reduce: readonly number[];
  readonly args: readonly KernelArg[];
  readonly body: readonly ScalarStep[];
  readonly accumulators: readonly Accumulator[];
  readonly epilogue: readonly ScalarStep[];
  readonly stores: readonly Store[];
  readonly scan?: boolean;
  /**
   * The first axis of `shape` is the outermost loop, by itself, and calls may run a range of it:
   * kernels of a group walk their rows in step.
   */
  readonly rows?: boolean;
}

/** What an accumulator holds before the first value. */
export function identityOf(combine: Combine, dtype: DType): number {
  const { kind, bytes } = DTYPES[dtype];
  switch (combine) {
    case "add":
    case "linear":
    case "argmax":
    case "argmin":
      return 0;
    case "mul":
      return 1;
    case "max":
      return kind === "float" ? -Infinity : kind === "int" ? -(2 ** 31) : 0;
    case "min":
      return kind === "float"
        ? Infinity
        : kind === "bool"
        ? 1
        : kind === "int"
        ? 2 ** 31 - 1
        : 2 ** (8 * bytes) - 1;
    default:
      return combine satisfies never;
  }
}

/** The dtype of a step's first operand that does not select; its own where it has none. */
export function operandType(steps: readonly ScalarStep[], step: ScalarStep): DType {
  if (!("args" in step)) return step.dtype;
  const k = scalarRow(step.op).selects ? 1 : 0;
  return steps[step.args[k]!]!.dtype;
}

/** All steps of a kernel in the order of their numbers. */
export function allSteps(k: Kernel): readonly ScalarStep[] {
  return k.epilogue.length === 0 ? k.body : [...k.body, ...k.epilogue];
}

/** A text that is equal for kernels that do the same; the key of every compile cache. */
export function kernelKey(k: Kernel): string {
  const text = [
    k.shape,
    k.reduce,
    k.args,
    k.body,
    k.accumulators,
    k.epilogue,
    k.stores,
    k.scan === true,
    k.rows === true,
  ];
  // JSON does not tell these numbers apart
  return hasOddConstant(k.body) || hasOddConstant(k.epilogue)
    ? exactJson(text)
    : JSON.stringify(text);
}

/** Whether a constant is NaN, an infinity or -0; no other part of a kernel can be. */
function hasOddConstant(steps: readonly ScalarStep[]): boolean {
  for (let i = 0; i < steps.length; i++) {
    const s = steps[i]!;
    if (s.op === "const" && (!Number.isFinite(s.value) || Object.is(s.value, -0))) return true;
  }
  return false;
}

/** Whether no loop of a kernel can go: there is none, or one that has more points than one. */
function isPlain(k: Kernel): boolean {
  const loops = k.shape.length + k.reduce.length;
  return loops === 0 || (loops === 1 && (k.shape[0] ?? k.reduce[0]) !== 1);
}

/**
 * The same kernel with as few loops as possible: axes of size 1 go, and neighbours that every view
 * crosses as if they were one axis become one. Axes whose index is read keep their own loop.
 */
export function normalizeKernel(k: Kernel): Kernel {
  if (isPlain(k)) return k;
  const sizes = k.reduce.length === 0 ? k.shape : [...k.shape, ...k.reduce];
  if (sizes.includes(0)) return k;
  const split = k.shape.length;
  const views: View[] = [];
  for (let i = 0; i < k.stores.length; i++) views.push(k.stores[i]!.view);
  const indexed: boolean[] = [];
  const steps = allSteps(k);
  for (let i = 0; i < steps.length; i++) {
    const s = steps[i]!;
    if (s.op === "load") views.push(s.view);
    else if (s.op === "index") indexed[s.axis] = true;
  }
  /** Whether axis `i` is crossed as one with the axis `j` before it. */
  const joins = (i: number, j: number): boolean => {
    if (j === 0 && k.rows === true || (i < split) !== (j < split)) return false;
    if (indexed[i] || indexed[j]) return false;
    const n = sizes[i]!;
    for (let v = 0; v < views.length; v++) {
      const { strides } = views[v]!;
      if (strides[j]! !== strides[i]! * n) return false;
    }
    return true;
  };
  // of each new axis its size and the last of the old axes that it is made of
  const news: number[] = [];
  const lasts: number[] = [];
  const renumber: number[] = [];
  let outer = 0;
  for (let i = 0; i < sizes.length; i++) {
    const n = sizes[i]!;
    if (n === 1 && !indexed[i] && !(i === 0 && k.rows === true)) continue;
    const at = lasts.length - 1;
    if (at >= 0 && joins(i, lasts[at]!)) {
      news[at]! *= n;
      lasts[at] = i;
      renumber[i] = at;
      continue;
    }
    renumber[i] = news.push(n) - 1;
    lasts.push(i);
    if (i < split) outer++;
  }
  if (lasts.length === sizes.length) return k;
  const view = (v: View): View => ({ ...v, strides: lasts.map((i) => v.strides[i]!) });
  const step = (s: ScalarStep): ScalarStep =>
    s.op === "load"
      ? { ...s, view: view(s.view) }
      : s.op === "index"
      ? { ...s, axis: renumber[s.axis]! }
      : s;
  return {
    ...k,
    shape: news.slice(0, outer),
    reduce: news.slice(outer),
    body: k.body.map(step),
    epilogue: k.epilogue.length === 0 ? k.epilogue : k.epilogue.map(step),
    stores: k.stores.map((s) => ({ ...s, view: view(s.view) })),
  };
}

/** Throws when a kernel breaks a rule of this file; run on every kernel in tests. */
export function checkKernel(k: Kernel): void {
  const fail = (why: string): never => {
    throw new Error(`Kernel "${k.name}" is malformed: ${why}`);
  };
  const axes = k.shape.length + k.reduce.length;
  const steps = allSteps(k);
  if (k.reduce.length === 0 && (k.accumulators.length > 0 || k.epilogue.length > 0) && !k.scan) {
    // a reduction whose axes were all of size 1 keeps its accumulators
    if (k.accumulators.length === 0) fail("an epilogue without accumulators");
  }
  const view = (v: View, at: number) => {
    if (v.strides.length !== axes) fail(`a view has ${v.strides.length} strides for ${axes} axes`);
    for (const a of v.at ?? []) {
      if (a.step >= at) fail("a view uses a later step");
      if (steps[a.step]!.dtype !== "int32") fail("a view uses a step that is not int32");
    }
  };
  steps.forEach((s, i) => {
    if (s.op === "load") {
      if (k.args[s.arg]?.dtype !== s.dtype) {
        fail(`step ${i} loads ${s.dtype} from argument ${s.arg}`);
      }
      view(s.view, i);
    } else if (s.op === "index") {
      if (s.axis < 0 || s.axis >= axes) fail(`step ${i} reads the index of axis ${s.axis}`);
    } else if (s.op === "acc") {
      if (i < k.body.length || s.acc >= k.accumulators.length) {
        fail(`step ${i} reads no accumulator`);
      }
    } else if (s.op !== "const") {
      const row = scalarRow(s.op);
      if (!(s.op in SCALARS) || row.arity !== s.args.length) {
        fail(`step ${i} (${s.op}) has wrong arity`);
      }
      for (const a of s.args) if (a >= i) fail(`step ${i} uses step ${a}`);
      const types = s.args.map((a) => steps[a]!.dtype);
      const alike = row.selects ? types.slice(1) : s.op === "ldexp" ? types.slice(0, 1) : types;
      if (alike.some((t) => t !== alike[0])) fail(`step ${i} (${s.op}) mixes ${types.join(", ")}`);
      if (row.selects && types[0] !== "bool") fail(`step ${i} selects by ${types[0]}`);
      const want = row.bool
        ? "bool"
        : s.op === "cast"
        ? s.dtype
        : s.op === "exponent"
        ? "int32"
        : alike[0];
      if (s.dtype !== want) fail(`step ${i} (${s.op}) is ${s.dtype}, not ${want}`);
    }
  });
  for (const a of k.accumulators) {
    if (a.value >= k.body.length) fail("an accumulator takes a step of the epilogue");
    if ((a.combine === "linear") !== (a.factor !== undefined)) {
      fail("a factor goes with linear only");
    }
  }
  if (k.stores.length === 0) fail("nothing is stored");
  if (k.rows && k.shape.length === 0) fail("it has no rows");
  for (const s of k.stores) {
    if (!k.args[s.arg]?.writes) fail(`argument ${s.arg} is stored to but not marked`);
    if (steps[s.value]?.dtype !== k.args[s.arg]!.dtype) fail("a store changes the dtype");
    view(s.view, steps.length);
    if (
      !k.scan && k.shape.length < axes && s.view.strides.slice(k.shape.length).some((n) => n !== 0)
    ) {
      fail("a store moves along a reduced axis");
    }
  }
}
