/**
 * In place: a kernel that reads a value for the last time, each element just where it then writes,
 * writes over it. From then on both values have one name, and so one place in memory.
 *
 * @module
 */
import type { Aval } from "../ir/aval.ts";
import { allSteps } from "../ir/kernel.ts";
import type { Id } from "../ir/program.ts";
import type { LoweredStep } from "./lower.ts";
import { accesses, membersOf, writerCounts } from "./plan.ts";
import { Renaming } from "./renaming.ts";

/**
 * Whether a step may write value `to` over value `from`: every load of it reads exactly the element
 * that the point then writes.
 */
export function overwrites(step: LoweredStep, from: Id, to: Id): boolean {
  if (step.kind !== "kernel" || step.kernel.reduce.length > 0) return false;
  const { kernel: k, args } = step;
  const stores = k.stores.filter((s) => args[s.arg] === to);
  const target = stores[0]?.view;
  if (stores.length !== 1 || stores[0]!.add || target === undefined || target.at !== undefined) {
    return false;
  }
  return allSteps(k).every((s) =>
    s.op !== "load" || args[s.arg] !== from ||
    (s.view.at === undefined && s.view.offset === target.offset &&
      s.view.strides.every((n, i) => n === target.strides[i]))
  );
}

/**
 * Gives values that die where another is written the name of that one. `given` are inputs and literals,
 * `kept` are outputs, `fixed` are outputs that take the memory of a donated argument: their first
 * writer decides whether they can.
 */
export function inPlace(
  steps: readonly LoweredStep[],
  avals: readonly Aval[],
  given: ReadonlySet<Id>,
  kept: ReadonlySet<Id>,
  fixed: ReadonlySet<Id>,
): LoweredStep[] {
  const parts = steps.flatMap((s): LoweredStep[] => s.kind === "group" ? membersOf(s) : [s]);
  const last = new Map<Id, number>();
  parts.forEach((s, at) => {
    for (const id of s.args) last.set(id, at);
  });
  const writers = writerCounts(parts);
  const names = new Renaming();
  parts.forEach((s, at) => {
    if (s.kind !== "kernel") return;
    const { reads, writes } = accesses(s);
    const free = new Set(
      reads.filter((id) => last.get(id) === at && !kept.has(id) && !given.has(id)),
    );
    for (const to of writes) {
      if (writers.get(to) !== 1 || fixed.has(to) || reads.includes(to)) continue;
      for (const from of free) {
        if (avals[from]!.dtype !== avals[to]!.dtype || avals[from]!.size !== avals[to]!.size) {
          continue;
        }
        if (!overwrites(s, from, to)) continue;
        names.set(from, to);
        free.delete(from);
        break;
      }
    }
  });
  return names.apply(steps);
}
