/**
 * Link: a Plan and a Device become an Executable, a flat array of closures over a table of
 * addresses. A call writes addresses, runs the closures and wraps what came out.
 *
 * @module
 */
import { DTYPES } from "../base/dtype.ts";
import type { LiteralValue, Plan } from "../compile/plan.ts";
import type { Device } from "../device/device.ts";
import type { Storage } from "../device/heap.ts";
import { quarantineOf } from "../device/worker_error.ts";
import { linkHost } from "./host_call.ts";
import { isObserved, runObserved } from "./observe.ts";
import { followSettings } from "./report.ts";

const ALIGN = 64;

/** Literals side by side, each at an aligned offset. */
function pool(literals: readonly LiteralValue[]): { bytes: Uint8Array; offsets: number[] } {
  const offsets: number[] = [];
  let top = 0;
  for (const l of literals) {
    offsets.push(top);
    top += Math.max(1, Math.ceil(l.values.length * DTYPES[l.dtype].bytes / ALIGN)) * ALIGN;
  }
  const bytes = new Uint8Array(top);
  literals.forEach((l, i) => {
    new DTYPES[l.dtype].array(bytes.buffer, offsets[i]!, l.values.length).set(l.values);
  });
  return { bytes, offsets };
}

/** A compiled program, ready to run again and again. */
export class Executable {
  readonly plan: Plan;
  readonly device: Device;
  readonly #steps: readonly (() => void)[];
  readonly #slots: Float64Array;
  readonly #inputSlots: Int32Array;
  readonly #outputSlots: readonly (readonly number[])[];
  readonly #scratchSlots: Int32Array;
  readonly #scratchOffsets: Float64Array;
  readonly #literalSlots: readonly { slot: number; offset: number }[];
  readonly #pool: Storage | null;
  readonly #donated: readonly { input: number; output: number }[];
  readonly #freshBytes: number;
  #scratchBase = -1;
  /** The call that is running. */
  #label = "";
  #running = false;

  constructor(plan: Plan, device: Device) {
    followSettings();
    this.plan = plan;
    this.device = device;
    this.#slots = new Float64Array(plan.slots.length);
    this.#inputSlots = new Int32Array(plan.inputs).fill(-1);
    const outputs: number[][] = plan.outputs.map(() => []);
    const scratch: [number, number][] = [];
    const literals: { slot: number; offset: number }[] = [];
    const { bytes, offsets } = pool(plan.literals);
    plan.slots.forEach((s, i) => {
      if (s.kind === "input") this.#inputSlots[s.index] = i;
      else if (s.kind === "output") outputs[s.index]!.push(i);
      else if (s.kind === "scratch") scratch.push([i, s.offset]);
      else literals.push({ slot: i, offset: offsets[s.index]! });
    });
    this.#outputSlots = outputs;
    this.#scratchSlots = Int32Array.from(scratch, ([i]) => i);
    this.#scratchOffsets = Float64Array.from(scratch, ([, at]) => at);
    this.#literalSlots = literals;
    this.#pool = bytes.length === 0 ? null : device.heap.fromBytes(bytes);
    this.#donated = plan.outputs.flatMap((o, output) =>
      o.kind === "donated" ? [{ input: o.index, output }] : []
    );
    this.#freshBytes = plan.outputs.reduce((n, o) => o.kind === "fresh" ? n + o.bytes : n, 0);
    this.#steps = plan.steps.map((s) =>
      s.kind === "host"
        ? linkHost(s, this.#slots, device, () => this.#label)
        : device.link(s, this.#slots)
    );
  }

