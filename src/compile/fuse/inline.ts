/**
 * Inlining: the steps of a pointwise kernel in the place of another kernel's load of its result.
 *
 * @module
 */
import type { Kernel, KernelArg, ScalarStep, Store, View } from "../../ir/kernel.ts";
import type { Id } from "../../ir/program.ts";
import type { IndexMap } from "./axes.ts";
import { type KernelStep, renumbered, renumberedAccumulator, renumberedView } from "./steps.ts";
import { tidy } from "./tidy.ts";

/** A view of one kernel as a view over `axes` loops of another. */
function throughMap(v: View, map: IndexMap, axes: number, steps: readonly number[]): View {
  let offset = v.offset;
  const strides = new Array<number>(axes).fill(0);
  for (let j = 0; j < v.strides.length; j++) {
    const s = v.strides[j]!;
    if (s === 0) continue;
    offset += s * map.offsets[j]!;
    const factors = map.factors[j]!;
    for (let i = 0; i < factors.length; i++) strides[i]! += s * factors[i]!;
  }
  if (v.at === undefined) return { offset, strides };
  return { offset, strides, at: v.at.map((a) => ({ ...a, step: steps[a.step]! })) };
}

/**
 * The producer's steps in the place of step `load` of the consumer, and its store as well when
 * `keep`. The map tells where the consumer's points lie among the producer's; null says that they are
 * the same.
 */
export function inline(
  producer: KernelStep,
  consumer: KernelStep,
  load: number,
  map: IndexMap | null,
  keep: boolean,
): KernelStep {
  const p = producer.kernel;
  const c = consumer.kernel;
  // the argument that was loaded goes with its last load
  const replaced = load < c.body.length ? c.body[load]! : c.epilogue[load - c.body.length]!;
  const gone = replaced.op === "load" && isLoadedOnce(c, replaced.arg) ? replaced.arg : -1;
  const place = (arg: number): number => gone >= 0 && arg > gone ? arg - 1 : arg;
  const args: KernelArg[] = [...c.args];
  const ids: Id[] = [...consumer.args];
  if (gone >= 0) {
    args.splice(gone, 1);
    ids.splice(gone, 1);
  }
  let isShared = false;
  for (let i = 0; i < producer.args.length; i++) {
    isShared ||= !p.args[i]!.writes && ids.includes(producer.args[i]!);
  }
  const body: ScalarStep[] = [];
  const epilogue: ScalarStep[] = [];
  const kept: Store[] = [];
  /** New numbers of the consumer's steps. */
  const numbers: number[] = [];

  /** Writes the producer's steps; gives the number of its result. */
  const expand = (into: ScalarStep[], first: number): number => {
    const axes = c.shape.length + c.reduce.length;
    const own: number[] = [];
    const view = (v: View): View =>
      map === null ? renumberedView(v, own) : throughMap(v, map, axes, own);
    const put = (s: ScalarStep): number => first + into.push(s) - 1;
    for (let i = 0; i < p.body.length; i++) {
      const s = p.body[i]!;
      if (s.op === "load") {
        const id = producer.args[s.arg]!;
        let arg = p.args[s.arg]!.writes ? -1 : ids.indexOf(id);
        if (arg < 0 || args[arg]!.writes) {
          arg = args.push(p.args[s.arg]!) - 1;
          ids.push(id);
        }
        own.push(put({ ...s, arg, view: view(s.view) }));
      } else if (s.op === "index" && map !== null) own.push(indexThrough(map, s.axis, put));
      else own.push(put(renumbered(s, own)));
    }
    const store = p.stores[0]!;
    const value = own[store.value]!;
    if (keep) {
      ids.push(producer.args[store.arg]!);
      kept.push({ arg: args.push(p.args[store.arg]!) - 1, view: view(store.view), value });
    }
    return value;
  };

  const walk = (steps: readonly ScalarStep[], into: ScalarStep[], first: number, from: number) => {
    for (let i = 0; i < steps.length; i++) {
      if (from + i === load) {
        numbers.push(expand(into, first));
        continue;
      }
      const s = steps[i]!;
      // before the load nothing has another number, and a step stays as it is
      const moved = from + i < load && (s.op !== "load" || gone < 0 || s.arg < gone)
        ? s
        : s.op === "load"
        ? { ...s, arg: place(s.arg), view: renumberedView(s.view, numbers) }
        : renumbered(s, numbers);
      numbers.push(first + into.push(moved) - 1);
    }
  };
  walk(c.body, body, 0, 0);
  walk(c.epilogue, epilogue, body.length, c.body.length);
  const stores = c.stores.map((s) => ({
    ...s,
    arg: place(s.arg),
    value: numbers[s.value]!,
    view: renumberedView(s.view, numbers),
  }));
  const merged: KernelStep = {
    kind: "kernel",
    kernel: {
      ...c,
      name: `${p.name}+${c.name}`,
      args,
      body,
      epilogue,
      accumulators: c.accumulators.map((a) => renumberedAccumulator(a, numbers)),
      stores: keep ? [...stores, ...kept] : stores,
    },
    args: ids,
  };
  // only kernels that read the same can compute anything twice
  return isShared ? tidy(merged) : merged;
}

/** Writes the index along an axis of a producer; gives its number. */
function indexThrough(map: IndexMap, axis: number, put: (s: ScalarStep) => number): number {
  const int = (value: number) => put({ op: "const", dtype: "int32", value });
  let sum = -1;
  const plus = (i: number) => {
    sum = sum < 0 ? i : put({ op: "add", dtype: "int32", args: [sum, i] });
  };
  map.factors[axis]!.forEach((f, axis) => {
    if (f === 0) return;
    const index = put({ op: "index", dtype: "int32", axis });
    plus(f === 1 ? index : put({ op: "mul", dtype: "int32", args: [index, int(f)] }));
  });
  const offset = map.offsets[axis]!;
  if (offset !== 0 || sum < 0) plus(int(offset));
  return sum;
}

/** How many steps load an argument. */
function countLoads(steps: readonly ScalarStep[], arg: number): number {
  let loads = 0;
  for (let i = 0; i < steps.length; i++) {
    const s = steps[i]!;
    if (s.op === "load" && s.arg === arg) loads++;
  }
  return loads;
}

/** Whether one load alone reads an argument. */
function isLoadedOnce(k: Kernel, arg: number): boolean {
  return countLoads(k.body, arg) + countLoads(k.epilogue, arg) === 1 &&
    !k.stores.some((s) => s.arg === arg);
}
