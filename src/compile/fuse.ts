/**
 * Fusion: a kernel that computes each element alone moves into the one kernel that reads its result,
 * so that the result is never written. Reductions take their producers in as well.
 *
 * @module
 */
import { stridesOf } from "../base/shape.ts";
import type { Aval } from "../ir/aval.ts";
import type { Kernel, KernelArg, ScalarStep, View } from "../ir/kernel.ts";
import type { Id } from "../ir/program.ts";
import type { LoweredStep } from "./lower.ts";

/** Larger kernels gain nothing: registers run out. */
const MOST_STEPS = 96;
const MOST_ARGS = 24;

type KernelStep = Extract<LoweredStep, { kind: "kernel" }>;

/** Whether a kernel writes its one result element by element, in order. */
function isPointwise(k: Kernel): boolean {
  const store = k.stores[0]!;
  if (k.reduce.length > 0 || k.accumulators.length > 0 || k.scan) return false;
  if (k.stores.length !== 1 || store.add) return false;
  const { offset, strides, at } = store.view;
  if (offset !== 0 || at !== undefined) return false;
  const whole = stridesOf(k.shape);
  return strides.every((s, i) => s === whole[i] || k.shape[i] === 1);
}

/**
 * For each axis of the value, the loop axis that walks it, when a load reads every element of it
 * exactly once; null otherwise.
 */
function matchAxes(load: View, loop: readonly number[], shape: readonly number[]): number[] | null {
  if (load.offset !== 0 || load.at !== undefined) return null;
  const own = stridesOf(shape);
  const taken = new Set<number>();
  const axes = shape.map((n, j) => {
    if (n === 1) return -1;
    const i = loop.findIndex((m, i) => m === n && load.strides[i] === own[j] && !taken.has(i));
    taken.add(i);
    return i;
  });
  if (axes.some((i, j) => i < 0 && shape[j] !== 1)) return null;
  // an axis that the load does not follow would compute each element again
  return loop.every((n, i) => n === 1 || taken.has(i)) ? axes : null;
}

/** The producer's steps in the place of the consumer's load. */
function inline(
  producer: KernelStep,
  consumer: KernelStep,
  load: number,
  axes: number[],
): KernelStep {
  const p = producer.kernel;
  const c = consumer.kernel;
  const rank = c.shape.length + c.reduce.length;
  const args: KernelArg[] = [...c.args];
  const ids: Id[] = [...consumer.args];
  const body: ScalarStep[] = [];
  const moved = (v: View, shift: number): View => {
    const strides = new Array<number>(rank).fill(0);
    axes.forEach((i, j) => {
      if (i >= 0) strides[i] = v.strides[j]!;
    });
    return {
      offset: v.offset,
      strides,
      ...(v.at === undefined ? {} : { at: v.at.map((a) => ({ ...a, step: a.step + shift })) }),
    };
  };
  // consumer steps before the load keep their numbers; the producer's come in its place
  body.push(...c.body.slice(0, load));
  for (const s of p.body) {
    if (s.op === "load") {
      args.push(p.args[s.arg]!);
      ids.push(producer.args[s.arg]!);
      body.push({ ...s, arg: args.length - 1, view: moved(s.view, load) });
    } else if (s.op === "index") {
      const axis = axes[s.axis]!;
      body.push(axis < 0 ? { op: "const", dtype: "int32", value: 0 } : { ...s, axis });
    } else if ("args" in s) body.push({ ...s, args: s.args.map((a) => a + load) });
    else body.push(s);
  }
  const grown = p.body.length - 1;
  const result = p.stores[0]!.value + load;
  const renumber = (i: number): number => i < load ? i : i === load ? result : i + grown;
  const shiftView = (v: View): View =>
    v.at === undefined ? v : { ...v, at: v.at.map((a) => ({ ...a, step: renumber(a.step) })) };
  const shift = (s: ScalarStep): ScalarStep =>
    s.op === "load"
      ? { ...s, view: shiftView(s.view) }
      : "args" in s
      ? { ...s, args: s.args.map(renumber) }
      : s;
  body.push(...c.body.slice(load + 1).map(shift));
  const kernel: Kernel = {
    ...c,
    name: `${p.name}+${c.name}`,
    args,
    body,
    accumulators: c.accumulators.map((a) => ({
      ...a,
      value: renumber(a.value),
      ...(a.factor === undefined ? {} : { factor: renumber(a.factor) }),
    })),
    epilogue: c.epilogue.map(shift),
    stores: c.stores.map((s) => ({ ...s, value: renumber(s.value), view: shiftView(s.view) })),
  };
  return { kind: "kernel", ...dropArgument({ kernel, args: ids }) };
}

