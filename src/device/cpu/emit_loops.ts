/**
 * Writes the loop nest of a planned kernel: each step in the outermost loop it can live in, vectors
 * first, then what is left one by one with the same code.
 *
 * @module
 */
import { operandType } from "../../ir/kernel.ts";
import { type FunctionBuilder, I32, type Local, V128 } from "./asm.ts";
import type { HostName } from "./emit_host.ts";
import { type Block, MemoryWriter } from "./emit_memory.ts";
import { type LoopPlan, variesAlong } from "./emit_plan.ts";
import { AccumulatorWriter } from "./emit_reduce.ts";
import { emitScalar } from "./emit_scalar.ts";
import { emitConstant, type Reg, type Writer } from "./emit_values.ts";
import type { Callable } from "./asm.ts";

/** Hands out locals and takes them back when a scope ends. */
class Locals {
  readonly #f: FunctionBuilder;
  readonly #free = { [I32]: [] as Local[], [V128]: [] as Local[] };
  readonly #taken: { type: typeof I32 | typeof V128; local: Local }[] = [];

  constructor(f: FunctionBuilder) {
    this.#f = f;
  }

  take(type: typeof I32 | typeof V128): Local {
    const local = this.#free[type].pop() ?? this.#f.local(type);
    this.#taken.push({ type, local });
    return local;
  }

  scope(body: () => void): void {
    const mark = this.#taken.length;
    body();
    while (this.#taken.length > mark) {
      const { type, local } = this.#taken.pop()!;
      this.#free[type].push(local);
    }
  }
}

/**
 * Writes the body of a kernel's function. The last two parameters of one that has a range are the
 * first unit of the range and the one after its last.
 */
export function emitLoops(
  f: FunctionBuilder,
  plan: LoopPlan,
  relaxed: boolean,
  hosts: ReadonlyMap<HostName, Callable>,
): void {
  const locals = new Locals(f);
  const w: Writer = {
    f,
    relaxed,
    vector: () => locals.take(V128),
    integer: () => locals.take(I32),
    host: (name) => hosts.get(name)!,
  };
  new Walk(w, locals, plan).run();
}

/** How many values in a row are added in float32. */
const BLOCK = 16;

class Walk {
  readonly #w: Writer;
  readonly #locals: Locals;
  readonly #plan: LoopPlan;
  readonly #memory: MemoryWriter;
  /** Where the values of steps lie, while they are known. */
  readonly #regs: (readonly Reg[] | undefined)[];
  /** Loop indices, of the axes whose index is read. */
  readonly #indices = new Map<number, Local>();
  #accumulators: readonly AccumulatorWriter[] = [];
  #block: Block = { copies: 1, lanes: 1 };

  constructor(w: Writer, locals: Locals, plan: LoopPlan) {
    this.#w = w;
    this.#locals = locals;
    this.#plan = plan;
    this.#memory = new MemoryWriter(w, plan);
    this.#regs = plan.steps.map(() => undefined);
    plan.steps.forEach((s, i) => {
      if (s.op === "index" && plan.live[i] && !this.#indices.has(s.axis)) {
        this.#indices.set(s.axis, w.integer());
      }
    });
  }

  run(): void {
    this.#visit(0);
  }

