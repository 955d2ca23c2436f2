/**
 * Plan: a program lowered to kernels and calls over numbered slots of memory. The last thing that is
 * the same on every device.
 *
 * @module
 */
import type { DType } from "../base/dtype.ts";
import type { Aval } from "../ir/aval.ts";
import type { Kernel } from "../ir/kernel.ts";
import type { HostFunction } from "../ir/ops/effect.ts";

/** Routines that are not loop nests. */
export type Call =
  /** c[m,n] = a b (+ c when beta is 1), `batch` times; operands are `stride` elements apart. */
  | {
    readonly name: "gemm";
    readonly dtype: "float32" | "float64";
    readonly ta: boolean;
    readonly tb: boolean;
    readonly m: number;
    readonly n: number;
    readonly k: number;
    readonly batch: number;
    readonly beta: 0 | 1;
    /** How float32 factors may be rounded where that makes it faster; absent: not at all. */
    readonly precision?: "tf32";
  }
  /** Sorts an array [outer, size, inner] along its middle axis: args x, values, indices. */
  | {
    readonly name: "sort";
    readonly dtype: DType;
    readonly outer: number;
    readonly size: number;
    readonly inner: number;
  };

/** The number of a slot. */
export type SlotId = number;

/** A kernel and the slots of its arguments. */
export interface KernelStep {
  readonly kind: "kernel";
  readonly kernel: Kernel;
  readonly args: readonly SlotId[];
}

/**
 * Kernels over the same rows, to be walked in step: row r of each needs of what the others write row r
 * alone. Args: those of all kernels, one after the other.
 */
export interface GroupStep {
  readonly kind: "group";
  readonly kernels: readonly Kernel[];
  readonly args: readonly SlotId[];
}

/** The kernels of a group as steps. */
export function membersOf(g: GroupStep): KernelStep[] {
  let from = 0;
  return g.kernels.map((kernel) => {
    const args = g.args.slice(from, from += kernel.args.length);
    return { kind: "kernel", kernel, args };
  });
}

/** A step that a device runs: a kernel, several in step, or a routine, and the slots of its arguments. */
export type DeviceStep =
  | KernelStep
  | GroupStep
  | { readonly kind: "call"; readonly call: Call; readonly args: readonly SlotId[] };

/** A call of a function of the user with values; avals of the arguments as it sees them. */
export interface HostStep {
  readonly kind: "host";
  readonly call: HostFunction;
  readonly avals: readonly Aval[];
  readonly args: readonly SlotId[];
}

/**
 * Plans within a step. Each runs on slots of its own; the step gives its inputs, outputs and scratch
 * their addresses. All its outputs have memory of their own.
 */
export type Control =
  /** Args: the index, operands; outputs. */
  | { readonly name: "switch"; readonly branches: readonly Plan[] }
  /**
   * Args: constants of the condition, of the body, the first carry; the last carry. A carry is written
   * to the output and to the place at its `swapOffset` of the scratch by turns.
   */
  | {
    readonly name: "while";
    readonly cond: Plan;
    readonly body: Plan;
    readonly condConsts: number;
    readonly bodyConsts: number;
    readonly carryBytes: readonly number[];
    readonly predOffset: number;
    readonly swapOffsets: readonly number[];
    readonly innerOffset: number;
  }
  /** Args: constants, the first carry, arrays of rows; the last carry, arrays of rows. */
  | {
    readonly name: "scan";
    readonly body: Plan;
    readonly consts: number;
    readonly length: number;
    readonly reverse: boolean;
    readonly carryBytes: readonly number[];
    readonly xBytes: readonly number[];
    readonly yBytes: readonly number[];
    readonly swapOffsets: readonly number[];
    readonly innerOffset: number;
  };

/** Control flow; the first `reads` arguments are read, the others written. */
export interface ControlStep {
  readonly kind: "control";
  readonly call: Control;
  readonly reads: number;
  readonly args: readonly SlotId[];
  /** Bytes that it needs beside them; `scratch` is their slot once that is known. */
  readonly scratchBytes: number;
  readonly scratch?: SlotId;
}

/** One step of a plan. */
export type PlanStep = DeviceStep | HostStep | ControlStep;

