/**
 * The memory plan: which slot each value lives in. Intermediates share one scratch arena by
 * lifetime; outputs are written where they stay; donated inputs are overwritten in place.
 *
 * @module
 */
import { type Aval, makeAval } from "../ir/aval.ts";
import type { Kernel } from "../ir/kernel.ts";
import type { Id, Program } from "../ir/program.ts";
import { overwrites } from "./in_place.ts";
import type { LoweredStep } from "./lower.ts";
import type { LiteralValue, OutputSource, Plan, PlanStep, Slot, SlotId } from "./plan.ts";

/** Values begin on lines of the cache, and have one at least. */
const ALIGN = 64;

/** The bytes that a value takes up. */
export function aligned(bytes: number): number {
  return Math.ceil(Math.max(1, bytes) / ALIGN) * ALIGN;
}

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

/** Copies a value element by element. */
function lineOf({ size, dtype }: Aval): Kernel {
  const [shape, strides] = size === 1 ? [[], []] : [[size], [1]];
  const view = { offset: 0, strides };
  return {
    name: "copy",
    shape,
    reduce: [],
    args: [{ dtype, writes: false }, { dtype, writes: true }],
    body: [{ op: "load", dtype, arg: 0, view }],
    accumulators: [],
    epilogue: [],
    stores: [{ arg: 1, view, value: 0 }],
  };
}

/**
 * Lays out a lowered program.
 *
 * @param donated inputs whose memory may be overwritten, and the output each was matched with
 * @param apart whether each output has memory of its own, inputs and equal outputs included
 * @param reuse whether values take the memory of what is read no more; else each has its own
 */
export function planMemory(
  p: Program,
  lowered: readonly LoweredStep[],
  donated: ReadonlyMap<number, number>,
  reuse = true,
  apart = false,
): Plan {
  const inputIds = [...p.inputs, ...p.constants];
  const inputOf = new Map<Id, number>();
  inputIds.forEach((id, i) => {
    if (!inputOf.has(id)) inputOf.set(id, i);
  });
  const literals: LiteralValue[] = [];
  const slots: Slot[] = [];
  const slotOf = new Map<Id, SlotId>();
  const values: Aval[] = [];
  const give = (id: Id, slot: Slot): void => {
    slotOf.set(id, slots.length);
    slots.push(slot);
    values.push(p.avals[id]!);
  };
  for (const [id, index] of inputOf) give(id, { kind: "input", index });
  const used = new Set([...p.outputs, ...lowered.flatMap((s) => s.args)]);
  for (const s of p.steps) {
    if (s.op !== "literal" || !used.has(s.outs[0]!)) continue;
    give(s.outs[0]!, { kind: "literal", index: literals.length });
    literals.push({ dtype: p.avals[s.outs[0]!]!.dtype, values: s.params["values"] as number[] });
  }

  const firstUse = new Map<Id, number>();
  const lastUse = new Map<Id, number>();
  lowered.forEach((s, k) =>
    s.args.forEach((id) => {
      if (!firstUse.has(id)) firstUse.set(id, k);
      lastUse.set(id, k);
    })
  );

  const outputs: OutputSource[] = [];
  const copies: { from: Id; output: number }[] = [];
  const outputOf = new Map<Id, number>();
  const inputFor = new Map([...donated].map(([input, output]) => [output, input]));
  p.outputs.forEach((id, k) => {
    const donor = inputFor.get(k);
    const input = inputOf.get(id);
    const earlier = outputOf.get(id);
    const bytes = p.avals[id]!.bytes;
    if (input !== undefined && donor === input) {
      outputs.push({ kind: "donated", index: input });
    } else if (!apart && input !== undefined && donor === undefined && !donated.has(input)) {
      outputs.push({ kind: "input", index: input });
    } else if (!apart && earlier !== undefined && donor === undefined) {
      outputs.push({ kind: "output", index: earlier });
    } else {
      outputs.push(
        donor === undefined ? { kind: "fresh", bytes } : { kind: "donated", index: donor },
      );
      // an input, a literal or an earlier output lies elsewhere already
      const inPlace = !slotOf.has(id) && earlier === undefined &&
        (donor === undefined || canTake(donor, id));
      if (inPlace) give(id, { kind: "output", index: k });
      else copies.push({ from: id, output: k });
    }
    if (earlier === undefined) outputOf.set(id, k);
  });

  /** Whether output `id` can be computed straight into the memory of input `donor`. */
  function canTake(donor: number, id: Id): boolean {
    if (!reuse) return false;
    const old = inputIds[donor]!;
    const end = lastUse.get(old);
    if (p.outputs.some((o) => o === old)) return false;
    const first = firstUse.get(id)!;
    if (end === undefined || end < first) return true;
    if (end > first) return false;
    return overwrites(lowered[first]!, old, id);
  }

  // outputs that could not be written in place are copied last
  for (const { from } of copies) lastUse.set(from, lowered.length);

  const arena = new Arena();
  const scratch = new Map<Id, { at: number; bytes: number }>();
  const planned: PlanStep[] = [];
  const dying = new Map<number, Id[]>();
  for (const [id, k] of lastUse) {
    const list = dying.get(k);
    if (list === undefined) dying.set(k, [id]);
    else list.push(id);
  }
  lowered.forEach((s, k) => {
    for (const id of s.args) {
      if (slotOf.has(id)) continue;
      const bytes = aligned(p.avals[id]!.bytes);
      const at = arena.take(bytes);
      scratch.set(id, { at, bytes });
      give(id, { kind: "scratch", offset: at, bytes });
    }
    const args = s.args.map((id) => slotOf.get(id)!);
    planned.push(
      s.kind === "control" && s.scratchBytes > 0
        ? { ...s, args, scratch: lend(s.scratchBytes) }
        : { ...s, args },
    );
    for (const id of dying.get(k) ?? []) {
      const place = scratch.get(id);
      if (place !== undefined && reuse) arena.give(place.at, place.bytes);
    }
  });
  /** Room for as long as one step runs. */
  function lend(size: number): SlotId {
    const bytes = aligned(size);
    const offset = arena.take(bytes);
    if (reuse) arena.give(offset, bytes);
    values.push(makeAval([bytes], "uint8"));
    return slots.push({ kind: "scratch", offset, bytes }) - 1;
  }
  const copyTo = (aval: Aval, from: SlotId, slot: Slot): SlotId => {
    const to = slots.push(slot) - 1;
    values.push(aval);
    planned.push({ kind: "kernel", kernel: lineOf(aval), args: [from, to] });
    return to;
  };
  // before donated memory is overwritten, all that must be read from it is
  const moves = copies.map(({ from, output }) => {
    const aval = p.avals[from]!;
    const source = slotOf.get(from)!;
    const place: Slot = { kind: "output", index: output };
    if (!inputFor.has(output)) {
      copyTo(aval, source, place);
      return null;
    }
    const owner = donated.get(inputOf.get(from) ?? -1);
    if (owner === undefined || p.outputs[owner] === from) return { aval, source, place };
    const bytes = aligned(aval.bytes);
    const kept = copyTo(aval, source, { kind: "scratch", offset: arena.take(bytes), bytes });
    return { aval, source: kept, place };
  });
  for (const move of moves) if (move !== null) copyTo(move.aval, move.source, move.place);
  return {
    inputs: inputIds.length,
    literals,
    slots,
    values,
    steps: planned,
    outputs,
    scratchBytes: arena.top,
  };
}
