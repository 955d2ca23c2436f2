/**
 * Writes the loop nest of a planned kernel: each step in the outermost loop it can live in, vectors
 * first, then what is left one by one with the same code.
 *
 * @module
 */
import { type Callable, I32, type Local, V128 } from "../../wasm/wasm.ts";
import type { Code, Lanes } from "./emit_code.ts";
import type { HostName } from "./emit_host.ts";
import type { Block } from "./emit_memory.ts";
import type { LoopPlan } from "./emit_plan.ts";
import { StepWriter } from "./emit_steps.ts";
import type { Writer } from "./emit_values.ts";
import { Locals } from "./locals.ts";

/**
 * Writes the body of a kernel's function. The last two parameters of one that has a range are the
 * first unit of the range and the one after its last.
 */
export function emitLoops(
  f: Code,
  lanes: Lanes,
  plan: LoopPlan,
  relaxed: boolean,
  hosts: ReadonlyMap<HostName, Callable>,
): void {
  const locals = new Locals(f, f.keepsLocals);
  const w: Writer = {
    f,
    lanes,
    relaxed,
    vector: () => locals.take(V128),
    integer: () => locals.take(I32),
    host: (name) => hosts.get(name)!,
  };
  new Walk(w, locals, plan).run();
}

/** A step of all that is left, less than a vector. */
const REST = 0;

/** Points of a loop that are written alike: so many at a time, or {@linkcode REST}. */
interface Part {
  readonly step: number;
  readonly block: Block;
}

/** How many values in a row are added in float32. */
const BLOCK = 16;

class Walk {
  readonly #w: Writer;
  readonly #locals: Locals;
  readonly #plan: LoopPlan;
  readonly #steps: StepWriter;

  constructor(w: Writer, locals: Locals, plan: LoopPlan) {
    this.#w = w;
    this.#locals = locals;
    this.#plan = plan;
    this.#steps = new StepWriter(w, locals, plan);
  }

  run(): void {
    this.#visit(0);
  }

