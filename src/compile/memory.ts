/**
 * The memory plan: which slot each value lives in. Intermediates share one scratch arena by
 * lifetime; outputs are written where they stay; donated inputs are overwritten in place.
 *
 * @module
 */
import type { Kernel } from "../ir/kernel.ts";
import type { Id, Program } from "../ir/program.ts";
import type { LoweredStep } from "./lower.ts";
import type { LiteralValue, OutputSource, Plan, PlanStep, Slot, SlotId } from "./plan.ts";

const ALIGN = 64;
const aligned = (bytes: number): number => Math.ceil(Math.max(1, bytes) / ALIGN) * ALIGN;

/** Offsets in the arena: takes the lowest gap that fits. */
class Arena {
  readonly #free: { at: number; bytes: number }[] = [];
  top = 0;

  take(bytes: number): number {
    for (let i = 0; i < this.#free.length; i++) {
      const gap = this.#free[i]!;
      if (gap.bytes < bytes) continue;
      const at = gap.at;
      if (gap.bytes === bytes) this.#free.splice(i, 1);
      else {
        gap.at += bytes;
        gap.bytes -= bytes;
      }
      return at;
    }
    const last = this.#free[this.#free.length - 1];
    if (last !== undefined && last.at + last.bytes === this.top) {
      this.#free.pop();
      this.top = last.at + bytes;
      return last.at;
    }
    const at = this.top;
    this.top += bytes;
    return at;
  }

  give(at: number, bytes: number): void {
    let i = this.#free.findIndex((gap) => gap.at > at);
    if (i < 0) i = this.#free.length;
    this.#free.splice(i, 0, { at, bytes });
    const next = this.#free[i + 1];
    if (next !== undefined && at + bytes === next.at) {
      this.#free[i]!.bytes += next.bytes;
      this.#free.splice(i + 1, 1);
    }
    const before = this.#free[i - 1];
    if (before !== undefined && before.at + before.bytes === at) {
      before.bytes += this.#free[i]!.bytes;
      this.#free.splice(i, 1);
    }
  }
}

/**
 * Whether writing the kernel's output over one of its inputs is safe: every load of that argument
 * reads exactly the element that the point then writes.
 */
function overwrites(k: Kernel, input: number, output: number): boolean {
  if (k.reduce.length > 0) return false;
  const stores = k.stores.filter((s) => s.arg === output);
  const target = stores[0]?.view;
  if (stores.length !== 1 || target === undefined || target.at !== undefined) return false;
  return k.body.every((s) =>
    s.op !== "load" || s.arg !== input ||
    (s.view.at === undefined && s.view.offset === target.offset &&
      s.view.strides.every((n, i) => n === target.strides[i]))
  );
}

/**
 * Lays out a lowered program.
 *
 * @param donated inputs whose memory may be overwritten, and the output each was matched with
 */
