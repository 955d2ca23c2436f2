/**
 * Groups: kernels that walk the same rows and hand each other whole rows run in step, a few rows of
 * each after the other, so that what they share stays in the caches; a softmax or a layer norm, and
 * their gradients, pass over memory once.
 *
 * @module
 */
import { sizeOf } from "../base/shape.ts";
import type { Aval } from "../ir/aval.ts";
import { allSteps, type Kernel, type View } from "../ir/kernel.ts";
import type { Id } from "../ir/program.ts";
import { commonSizes, cutTo } from "./fuse/axes.ts";
import type { KernelStep } from "./fuse/steps.ts";
import type { LoweredStep } from "./lower.ts";
import { accesses, writerCounts } from "./plan.ts";

/** Values that fit into the nearest caches as they are gain nothing. */
const LEAST_BYTES = 1 << 18;
/** A row should be worth a turn of the loop, and some rows of all values fit into a cache. */
const LEAST_ROW = 32;
const MOST_ROW_BYTES = 1 << 17;
const LEAST_ROWS = 16;
/** How many steps further on a kernel may come from. */
const WINDOW = 12;
const MOST_MEMBERS = 8;

/** The kernel with its first axes made one axis of `rows` points; null where they are none. */
function withRows(k: Kernel, rows: number): Kernel | null {
  const points = sizeOf(k.shape);
  if (points % rows !== 0 || [...k.shape, ...k.reduce].includes(0)) return null;
  const sizes = commonSizes(k.shape, [rows, points / rows]);
  const cut = sizes && cutTo(k, "shape", sizes);
  if (cut === null) return null;
  let axes = 0;
  for (let n = 1; n < rows; axes++) n *= cut.shape[axes]!;
  if (sizeOf(cut.shape.slice(0, axes)) !== rows || axes === 0) return null;
  const steps = allSteps(cut);
  if (axes > 1 && steps.some((s) => s.op === "index" && s.axis < axes)) return null;
  const views = [
    ...steps.flatMap((s) => s.op === "load" ? [s.view] : []),
    ...cut.stores.map((s) => s.view),
  ];
  for (let j = 1; j < axes; j++) {
    if (!views.every((v) => v.strides[j - 1] === v.strides[j]! * cut.shape[j]!)) return null;
  }
  const view = (v: View): View => ({ ...v, strides: v.strides.slice(axes - 1) });
  const step = (s: typeof steps[number]) =>
    s.op === "load"
      ? { ...s, view: view(s.view) }
      : s.op === "index"
      ? { ...s, axis: s.axis - axes + 1 }
      : s;
  return {
    ...cut,
    rows: true,
    shape: [rows, ...cut.shape.slice(axes)],
    body: cut.body.map(step),
    epilogue: cut.epilogue.map(step),
    stores: cut.stores.map((s) => ({ ...s, view: view(s.view) })),
  };
}

/** Whether row r of the loop touches only row r of a value of `size` elements. */
function staysInRow(v: View, loop: readonly number[], size: number): boolean {
  const row = size / loop[0]!;
  if (!Number.isInteger(row) || v.at !== undefined || v.strides[0] !== row) return false;
  let [low, high] = [v.offset, v.offset];
  for (let i = 1; i < loop.length; i++) {
    const reach = v.strides[i]! * (loop[i]! - 1);
    if (reach < 0) low += reach;
    else high += reach;
  }
  return low >= 0 && high < row;
}

/** Whether all values of the kernels that may have these rows and share one would be enough. */
function mayPay(steps: readonly LoweredStep[], rows: number, avals: readonly Aval[]): boolean {
  const users = new Map<Id, number>();
  const lists: (readonly Id[])[] = [];
  for (let k = 0; k < steps.length; k++) {
    const s = steps[k]!;
    if (s.kind !== "kernel" || sizeOf(s.kernel.shape) % rows !== 0) continue;
    lists.push(s.args);
    for (let i = 0; i < s.args.length; i++) {
      const id = s.args[i]!;
      if (avals[id]!.size >= rows) users.set(id, (users.get(id) ?? 0) + 1);
    }
  }
  let bytes = 0;
  for (let k = 0; k < lists.length; k++) {
    const ids = lists[k]!;
    if (!ids.some((id) => users.get(id)! > 1)) continue;
    for (let i = 0; i < ids.length; i++) bytes += avals[ids[i]!]!.bytes;
  }
  return bytes >= LEAST_BYTES;
}

