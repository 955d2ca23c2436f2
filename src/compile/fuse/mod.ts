/**
 * Fusion: a kernel that computes each element alone moves into the kernels that read its result when
 * that costs less than memory; kernels that read the same at the same points become one; a reduction
 * takes in what is done with its results.
 *
 * @module
 */
import { DTYPES, isFloat } from "../../base/dtype.ts";
import { sizeOf } from "../../base/shape.ts";
import { allSteps, type Kernel, normalizeKernel, type View } from "../../ir/kernel.ts";
import type { Id } from "../../ir/program.ts";
import type { LoweredStep } from "../lower.ts";
import { type Accesses, accesses } from "../plan.ts";
import { type IndexMap, mapIndex, readsOnce, splitAxis } from "./axes.ts";
import { inline } from "./inline.ts";
import { isRowMajor, joinSiblings, joinTail } from "./join.ts";
import type { KernelStep } from "./steps.ts";
import { tidy } from "./tidy.ts";
import { costOfPoint, isWorth, runsOf } from "./worth.ts";

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

const loopsOf = (k: Kernel): readonly number[] =>
  k.reduce.length === 0 ? k.shape : [...k.shape, ...k.reduce];
const nameOf = (s: LoweredStep): string =>
  s.kind === "kernel" ? s.kernel.name : s.kind === "call" ? s.call.name : s.kind;

/** Whether a kernel has loops, and each of them points. */
const hasPoints = (k: Kernel): boolean => !k.shape.includes(0) && !k.reduce.includes(0);

/** Whether a kernel reduces: its stores run once the loops over `reduce` are done. */
const isReduction = (k: Kernel): boolean => k.accumulators.length > 0 && !k.scan;

/** Why a kernel cannot move into others; null when it can. */
function notPointwise(k: Kernel): string | null {
  if (k.reduce.length > 0 || k.accumulators.length > 0) {
    return "a reduction is finished before it is read";
  }
  if (k.stores.length > 1) return `its kernel stores ${k.stores.length} results`;
  const store = k.stores[0]!;
  if (store.add || !isRowMajor(store.view, k.shape) || !hasPoints(k)) {
    return "it is not written element by element in order";
  }
  return null;
}

/** The number of the first step of a kernel, from one on, that loads a value; -1 where none does. */
function loadOf(s: KernelStep, id: Id, from = 0): number {
  const steps = allSteps(s.kernel);
  for (let i = from; i < steps.length; i++) {
    const b = steps[i]!;
    if (b.op === "load" && s.args[b.arg] === id) return i;
  }
  return -1;
}

/** Whether a load of what a pointwise kernel stores reads, at each point of its own loops, the same point. */
function isSamePoint(view: View, load: number, reader: Kernel, producer: Kernel): boolean {
  const { shape } = producer;
  if (load >= reader.body.length || shape.length !== reader.shape.length + reader.reduce.length) {
    return false;
  }
  for (let i = 0; i < shape.length; i++) {
    if (shape[i] !== (reader.shape[i] ?? reader.reduce[i - reader.shape.length])) return false;
  }
  if (!isRowMajor(view, shape)) return false;
  for (let i = 0; i < producer.body.length; i++) if (producer.body[i]!.op === "index") return false;
  return true;
}

/** Puts a position at its place among those of a value. */
function put(lists: Map<Id, number[]>, id: Id, at: number): void {
  const list = lists.get(id);
  if (list === undefined) {
    lists.set(id, [at]);
    return;
  }
  let i = list.length;
  while (i > 0 && list[i - 1]! > at) i--;
  if (list[i - 1] !== at) list.splice(i, 0, at);
}

/** Takes a position from those of a value. */
function take(lists: Map<Id, number[]>, id: Id, at: number): void {
  const list = lists.get(id);
  const i = list === undefined ? -1 : list.indexOf(at);
  if (i >= 0) list!.splice(i, 1);
}

const NOBODY: readonly number[] = [];

/** Fusion at work on one list of steps. */
class Fusion {
  readonly #steps: (LoweredStep | null)[];
  readonly #kept: ReadonlySet<Id>;
  /** What was decided, while somebody listens. */
  readonly #notes: FusionNote[] | null;
  /** What each step reads and writes. */
  readonly #accesses: Accesses[] = [];
  /** Positions of the steps that read a value, and of those that write it, in order. */
  readonly #readers = new Map<Id, number[]>();
  readonly #writers = new Map<Id, number[]>();

