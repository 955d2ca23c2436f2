/**
 * Decides how the loops of a kernel are run: their order, the axis whose elements fill the lanes of
 * a vector, how many vectors are worked on side by side, and which step belongs to which loop. The
 * decision depends on the kernel alone.
 *
 * @module
 */
import { DTYPES } from "../../base/dtype.ts";
import {
  allSteps,
  type Kernel,
  normalizeKernel,
  operandType,
  type ScalarStep,
  type View,
} from "../../ir/kernel.ts";
import { liveness, readBy } from "../../ir/kernel_facts.ts";

/** How a kernel is run. Sets of axes are bit masks. */
export interface LoopPlan {
  readonly kernel: Kernel;
  readonly steps: readonly ScalarStep[];
  readonly sizes: readonly number[];
  /** Axes from the outermost loop to the innermost; those of `shape` first. */
  readonly order: readonly number[];
  /** How many loops run over `shape`. */
  readonly shapeDepth: number;
  /** The axis along which elements make a vector, or -1. */
  readonly vector: number;
  /** Whether that is a reduced axis. */
  readonly rowwise: boolean;
  /** The axis along which blocks of vectors are worked on side by side: `vector`, or one of its own. */
  readonly copyAxis: number;
  /** How many of them. */
  readonly copies: number;
  /** Whether anything stored needs the step. */
  readonly live: readonly boolean[];
  /** The axes that the step's value changes along. */
  readonly varies: readonly number[];
  /** How many loops the step lies in. */
  readonly level: readonly number[];
  /** Whether the step runs after the accumulators are done (in a scan: after each point). */
  readonly late: readonly boolean[];
  /** Whether `reduce` has no points. */
  readonly emptyReduce: boolean;
  /** The loop of which a call runs a range, or null where every call runs the whole kernel. */
  readonly range: RangeLoop | null;
  /** Elements in a unit of a line, whose length calls tell; 0 for other kernels. */
  readonly lineUnit: number;
}

/**
 * The loop along which a kernel is cut in pieces. Every result is made by one piece alone, in the same
 * way wherever the cuts are, so pieces may run in any order and at the same time.
 */
export interface RangeLoop {
  /** Which loop it is: 0 for the outermost. */
  readonly depth: number;
  /** Elements in a unit; the last unit may have fewer. */
  readonly unit: number;
  /** How many units there are. */
  readonly extent: number;
}

const bit = (axis: number): number => 1 << axis;
const has = (mask: number, axis: number): boolean => axis >= 0 && (mask & bit(axis)) !== 0;

/** Whether the value of a step changes along an axis. */
export function variesAlong(plan: LoopPlan, step: number, axis: number): boolean {
  return has(plan.varies[step]!, axis);
}

/** Whether no two points store to the same element, as far as strides tell. */
function isInjective(k: Kernel, sizes: readonly number[], axes: number): boolean {
  return k.stores.every((s) => {
    if (s.add || s.view.at) return false;
    let reach = 0;
    const moves = s.view.strides.slice(0, axes)
      .map((stride, i) => [Math.abs(stride), sizes[i]!] as const)
      .filter(([, n]) => n > 1).sort((a, b) => a[0] - b[0]);
    for (const [stride, n] of moves) {
      if (stride <= reach) return false;
      reach += stride * (n - 1);
    }
    return true;
  });
}

/** Arithmetic of the live steps, in vector instructions, roughly. */
function weigh(steps: readonly ScalarStep[], live: readonly boolean[]): number {
  let weight = 0;
  for (let i = 0; i < steps.length; i++) {
    const s = steps[i]!;
    if (!live[i] || !("args" in s)) continue;
    const from = operandType(steps, s);
    const slow = s.op === "div" || s.op === "rem" || s.op === "pow" || s.op === "sqrt" ? 4 : 1;
    weight += slow * (from === "float64" || s.dtype === "float64" ? 2 : 1);
  }
  return weight;
}

/** Fewer units than this leave threads without work, so that a loop further in is cut. */
const ENOUGH_UNITS = 32;

/** The outermost loop over `shape` that can be cut in enough pieces, else the one with the most. */
function chooseRange(plan: Omit<LoopPlan, "range" | "lineUnit">, lanes: number): RangeLoop | null {
  const { kernel: k, sizes, order, shapeDepth, vector, copyAxis, copies } = plan;
  if (!isInjective(k, sizes, k.scan ? sizes.length : shapeDepth)) return null;
  let best: RangeLoop | null = null;
  if (k.rows) return { depth: 0, unit: 1, extent: sizes[0]! };
  for (let depth = 0; depth < shapeDepth; depth++) {
    const axis = order[depth]!;
    const unit = (axis === copyAxis ? copies : 1) * (axis === vector ? lanes : 1);
    const extent = Math.ceil(sizes[axis]! / unit);
    if (extent > (best?.extent ?? 1)) best = { depth, unit, extent };
    if (extent >= ENOUGH_UNITS) break;
  }
  return best;
}

