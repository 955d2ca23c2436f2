/**
 * Joining: two kernels over the same points become one, or a pointwise kernel becomes the end of the
 * reduction whose results it reads.
 *
 * @module
 */
import type { Kernel, ScalarStep, Store, View } from "../../ir/kernel.ts";
import type { Id } from "../../ir/program.ts";
import { commonSizes, cutTo } from "./axes.ts";
import { type KernelStep, renumbered, renumberedAccumulator, renumberedView } from "./steps.ts";
import { tidy } from "./tidy.ts";

/** Whether a view is the row-major walk over `shape` (and stands still along other axes). */
export function isRowMajor({ offset, strides, at }: View, shape: readonly number[]): boolean {
  if (offset !== 0 || at !== undefined) return false;
  let own = 1;
  for (let i = strides.length - 1; i >= 0; i--) {
    if (i >= shape.length) {
      if (strides[i] !== 0) return false;
      continue;
    }
    if (strides[i] !== own && shape[i] !== 1) return false;
    own *= shape[i]!;
  }
  return true;
}

/** Both kernels with their loops cut alike; null when they do not walk the same points. */
function alike(a: Kernel, b: Kernel): [Kernel, Kernel] | null {
  const cut = (x: Kernel, y: Kernel, part: "shape" | "reduce"): [Kernel, Kernel] | null => {
    const sizes = commonSizes(x[part], y[part]);
    if (sizes === null) return null;
    const [one, two] = [cutTo(x, part, sizes), cutTo(y, part, sizes)];
    return one === null || two === null ? null : [one, two];
  };
  const shaped = cut(a, b, "shape");
  return shaped && cut(...shaped, "reduce");
}

/**
 * Both kernels as one that does the work of each at every point; null when they do not walk the same
 * points, or read no value in the same order.
 */
export function joinSiblings(first: KernelStep, second: KernelStep): KernelStep | null {
  const pair = alike(first.kernel, second.kernel);
  if (pair === null) return null;
  const [a, b] = pair;
  const walks = (k: Kernel, ids: readonly Id[]): string[] =>
    k.body.flatMap((s) =>
      s.op === "load" && s.view.at === undefined && s.view.strides.every((n) => n !== 0)
        ? [`${ids[s.arg]} ${s.view.offset} ${s.view.strides.join()}`]
        : []
    );
  const others = new Set(walks(b, second.args));
  if (!walks(a, first.args).some((w) => others.has(w))) return null;
  const args = a.args.length;
  const shift = a.accumulators.length;
  // the second body stands between the first body and the first epilogue
  const ofA = [
    ...a.body.map((_, i) => i),
    ...a.epilogue.map((_, i) => a.body.length + b.body.length + i),
  ];
  const ofB = [
    ...b.body.map((_, i) => a.body.length + i),
    ...b.epilogue.map((_, i) => a.body.length + b.body.length + a.epilogue.length + i),
  ];
  const fromA = (s: ScalarStep): ScalarStep => renumbered(s, ofA);
  const fromB = (old: ScalarStep): ScalarStep => {
    const s = renumbered(old, ofB);
    if (s.op === "load") return { ...s, arg: s.arg + args };
    return s.op === "acc" ? { ...s, acc: s.acc + shift } : s;
  };
  const kernel: Kernel = {
    ...a,
    name: `${a.name}, ${b.name}`,
    args: [...a.args, ...b.args],
    body: [...a.body.map(fromA), ...b.body.map(fromB)],
    epilogue: [...a.epilogue.map(fromA), ...b.epilogue.map(fromB)],
    accumulators: [
      ...a.accumulators,
      ...b.accumulators.map((acc) => renumberedAccumulator(acc, ofB)),
    ],
    stores: [
      ...a.stores.map((s): Store => ({
        ...s,
        value: ofA[s.value]!,
        view: renumberedView(s.view, ofA),
      })),
      ...b.stores.map((s): Store => ({
        ...s,
        arg: s.arg + args,
        value: ofB[s.value]!,
        view: renumberedView(s.view, ofB),
      })),
    ],
  };
  return tidy({ kind: "kernel", kernel, args: [...first.args, ...second.args] });
}

/**
 * The reduction with a pointwise kernel that reads its results as its end. `isNeeded` says which of
 * the results must be stored all the same. Null when the kernel does not walk them in order.
 */
export function joinTail(
  reduction: KernelStep,
  tail: KernelStep,
  isNeeded: (id: Id) => boolean,
): KernelStep | null {
  if (tail.kernel.reduce.length > 0 || tail.kernel.accumulators.length > 0) return null;
  const sizes = commonSizes(reduction.kernel.shape, tail.kernel.shape);
  if (sizes === null) return null;
  const r = cutTo(reduction.kernel, "shape", sizes);
  const t = cutTo(tail.kernel, "shape", sizes);
  if (r === null || t === null) return null;
  const args = r.args.length;
  const first = r.body.length + r.epilogue.length;
  const numbers: number[] = [];
  const still = r.reduce.map(() => 0);
  const view = (v: View): View => ({
    ...renumberedView(v, numbers),
    strides: [...v.strides, ...still],
  });
  const end: ScalarStep[] = [];
  for (const s of t.body) {
    const result = s.op === "load"
      ? r.stores.find((w) => reduction.args[w.arg] === tail.args[s.arg])
      : undefined;
    if (s.op === "load" && result !== undefined) {
      if (!isRowMajor(s.view, t.shape) || !isRowMajor(result.view, r.shape)) return null;
      numbers.push(result.value);
      continue;
    }
    const moved = s.op === "load"
      ? { ...s, arg: s.arg + args, view: view(s.view) }
      : renumbered(s, numbers);
    numbers.push(first + end.push(moved) - 1);
  }
  const kernel: Kernel = {
    ...r,
    name: `${r.name}+${t.name}`,
    args: [...r.args, ...t.args],
    epilogue: [...r.epilogue, ...end],
    stores: [
      ...r.stores.filter((s) => isNeeded(reduction.args[s.arg]!)),
      ...t.stores.map((s): Store => ({
        ...s,
        arg: s.arg + args,
        value: numbers[s.value]!,
        view: view(s.view),
      })),
    ],
  };
  return tidy({ kind: "kernel", kernel, args: [...reduction.args, ...tail.args] });
}
