/**
 * What emitters ask of a kernel's steps before they write them: which are read by others, which
 * matter, and along which axes the value of each changes.
 *
 * @module
 */
import { allSteps, type Kernel, type ScalarStep, type View } from "./kernel.ts";

const stepsOf = (v: View): readonly number[] => v.at?.map((a) => a.step) ?? [];

/** The steps that a step reads at its own point: its operands, or what the place of a load needs. */
export function readBy(s: ScalarStep): readonly number[] {
  return "args" in s ? s.args : s.op === "load" ? stepsOf(s.view) : [];
}

/** The steps that stores read: their values, and what their places need. */
export function readByStores(k: Kernel): number[] {
  return k.stores.flatMap((s) => [s.value, ...stepsOf(s.view)]);
}

/** These steps and all that they read, directly or through others, at their own point. */
export function withAllRead(
  steps: readonly ScalarStep[],
  roots: readonly number[],
): ReadonlySet<number> {
  const found = new Set<number>();
  const open = [...roots];
  for (let i = open.pop(); i !== undefined; i = open.pop()) {
    if (found.has(i)) continue;
    found.add(i);
    open.push(...readBy(steps[i]!));
  }
  return found;
}

/**
 * For each step whether anything stored needs it. With `allAccumulators` each accumulator counts as
 * needed, else only those whose value is.
 */
export function liveness(k: Kernel, allAccumulators: boolean): boolean[] {
  const steps = allSteps(k);
  const live = steps.map(() => false);
  const isEmpty = k.reduce.includes(0);
  const takenBy = (acc: number): number[] => {
    const { value, factor } = k.accumulators[acc]!;
    return isEmpty ? [] : factor === undefined ? [value] : [value, factor];
  };
  const open = readByStores(k);
  if (allAccumulators) k.accumulators.forEach((_, acc) => open.push(...takenBy(acc)));
  for (let i = open.pop(); i !== undefined; i = open.pop()) {
    if (live[i]) continue;
    live[i] = true;
    const s = steps[i]!;
    open.push(...s.op === "acc" ? takenBy(s.acc) : readBy(s));
  }
  return live;
}

/**
 * For each step whether its value changes along each axis. A load changes along those that `moves`
 * tells, of a stride and its axis; an accumulator along those of `accumulated`.
 */
export function variation(
  k: Kernel,
  moves: (stride: number, axis: number) => boolean,
  accumulated: readonly boolean[],
): boolean[][] {
  const varies: boolean[][] = [];
  for (const s of allSteps(k)) {
    const own = s.op === "acc" ? [...accumulated] : accumulated.map(() => false);
    if (s.op === "load") s.view.strides.forEach((stride, axis) => own[axis] = moves(stride, axis));
    else if (s.op === "index") own[s.axis] = true;
    for (const j of readBy(s)) varies[j]!.forEach((v, axis) => own[axis] ||= v);
    varies.push(own);
  }
  return varies;
}
