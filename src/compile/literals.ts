/**
 * literals: single numbers of the program become constants of the kernels that read them. The
 * emitter can do more with a number that it knows, and the kernel has an argument less.
 *
 * @module
 */
import { allocate, type DType } from "../base/dtype.ts";
import type { Kernel, KernelArg, ScalarStep, Store } from "../ir/kernel.ts";
import type { Id, Program } from "../ir/program.ts";
import type { LoweredStep } from "./lower.ts";

/** A number as memory of a type holds it. */
function held(value: number, dtype: DType): number {
  const one = allocate(dtype, 1);
  one[0] = value;
  return one[0]!;
}

/** Reads the arguments in `known` as constants, and drops them. */
function embed(k: Kernel, known: ReadonlyMap<number, number>): Kernel {
  const args: KernelArg[] = [];
  const place: number[] = [];
  for (let i = 0; i < k.args.length; i++) {
    place.push(known.has(i) ? -1 : args.push(k.args[i]!) - 1);
  }
  const step = (s: ScalarStep): ScalarStep => {
    if (s.op !== "load") return s;
    const value = known.get(s.arg);
    return value === undefined
      ? { ...s, arg: place[s.arg]! }
      : { op: "const", dtype: s.dtype, value: held(value, s.dtype) };
  };
  return {
    ...k,
    args,
    body: k.body.map(step),
    epilogue: k.epilogue.map(step),
    stores: k.stores.map((s): Store => ({ ...s, arg: place[s.arg]! })),
  };
}

/** Steps whose kernels know the program's single numbers. */
export function embedLiterals(steps: readonly LoweredStep[], program: Program): LoweredStep[] {
  const literals = new Map<Id, number>();
  for (const s of program.steps) {
    if (s.op !== "literal") continue;
    const values = s.params["values"] as readonly number[];
    if (values.length === 1) literals.set(s.outs[0]!, values[0]!);
  }
  if (literals.size === 0) return [...steps];
  return steps.map((s): LoweredStep => {
    if (s.kind !== "kernel" || !s.args.some((id) => literals.has(id))) return s;
    const known = new Map<number, number>();
    s.args.forEach((id, i) => {
      const value = literals.get(id);
      if (value !== undefined) known.set(i, value);
    });
    return {
      ...s,
      kernel: embed(s.kernel, known),
      args: s.args.filter((id) => !literals.has(id)),
    };
  });
}