/** The plans within a step, and how often a run of it runs each; once where that is not known. */
export function innerPlans(s: PlanStep): readonly { readonly plan: Plan; readonly runs: number }[] {
  if (s.kind !== "control") return [];
  const { call: c } = s;
  switch (c.name) {
    case "switch":
      return c.branches.map((plan) => ({ plan, runs: 1 }));
    case "while":
      return [{ plan: c.cond, runs: 1 }, { plan: c.body, runs: 1 }];
    case "scan":
      return [{ plan: c.body, runs: c.length }];
    default:
      return c satisfies never;
  }
}

/** A place in memory: an argument, a literal, an output, or bytes of the scratch arena. */
export type Slot =
  | { readonly kind: "input"; readonly index: number }
  | { readonly kind: "literal"; readonly index: number }
  | { readonly kind: "output"; readonly index: number }
  | { readonly kind: "scratch"; readonly offset: number; readonly bytes: number };

/** A constant that the program's text contains. */
export interface LiteralValue {
  readonly dtype: DType;
  readonly values: readonly number[];
}

/** Where an output's bytes come from. */
export type OutputSource =
  /** Fresh memory that the plan writes. */
  | { readonly kind: "fresh"; readonly bytes: number }
  /** An unchanged input (or the same value as an earlier output): storage is shared. */
  | { readonly kind: "input"; readonly index: number }
  | { readonly kind: "output"; readonly index: number }
  /** The memory of a donated input, overwritten in place. */
  | { readonly kind: "donated"; readonly index: number };

/** What a device can be linked to and run. `inputs` counts arguments, then captured constants. */
export interface Plan {
  readonly inputs: number;
  readonly literals: readonly LiteralValue[];
  readonly slots: readonly Slot[];
  /** What each slot holds. */
  readonly values: readonly Aval[];
  readonly steps: readonly PlanStep[];
  readonly outputs: readonly OutputSource[];
  readonly scratchBytes: number;
}

/** How many of the steps write each slot. */
export function writerCounts(steps: readonly PlanStep[]): Map<SlotId, number> {
  const counts = new Map<SlotId, number>();
  for (let k = 0; k < steps.length; k++) {
    const { writes } = accesses(steps[k]!);
    for (let i = 0; i < writes.length; i++) {
      const id = writes[i]!;
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
  }
  return counts;
}

/** Marks the arguments that steps of a kernel load. */
function markLoads(steps: Kernel["body"], loaded: boolean[]): void {
  for (let i = 0; i < steps.length; i++) {
    const s = steps[i]!;
    if (s.op === "load") loaded[s.arg] = true;
  }
}

/** The slots that a step reads, and those that it writes. */
export interface Accesses {
  readonly reads: readonly SlotId[];
  readonly writes: readonly SlotId[];
}

/** The slots that a step reads, and those that it writes. */
export function accesses(s: PlanStep): Accesses {
  const reads: SlotId[] = [];
  const writes: SlotId[] = [];
  if (s.kind === "host") return { reads: [...s.args], writes };
  if (s.kind === "control") {
    writes.push(...s.args.slice(s.reads));
    if (s.scratch !== undefined) writes.push(s.scratch);
    return { reads: s.args.slice(0, s.reads), writes };
  }
  if (s.kind === "group") {
    for (const member of membersOf(s)) {
      const own = accesses(member);
      reads.push(...own.reads.filter((slot) => !writes.includes(slot)));
      writes.push(...own.writes);
    }
    return { reads, writes };
  }
  if (s.kind === "kernel") {
    const { args, body, epilogue, stores } = s.kernel;
    const read: boolean[] = [];
    markLoads(body, read);
    markLoads(epilogue, read);
    for (let i = 0; i < stores.length; i++) if (stores[i]!.add) read[stores[i]!.arg] = true;
    for (let i = 0; i < args.length; i++) {
      if (args[i]!.writes) writes.push(s.args[i]!);
      if (read[i]) reads.push(s.args[i]!);
    }
    return { reads, writes };
  }
  s.args.forEach((slot, i) => {
    if (s.call.name === "gemm") {
      (i < 2 ? reads : writes).push(slot);
      if (i === 2 && s.call.beta === 1) reads.push(slot);
    } else (i < 1 ? reads : writes).push(slot);
  });
  return { reads, writes };
}