/**
 * Plans a kernel none of whose `shape` axes is empty, for vectors of so many lanes. With `pieces`, a
 * call runs a range of one loop, where the kernel has a loop that can be cut.
 */
export function planLoops(kernel: Kernel, lanes: 4 | 16, pieces = false, line = false): LoopPlan {
  const k = normalizeKernel(kernel);
  const steps = allSteps(k);
  const sizes = [...k.shape, ...k.reduce];
  const shapeDepth = k.shape.length;
  const emptyReduce = k.reduce.some((n) => n === 0);
  const live = liveness(k, true);
  const weight = weigh(steps, live);
  const vector = chooseVector(k, steps, sizes, live, weight, lanes);
  const rowwise = vector >= shapeDepth;
  const tile = vector < 0 ? undefined : chooseTile(k, steps, sizes, live, weight, vector);

  const order = sizes.map((_, axis) => axis);
  const moveLast = (axis: number, from: number, to: number) => {
    const group = order.slice(from, to).filter((a) => a !== axis);
    order.splice(from, to - from, ...group, axis);
  };
  if (tile) moveLast(tile.axis, 0, shapeDepth);
  if (vector >= 0) {
    if (rowwise) moveLast(vector, shapeDepth, sizes.length);
    else moveLast(vector, 0, shapeDepth);
  }

  const varies = axesOf(k, vector, rowwise);
  const afterAcc = afterAccumulators(steps);
  const level = varies.map((mask) => order.findLastIndex((axis) => has(mask, axis)) + 1);
  const lastLevel = k.scan ? sizes.length : shapeDepth;
  const late = steps.map((_, i) => i >= k.body.length && (afterAcc[i]! || level[i]! === lastLevel));
  if (!k.scan && k.reduce.length > 0) {
    steps.forEach((_, i) => {
      if (!live[i] || level[i]! <= shapeDepth) return;
      if (i >= k.body.length || k.stores.some((s) => s.value === i)) {
        throw new TypeError(
          `Cannot emit kernel "${k.name}": step ${i} is used after the reduction but changes ` +
            `within it: accumulate it first`,
        );
      }
    });
  }
  const size = vector < 0 ? 0 : sizes[vector]!;
  const plan = {
    kernel: k,
    steps,
    sizes,
    order,
    shapeDepth,
    vector,
    rowwise,
    copyAxis: tile ? tile.axis : vector,
    copies: tile ? tile.copies : chooseCopies(k, weight, size, rowwise, lanes),
    live,
    varies,
    level,
    late,
    emptyReduce,
  };
  return {
    ...plan,
    range: pieces && !line ? chooseRange(plan, lanes) : null,
    lineUnit: line ? lanes * plan.copies : 0,
  };
}

/** The length that stands for every length of a line. */
export const LINE = 1 << 16;

/**
 * A line: a kernel that does the same at each point of one axis, so that one function serves every
 * length. Given back with {@linkcode LINE} points; null for other kernels.
 */
export function lineOf(k: Kernel): Kernel | null {
  if (k.shape.length !== 1 || k.reduce.length > 0 || k.accumulators.length > 0) return null;
  if (k.rows || k.shape[0] === 0 || k.stores.some((s) => s.add || s.view.at)) return null;
  if (k.stores.some((s) => s.view.strides[0] !== 1)) return null;
  return { ...k, shape: [LINE] };
}

/** For each step the axes that it changes along. */
function axesOf(k: Kernel, vector: number, rowwise: boolean): number[] {
  let accumulated = bit(k.scan ? k.shape.length + k.reduce.length : k.shape.length) - 1;
  if (rowwise) accumulated &= ~bit(vector);
  const steps = allSteps(k);
  const masks: number[] = [];
  for (let i = 0; i < steps.length; i++) {
    const s = steps[i]!;
    let own = s.op === "acc" ? accumulated : s.op === "index" ? bit(s.axis) : 0;
    if (s.op === "load") {
      const { strides } = s.view;
      for (let axis = 0; axis < strides.length; axis++) if (strides[axis] !== 0) own |= bit(axis);
    }
    const read = readBy(s);
    for (let j = 0; j < read.length; j++) own |= masks[read[j]!]!;
    masks.push(own);
  }
  return masks;
}

/** For each step whether it comes after the accumulators. */
function afterAccumulators(steps: readonly ScalarStep[]): boolean[] {
  const after: boolean[] = [];
  for (let i = 0; i < steps.length; i++) {
    const s = steps[i]!;
    const read = readBy(s);
    let late = s.op === "acc";
    for (let j = 0; j < read.length && !late; j++) late = after[read[j]!]!;
    after.push(late);
  }
  return after;
}

