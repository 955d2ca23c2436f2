/**
 * Tidying: a kernel made of several computes nothing twice, keeps no step that nobody needs, and has
 * each value among its arguments once.
 *
 * @module
 */
import type { Accumulator, Kernel, ScalarStep, View } from "../../ir/kernel.ts";
import type { Id } from "../../ir/program.ts";
import { type KernelStep, renumbered, renumberedView } from "./steps.ts";

/** The same step in fewest words. */
export function tidy(step: KernelStep): KernelStep {
  return joinArguments({ ...step, kernel: dropDead(shareSteps(joinTwins(step))) });
}

/** Loads of one value through one argument, so that equal loads look equal. */
function joinTwins({ kernel: k, args }: KernelStep): Kernel {
  const first = new Map<Id, number>();
  args.forEach((id, i) => {
    if (!k.args[i]!.writes && !first.has(id)) first.set(id, i);
  });
  const load = (s: ScalarStep): ScalarStep =>
    s.op === "load" && !k.args[s.arg]!.writes ? { ...s, arg: first.get(args[s.arg]!)! } : s;
  return { ...k, body: k.body.map(load), epilogue: k.epilogue.map(load) };
}

const viewKey = (v: View): string =>
  `${v.offset};${v.strides.join(",")};${
    v.at === undefined ? "" : v.at.map((a) => `${a.step}*${a.stride}`).join(",")
  }`;

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
    default:
      return `${s.op} ${s.dtype} ${s.args.join(",")}`;
  }
}

/** Steps that compute the same become one. */
function shareSteps(k: Kernel): Kernel {
  const known = new Map<string, number>();
  return rewrite(k, (s) => {
    const key = keyOf(s, k);
    const twin = key === null ? undefined : known.get(key);
    return {
      twin,
      added: (at) => {
        if (key !== null) known.set(key, at);
      },
    };
  });
}

/** Steps that nothing stored or accumulated needs go. */
function dropDead(k: Kernel): Kernel {
  const steps = [...k.body, ...k.epilogue];
  const live = new Array<boolean>(steps.length).fill(false);
  const mark = (i: number): void => {
    if (live[i]) return;
    live[i] = true;
    const s = steps[i]!;
    if (s.op === "load") s.view.at?.forEach((a) => mark(a.step));
    else if ("args" in s) s.args.forEach(mark);
  };
  for (const s of k.stores) {
    mark(s.value);
    s.view.at?.forEach((a) => mark(a.step));
  }
  for (const a of k.accumulators) {
    mark(a.value);
    if (a.factor !== undefined) mark(a.factor);
  }
  if (live.every((x) => x)) return k;
  let at = 0;
  return rewrite(k, () => ({ dead: !live[at++] }));
}

/** What becomes of a step: it goes (`dead`), it is an earlier one (`twin`), or it stays. */
interface Fate {
  readonly dead?: boolean;
  readonly twin?: number | undefined;
  readonly added?: (at: number) => void;
}

/** The kernel with the fate of each step carried out. */
function rewrite(k: Kernel, fate: (s: ScalarStep) => Fate): Kernel {
  const numbers: number[] = [];
  const body: ScalarStep[] = [];
  const epilogue: ScalarStep[] = [];
  const view = (v: View) => renumberedView(v, numbers);
  const walk = (steps: readonly ScalarStep[], into: ScalarStep[], first: number) => {
    for (const old of steps) {
      const s = renumbered(old, numbers, view);
      const { dead, twin, added } = fate(s);
      if (dead) numbers.push(-1);
      else if (twin !== undefined) numbers.push(twin);
      else {
        const at = first + into.push(s) - 1;
        numbers.push(at);
        added?.(at);
      }
    }
  };
  walk(k.body, body, 0);
  walk(k.epilogue, epilogue, body.length);
  if (numbers.length === body.length + epilogue.length) return k;
  return {
    ...k,
    body,
    epilogue,
    accumulators: k.accumulators.map((a): Accumulator => ({
      ...a,
      value: numbers[a.value]!,
      ...(a.factor === undefined ? {} : { factor: numbers[a.factor]! }),
    })),
    stores: k.stores.map((s) => ({ ...s, value: numbers[s.value]!, view: view(s.view) })),
  };
}

/** Arguments that nothing reads or writes go. */
function joinArguments({ kernel: k, args }: KernelStep): KernelStep {
  const used = new Set<number>(k.stores.map((s) => s.arg));
  for (const s of k.body) if (s.op === "load") used.add(s.arg);
  for (const s of k.epilogue) if (s.op === "load") used.add(s.arg);
  const order = args.flatMap((_, i) => used.has(i) ? [i] : []);
  if (order.length === args.length) return { kind: "kernel", kernel: k, args };
  const place = new Map(order.map((old, now) => [old, now]));
  const load = (s: ScalarStep): ScalarStep =>
    s.op === "load" ? { ...s, arg: place.get(s.arg)! } : s;
  return {
    kind: "kernel",
    kernel: {
      ...k,
      args: order.map((i) => k.args[i]!),
      body: k.body.map(load),
      epilogue: k.epilogue.map(load),
      stores: k.stores.map((s) => ({ ...s, arg: place.get(s.arg)! })),
    },
    args: order.map((i) => args[i]!),
  };
}
