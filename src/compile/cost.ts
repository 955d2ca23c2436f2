/**
 * Cost: the arithmetic and the memory traffic that a step cannot avoid, counted from its text alone.
 *
 * @module
 */
import { DTYPES } from "../base/dtype.ts";
import { sizeOf } from "../base/shape.ts";
import { allSteps, type Kernel, type View } from "../ir/kernel.ts";
import {
  type Call,
  type ControlStep,
  type GroupStep,
  innerPlans,
  membersOf,
  type PlanStep,
} from "./plan.ts";

/** What one run of a step does. */
export interface Cost {
  /** Scalar operations, each counted as one whatever it takes; a product of matrices has 2mnk. */
  readonly flops: number;
  /** Bytes read and written when every element comes from memory once. */
  readonly bytes: number;
}

/** Elements of an argument that views of it touch: at most one per point, or all between the ends. */
function touched(views: readonly View[], sizes: readonly number[]): number {
  if (views.length === 0 || sizes.includes(0)) return 0;
  let count = 0;
  let low = Infinity;
  let high = -Infinity;
  for (let k = 0; k < views.length; k++) {
    const v = views[k]!;
    if (v.at !== undefined) {
      count += sizeOf(sizes);
      low = -Infinity;
      high = Infinity;
      continue;
    }
    let points = 1;
    let first = v.offset;
    let last = v.offset;
    for (let i = 0; i < sizes.length; i++) {
      const stride = v.strides[i]!;
      if (stride === 0) continue;
      points *= sizes[i]!;
      if (stride < 0) first += stride * (sizes[i]! - 1);
      else last += stride * (sizes[i]! - 1);
    }
    count += points;
    low = Math.min(low, first);
    high = Math.max(high, last);
  }
  return Math.min(count, high - low + 1);
}

/** Bytes of one argument that a kernel reads and writes. */
function bytesOfArgument(k: Kernel, arg: number): number {
  const sizes = k.reduce.length === 0 ? k.shape : [...k.shape, ...k.reduce];
  const read: View[] = [];
  const written: View[] = [];
  const steps = allSteps(k);
  for (let i = 0; i < steps.length; i++) {
    const s = steps[i]!;
    if (s.op === "load" && s.arg === arg) read.push(s.view);
  }
  for (let i = 0; i < k.stores.length; i++) {
    const s = k.stores[i]!;
    if (s.arg !== arg) continue;
    written.push(s.view);
    if (s.add) read.push(s.view);
  }
  const elements = touched(read, sizes) + touched(written, k.scan ? sizes : k.shape);
  return elements * DTYPES[k.args[arg]!.dtype].bytes;
}

function countOps(steps: Kernel["body"]): number {
  let n = 0;
  for (let i = 0; i < steps.length; i++) if ("args" in steps[i]!) n++;
  return n;
}

function costOfKernel(k: Kernel): Cost {
  const points = sizeOf(k.shape);
  const inner = points * sizeOf(k.reduce);
  const outer = k.scan ? inner : points;
  let flops = inner * countOps(k.body) + outer * countOps(k.epilogue);
  for (let i = 0; i < k.accumulators.length; i++) {
    flops += inner * (k.accumulators[i]!.combine === "linear" ? 2 : 1);
  }
  for (let i = 0; i < k.stores.length; i++) if (k.stores[i]!.add) flops += outer;
  let bytes = 0;
  for (let arg = 0; arg < k.args.length; arg++) bytes += bytesOfArgument(k, arg);
  return { flops, bytes };
}

function costOfCall(c: Call): Cost {
  switch (c.name) {
    case "gemm": {
      const { m, n, k, batch, beta } = c;
      const elements = m * k + k * n + m * n * (1 + beta);
      return { flops: 2 * m * n * k * batch, bytes: elements * batch * DTYPES[c.dtype].bytes };
    }
    case "sort": {
      const elements = c.outer * c.size * c.inner;
      return { flops: 0, bytes: elements * (2 * DTYPES[c.dtype].bytes + DTYPES.int32.bytes) };
    }
    default:
      return c satisfies never;
  }
}

/** What several kernels share is read or written once: they meet it in the caches. */
function costOfGroup(s: GroupStep): Cost {
  const bytes = new Map<number, number>();
  let flops = 0;
  for (const { kernel, args } of membersOf(s)) {
    flops += costOfKernel(kernel).flops;
    args.forEach((slot, arg) =>
      bytes.set(slot, Math.max(bytes.get(slot) ?? 0, bytesOfArgument(kernel, arg)))
    );
  }
  return { flops, bytes: [...bytes.values()].reduce((n, m) => n + m, 0) };
}

/** Of branches the dearest; of loops whose end is not known one turn. */
function costOfControl(s: ControlStep): Cost {
  const parts = innerPlans(s).map(({ plan, runs }) => {
    const costs = plan.steps.map(cost);
    const sum = (f: (c: Cost) => number) => runs * costs.reduce((n, c) => n + f(c), 0);
    return { flops: sum((c) => c.flops), bytes: sum((c) => c.bytes) };
  });
  const join = (list: readonly number[]) =>
    s.call.name === "switch" ? Math.max(...list) : list.reduce((n, m) => n + m, 0);
  return { flops: join(parts.map((c) => c.flops)), bytes: join(parts.map((c) => c.bytes)) };
}

/** What one run of a step does: scalar operations and bytes. */
export function cost(step: PlanStep): Cost {
  switch (step.kind) {
    case "kernel":
      return costOfKernel(step.kernel);
    case "group":
      return costOfGroup(step);
    case "call":
      return costOfCall(step.call);
    case "host":
      return { flops: 0, bytes: step.avals.reduce((n, a) => n + a.bytes, 0) };
    case "control":
      return costOfControl(step);
    default:
      return step satisfies never;
  }
}
