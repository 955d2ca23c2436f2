/**
 * Link: a Plan and a Device become an Executable. A call writes addresses, runs closures and wraps
 * what came out.
 *
 * @module
 */
import type { Plan } from "../compile/plan.ts";
import type { Device, Replay } from "../device/device.ts";
import type { Storage } from "../device/heap.ts";
import { quarantineOf } from "../device/worker_error.ts";
import { Block, LiteralPool } from "./block.ts";
import { isObserved, runObserved } from "./observe.ts";
import { followSettings } from "./report.ts";

/** A compiled program, ready to run again and again. */
export class Executable {
  readonly plan: Plan;
  readonly device: Device;
  readonly #block: Block;
  readonly #slots: Float64Array;
  readonly #inputSlots: Int32Array;
  readonly #outputSlots: readonly (readonly number[])[];
  readonly #literals = new LiteralPool();
  readonly #pool: Storage | null;
  readonly #donated: readonly { input: number; output: number }[];
  readonly #freshBytes: number;
  readonly #replay: Replay | null;
  /** Inputs that the replay may have from the host: nothing else may hold their memory. */
  readonly #handed: readonly boolean[] = [];
  /** The call that is running. */
  #label = "";
  #running = false;

  constructor(plan: Plan, device: Device) {
    followSettings();
    this.plan = plan;
    this.device = device;
    device.prepare?.(plan);
    this.#block = new Block(plan, { device, pool: this.#literals, label: () => this.#label });
    this.#slots = this.#block.slots;
    this.#inputSlots = this.#block.inputs;
    this.#outputSlots = this.#block.outputs;
    const bytes = this.#literals.bytes();
    this.#pool = bytes.length === 0 ? null : device.heap.fromBytes(bytes);
    this.#donated = plan.outputs.flatMap((o, output) =>
      o.kind === "donated" ? [{ input: o.index, output }] : []
    );
    this.#freshBytes = plan.outputs.reduce((n, o) => o.kind === "fresh" ? n + o.bytes : n, 0);
    const replay = device.replay?.(plan, this.#block.steps, this.#slots) ?? null;
    this.#replay = replay;
    if (replay !== null) {
      this.#handed = Array.from(
        { length: plan.inputs },
        (_, i) =>
          replay.takes(i) && this.#inputSlots[i]! >= 0 &&
          !plan.outputs.some((o) => (o.kind === "input" || o.kind === "donated") && o.index === i),
      );
    }
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
    const replay = this.#replay === null || isObserved() ? null : this.#replay;
    const outputs = new Array<Storage>(plan.outputs.length);
    let pinned = 0;
    const held: Storage[] = [];
    let inputs = args;
    try {
      if (replay !== null) {
        for (let i = 0; i < args.length; i++) {
          if (args[i]!.borrowed && this.#handed[i]) replay.expect(i);
        }
      }
      for (; pinned < args.length; pinned++) {
        const s = args[pinned]!;
        const slot = this.#inputSlots[pinned]!;
        if (replay !== null && s.borrowed && this.#handed[pinned]) {
          const place = replay.input(pinned, s.block.host!);
          if (place !== null) {
            slots[slot] = place;
            continue;
          }
        }
        const address = heap.pin(s);
        if (slot >= 0) slots[slot] = address;
      }
      if (this.#pool !== null) {
        this.#literals.place(heap.pin(this.#pool));
        held.push(this.#pool);
      }
      for (const { input } of this.#donated) {
        const s = args[input]!;
        // a second pin tells that another argument holds it too
        if (s.holders <= 1 && s.pins === 1) continue;
        if (inputs === args) inputs = [...args];
        const twin = heap.reserve(s.bytes);
        const address = heap.pin(twin);
        held.push(twin);
        heap.copy(slots[this.#inputSlots[input]!]!, address, s.bytes);
        slots[this.#inputSlots[input]!] = address;
        (inputs as Storage[])[input] = twin;
      }
      for (let k = 0; k < outputs.length; k++) {
        const o = plan.outputs[k]!;
        if (o.kind !== "fresh") continue;
        const s = outputs[k] = heap.reserve(o.bytes);
        const own = heap.pin(s);
        held.push(s);
        const address = replay !== null && replay.gives(k) ? replay.output(k, own) : own;
        for (const slot of this.#outputSlots[k]!) slots[slot] = address;
      }
      for (const { input, output } of this.#donated) {
        const address = slots[this.#inputSlots[input]!]!;
        for (const slot of this.#outputSlots[output]!) slots[slot] = address;
      }
      if (plan.scratchBytes > 0) this.#block.place(heap.scratch(plan.scratchBytes));
    } catch (e) {
      replay?.abandon();
      for (const s of held) heap.unpin(s);
      this.#unpin(args.slice(0, pinned));
      for (const s of held) if (s !== this.#pool) heap.dispose(s);
      throw e;
    }
    try {
      this.#label = label;
      this.#running = true;
      const { steps } = this.#block;
      if (replay !== null) replay.run();
      else if (isObserved()) runObserved({ label, plan, device: this.device, slots }, steps);
      else for (let i = 0; i < steps.length; i++) steps[i]!();
    } catch (e) {
      replay?.abandon();
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
    this.#replay?.dispose();
  }

  /** Ends what a call holds of its arguments; those that were handed over were never pinned. */
  #unpin(args: readonly Storage[]): void {
    const heap = this.device.heap;
    for (let i = 0; i < args.length; i++) if (!args[i]!.borrowed) heap.unpin(args[i]!);
  }

  #finish(held: readonly Storage[], args: readonly Storage[]): void {
    this.#running = false;
    const heap = this.device.heap;
    for (const s of held) heap.unpin(s);
    this.#unpin(args);
    if (this.plan.scratchBytes > 0) heap.releaseScratch();
  }
}