export function planMemory(
  p: Program,
  lowered: readonly LoweredStep[],
  donated: ReadonlyMap<number, number>,
): Plan {
  const inputIds = [...p.inputs, ...p.constants];
  const inputOf = new Map<Id, number>();
  inputIds.forEach((id, i) => {
    if (!inputOf.has(id)) inputOf.set(id, i);
  });
  const literals: LiteralValue[] = [];
  const slots: Slot[] = [];
  const slotOf = new Map<Id, SlotId>();
  const give = (id: Id, slot: Slot): void => {
    slotOf.set(id, slots.length);
    slots.push(slot);
  };
  for (const [id, index] of inputOf) give(id, { kind: "input", index });
  for (const s of p.steps) {
    if (s.op !== "literal") continue;
    give(s.outs[0]!, { kind: "literal", index: literals.length });
    literals.push({ dtype: p.avals[s.outs[0]!]!.dtype, values: s.params.values as number[] });
  }

  const firstUse = new Map<Id, number>();
  const lastUse = new Map<Id, number>();
  lowered.forEach((s, k) =>
    s.args.forEach((id) => {
      if (!firstUse.has(id)) firstUse.set(id, k);
      lastUse.set(id, k);
    })
  );

  const steps: LoweredStep[] = [...lowered];
  const outputs: OutputSource[] = [];
  const copies: { from: Id; output: number }[] = [];
  const outputOf = new Map<Id, number>();
  const inputFor = new Map([...donated].map(([input, output]) => [output, input]));
  p.outputs.forEach((id, k) => {
    const donor = inputFor.get(k);
    const input = inputOf.get(id);
    const earlier = outputOf.get(id);
    const bytes = p.avals[id]!.bytes;
    if (input !== undefined && (donor === undefined || donor === input)) {
      outputs.push(
        donor === input ? { kind: "donated", index: input } : { kind: "input", index: input },
      );
    } else if (earlier !== undefined && donor === undefined) {
      outputs.push({ kind: "output", index: earlier });
    } else {
      outputs.push(
        donor === undefined ? { kind: "fresh", bytes } : { kind: "donated", index: donor },
      );
      const isLiteral = slotOf.has(id);
      const inPlace = donor === undefined || canTake(donor, id);
      if (isLiteral || earlier !== undefined || !inPlace) copies.push({ from: id, output: k });
      else give(id, { kind: "output", index: k });
    }
    if (earlier === undefined) outputOf.set(id, k);
  });

  /** Whether output `id` can be computed straight into the memory of input `donor`. */
  function canTake(donor: number, id: Id): boolean {
    const old = inputIds[donor]!;
    const end = lastUse.get(old);
    if (p.outputs.some((o) => o === old)) return false;
    const first = firstUse.get(id)!;
    if (end === undefined || end < first) return true;
    if (end > first) return false;
    const s = lowered[first]!;
    return s.kind === "kernel" &&
      lowered.every((t, k) => k === first || !t.args.includes(id) || k > first) &&
      overwrites(s.kernel, s.args.indexOf(old), s.args.lastIndexOf(id));
  }

  // outputs that could not be written in place are copied last
  const finals: { step: LoweredStep; output: number }[] = copies.map(({ from, output }) => {
    const aval = p.avals[from]!;
    lastUse.set(from, lowered.length);
    const line: Kernel = {
      name: "copy",
      shape: aval.size === 1 ? [] : [aval.size],
      reduce: [],
      args: [{ dtype: aval.dtype, writes: false }, { dtype: aval.dtype, writes: true }],
      body: [{
        op: "load",
        dtype: aval.dtype,
        arg: 0,
        view: { offset: 0, strides: aval.size === 1 ? [] : [1] },
      }],
      accumulators: [],
      epilogue: [],
      stores: [{ arg: 1, view: { offset: 0, strides: aval.size === 1 ? [] : [1] }, value: 0 }],
    };
    return { step: { kind: "kernel", kernel: line, args: [from] }, output };
  });

  const arena = new Arena();
  const scratch = new Map<Id, { at: number; bytes: number }>();
  const planned: PlanStep[] = [];
  const dying = new Map<number, Id[]>();
  for (const [id, k] of lastUse) {
    const list = dying.get(k);
    if (list === undefined) dying.set(k, [id]);
    else list.push(id);
  }
  steps.forEach((s, k) => {
    for (const id of s.args) {
      if (slotOf.has(id)) continue;
      const bytes = aligned(p.avals[id]!.bytes);
      const at = arena.take(bytes);
      scratch.set(id, { at, bytes });
      give(id, { kind: "scratch", offset: at, bytes });
    }
    planned.push({ ...s, args: s.args.map((id) => slotOf.get(id)!) });
    for (const id of dying.get(k) ?? []) {
      const place = scratch.get(id);
      if (place !== undefined) arena.give(place.at, place.bytes);
    }
  });
  for (const { step, output } of finals) {
    const target = slots.push({ kind: "output", index: output }) - 1;
    planned.push({ ...step, args: [slotOf.get(step.args[0]!)!, target] } as PlanStep);
  }
  return {
    inputs: inputIds.length,
    literals,
    slots,
    steps: planned,
    outputs,
    scratchBytes: arena.top,
  };
}

/** Throws when two values that live at once share scratch; run on every plan in tests. */
export function checkPlan(plan: Plan): void {
  const first = new Map<SlotId, number>();
  const last = new Map<SlotId, number>();
  plan.steps.forEach((s, k) =>
    s.args.forEach((slot) => {
      if (!first.has(slot)) first.set(slot, k);
      last.set(slot, k);
    })
  );
  const ids = [...first.keys()];
  for (const a of ids) {
    for (const b of ids) {
      const [x, y] = [plan.slots[a]!, plan.slots[b]!];
      if (a >= b || x.kind !== "scratch" || y.kind !== "scratch") continue;
      const apart = x.offset + x.bytes <= y.offset || y.offset + y.bytes <= x.offset;
      const turns = last.get(a)! < first.get(b)! || last.get(b)! < first.get(a)!;
      if (!apart && !turns) throw new Error(`Slots ${a} and ${b} overlap while both are in use`);
    }
  }
}
