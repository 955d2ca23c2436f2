/**
 * Fusion: a kernel that computes each element alone moves into the one kernel that reads its result,
 * so that the result is never read back, nor written where nobody else wants it. Reductions take
 * their producers in as well.
 *
 * @module
 */
import { exactJson } from "../base/exact_json.ts";
import { sameShape, stridesOf } from "../base/shape.ts";
import type { Aval } from "../ir/aval.ts";
import type { Kernel, KernelArg, ScalarStep, View } from "../ir/kernel.ts";
import type { Id } from "../ir/program.ts";
import type { LoweredStep } from "./lower.ts";
import { accesses } from "./plan.ts";

/** Larger kernels gain nothing: registers run out. */
const MOST_STEPS = 96;
const MOST_ARGS = 24;

/** What became of a value that a kernel reads: part of that kernel, or bytes in memory. */
export interface FusionNote {
  /** The value. */
  readonly id: Id;
  /** What computes it. */
  readonly producer: string;
  /** The kernel that took its producer in; null when it is stored. */
  readonly reader: string | null;
  /** Why it is stored; empty when it is not. */
  readonly why: string;
}

type KernelStep = Extract<LoweredStep, { kind: "kernel" }>;

/** Whether a kernel writes its one result, of this shape, element by element in order. */
function isPointwise(k: Kernel, shape: readonly number[]): boolean {
  const store = k.stores[0]!;
  if (k.reduce.length > 0 || k.accumulators.length > 0 || k.scan) return false;
  if (k.stores.length !== 1 || store.add) return false;
  const { offset, strides, at } = store.view;
  if (offset !== 0 || at !== undefined) return false;
  if (!sameShape(k.shape, shape)) return false;
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

/** The producer's steps in the place of the consumer's load; its store as well when `keep`. */
function inline(
  producer: KernelStep,
  consumer: KernelStep,
  load: number,
  axes: number[],
  keep: boolean,
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
  const stores = c.stores.map((s) => ({
    ...s,
    value: renumber(s.value),
    view: shiftView(s.view),
  }));
  if (keep) {
    const own = p.stores[0]!;
    args.push(p.args[own.arg]!);
    ids.push(producer.args[own.arg]!);
    stores.push({ arg: args.length - 1, view: moved(own.view, load), value: result });
  }
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
    stores,
  };
  const { kernel: small, args: left } = dropArgument({ kernel, args: ids });
  return { kind: "kernel", kernel: shareLoads(small), args: left };
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

/** The kernel without loads that it makes twice. */
function shareLoads(k: Kernel): Kernel {
  const known = new Map<string, number>();
  const numbers: number[] = [];
  const body: ScalarStep[] = [];
  const view = (v: View): View =>
    v.at === undefined ? v : { ...v, at: v.at.map((a) => ({ ...a, step: numbers[a.step]! })) };
  const step = (s: ScalarStep): ScalarStep =>
    s.op === "load"
      ? { ...s, view: view(s.view) }
      : "args" in s
      ? { ...s, args: s.args.map((a) => numbers[a]!) }
      : s;
  for (const old of k.body) {
    const s = step(old);
    const key = s.op === "load" && !k.args[s.arg]!.writes ? exactJson(s) : null;
    const twin = key === null ? undefined : known.get(key);
    if (twin !== undefined) {
      numbers.push(twin);
      continue;
    }
    numbers.push(body.push(s) - 1);
    if (key !== null) known.set(key, body.length - 1);
  }
  if (body.length === k.body.length) return k;
  const dropped = k.body.length - body.length;
  k.epilogue.forEach((_, i) => numbers.push(k.body.length + i - dropped));
  return {
    ...k,
    body,
    accumulators: k.accumulators.map((a) => ({
      ...a,
      value: numbers[a.value]!,
      ...(a.factor === undefined ? {} : { factor: numbers[a.factor]! }),
    })),
    epilogue: k.epilogue.map(step),
    stores: k.stores.map((s) => ({ ...s, value: numbers[s.value]!, view: view(s.view) })),
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

const nameOf = (s: LoweredStep): string => s.kind === "kernel" ? s.kernel.name : s.call.name;

/** Why a kernel cannot move into another. */
function notPointwise({ kernel: k }: KernelStep): string {
  if (k.reduce.length > 0 || k.accumulators.length > 0) {
    return "a reduction is finished before it is read";
  }
  if (k.stores.length > 1) return `its kernel stores ${k.stores.length} results`;
  return "it is not written element by element in order";
}

/**
 * Fuses producers into their only readers. `kept` are values that must exist in memory: the
 * program's outputs. Readers come first, so that what a chain of them reads has one reader in the
 * end. `note` hears of every value that kernels read.
 */
export function fuse(
  steps: readonly LoweredStep[],
  avals: readonly Aval[],
  kept: ReadonlySet<Id>,
  note?: (n: FusionNote) => void,
): LoweredStep[] {
  const out: (LoweredStep | null)[] = [...steps];
  const { readers, writers } = census(steps);
  const stored = (producer: LoweredStep, why: string): void => {
    if (note === undefined) return;
    for (const id of accesses(producer).writes) {
      const read = [...readers.get(id) ?? []].some((at) => out[at] !== producer);
      if (read) note({ id, producer: nameOf(producer), reader: null, why });
    }
  };
  for (let k = out.length - 1; k >= 0; k--) {
    const producer = out[k]!;
    if (producer.kind !== "kernel") {
      stored(producer, "a routine writes its result to memory");
      continue;
    }
    const id = producer.args[producer.kernel.stores[0]!.arg]!;
    if (!isPointwise(producer.kernel, avals[id]!.shape)) {
      stored(producer, notPointwise(producer));
      continue;
    }
    const where = readers.get(id);
    if (where === undefined) continue;
    if (writers.get(id) !== 1) {
      stored(producer, `${writers.get(id)} steps write it`);
      continue;
    }
    if (where.size !== 1) {
      stored(producer, `${where.size} steps read it`);
      continue;
    }
    const at = [...where][0]!;
    const consumer = out[at]!;
    if (consumer.kind !== "kernel") {
      stored(producer, `${consumer.call.name} reads it`);
      continue;
    }
    const merged = merge(producer, consumer, id, avals[id]!.shape, kept.has(id));
    if (typeof merged === "string") {
      stored(producer, merged);
      continue;
    }
    note?.({ id, producer: nameOf(producer), reader: nameOf(consumer), why: "" });
    out[at] = merged;
    out[k] = null;
    for (const a of producer.args) {
      const set = readers.get(a);
      if (set?.delete(k)) set.add(at);
    }
  }
  return out.filter((s) => s !== null);
}

/** The two as one kernel, or why they stay two. */
function merge(
  producer: KernelStep,
  consumer: KernelStep,
  id: Id,
  shape: readonly number[],
  keep: boolean,
): KernelStep | string {
  // a value that is stored as well must be computed once per element, and seen by no other point
  if (keep && (consumer.kernel.reduce.length > 0 || consumer.kernel.accumulators.length > 0)) {
    return `it is an output too, and ${consumer.kernel.name} reduces it`;
  }
  // the producer's inputs must not be written by the consumer
  const written = consumer.args.filter((_, i) => consumer.kernel.args[i]!.writes);
  if (producer.args.some((a) => a !== id && written.includes(a))) {
    return `${consumer.kernel.name} overwrites what it is computed from`;
  }
  let merged: KernelStep = { ...consumer, kernel: shareLoads(consumer.kernel) };
  const loads = (s: KernelStep) =>
    s.kernel.body.flatMap((b, i) => b.op === "load" && s.args[b.arg] === id ? [i] : []);
  if (keep && loads(merged).length !== 1) {
    return `it is an output too, and ${consumer.kernel.name} reads it in several places`;
  }
  while (true) {
    const { kernel, args } = merged;
    const load = loads(merged)[0];
    if (load === undefined) return merged;
    const step = kernel.body[load]!;
    if (step.op !== "load") return "it is not loaded";
    const axes = matchAxes(step.view, [...kernel.shape, ...kernel.reduce], shape);
    if (axes === null) {
      return `${consumer.kernel.name} does not read each element of it exactly once`;
    }
    if (kernel.body.length + producer.kernel.body.length > MOST_STEPS) {
      return `one kernel would have more than ${MOST_STEPS} steps`;
    }
    if (args.length + producer.kernel.args.length > MOST_ARGS) {
      return `one kernel would have more than ${MOST_ARGS} arguments`;
    }
    merged = inline(producer, merged, load, axes, keep);
  }
}