  constructor(steps: readonly LoweredStep[], kept: ReadonlySet<Id>, heard: boolean) {
    this.#steps = steps.map((s) =>
      s.kind === "kernel" && s.args.some((id, i) => s.args.indexOf(id) !== i) ? tidy(s) : s
    );
    this.#kept = kept;
    this.#notes = heard ? [] : null;
    for (let at = 0; at < this.#steps.length; at++) this.#enter(this.#steps[at]!, at);
  }

  #enter(s: LoweredStep, at: number): void {
    const { reads, writes } = this.#accesses[at] = accesses(s);
    for (let i = 0; i < reads.length; i++) put(this.#readers, reads[i]!, at);
    for (let i = 0; i < writes.length; i++) put(this.#writers, writes[i]!, at);
  }

  #leave(at: number): void {
    const { reads, writes } = this.#accesses[at]!;
    for (let i = 0; i < reads.length; i++) take(this.#readers, reads[i]!, at);
    for (let i = 0; i < writes.length; i++) take(this.#writers, writes[i]!, at);
    this.#steps[at] = null;
  }

  /** Another step in the place of one. */
  #replace(at: number, s: LoweredStep): void {
    const old = this.#accesses[at]!;
    const { reads, writes } = this.#accesses[at] = accesses(s);
    this.#steps[at] = s;
    for (let i = 0; i < old.reads.length; i++) {
      if (!reads.includes(old.reads[i]!)) take(this.#readers, old.reads[i]!, at);
    }
    for (let i = 0; i < old.writes.length; i++) {
      if (!writes.includes(old.writes[i]!)) take(this.#writers, old.writes[i]!, at);
    }
    for (let i = 0; i < reads.length; i++) {
      if (!old.reads.includes(reads[i]!)) put(this.#readers, reads[i]!, at);
    }
    for (let i = 0; i < writes.length; i++) {
      if (!old.writes.includes(writes[i]!)) put(this.#writers, writes[i]!, at);
    }
  }

  /** The steps that read a value: a list that changes with them. */
  #readersOf(id: Id): readonly number[] {
    return this.#readers.get(id) ?? NOBODY;
  }

  /** Whether one step writes the value, and all of it. */
  #writtenOnce(id: Id): boolean {
    return this.#writers.get(id)?.length === 1;
  }

  /** Everything, in an order in which each stage leaves the most to the next. */
  run(): LoweredStep[] {
    for (let at = this.#steps.length - 1; at >= 0; at--) this.#spread(at);
    for (let at = 0; at < this.#steps.length; at++) this.#extend(at);
    for (let at = 0; at < this.#steps.length; at++) this.#gather(at);
    return this.#steps.filter((s) => s !== null);
  }

  get notes(): readonly FusionNote[] {
    return this.#notes ?? [];
  }

  // ---- a pointwise kernel into its readers

  #spread(at: number): void {
    const producer = this.#steps[at];
    if (producer === null || producer === undefined) return;
    if (producer.kind !== "kernel") {
      return this.#stored(at, "a routine writes its result to memory");
    }
    const why = notPointwise(producer.kernel);
    if (why !== null) return this.#stored(at, why);
    const id = producer.args[producer.kernel.stores[0]!.arg]!;
    const readers = this.#readersOf(id);
    if (readers.length === 0) return;
    if (this.#isFarFrom(producer.kernel, readers)) {
      return this.#stored(at, "it calls a function that vector instructions do not make");
    }
    if (!this.#writtenOnce(id)) {
      return this.#stored(at, `${this.#writers.get(id)!.length} steps write it`);
    }
    const blocked = this.#kept.has(id) ? "it is an output too" : this.#routineAmong(readers);
    if (blocked !== null) return this.#store(at, producer, id, readers, blocked);
    const merged: KernelStep[] = [];
    const runs: number[] = [];
    for (let i = 0; i < readers.length; i++) {
      const m = this.#merge(producer, this.#steps[readers[i]!] as KernelStep, id, runs);
      if (typeof m === "string") return this.#store(at, producer, id, readers, m);
      merged.push(m);
    }
    const { kernel } = producer;
    const bytes = DTYPES[kernel.args[kernel.stores[0]!.arg]!.dtype].bytes;
    if (!isWorth(costOfPoint(kernel), sizeOf(kernel.shape), bytes, runs)) {
      const many = readers.length > 1
        ? `${readers.length} steps read it`
        : `${nameOf(this.#steps[readers[0]!]!)} would compute it again and again`;
      return this.#store(at, producer, id, readers, many);
    }
    const places = [...readers];
    for (let i = 0; i < places.length; i++) {
      this.#fused(id, producer, this.#steps[places[i]!]!);
      this.#replace(places[i]!, merged[i]!);
    }
    this.#leave(at);
  }

  /**
   * Whether a kernel computes a power for readers of more points: within one of them the call keeps
   * all the rest from emitters that only write vectors.
   */
  #isFarFrom(k: Kernel, readers: readonly number[]): boolean {
    let calls = false;
    for (let i = 0; i < k.body.length && !calls; i++) {
      const s = k.body[i]!;
      calls = (s.op === "pow" || s.op === "rem") && isFloat(s.dtype);
    }
    return calls && readers.some((r) => {
      const reader = this.#steps[r]!;
      return reader.kind === "kernel" && sizeOf(loopsOf(reader.kernel)) > sizeOf(k.shape);
    });
  }

  #routineAmong(readers: readonly number[]): string | null {
    for (const r of readers) {
      const s = this.#steps[r]!;
      if (s.kind !== "kernel") return `${nameOf(s)} reads it`;
    }
    return null;
  }

  /** A value that must lie in memory: its first reader computes and stores it, where it can. */
  #store(at: number, producer: KernelStep, id: Id, readers: readonly number[], why: string): void {
    const first = readers[0]!;
    const reader = this.#steps[first]!;
    const merged = reader.kind === "kernel"
      ? this.#merge(producer, reader, id, null)
      : `${nameOf(reader)} reads it first`;
    if (typeof merged === "string") {
      return this.#stored(at, this.#kept.has(id) ? `${why}, and ${merged}` : why);
    }
    this.#fused(id, producer, reader);
    this.#replace(first, merged);
    this.#leave(at);
  }

  /**
   * A reader with the producer in the place of its loads, or why there is none. `runs` collects how
   * often each load computes it; with null the reader stores the value on its way.
   */
  #merge(
    producer: KernelStep,
    reader: KernelStep,
    id: Id,
    runs: number[] | null,
  ): KernelStep | string {
    const name = reader.kernel.name;
    if (!hasPoints(reader.kernel)) return `${name} has no points`;
    for (let i = 0; i < reader.args.length; i++) {
      const arg = reader.args[i]!;
      if (arg !== id && reader.kernel.args[i]!.writes && producer.args.includes(arg)) {
        return `${name} overwrites what it is computed from`;
      }
    }
    const keep = runs === null;
    let now = reader;
    let flat: KernelStep | null = null;
    let load = loadOf(now, id);
    if (keep && (now.kernel.reduce.length > 0 || now.kernel.accumulators.length > 0)) {
      return `${name} reduces it`;
    }
    if (keep && (load < 0 || loadOf(now, id, load + 1) >= 0)) {
      return `${name} reads it in several places`;
    }
    while (load >= 0) {
      const step = allSteps(now.kernel)[load]!;
      if (step.op !== "load") return "it is not loaded";
      const loop = loopsOf(now.kernel);
      const same = isSamePoint(step.view, load, now.kernel, producer.kernel);
      if (!same) flat ??= { ...producer, kernel: normalizeKernel(producer.kernel) };
      const map = same ? null : mapIndex(step.view, loop, flat!.kernel.shape);
      if (map === null && !same) return `${name} reads it at other points than it is computed at`;
      if (map !== null && "axis" in map) {
        const cut = splitAxis(now.kernel, map.axis, map.inner);
        if (cut === null) return `${name} needs the index of an axis that would be cut`;
        now = { ...now, kernel: cut };
        continue;
      }
      if (keep && !same && !readsOnce(step.view.strides, loop, sizeOf(producer.kernel.shape))) {
        return `${name} does not read each element of it exactly once`;
      }
      if (now.kernel.body.length + producer.kernel.body.length > MOST_STEPS) {
        return `one kernel would have more than ${MOST_STEPS} steps`;
      }
      if (now.args.length + producer.args.length > MOST_ARGS) {
        return `one kernel would have more than ${MOST_ARGS} arguments`;
      }
      runs?.push(map === null ? sizeOf(loop) : runsIn(now.kernel, load, map));
      now = inline(map === null ? producer : flat!, now, load, map, keep);
      if (keep) return now;
      load = loadOf(now, id);
    }
    return now;
  }

  #stored(at: number, why: string): void {
    if (this.#notes === null) return;
    const producer = this.#steps[at]!;
    for (const id of accesses(producer).writes) {
      if (this.#readersOf(id).some((r) => r !== at)) {
        this.#notes.push({ id, producer: nameOf(producer), reader: null, why });
      }
    }
  }

  #fused(id: Id, producer: LoweredStep, reader: LoweredStep): void {
    if (this.#notes === null) return;
    const stored = this.#notes.findIndex((n) => n.id === id && n.reader === null);
    if (stored >= 0) this.#notes.splice(stored, 1);
    this.#notes.push({ id, producer: nameOf(producer), reader: nameOf(reader), why: "" });
  }

  // ---- a reduction takes in what is done with its results

  #extend(at: number): void {
    for (let more = true; more;) {
      more = false;
      const reduction = this.#steps[at];
      if (reduction?.kind !== "kernel" || !isReduction(reduction.kernel)) return;
      if (!hasPoints(reduction.kernel)) return;
      for (const store of reduction.kernel.stores) {
        const id = reduction.args[store.arg]!;
        if (store.add || !this.#writtenOnce(id)) continue;
        const first = this.#readersOf(id)[0];
        if (first === undefined) continue;
        const tail = this.#steps[first]!;
        if (tail.kind !== "kernel" || !this.#mayMove(tail.kernel)) continue;
        if (tooBig(reduction, tail) || !this.#isReady(tail, at, at)) continue;
        const isNeeded = (value: Id): boolean =>
          this.#kept.has(value) || this.#readersOf(value).some((r) => r !== first);
        const merged = joinTail(reduction, tail, isNeeded);
        if (merged === null) continue;
        this.#fused(id, reduction, tail);
        this.#leave(first);
        this.#replace(at, merged);
        more = true;
        break;
      }
    }
  }

  /** Whether a kernel may run at another time: nothing else writes what it writes. */
  #mayMove(k: Kernel): boolean {
    return !k.scan && !k.stores.some((s) => s.add);
  }

  /** Whether all that a step reads is written before position `at` (or by the step at `by`). */
  #isReady(s: LoweredStep, at: number, by: number): boolean {
    const { reads, writes } = accesses(s);
    return writes.every((id) => this.#writtenOnce(id)) &&
      reads.every((id) => (this.#writers.get(id) ?? NOBODY).every((w) => w < at || w === by));
  }

  // ---- kernels that read the same at the same points

  #gather(at: number): void {
    for (let more = true; more;) {
      more = false;
      const first = this.#steps[at];
      if (first?.kind !== "kernel" || !this.#mayMove(first.kernel)) return;
      if (!hasPoints(first.kernel)) return;
      const shared = this.#wholeReads(first);
      const near = new Set(shared.flatMap((id) => this.#readersOf(id)).filter((r) => r > at));
      for (const r of [...near].sort((a, b) => a - b)) {
        const second = this.#steps[r]!;
        if (second.kind !== "kernel" || !this.#mayMove(second.kernel)) continue;
        if (isReduction(second.kernel) !== isReduction(first.kernel)) continue;
        if (!this.#wholeReads(second).some((id) => shared.includes(id))) continue;
        if (tooBig(first, second) || !this.#isReady(second, at, -1)) continue;
        const merged = joinSiblings(first, second);
        if (merged === null) continue;
        this.#fused(second.args[second.kernel.stores[0]!.arg]!, second, first);
        this.#leave(r);
        this.#replace(at, merged);
        more = true;
        break;
      }
    }
  }

  /** Values of which a kernel reads another element at every point. */
  #wholeReads(s: KernelStep): Id[] {
    const loop = loopsOf(s.kernel);
    const ids: Id[] = [];
    for (let i = 0; i < s.kernel.body.length; i++) {
      const b = s.kernel.body[i]!;
      if (b.op !== "load" || b.view.at !== undefined) continue;
      let whole = true;
      for (let j = 0; j < loop.length && whole; j++) {
        whole = loop[j] === 1 || b.view.strides[j] !== 0;
      }
      if (whole) ids.push(s.args[b.arg]!);
    }
    return ids;
  }
}

/** How often a kernel computes what its step `load` stands for. */
function runsIn(k: Kernel, load: number, map: IndexMap): number {
  return runsOf(map, load < k.body.length ? loopsOf(k) : k.shape);
}

function tooBig(a: KernelStep, b: KernelStep): boolean {
  return allSteps(a.kernel).length + allSteps(b.kernel).length > MOST_STEPS ||
    a.args.length + b.args.length > MOST_ARGS;
}

/**
 * Fuses kernels. `kept` are values that must exist in memory: the program's outputs. `note` hears of
 * every value that kernels read.
 */
export function fuse(
  steps: readonly LoweredStep[],
  kept: ReadonlySet<Id>,
  note?: (n: FusionNote) => void,
): LoweredStep[] {
  const fusion = new Fusion(steps, kept, note !== undefined);
  const fused = fusion.run();
  fusion.notes.forEach((n) => note!(n));
  return fused;
}