/** The axis that costs least per point when its elements make vectors. */
function chooseVector(
  k: Kernel,
  steps: readonly ScalarStep[],
  sizes: readonly number[],
  live: readonly boolean[],
  weight: number,
  lanes: number,
): number {
  const outer = k.shape.length;
  const sequential = k.scan || k.accumulators.some((a) => a.combine === "linear");
  const free = isInjective(k, sizes, k.scan ? sizes.length : outer);
  if (k.scan && !free) return -1;
  const candidates: number[] = [];
  if (!sequential && k.accumulators.length > 0) {
    const ordered = k.accumulators.some((a) => a.combine.startsWith("arg"));
    for (let r = sizes.length - 1; r >= outer; r--) {
      candidates.push(r);
      if (ordered) break;
    }
  }
  for (let s = outer - 1; s >= (k.rows ? 1 : 0); s--) {
    candidates.push(s);
    if (!free) break;
  }
  const reduced = Math.max(1, k.reduce.reduce((a, b) => a * b, 1));
  const varies = axesOf(k, -1, false);
  const access = (v: View, bytes: number, axis: number): number => {
    const stride = Math.abs(v.strides[axis]!);
    if (v.at?.some((a) => has(varies[a.step]!, axis))) return 7;
    if (stride === 0) return 0.3;
    return stride === 1 ? 1 : stride * bytes >= 64 ? 6 : 4;
  };
  let best = -1;
  let least = Infinity;
  for (const axis of candidates) {
    const n = sizes[axis]!;
    const storesPer = k.scan ? 1 : 1 / reduced;
    let vectorCost = weight * 0.7 + 0.5;
    let singleCost = weight * 0.7 + 0.5;
    for (let i = 0; i < steps.length; i++) {
      const s = steps[i]!;
      if (!live[i] || s.op !== "load") continue;
      const per = i < k.body.length ? 1 : storesPer;
      vectorCost += per * access(s.view, DTYPES[s.dtype].bytes, axis);
      singleCost += per;
    }
    if (axis < outer) {
      for (const s of k.stores) {
        vectorCost += storesPer * access(s.view, DTYPES[k.args[s.arg]!.dtype].bytes, axis);
        singleCost += storesPer;
      }
    }
    const vectors = Math.floor(n / lanes);
    const left = n % lanes;
    // what is left over is done as one more vector where there are masks, else one by one
    const rest = lanes === 4 ? left * singleCost : left > 0 ? vectorCost : 0;
    let cost = (vectors * vectorCost + rest) / Math.max(1, n);
    if (axis >= outer) cost += 8 * k.accumulators.length / reduced;
    if (cost < least - 1e-9) {
      best = axis;
      least = cost;
    }
  }
  return best;
}

/**
 * An axis along which strided loads are contiguous: blocks of it are loaded whole and transposed in
 * registers, so that a transposition uses the cache lines it touches.
 */
function chooseTile(
  k: Kernel,
  steps: readonly ScalarStep[],
  sizes: readonly number[],
  live: readonly boolean[],
  weight: number,
  vector: number,
): { axis: number; copies: number } | undefined {
  if (k.scan || k.reduce.length > 0 || !isInjective(k, sizes, k.shape.length)) return undefined;
  for (let i = 0; i < steps.length; i++) {
    const s = steps[i]!;
    if (!live[i] || s.op !== "load" || DTYPES[s.dtype].bytes !== 4 || s.view.at) continue;
    if (Math.abs(s.view.strides[vector]!) < 2) continue;
    const axis = s.view.strides.findIndex((stride, a) =>
      stride === 1 && a !== vector && sizes[a]! >= 4 && !(a === 0 && k.rows === true)
    );
    if (axis >= 0) {
      return { axis, copies: weight <= 4 && sizes[axis]! >= 8 ? 8 : 4 };
    }
  }
  return undefined;
}

/** So few points are done before a longer module is written. */
const FEW_POINTS = 2048;

/**
 * More vectors side by side hide latency and share constants that no register has room for; with
 * many arrays the fifteen registers are better used by few.
 */
function chooseCopies(
  k: Kernel,
  weight: number,
  size: number,
  rowwise: boolean,
  lanes: number,
): number {
  if ([...k.shape, ...k.reduce].reduce((n, m) => n * m, 1) <= FEW_POINTS) return 1;
  const streams = k.stores.length +
    k.body.filter((s) => s.op === "load" && s.view.strides.some((stride) => stride !== 0)).length;
  let copies = streams > 5 ? 2 : 4;
  const count = k.accumulators.length;
  if (count > 2) copies = 1;
  // down a column each step is another cache line, and the next one along comes almost for free
  const [first] = k.accumulators;
  const bounds = first?.combine === "max" || first?.combine === "min"; // three vectors each
  if (count === 1 && !bounds && !k.scan && k.reduce.length > 0 && !rowwise && weight <= 4) {
    copies = 8;
  }
  while (copies > 1 && copies * lanes > size) copies /= 2;
  return copies;
}