  /** Writes what happens inside of the first `depth` loops. */
  #visit(depth: number): void {
    const { kernel: k, shapeDepth, order, emptyReduce } = this.#plan;
    this.#steps.scope(() => {
      this.#steps.steps((i) => this.#plan.level[i] === depth && !this.#plan.late[i]);
      if (depth === shapeDepth) this.#steps.begin();
      if (depth === order.length) {
        if (!emptyReduce) this.#steps.take();
        if (k.scan) this.#steps.finish();
      } else this.#loop(depth);
      if (depth === shapeDepth && !k.scan) {
        if (this.#plan.rowwise) { for (const a of this.#steps.accumulators) a.join(); }
        this.#steps.finish();
      }
    });
  }

  /** How a loop runs: blocks of several vectors, then single ones, then elements. */
  #parts(axis: number): readonly Part[] {
    const { vector, copyAxis, copies } = this.#plan;
    const outside = this.#steps.block;
    const { count, masks } = this.#w.lanes;
    const rest = (copies: number): Part =>
      masks
        ? { step: REST, block: { copies, lanes: count, partial: true } }
        : { step: 1, block: { copies, lanes: 1 } };
    if (axis === copyAxis && axis === vector) {
      return [
        { step: copies * count, block: { copies, lanes: count } },
        { step: count, block: { copies: 1, lanes: count } },
        rest(1),
      ];
    }
    if (axis === vector) {
      const { copies } = outside;
      return [{ step: count, block: { copies, lanes: count } }, rest(copies)];
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
    const outside = this.#steps.block;
    const parts = this.#parts(axis);
    if (this.#plan.lineUnit > 0) return this.#lineLoop(parts);
    if (range?.depth === depth) return this.#rangeLoop(depth, parts);
    const index = this.#steps.indices.get(axis);
    if (index !== undefined) this.#w.f.i32.const(0).set(index);
    this.#run(depth, parts, sizes[axis]!);
    this.#steps.block = outside;
  }

  /** Writes so many points of a loop, part by part. */
  #run(depth: number, parts: readonly Part[], points: number): void {
    for (const { step, block } of parts) {
      const at = step === REST ? points : step;
      const trips = at === 0 ? 0 : Math.floor(points / at);
      if (trips === 0) continue;
      points -= trips * at;
      this.#steps.block = step === REST ? { ...block, counting: at } : block;
      if (step === REST) this.#w.lanes.only(at);
      this.#repeat(depth, at, trips);
    }
  }

  /** Writes the loop of a line: its length and the range of units are the last three parameters. */
  #lineLoop(parts: readonly Part[]): void {
    const { f } = this.#w;
    const { kernel, lineUnit } = this.#plan;
    const first = kernel.args.length;
    const [length, begin, end] = [first, first + 1, first + 2];
    const outside = this.#steps.block;
    this.#locals.scope(() => {
      const left = this.#w.integer();
      f.get(begin).i32.const(lineUnit).op("i32.mul").set(begin);
      f.get(end).i32.const(lineUnit).op("i32.mul").tee(end);
      f.get(length).get(end).get(length).op("i32.lt_u").op("select").get(begin).op("i32.sub");
      f.set(left);
      for (const { local, strides } of this.#steps.memory.pointers) {
        if (strides[0] === 0) continue;
        f.get(local).get(begin).i32.const(strides[0]!).op("i32.mul").op("i32.add").set(local);
      }
      const index = this.#steps.indices.get(0);
      if (index !== undefined) f.get(begin).set(index);
      for (const { step, block } of parts) {
        if (step === REST) {
          f.get(left).if(() => {
            this.#steps.block = block;
            this.#w.lanes.onlyFirst(left);
            this.#visit(1);
          });
          continue;
        }
        const enough = () => f.get(left).i32.const(step).op("i32.ge_u");
        enough().if(() => {
          f.loop((again) => {
            this.#steps.block = block;
            this.#visit(1);
            this.#advance(0, step);
            f.get(left).i32.const(step).op("i32.sub").set(left);
            enough().brIf(again);
          });
        });
      }
    });
    this.#steps.block = outside;
  }

  /** Writes the loop of which a call runs a range of units: whole ones, then what is left. */
  #rangeLoop(depth: number, parts: readonly Part[]): void {
    const { f } = this.#w;
    const { kernel, order, sizes, range } = this.#plan;
    const axis = order[depth]!;
    const { unit } = range!;
    const outside = this.#steps.block;
    const [begin, end] = [kernel.args.length, kernel.args.length + 1];
    const whole = Math.floor(sizes[axis]! / unit);
    const rest = sizes[axis]! - whole * unit;
    this.#locals.scope(() => {
      const { pointers } = this.#steps.memory;
      // only an outermost loop may leave the pointers wherever its range ends
      const kept = depth === 0 ? [] : pointers.map((p) => ({ p, copy: this.#w.integer() }));
      for (const { p, copy } of kept) f.get(p.local).set(copy);
      for (const { local, strides } of pointers) {
        const bytes = strides[axis]! * unit;
        if (bytes === 0) continue;
        f.get(local).get(begin).i32.const(bytes).op("i32.mul").op("i32.add").set(local);
      }
      const index = this.#steps.indices.get(axis);
      if (index !== undefined) f.get(begin).i32.const(unit).op("i32.mul").set(index);
      if (whole > 0) {
        const left = this.#w.integer();
        f.get(end).i32.const(whole).get(end).i32.const(whole).op("i32.lt_u").op("select");
        f.get(begin).op("i32.sub").tee(left).if(() => {
          f.loop((again) => {
            this.#steps.block = parts[0]!.block;
            this.#visit(depth + 1);
            this.#advance(depth, unit);
            f.get(left).i32.const(1).op("i32.sub").tee(left).brIf(again);
          });
        });
      }
      if (rest > 0) {
        f.get(end).i32.const(whole).op("i32.gt_u").if(() => this.#run(depth, parts.slice(1), rest));
      }
      for (const { p, copy } of kept) f.get(copy).set(p.local);
    });
    this.#steps.block = outside;
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
      this.#steps.accumulators.some((a) => a.hasBlocks);
    this.#locals.scope(() => {
      const left = this.#w.integer();
      const countDown = (counter: Local) =>
        f.loop((again) => {
          inside();
          f.get(counter).i32.const(1).op("i32.sub").tee(counter).brIf(again);
        });
      f.i32.const(trips).set(left);
      if (!inBlocks) {
        countDown(left);
        return;
      }
      const { copies } = this.#steps.block;
      const count = this.#w.integer();
      f.loop((again) => {
        for (const a of this.#steps.accumulators) a.openBlock(copies);
        f.i32.const(BLOCK).get(left).get(left).i32.const(BLOCK).op("i32.gt_u").op("select");
        f.set(count).get(left).get(count).op("i32.sub").set(left);
        countDown(count);
        for (const a of this.#steps.accumulators) a.closeBlock(copies);
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
    for (const pointer of this.#steps.memory.pointers) {
      let bytes = pointer.strides[axis]! * step;
      if (next !== undefined) bytes -= pointer.strides[next]! * sizes[next]!;
      if (bytes !== 0) f.get(pointer.local).i32.const(bytes).op("i32.add").set(pointer.local);
    }
    const index = this.#steps.indices.get(axis);
    if (index !== undefined) f.get(index).i32.const(step).op("i32.add").set(index);
  }
}
