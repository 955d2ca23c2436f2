/**
 * Tidying: a kernel made of several computes nothing twice, keeps no step that nobody needs, and has
 * each value among its arguments once.
 *
 * @module
 */
import { allSteps, type Kernel, type ScalarStep, type View } from "../../ir/kernel.ts";
import type { Id } from "../../ir/program.ts";
import { type KernelStep, renumbered, renumberedAccumulator, renumberedView } from "./steps.ts";

/** Kernels that are tidy with these arguments: fusion asks again and again. */
const known = new WeakMap<Kernel, readonly Id[]>();

/** The same step in fewest words. */
export function tidy(step: KernelStep): KernelStep {
  if (known.get(step.kernel) === step.args) return step;
  const tidied = joinArguments({ ...step, kernel: shareSteps(step) });
  known.set(tidied.kernel, tidied.args);
  return tidied;
}

function viewKey(v: View): string {
  let key = `${v.offset};`;
  for (let i = 0; i < v.strides.length; i++) key += `${v.strides[i]},`;
  return v.at === undefined ? key : `${key};${v.at.map((a) => `${a.step}*${a.stride}`).join(",")}`;
}

/** A text that equal steps share; null for what must not be shared. */
function keyOf(s: ScalarStep, k: Kernel): string | null {
  switch (s.op) {
    case "load":
      return k.args[s.arg]!.writes ? null : `load ${s.arg} ${viewKey(s.view)}`;
    case "const":
      return `const ${s.dtype} ${Object.is(s.value, -0) ? "-0" : s.value}`;
    case "index":
      return `index ${s.axis}`;
    case "acc":
      return `acc ${s.acc}`;
    default: {
      let key = `${s.op} ${s.dtype}`;
      for (let i = 0; i < s.args.length; i++) key += ` ${s.args[i]}`;
      return key;
    }
  }
}

/** For each step whether what is stored or accumulated needs it. */
function liveSteps(k: Kernel, steps: readonly ScalarStep[]): boolean[] {
  const live = new Array<boolean>(steps.length).fill(false);
  const markView = (v: View): void => {
    if (v.at !== undefined) { for (const a of v.at) live[a.step] = true; }
  };
  for (let i = 0; i < k.stores.length; i++) {
    live[k.stores[i]!.value] = true;
    markView(k.stores[i]!.view);
  }
  for (const a of k.accumulators) {
    live[a.value] = true;
    if (a.factor !== undefined) live[a.factor] = true;
  }
  for (let i = steps.length - 1; i >= 0; i--) {
    if (!live[i]) continue;
    const s = steps[i]!;
    if (s.op === "load") markView(s.view);
    else if ("args" in s) { for (let j = 0; j < s.args.length; j++) live[s.args[j]!] = true; }
  }
  return live;
}

/** Loads of one value go through one argument, steps that compute the same become one, dead ones go. */
function shareSteps({ kernel: k, args }: KernelStep): Kernel {
  const old = allSteps(k);
  const live = liveSteps(k, old);
  const first = new Map<Id, number>();
  for (let i = 0; i < args.length; i++) {
    if (!k.args[i]!.writes && !first.has(args[i]!)) first.set(args[i]!, i);
  }
  const texts = new Map<string, number>();
  const numbers = new Array<number>(old.length).fill(-1);
  const body: ScalarStep[] = [];
  const epilogue: ScalarStep[] = [];
  // steps before the first that goes keep their numbers, and are not written anew
  let moved = false;
  let changed = false;
  for (let i = 0; i < old.length; i++) {
    if (!live[i]) {
      moved = true;
      continue;
    }
    let s = old[i]!;
    if (s.op === "load" && !k.args[s.arg]!.writes) {
      const arg = first.get(args[s.arg]!)!;
      if (arg !== s.arg) {
        s = { ...s, arg };
        changed = true;
      }
    }
    if (moved) s = renumbered(s, numbers);
    const key = keyOf(s, k);
    const twin = key === null ? undefined : texts.get(key);
    if (twin !== undefined) {
      numbers[i] = twin;
      moved = true;
      continue;
    }
    numbers[i] = i < k.body.length ? body.push(s) - 1 : body.length + epilogue.push(s) - 1;
    if (key !== null) texts.set(key, numbers[i]!);
  }
  if (!moved) return changed ? { ...k, body, epilogue } : k;
  return {
    ...k,
    body,
    epilogue,
    accumulators: k.accumulators.map((a) => renumberedAccumulator(a, numbers)),
    stores: k.stores.map((s) => ({
      ...s,
      value: numbers[s.value]!,
      view: renumberedView(s.view, numbers),
    })),
  };
}

/** Arguments that nothing reads or writes go. */
function joinArguments(step: KernelStep): KernelStep {
  const { kernel: k, args } = step;
  const used = new Array<boolean>(args.length).fill(false);
  for (let i = 0; i < k.stores.length; i++) used[k.stores[i]!.arg] = true;
  const steps = allSteps(k);
  for (let i = 0; i < steps.length; i++) {
    const s = steps[i]!;
    if (s.op === "load") used[s.arg] = true;
  }
  if (!used.includes(false)) return step;
  const place: number[] = [];
  let count = 0;
  for (let i = 0; i < used.length; i++) place.push(used[i] ? count++ : -1);
  const load = (s: ScalarStep): ScalarStep =>
    s.op === "load" && place[s.arg] !== s.arg ? { ...s, arg: place[s.arg]! } : s;
  return {
    kind: "kernel",
    kernel: {
      ...k,
      args: k.args.filter((_, i) => used[i]),
      body: k.body.map(load),
      epilogue: k.epilogue.map(load),
      stores: k.stores.map((s) => ({ ...s, arg: place[s.arg]! })),
    },
    args: args.filter((_, i) => used[i]),
  };
}