  /**
   * Runs the program.
   *
   * @param args one storage per input, captured constants last
   * @param label the call, for the message of a donated tensor read later
   * @returns one storage per output; one that is an unchanged input is that input's
   */
  run(args: readonly Storage[], label: string): Storage[] {
    if (this.#running) return this.#runTwin(args, label);
    const heap = this.device.heap;
    const slots = this.#slots;
    const plan = this.plan;
    const outputs = new Array<Storage>(plan.outputs.length);
    let pinned = 0;
    const held: Storage[] = [];
    let inputs = args;
    try {
      for (; pinned < args.length; pinned++) {
        const address = heap.pin(args[pinned]!);
        const slot = this.#inputSlots[pinned]!;
        if (slot >= 0) slots[slot] = address;
      }
      if (this.#pool !== null) {
        const at = heap.pin(this.#pool);
        held.push(this.#pool);
        for (const { slot, offset } of this.#literalSlots) slots[slot] = at + offset;
      }
      for (const { input } of this.#donated) {
        const s = args[input]!;
        // a second pin tells that another argument holds it too
        if (s.holders <= 1 && s.pins === 1) continue;
        if (inputs === args) inputs = [...args];
        const twin = heap.reserve(s.bytes);
        const address = heap.pin(twin);
        held.push(twin);
        heap.view(address, s.bytes).set(heap.view(slots[this.#inputSlots[input]!]!, s.bytes));
        slots[this.#inputSlots[input]!] = address;
        (inputs as Storage[])[input] = twin;
      }
      for (let k = 0; k < outputs.length; k++) {
        const o = plan.outputs[k]!;
        if (o.kind !== "fresh") continue;
        const s = outputs[k] = heap.reserve(o.bytes);
        const address = heap.pin(s);
        held.push(s);
        for (const slot of this.#outputSlots[k]!) slots[slot] = address;
      }
      for (const { input, output } of this.#donated) {
        const address = slots[this.#inputSlots[input]!]!;
        for (const slot of this.#outputSlots[output]!) slots[slot] = address;
      }
      if (plan.scratchBytes > 0) this.#lease(heap.scratch(plan.scratchBytes));
    } catch (e) {
      for (const s of held) heap.unpin(s);
      for (let i = 0; i < pinned; i++) heap.unpin(args[i]!);
      for (const s of held) if (s !== this.#pool) heap.dispose(s);
      throw e;
    }
    try {
      this.#label = label;
      this.#running = true;
      const steps = this.#steps;
      if (isObserved()) runObserved({ label, plan, device: this.device, slots }, steps);
      else for (let i = 0; i < steps.length; i++) steps[i]!();
    } catch (e) {
      const gone = quarantineOf(e);
      this.#running = false;
      if (gone === null) this.#finish(held, args);
      else void gone.then(() => this.#finish(held, args));
      for (const s of outputs) if (s !== undefined) heap.dispose(s);
      for (const { input } of this.#donated) heap.dispose(inputs[input]!, `${label}, which failed`);
      throw e;
    }
    this.#finish(held, args);
    for (let k = 0; k < outputs.length; k++) {
      const o = plan.outputs[k]!;
      if (o.kind === "donated") {
        const s = inputs[o.index]!;
        outputs[k] = s === args[o.index] ? heap.adopt(s, label) : s;
      } else if (o.kind === "input") {
        outputs[k] = inputs[o.index]!;
        outputs[k]!.holders++;
      } else if (o.kind === "output") {
        outputs[k] = outputs[o.index]!;
        outputs[k]!.holders++;
      }
    }
    if (this.#freshBytes > 0) heap.noteOutputs(this.#freshBytes);
    return outputs;
  }

  /** A call from within a call, by a user's function: the addresses in the slots are in use. */
  #runTwin(args: readonly Storage[], label: string): Storage[] {
    const twin = new Executable(this.plan, this.device);
    try {
      return twin.run(args, label);
    } finally {
      twin.dispose();
    }
  }

  /** Gives its literals' memory back; it must not run again. */
  dispose(): void {
    if (this.#pool !== null) this.device.heap.dispose(this.#pool);
  }

  #lease(base: number): void {
    if (base === this.#scratchBase) return;
    this.#scratchBase = base;
    for (let i = 0; i < this.#scratchSlots.length; i++) {
      this.#slots[this.#scratchSlots[i]!] = base + this.#scratchOffsets[i]!;
    }
  }

  #finish(held: readonly Storage[], args: readonly Storage[]): void {
    this.#running = false;
    const heap = this.device.heap;
    for (const s of held) heap.unpin(s);
    for (const s of args) heap.unpin(s);
    if (this.plan.scratchBytes > 0) heap.releaseScratch();
  }
}
