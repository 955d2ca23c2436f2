/**
 * Blocks: plans linked to a device, as closures over a table of addresses. An Executable is a block
 * with memory; control flow runs the blocks within its step on addresses that it gives them.
 *
 * @module
 */
import { DTYPES } from "../base/dtype.ts";
import type { LiteralValue, Plan, PlanStep } from "../compile/plan.ts";
import type { Device, Slots } from "../device/device.ts";
import { linkControl } from "./control.ts";
import { linkHost } from "./host_call.ts";

const ALIGN = 64;

/** The numbers in the texts of a plan and of those within it, side by side in one memory. */
export class LiteralPool {
  readonly #literals: { value: LiteralValue; slots: Slots; slot: number; offset: number }[] = [];
  #top = 0;
  #base = -1;

  /** Adds a literal, whose address `slots` is to hold. */
  add(value: LiteralValue, slots: Slots, slot: number): void {
    this.#literals.push({ value, slots, slot, offset: this.#top });
    const bytes = value.values.length * DTYPES[value.dtype].bytes;
    this.#top += Math.max(1, Math.ceil(bytes / ALIGN)) * ALIGN;
  }

  /** Their bytes. */
  bytes(): Uint8Array {
    const all = new Uint8Array(this.#top);
    for (const { value: { dtype, values }, offset } of this.#literals) {
      new DTYPES[dtype].array(all.buffer, offset, values.length).set(values);
    }
    return all;
  }

  /** Writes their addresses, when the bytes lie at `base`. */
  place(base: number): void {
    if (base === this.#base) return;
    this.#base = base;
    for (const { slots, slot, offset } of this.#literals) slots[slot] = base + offset;
  }
}

/** What all blocks of an Executable share. */
export interface BlockContext {
  readonly device: Device;
  readonly pool: LiteralPool;
  /** The call that is running. */
  readonly label: () => string;
}

/** A linked plan. */
export class Block {
  readonly plan: Plan;
  readonly slots: Float64Array;
  readonly steps: readonly (() => void)[];
  /** The slot of each input, or -1 when nothing reads it. */
  readonly inputs: Int32Array;
  /** The slots of each output. */
  readonly outputs: readonly (readonly number[])[];
  readonly #scratchSlots: Int32Array;
  readonly #scratchOffsets: Float64Array;
  #scratchBase = -1;

  constructor(plan: Plan, context: BlockContext) {
    this.plan = plan;
    this.slots = new Float64Array(plan.slots.length);
    this.inputs = new Int32Array(plan.inputs).fill(-1);
    const outputs: number[][] = plan.outputs.map(() => []);
    const scratch: [number, number][] = [];
    plan.slots.forEach((s, i) => {
      if (s.kind === "input") this.inputs[s.index] = i;
      else if (s.kind === "output") outputs[s.index]!.push(i);
      else if (s.kind === "scratch") scratch.push([i, s.offset]);
      else context.pool.add(plan.literals[s.index]!, this.slots, i);
    });
    this.outputs = outputs;
    this.#scratchSlots = Int32Array.from(scratch, ([i]) => i);
    this.#scratchOffsets = Float64Array.from(scratch, ([, at]) => at);
    this.steps = plan.steps.map((s) => linkStep(s, this.slots, context));
  }

  /** Writes the addresses of intermediate values, when the scratch lies at `base`. */
  place(base: number): void {
    if (base === this.#scratchBase) return;
    this.#scratchBase = base;
    for (let i = 0; i < this.#scratchSlots.length; i++) {
      this.slots[this.#scratchSlots[i]!] = base + this.#scratchOffsets[i]!;
    }
  }

  /** Gives input `index` its address. */
  input(index: number, address: number): void {
    const slot = this.inputs[index]!;
    if (slot >= 0) this.slots[slot] = address;
  }

  /** Gives output `index` its address. */
  output(index: number, address: number): void {
    const list = this.outputs[index]!;
    for (let i = 0; i < list.length; i++) this.slots[list[i]!] = address;
  }

  run(): void {
    const steps = this.steps;
    for (let i = 0; i < steps.length; i++) steps[i]!();
  }
}

function linkStep(s: PlanStep, slots: Slots, context: BlockContext): () => void {
  switch (s.kind) {
    case "host":
      return linkHost(s, slots, context.device, context.label);
    case "control":
      return linkControl(s, slots, context, (plan) => new Block(plan, context));
    default:
      return context.device.link(s, slots);
  }
}