/** A group as it grows. */
class Group {
  readonly members: KernelStep[] = [];
  readonly at: number[] = [];
  readonly #values = new Set<Id>();
  readonly #written = new Set<Id>();
  readonly #rows: number;
  readonly #avals: readonly Aval[];

  constructor(rows: number, avals: readonly Aval[]) {
    this.#rows = rows;
    this.#avals = avals;
  }

  /** Takes a kernel in where its rows are those of the others and it shares a value with them. */
  take(s: KernelStep, at: number): boolean {
    if (s.kernel.scan || s.kernel.stores.some((w) => w.add)) return false;
    const kernel = withRows(s.kernel, this.#rows);
    if (kernel === null) return false;
    const loop = [...kernel.shape, ...kernel.reduce];
    const size = (arg: number) => this.#avals[s.args[arg]!]!.size;
    if (!kernel.stores.every((w) => staysInRow(w.view, loop, size(w.arg)))) return false;
    let shares = this.members.length === 0;
    for (const b of allSteps(kernel)) {
      if (b.op !== "load") continue;
      const id = s.args[b.arg]!;
      const inRow = staysInRow(b.view, loop, size(b.arg));
      // down the columns of a value no two kernels meet
      if (!inRow && (this.#written.has(id) || b.view.strides[0] !== 0)) return false;
      shares ||= inRow && this.#values.has(id);
    }
    if (!shares) return false;
    this.members.push({ ...s, kernel });
    this.at.push(at);
    const { reads, writes } = accesses(s);
    for (const id of [...reads, ...writes]) this.#values.add(id);
    for (const id of writes) this.#written.add(id);
    return true;
  }

  /** Whether walking in step pays. */
  get pays(): boolean {
    if (this.members.length < 2) return false;
    const bytes = [...this.#values].reduce((n, id) => n + this.#avals[id]!.bytes, 0);
    const wide = this.members.some(({ kernel: k }) =>
      sizeOf([...k.shape.slice(1), ...k.reduce]) >= LEAST_ROW
    );
    return wide && bytes >= LEAST_BYTES && bytes / this.#rows <= MOST_ROW_BYTES;
  }
}

/**
 * Joins kernels in groups. `fixed` are values that must be written by kernels of their own: those that
 * take the memory of a donated argument.
 */
export function group(
  steps: readonly LoweredStep[],
  avals: readonly Aval[],
  fixed: ReadonlySet<Id>,
): LoweredStep[] {
  const taken = new Set<number>();
  const grouped = new Map<number, LoweredStep>();
  const writers = writerCounts(steps);
  const fits = (s: LoweredStep): s is KernelStep =>
    s.kind === "kernel" &&
    accesses(s).writes.every((id) => writers.get(id) === 1 && !fixed.has(id));

  /** The best group that starts at a step, for the rows of the reductions near it. */
  const startAt = (first: number): Group | null => {
    const near: LoweredStep[] = [];
    const candidates = new Set<number>();
    for (let at = first; at < Math.min(steps.length, first + WINDOW); at++) {
      const s = steps[at]!;
      if (taken.has(at)) continue;
      near.push(s);
      if (s.kind === "kernel" && s.kernel.accumulators.length > 0) {
        candidates.add(sizeOf(s.kernel.shape));
      }
    }
    let best: Group | null = null;
    for (const rows of candidates) {
      if (rows < LEAST_ROWS || !mayPay(near, rows, avals)) continue;
      const g = new Group(rows, avals);
      const missed = new Set<Id>();
      for (let at = first; at < Math.min(steps.length, first + WINDOW); at++) {
        if (taken.has(at)) continue;
        const s = steps[at]!;
        const { reads, writes } = accesses(s);
        const ready = !reads.some((id) => missed.has(id));
        if (ready && fits(s) && g.members.length < MOST_MEMBERS && g.take(s, at)) continue;
        if (g.members.length === 0) break;
        for (const id of writes) missed.add(id);
      }
      if (g.pays && g.members.length > (best?.members.length ?? 0)) best = g;
    }
    return best;
  };

  steps.forEach((s, at) => {
    if (taken.has(at) || s.kind !== "kernel" || !fits(s)) return;
    const g = startAt(at);
    if (g === null) return;
    for (const i of g.at) taken.add(i);
    grouped.set(at, {
      kind: "group",
      kernels: g.members.map((m) => m.kernel),
      args: g.members.flatMap((m) => m.args),
    });
  });
  return steps.flatMap((s, at) => grouped.get(at) ?? (taken.has(at) ? [] : [s]));
}
