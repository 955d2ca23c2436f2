/**
 * The builder of one kernel, so that lowering rules read like loops.
 *
 * @module
 */
import type { DType } from "../../base/dtype.ts";
import type { Accumulator, Kernel, KernelArg, ScalarStep, Store, View } from "../../ir/kernel.ts";
import type { Id } from "../../ir/program.ts";
import type { ScalarName } from "../../ir/scalar.ts";
import type { KernelStep } from "../plan.ts";

/** Collects the arguments, steps and stores of one kernel. */
export class KernelBuilder {
  readonly steps: ScalarStep[] = [];
  readonly args: KernelArg[] = [];
  readonly ids: Id[] = [];
  readonly stores: Store[] = [];
  readonly #first: number;

  /** `first`: the number of its first step. */
  constructor(first = 0) {
    this.#first = first;
  }

  arg(id: Id, dtype: DType, writes = false): number {
    this.args.push({ dtype, writes });
    this.ids.push(id);
    return this.args.length - 1;
  }
  add(step: ScalarStep): number {
    return this.#first + this.steps.push(step) - 1;
  }
  load(id: Id, dtype: DType, view: View): number {
    return this.add({ op: "load", dtype, arg: this.arg(id, dtype), view });
  }
  const(dtype: DType, value: number): number {
    return this.add({ op: "const", dtype, value });
  }
  op(op: ScalarName, dtype: DType, ...args: number[]): number {
    return this.add({ op, dtype, args });
  }
  index(axis: number): number {
    return this.add({ op: "index", dtype: "int32", axis });
  }
  store(id: Id, dtype: DType, view: View, value: number, add = false): void {
    this.stores.push({ arg: this.arg(id, dtype, true), view, value, ...(add ? { add } : {}) });
  }
  kernel(
    name: string,
    shape: readonly number[],
    more: {
      reduce?: readonly number[];
      accumulators?: readonly Accumulator[];
      epilogue?: readonly ScalarStep[];
      scan?: boolean;
    } = {},
  ): KernelStep {
    const kernel: Kernel = {
      name,
      shape,
      reduce: more.reduce ?? [],
      args: this.args,
      body: this.steps,
      accumulators: more.accumulators ?? [],
      epilogue: more.epilogue ?? [],
      stores: this.stores,
      ...(more.scan ? { scan: true } : {}),
    };
    return { kind: "kernel", kernel, args: this.ids };
  }
}
