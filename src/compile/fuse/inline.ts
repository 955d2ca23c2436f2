/**
 * Inlining: the steps of a pointwise kernel in the place of another kernel's load of its result.
 *
 * @module
 */
import type { Kernel, KernelArg, ScalarStep, Store, View } from "../../ir/kernel.ts";
import type { Id } from "../../ir/program.ts";
import type { IndexMap } from "./axes.ts";
import { type KernelStep, renumbered, renumberedView } from "./steps.ts";
import { tidy } from "./tidy.ts";

/** Rewrites views of one kernel into views over the loops of another. */
function throughMap(map: IndexMap, axes: number, steps: readonly number[]): (v: View) => View {
  return (v) => {
    let offset = v.offset;
    const strides = new Array<number>(axes).fill(0);
    v.strides.forEach((s, j) => {
      if (s === 0) return;
      offset += s * map.offsets[j]!;
      map.factors[j]!.forEach((f, i) => strides[i]! += s * f);
    });
    return {
      offset,
      strides,
      ...(v.at === undefined ? {} : { at: v.at.map((a) => ({ ...a, step: steps[a.step]! })) }),
    };
  };
}

/**
 * The producer's steps in the place of step `load` of the consumer, and its store as well when
 * `keep`.
 */
export function inline(
  producer: KernelStep,
  consumer: KernelStep,
  load: number,
  map: IndexMap,
  keep: boolean,
): KernelStep {
  const p = producer.kernel;
  const c = consumer.kernel;
  // the argument that was loaded goes with its last load
  const replaced = load < c.body.length ? c.body[load]! : c.epilogue[load - c.body.length]!;
  const gone = replaced.op === "load" && isLoadedOnce(c, replaced.arg) ? replaced.arg : -1;
  const place = (arg: number): number => gone >= 0 && arg > gone ? arg - 1 : arg;
  const args: KernelArg[] = c.args.filter((_, i) => i !== gone);
  const ids: Id[] = consumer.args.filter((_, i) => i !== gone);
  const isShared = producer.args.some((id, i) => !p.args[i]!.writes && ids.includes(id));
  const body: ScalarStep[] = [];
  const epilogue: ScalarStep[] = [];
  const kept: Store[] = [];
  /** New numbers of the consumer's steps. */
  const numbers: number[] = [];

  /** Writes the producer's steps; gives the number of its result. */
  const expand = (into: ScalarStep[], first: number): number => {
    const own: number[] = [];
    const view = throughMap(map, c.shape.length + c.reduce.length, own);
    const put = (s: ScalarStep): number => first + into.push(s) - 1;
    const int = (value: number) => put({ op: "const", dtype: "int32", value });
    for (const s of p.body) {
      if (s.op === "load") {
        args.push(p.args[s.arg]!);
        ids.push(producer.args[s.arg]!);
        own.push(put({ ...s, arg: args.length - 1, view: view(s.view) }));
      } else if (s.op === "index") {
        let sum = -1;
        const plus = (i: number) => {
          sum = sum < 0 ? i : put({ op: "add", dtype: "int32", args: [sum, i] });
        };
        map.factors[s.axis]!.forEach((f, axis) => {
          if (f === 0) return;
          const index = put({ op: "index", dtype: "int32", axis });
          plus(f === 1 ? index : put({ op: "mul", dtype: "int32", args: [index, int(f)] }));
        });
        const offset = map.offsets[s.axis]!;
        if (offset !== 0 || sum < 0) plus(int(offset));
        own.push(sum);
      } else own.push(put(renumbered(s, own, (v) => v)));
    }
    const store = p.stores[0]!;
    if (keep) {
      args.push(p.args[store.arg]!);
      ids.push(producer.args[store.arg]!);
      kept.push({ arg: args.length - 1, view: view(store.view), value: own[store.value]! });
    }
    return own[store.value]!;
  };

  const walk = (steps: readonly ScalarStep[], into: ScalarStep[], first: number, from: number) =>
    steps.forEach((s, i) => {
      if (from + i === load) numbers.push(expand(into, first));
      else {
        let moved = renumbered(s, numbers, (v) => renumberedView(v, numbers));
        if (moved.op === "load") moved = { ...moved, arg: place(moved.arg) };
        numbers.push(first + into.push(moved) - 1);
      }
    });
  walk(c.body, body, 0, 0);
  walk(c.epilogue, epilogue, body.length, c.body.length);
  const merged: KernelStep = {
    kind: "kernel",
    kernel: {
      ...c,
      name: `${p.name}+${c.name}`,
      args,
      body,
      epilogue,
      accumulators: c.accumulators.map((a) => ({
        ...a,
        value: numbers[a.value]!,
        ...(a.factor === undefined ? {} : { factor: numbers[a.factor]! }),
      })),
      stores: [
        ...c.stores.map((s) => ({
          ...s,
          arg: place(s.arg),
          value: numbers[s.value]!,
          view: renumberedView(s.view, numbers),
        })),
        ...kept,
      ],
    },
    args: ids,
  };
  // only kernels that read the same can compute anything twice
  return isShared ? tidy(merged) : merged;
}

/** Whether one load alone reads an argument. */
function isLoadedOnce(k: Kernel, arg: number): boolean {
  let loads = 0;
  for (const s of k.body) if (s.op === "load" && s.arg === arg) loads++;
  for (const s of k.epilogue) if (s.op === "load" && s.arg === arg) loads++;
  return loads === 1 && !k.stores.some((s) => s.arg === arg);
}