/** Removes arguments that no step reads or writes any more, and joins those of equal value. */
function dropArgument(step: { kernel: Kernel; args: readonly Id[] }): {
  kernel: Kernel;
  args: readonly Id[];
} {
  const { kernel: k, args } = step;
  const used = new Set<number>(k.stores.map((s) => s.arg));
  for (const s of k.body) if (s.op === "load") used.add(s.arg);
  const order: number[] = [];
  const place = new Map<number, number>();
  args.forEach((id, i) => {
    if (!used.has(i)) return;
    const twin = k.args[i]!.writes
      ? -1
      : order.findIndex((o) => args[o] === id && !k.args[o]!.writes);
    if (twin >= 0) place.set(i, twin);
    else place.set(i, order.push(i) - 1);
  });
  return {
    kernel: {
      ...k,
      args: order.map((i) => k.args[i]!),
      body: k.body.map((s) => s.op === "load" ? { ...s, arg: place.get(s.arg)! } : s),
      stores: k.stores.map((s) => ({ ...s, arg: place.get(s.arg)! })),
    },
    args: order.map((i) => args[i]!),
  };
}

/** How often each value is read, and where it is written. */
function census(
  steps: readonly LoweredStep[],
): { readers: Map<Id, Set<number>>; writers: Map<Id, number> } {
  const readers = new Map<Id, Set<number>>();
  const writers = new Map<Id, number>();
  steps.forEach((s, at) =>
    s.args.forEach((id, i) => {
      const writes = s.kind === "kernel" ? s.kernel.args[i]!.writes : false;
      if (writes) writers.set(id, (writers.get(id) ?? 0) + 1);
      else readers.set(id, (readers.get(id) ?? new Set()).add(at));
    })
  );
  return { readers, writers };
}

/**
 * Fuses producers into their only readers. `kept` are values that must exist in memory: the
 * program's outputs.
 */
export function fuse(
  steps: readonly LoweredStep[],
  avals: readonly Aval[],
  kept: ReadonlySet<Id>,
): LoweredStep[] {
  const out: (LoweredStep | null)[] = [...steps];
  const { readers, writers } = census(steps);
  for (let k = 0; k < out.length; k++) {
    const producer = out[k]!;
    if (producer === null || producer.kind !== "kernel" || !isPointwise(producer.kernel)) continue;
    const id = producer.args[producer.kernel.stores[0]!.arg]!;
    if (kept.has(id) || writers.get(id) !== 1) continue;
    const where = readers.get(id);
    if (where === undefined || where.size !== 1) continue;
    const at = [...where][0]!;
    const consumer = out[at]!;
    if (consumer === null || consumer.kind !== "kernel") continue;
    const merged = merge(producer, consumer, id, avals[id]!.shape);
    if (merged === null) continue;
    out[at] = merged;
    out[k] = null;
    for (const a of producer.args) {
      const set = readers.get(a);
      if (set?.delete(k)) set.add(at);
    }
  }
  return out.filter((s) => s !== null);
}

function merge(
  producer: KernelStep,
  consumer: KernelStep,
  id: Id,
  shape: readonly number[],
): KernelStep | null {
  let merged = consumer;
  // the producer's inputs must not be written between the two, nor by the consumer
  const written = consumer.args.filter((_, i) => consumer.kernel.args[i]!.writes);
  if (producer.args.some((a) => a !== id && written.includes(a))) return null;
  while (true) {
    const { kernel, args } = merged;
    const load = kernel.body.findIndex((s) => s.op === "load" && args[s.arg] === id);
    if (load < 0) return merged;
    const step = kernel.body[load]!;
    if (step.op !== "load") return null;
    const axes = matchAxes(step.view, [...kernel.shape, ...kernel.reduce], shape);
    if (axes === null) return null;
    if (kernel.body.length + producer.kernel.body.length > MOST_STEPS) return null;
    if (kernel.args.length + producer.kernel.args.length > MOST_ARGS) return null;
    merged = inline(producer, merged, load, axes);
  }
}
