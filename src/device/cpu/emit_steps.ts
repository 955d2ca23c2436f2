/**
 * Writes the steps of a planned kernel, wherever in its loops they lie: what is known of their values,
 * the accumulators, and the stores.
 *
 * @module
 */
import { operandType } from "../../ir/kernel.ts";
import type { Local } from "../../wasm/wasm.ts";
import { type Block, MemoryWriter } from "./emit_memory.ts";
import { type LoopPlan, variesAlong } from "./emit_plan.ts";
import { AccumulatorWriter } from "./emit_reduce.ts";
import { emitScalar } from "./emit_scalar.ts";
import { emitConstant, type Reg, type Writer } from "./emit_values.ts";
import type { Locals } from "./locals.ts";

/** The steps of one kernel, as its loops are written around them. */
export class StepWriter {
  readonly #w: Writer;
  readonly #locals: Locals;
  readonly #plan: LoopPlan;
  /** Where the values of steps lie, while they are known. */
  readonly #regs: (readonly Reg[] | undefined)[];
  /** Loop indices, of the axes whose index is read. */
  readonly indices = new Map<number, Local>();
  /** Loads, stores and their pointers. */
  readonly memory: MemoryWriter;
  /** The accumulators of the points that are being written. */
  accumulators: readonly AccumulatorWriter[] = [];
  /** How many points are worked on at once. */
  block: Block = { copies: 1, lanes: 1 };

  constructor(w: Writer, locals: Locals, plan: LoopPlan) {
    this.#w = w;
    this.#locals = locals;
    this.#plan = plan;
    this.memory = new MemoryWriter(w, plan);
    this.#regs = new Array<undefined>(plan.steps.length).fill(undefined);
    for (let i = 0; i < plan.steps.length; i++) {
      const s = plan.steps[i]!;
      if (s.op === "index" && plan.live[i] && !this.indices.has(s.axis)) {
        this.indices.set(s.axis, w.integer());
      }
    }
  }

  /** Runs a part in which steps become known, and forgets them and their locals at its end. */
  scope(body: () => void): void {
    const before = this.#regs.slice();
    const terms = this.memory.termsKnown();
    this.#locals.scope(body);
    for (let i = 0; i < before.length; i++) {
      if (before[i] === undefined) this.#regs[i] = undefined;
    }
    this.memory.forgetTerms(terms);
  }

  /** Starts the accumulators. */
  begin(): void {
    const { kernel: k, rowwise, copies } = this.#plan;
    this.accumulators = k.accumulators.map((a) =>
      new AccumulatorWriter(
        this.#w,
        a,
        this.#plan.steps[a.value]!.dtype,
        rowwise ? copies : this.block.copies,
        k.scan === true,
      )
    );
    for (const a of this.accumulators) a.reset();
  }

  /** Takes the values of a point into the accumulators. */
  take(): void {
    this.#plan.kernel.accumulators.forEach((a, i) => {
      const factors = a.factor === undefined ? [] : this.#regs[a.factor]!;
      this.accumulators[i]!.take(
        this.#regs[a.value]!,
        factors,
        this.block,
        this.#plan.rowwise,
      );
    });
  }

  /** Writes what follows the accumulators, and the stores. */
  finish(): void {
    this.steps((i) => this.#plan.late[i]!);
    this.#plan.kernel.stores.forEach((s, i) => {
      this.memory.store(i, s, this.#regs[s.value]!, this.block, this.#regs);
    });
  }

  /** Writes the steps that are wanted, in their order. */
  steps(wanted: (step: number) => boolean): void {
    const { steps, live } = this.#plan;
    for (let i = 0; i < steps.length; i++) {
      if (!live[i] || !wanted(i)) continue;
      this.#regs[i] = this.#step(i);
      this.memory.resolveTerms(this.#regs);
    }
  }

  #step(i: number): readonly Reg[] {
    const plan = this.#plan;
    const w = this.#w;
    const s = plan.steps[i]!;
    if (s.op === "load") return this.memory.load(i, this.block, this.#regs);
    if (s.op === "const") return [emitConstant(w, s.dtype, s.value)];
    const copies = variesAlong(plan, i, plan.copyAxis) ? this.block.copies : 1;
    const out: Reg[] = [];
    if (s.op === "index") {
      for (let copy = 0; copy < copies; copy++) out.push(this.#index(s.axis, copy));
      return out;
    }
    if (s.op === "acc") return this.accumulators[s.acc]!.results(s.dtype, copies);
    const uniformSecond = s.args[1] !== undefined && !variesAlong(plan, s.args[1], plan.vector);
    const constants: (number | undefined)[] = [];
    for (let k = 0; k < s.args.length; k++) {
      const step = plan.steps[s.args[k]!]!;
      constants.push(step.op === "const" ? step.value : undefined);
    }
    const lanes = variesAlong(plan, i, plan.vector) ? this.block.lanes : 1;
    const from = operandType(plan.steps, s);
    for (let copy = 0; copy < copies; copy++) {
      const args: Reg[] = [];
      for (let k = 0; k < s.args.length; k++) {
        const regs = this.#regs[s.args[k]!]!;
        args.push(regs[copy % regs.length]!);
      }
      out.push(emitScalar(w, s.op, from, s.dtype, args, { lanes, uniformSecond, constants }));
    }
    return out;
  }

  #index(axis: number, copy: number): Reg {
    const { f } = this.#w;
    const { vector, copyAxis } = this.#plan;
    const out = this.#w.vector();
    f.get(this.indices.get(axis)!).op("i32x4.splat");
    const { count } = this.#w.lanes;
    const first = axis === copyAxis ? copy * (axis === vector ? count : 1) : 0;
    const ramp = axis === vector && this.block.lanes > 1 ? 1 : 0;
    if (first !== 0 || ramp !== 0) {
      this.#w.lanes.words(Array.from({ length: count }, (_, lane) => first + ramp * lane));
      f.op("i32x4.add");
    }
    f.set(out);
    return [out];
  }
}
