/**
 * Writes the steps of a planned kernel, wherever in its loops they lie: what is known of their values,
 * the accumulators, and the stores.
 *
 * @module
 */
import { operandType } from "../../ir/kernel.ts";
import type { Local } from "./asm.ts";
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
    this.#regs = plan.steps.map(() => undefined);
    plan.steps.forEach((s, i) => {
      if (s.op === "index" && plan.live[i] && !this.indices.has(s.axis)) {
        this.indices.set(s.axis, w.integer());
      }
    });
  }

  /** Runs a part in which steps become known, and forgets them and their locals at its end. */
  scope(body: () => void): void {
    const known = this.#regs.map((r) => r !== undefined);
    const terms = new Set(this.memory.termsKnown());
    this.#locals.scope(body);
    this.#regs.forEach((_, i) => {
      if (!known[i]) this.#regs[i] = undefined;
    });
    for (const access of this.memory.termsKnown()) {
      if (!terms.has(access)) access.terms = undefined;
    }
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
    for (let i = 0; i < this.#plan.steps.length; i++) {
      if (!this.#plan.live[i] || !wanted(i)) continue;
      this.#regs[i] = this.#step(i);
      this.memory.resolveTerms(this.#regs);
    }
  }

  #step(i: number): readonly Reg[] {
    const { plan, w } = { plan: this.#plan, w: this.#w };
    const s = plan.steps[i]!;
    if (s.op === "load") return this.memory.load(i, this.block, this.#regs);
    if (s.op === "const") return [emitConstant(w, s.dtype, s.value)];
    const copies = variesAlong(plan, i, plan.copyAxis) ? this.block.copies : 1;
    const perCopy = (write: (copy: number) => Reg) =>
      Array.from({ length: copies }, (_, c) => write(c));
    if (s.op === "index") return perCopy((copy) => this.#index(s.axis, copy));
    if (s.op === "acc") return this.accumulators[s.acc]!.results(s.dtype, copies);
    const uniformSecond = s.args[1] !== undefined && !variesAlong(plan, s.args[1], plan.vector);
    const constants = s.args.map((a) => {
      const step = plan.steps[a]!;
      return step.op === "const" ? step.value : undefined;
    });
    return perCopy((copy) =>
      emitScalar(
        w,
        s.op,
        operandType(plan.steps, s),
        s.dtype,
        s.args.map((a) => {
          const regs = this.#regs[a]!;
          return regs[copy % regs.length]!;
        }),
        {
          lanes: variesAlong(plan, i, plan.vector) ? this.block.lanes : 1,
          uniformSecond,
          constants,
        },
      )
    );
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
