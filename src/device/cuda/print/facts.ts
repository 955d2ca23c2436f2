/**
 * What the printer needs to know of a kernel before it writes it: which steps matter, along which
 * axes each changes, which axes may run at the same time, how wide its arithmetic on places must be.
 *
 * @module
 */
import { sizeOf } from "../../../base/shape.ts";
import { expand } from "../../../compile/expand.ts";
import {
  allSteps,
  type Kernel,
  normalizeKernel,
  type ScalarStep,
  type Store,
  type View,
} from "../../../ir/kernel.ts";
import { liveness, variation } from "../../../ir/kernel_facts.ts";
import { NATIVE } from "./builtins.ts";

/** A kernel, ready to be printed; see {@linkcode factsOf}. Sets of axes are lists of booleans. */
export interface Facts {
  readonly kernel: Kernel;
  readonly steps: readonly ScalarStep[];
  /** Of all axes: those of `shape`, then those of `reduce`. */
  readonly sizes: readonly number[];
  /** How many axes `shape` has. */
  readonly outer: number;
  /** Points of `shape`, and of `reduce`. */
  readonly rows: number;
  readonly points: number;
  /** Whether anything stored needs the step. */
  readonly live: readonly boolean[];
  /** Whether the step's value changes along each axis. */
  readonly varies: readonly (readonly boolean[])[];
  /** The axes along which no two points store to one element, whatever the others are. */
  readonly free: readonly boolean[];
  /** Whether places need 64 bits. */
  readonly wide: boolean;
}

/** Finds out about a kernel, after what CUDA lacks was expanded and its loops were joined. */
export function factsOf(original: Kernel): Facts {
  const kernel = normalizeKernel(expand(original, NATIVE, "CUDA"));
  const steps = allSteps(kernel);
  const sizes = [...kernel.shape, ...kernel.reduce];
  const outer = kernel.shape.length;
  const varies = variation(
    kernel,
    (stride, axis) => stride !== 0 && sizes[axis]! > 1,
    sizes.map((_, axis) => kernel.scan === true || axis < outer),
  );
  const points = sizeOf(kernel.reduce);
  return {
    kernel,
    steps,
    sizes,
    outer,
    rows: sizeOf(kernel.shape),
    points,
    live: liveness(kernel, false),
    varies,
    free: freeAxes(kernel, steps, sizes, varies),
    wide: isWide(kernel, steps, sizes),
  };
}

/** The steps that anything stored needs. */
export function liveSteps({ live }: Pick<Facts, "live">): number[] {
  return live.flatMap((is, i) => is ? [i] : []);
}

/** The accumulators that anything stored needs. */
export function liveAccumulators({ kernel, steps, live }: Facts): number[] {
  return kernel.accumulators.flatMap((_, acc) =>
    steps.some((s, i) => live[i] && s.op === "acc" && s.acc === acc) ? [acc] : []
  );
}

const FUNCTIONS: ReadonlySet<string> = new Set(
  // deno-fmt-ignore
  [
    "exp", "expm1", "log", "log1p", "sin", "cos", "atan", "cosh", "tanh", "erf", "rem", "sinWhere",
    "cosWhere",
  ],
);
const LONG_FUNCTIONS: ReadonlySet<string> = new Set(["pow", "tan", "tanWhere"]);

/** Whether a point is so much code that no more than one of them should stand side by side. */
export function isHeavy({ steps, live }: Facts): boolean {
  let weight = 0;
  steps.forEach((s, i) => {
    if (!live[i] || !("args" in s)) return;
    const one = LONG_FUNCTIONS.has(s.op) ? 40 : FUNCTIONS.has(s.op) ? 8 : 1;
    weight += s.dtype === "float64" && one > 1 ? 2 * one : one;
  });
  return weight > 64;
}

/** Whether a step changes along the reduced axes. */
export function variesWithin(f: Facts, step: number): boolean {
  return f.varies[step]!.some((v, axis) => v && axis >= f.outer);
}

/** The least and the largest value that a step may have, as far as constants tell. */
function rangeOf(steps: readonly ScalarStep[], i: number): readonly [number, number] {
  const s = steps[i]!;
  if (s.op === "const") return [s.value, s.value];
  if (s.dtype === "bool") return [0, 1];
  if (s.op === "min" || s.op === "max") {
    const [a, b] = [rangeOf(steps, s.args[0]!), rangeOf(steps, s.args[1]!)];
    const pick = Math[s.op];
    return [pick(a[0], b[0]), pick(a[1], b[1])];
  }
  if (s.op === "where") {
    const [a, b] = [rangeOf(steps, s.args[1]!), rangeOf(steps, s.args[2]!)];
    return [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
  }
  return [-Infinity, Infinity];
}

/** What a place is summed of: multiples of a stride, so far apart at most. */
interface Term {
  readonly stride: number;
  /** The axis, or -1 for a value. */
  readonly axis: number;
  readonly reach: number;
}

function termsOf(
  view: View,
  steps: readonly ScalarStep[],
  sizes: readonly number[],
  varies: readonly (readonly boolean[])[],
): Term[] {
  const terms: Term[] = [];
  view.strides.forEach((stride, axis) => {
    const n = sizes[axis]!;
    if (n > 1 && stride !== 0) {
      terms.push({ stride: Math.abs(stride), axis, reach: Math.abs(stride) * (n - 1) });
    }
  });
  for (const a of view.at ?? []) {
    if (!varies[a.step]!.includes(true)) continue;
    const [low, high] = rangeOf(steps, a.step);
    const stride = Math.abs(a.stride);
    if (stride > 0) terms.push({ stride, axis: -1, reach: stride * (high - low) });
  }
  return terms;
}

/** The greatest common divisor; that of 0 and a number is the number. */
export function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** Whether where a point stores tells its index along an axis, whatever else it is made of. */
function tells(terms: readonly Term[], axis: number): boolean {
  const own = terms.find((t) => t.axis === axis);
  if (own === undefined) return false;
  let below = 0;
  let unit = 0;
  for (const t of terms) {
    if (t === own) continue;
    // of two equal strides neither tells
    if (t.stride <= own.stride) below += t.reach;
    else unit = gcd(unit, t.stride);
  }
  return below < own.stride && (unit === 0 || below + own.reach < unit);
}

function freeAxes(
  k: Kernel,
  steps: readonly ScalarStep[],
  sizes: readonly number[],
  varies: readonly (readonly boolean[])[],
): boolean[] {
  const stores: readonly Store[] = k.stores;
  const terms = stores.map((s) => termsOf(s.view, steps, sizes, varies));
  return sizes.map((n, axis) => n <= 1 || terms.every((t) => tells(t, axis)));
}

/** Whether a place or a count of points does not fit into 31 bits. */
function isWide(k: Kernel, steps: readonly ScalarStep[], sizes: readonly number[]): boolean {
  const most = 2 ** 31 - 2 ** 24;
  if (sizeOf(k.shape) >= most || sizeOf(k.reduce) >= most) return true;
  const far = (v: View): boolean => {
    let reach = Math.abs(v.offset);
    v.strides.forEach((s, axis) => reach += Math.abs(s) * Math.max(0, sizes[axis]! - 1));
    return reach >= most;
  };
  return steps.some((s) => s.op === "load" && far(s.view)) || k.stores.some((s) => far(s.view));
}