  /** Writes what happens inside of the first `depth` loops. */
  #visit(depth: number): void {
    const { kernel: k, shapeDepth, order, emptyReduce } = this.#plan;
    this.#scope(() => {
      this.#steps((i) => this.#plan.level[i] === depth && !this.#plan.late[i]);
      if (depth === shapeDepth) this.#begin();
      if (depth === order.length) {
        if (!emptyReduce) this.#take();
        if (k.scan) this.#finish();
      } else this.#loop(depth);
      if (depth === shapeDepth && !k.scan) {
        if (this.#plan.rowwise) { for (const a of this.#accumulators) a.join(); }
        this.#finish();
      }
    });
  }

  /** Runs a part in which steps become known, and forgets them and their locals at its end. */
  #scope(body: () => void): void {
    const known = this.#regs.map((r) => r !== undefined);
    const terms = new Set(this.#memory.termsKnown());
    this.#locals.scope(body);
    this.#regs.forEach((_, i) => {
      if (!known[i]) this.#regs[i] = undefined;
    });
    for (const access of this.#memory.termsKnown()) {
      if (!terms.has(access)) access.terms = undefined;
    }
  }

  #begin(): void {
    const { kernel: k, rowwise, copies } = this.#plan;
    this.#accumulators = k.accumulators.map((a) =>
      new AccumulatorWriter(
        this.#w,
        a,
        this.#plan.steps[a.value]!.dtype,
        rowwise ? copies : this.#block.copies,
        k.scan === true,
      )
    );
    for (const a of this.#accumulators) a.reset();
  }

  #take(): void {
    this.#plan.kernel.accumulators.forEach((a, i) => {
      const factors = a.factor === undefined ? [] : this.#regs[a.factor]!;
      this.#accumulators[i]!.take(
        this.#regs[a.value]!,
        factors,
        this.#block,
        this.#plan.rowwise,
      );
    });
  }

  #finish(): void {
    this.#steps((i) => this.#plan.late[i]!);
    this.#plan.kernel.stores.forEach((s, i) => {
      this.#memory.store(i, s, this.#regs[s.value]!, this.#block, this.#regs);
    });
  }

  #steps(wanted: (step: number) => boolean): void {
    for (let i = 0; i < this.#plan.steps.length; i++) {
      if (!this.#plan.live[i] || !wanted(i)) continue;
      this.#regs[i] = this.#step(i);
      this.#memory.resolveTerms(this.#regs);
    }
  }

  #step(i: number): readonly Reg[] {
    const { plan, w } = { plan: this.#plan, w: this.#w };
    const s = plan.steps[i]!;
    if (s.op === "load") return this.#memory.load(i, this.#block, this.#regs);
    if (s.op === "const") return [emitConstant(w, s.dtype, s.value)];
    const copies = variesAlong(plan, i, plan.copyAxis) ? this.#block.copies : 1;
    const perCopy = (write: (copy: number) => Reg) =>
      Array.from({ length: copies }, (_, c) => write(c));
    if (s.op === "index") return perCopy((copy) => this.#index(s.axis, copy));
    if (s.op === "acc") return this.#accumulators[s.acc]!.results(s.dtype, copies);
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
          lanes: variesAlong(plan, i, plan.vector) ? this.#block.lanes : 1,
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
    f.get(this.#indices.get(axis)!).op("i32x4.splat");
    const first = axis === copyAxis ? copy * (axis === vector ? 4 : 1) : 0;
    const ramp = axis === vector && this.#block.lanes === 4 ? 1 : 0;
    if (first !== 0 || ramp !== 0) {
      const lanes = Int32Array.from([first, first + ramp, first + 2 * ramp, first + 3 * ramp]);
      f.v128.const(new Uint8Array(lanes.buffer)).op("i32x4.add");
    }
    f.set(out);
    return [out];
  }

  /** How a loop runs: blocks of several vectors, then single ones, then elements. */
  #parts(axis: number): { step: number; block: Block }[] {
    const { vector, copyAxis, copies } = this.#plan;
    const outside = this.#block;
    if (axis === copyAxis && axis === vector) {
      return [
        { step: copies * 4, block: { copies, lanes: 4 } },
        { step: 4, block: { copies: 1, lanes: 4 } },
        { step: 1, block: { copies: 1, lanes: 1 } },
      ];
    }
    if (axis === vector) {
      return [
        { step: 4, block: { copies: outside.copies, lanes: 4 } },
        { step: 1, block: { copies: outside.copies, lanes: 1 } },
      ];
    }
    if (axis === copyAxis) {
      return [
        { step: copies, block: { copies, lanes: 1 } },
        { step: 1, block: { copies: 1, lanes: 1 } },
      ];
    }
    return [{ step: 1, block: outside }];
  }

  /** Writes the loop at a depth. */
  #loop(depth: number): void {
    const { order, sizes, range } = this.#plan;
    const axis = order[depth]!;
    const outside = this.#block;
    const parts = this.#parts(axis);
    if (this.#plan.lineUnit > 0) return this.#lineLoop(parts);
    if (range?.depth === depth) return this.#rangeLoop(depth, parts);
    const index = this.#indices.get(axis);
    if (index !== undefined) this.#w.f.i32.const(0).set(index);
    let rest = sizes[axis]!;
    for (const { step, block } of parts) {
      const trips = Math.floor(rest / step);
      if (trips === 0) continue;
      rest -= trips * step;
      this.#block = block;
      this.#repeat(depth, step, trips);
    }
    this.#block = outside;
  }

  /** Writes the loop of a line: its length and the range of units are the last three parameters. */
  #lineLoop(parts: readonly { step: number; block: Block }[]): void {
    const { f } = this.#w;
    const { kernel, lineUnit } = this.#plan;
    const first = kernel.args.length;
    const [length, begin, end] = [first, first + 1, first + 2];
    const outside = this.#block;
    this.#locals.scope(() => {
      const left = this.#w.integer();
      f.get(begin).i32.const(lineUnit).op("i32.mul").set(begin);
      f.get(end).i32.const(lineUnit).op("i32.mul").tee(end);
      f.get(length).get(end).get(length).op("i32.lt_u").op("select").get(begin).op("i32.sub");
      f.set(left);
      for (const { local, strides } of this.#memory.pointers) {
        if (strides[0] === 0) continue;
        f.get(local).get(begin).i32.const(strides[0]!).op("i32.mul").op("i32.add").set(local);
      }
      const index = this.#indices.get(0);
      if (index !== undefined) f.get(begin).set(index);
      for (const { step, block } of parts) {
        const enough = () => f.get(left).i32.const(step).op("i32.ge_u");
        enough().if(() => {
          f.loop((again) => {
            this.#block = block;
            this.#visit(1);
            this.#advance(0, step);
            f.get(left).i32.const(step).op("i32.sub").set(left);
            enough().brIf(again);
          });
        });
      }
    });
    this.#block = outside;
  }

  /** Writes the loop of which a call runs a range of units: whole ones, then what is left. */
  #rangeLoop(depth: number, parts: readonly { step: number; block: Block }[]): void {
    const { f } = this.#w;
    const { kernel, order, sizes, range } = this.#plan;
    const axis = order[depth]!;
    const { unit } = range!;
    const outside = this.#block;
    const [begin, end] = [kernel.args.length, kernel.args.length + 1];
    const whole = Math.floor(sizes[axis]! / unit);
    let rest = sizes[axis]! - whole * unit;
    this.#locals.scope(() => {
      const { pointers } = this.#memory;
      // only an outermost loop may leave the pointers wherever its range ends
      const kept = depth === 0 ? [] : pointers.map((p) => ({ p, copy: this.#w.integer() }));
      for (const { p, copy } of kept) f.get(p.local).set(copy);
      for (const { local, strides } of pointers) {
        const bytes = strides[axis]! * unit;
        if (bytes === 0) continue;
        f.get(local).get(begin).i32.const(bytes).op("i32.mul").op("i32.add").set(local);
      }
      const index = this.#indices.get(axis);
      if (index !== undefined) f.get(begin).i32.const(unit).op("i32.mul").set(index);
      if (whole > 0) {
        const left = this.#w.integer();
        f.get(end).i32.const(whole).get(end).i32.const(whole).op("i32.lt_u").op("select");
        f.get(begin).op("i32.sub").tee(left).if(() => {
          f.loop((again) => {
            this.#block = parts[0]!.block;
            this.#visit(depth + 1);
            this.#advance(depth, unit);
            f.get(left).i32.const(1).op("i32.sub").tee(left).brIf(again);
          });
        });
      }
      if (rest > 0) {
        f.get(end).i32.const(whole).op("i32.gt_u").if(() => {
          for (const { step, block } of parts.slice(1)) {
            const trips = Math.floor(rest / step);
            if (trips === 0) continue;
            rest -= trips * step;
            this.#block = block;
            this.#repeat(depth, step, trips);
          }
        });
      }
      for (const { p, copy } of kept) f.get(copy).set(p.local);
    });
    this.#block = outside;
  }

  /** Repeats the inside of a loop, moving `step` elements at a time. */
  #repeat(depth: number, step: number, trips: number): void {
    const { f } = this.#w;
    const inside = () => {
      this.#visit(depth + 1);
      this.#advance(depth, step);
    };
    if (trips === 1) return inside();
    const { kernel: k, order, shapeDepth } = this.#plan;
    const inBlocks = trips >= 4 && !k.scan && depth >= shapeDepth && depth === order.length - 1 &&
      this.#accumulators.some((a) => a.hasBlocks);
    this.#locals.scope(() => {
      const left = this.#w.integer();
      const countDown = (counter: Local) =>
        f.loop((again) => {
          inside();
          f.get(counter).i32.const(1).op("i32.sub").tee(counter).brIf(again);
        });
      f.i32.const(trips).set(left);
      if (!inBlocks) return countDown(left);
      const { copies } = this.#block;
      const count = this.#w.integer();
      f.loop((again) => {
        for (const a of this.#accumulators) a.openBlock(copies);
        f.i32.const(BLOCK).get(left).get(left).i32.const(BLOCK).op("i32.gt_u").op("select");
        f.set(count).get(left).get(count).op("i32.sub").set(left);
        countDown(count);
        for (const a of this.#accumulators) a.closeBlock(copies);
        f.get(left).brIf(again);
      });
    });
  }

  /** Moves all pointers and the index on along an axis, taking back what the next loop moved. */
  #advance(depth: number, step: number): void {
    const { f } = this.#w;
    const { order, sizes, range } = this.#plan;
    const axis = order[depth]!;
    // a loop over a range has put the pointers back itself
    const next = range?.depth === depth + 1 ? undefined : order[depth + 1];
    for (const pointer of this.#memory.pointers) {
      let bytes = pointer.strides[axis]! * step;
      if (next !== undefined) bytes -= pointer.strides[next]! * sizes[next]!;
      if (bytes !== 0) f.get(pointer.local).i32.const(bytes).op("i32.add").set(pointer.local);
    }
    const index = this.#indices.get(axis);
    if (index !== undefined) f.get(index).i32.const(step).op("i32.add").set(index);
  }
}
