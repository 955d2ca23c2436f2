/**
 * Aliases: a kernel that only copies a value as it lies (a reshape) goes, because values are flat
 * memory: its result is its source under another name.
 *
 * @module
 */
import { type Kernel, normalizeKernel } from "../ir/kernel.ts";
import type { Id } from "../ir/program.ts";
import type { LoweredStep } from "./lower.ts";
import { writerCounts } from "./plan.ts";
import { Renaming } from "./renaming.ts";

/** Whether a kernel copies its first argument to its second, element by element, as it lies. */
function isWholeCopy(kernel: Kernel, sizeOf: (arg: number) => number): boolean {
  if (kernel.body[0]!.op !== "load") return false;
  if (kernel.stores.length !== 1 || kernel.reduce.length > 0) return false;
  if (kernel.accumulators.length > 0 || kernel.stores[0]!.add) return false;
  const k = normalizeKernel(kernel);
  const [load, store] = [k.body[0]!, k.stores[0]!];
  if (load.op !== "load" || k.shape.length > 1) return false;
  const n = k.shape[0] ?? 1;
  return [load.view, store.view].every((v) =>
    v.at === undefined && v.offset === 0 && v.strides.every((s) => s === 1)
  ) && sizeOf(load.arg) === n && sizeOf(store.arg) === n;
}

/**
 * Drops whole copies. `given` are inputs and literals, which nothing may write; `kept` are values
 * that must exist under their own name.
 */
export function alias(
  steps: readonly LoweredStep[],
  sizes: readonly { readonly size: number }[],
  given: ReadonlySet<Id>,
  kept: ReadonlySet<Id>,
): LoweredStep[] {
  const names = new Renaming();
  const writers = writerCounts(steps);
  const left = steps.filter((s) => {
    if (s.kind !== "kernel") return true;
    const { kernel, args } = s;
    if (kernel.body.length !== 1) return true;
    if (!isWholeCopy(kernel, (arg) => sizes[args[arg]!]!.size)) return true;
    const [source, target] = kernel.args[0]!.writes ? [args[1]!, args[0]!] : [args[0]!, args[1]!];
    // what more is written to a copy must not reach its source
    if (writers.get(target) !== 1) return true;
    const [from, to] = [names.of(source), names.of(target)];
    if (!kept.has(to)) names.set(to, from);
    else if (!kept.has(from) && !given.has(from)) names.set(from, to);
    else return true;
    return false;
  });
  return names.apply(left);
}
