/**
 * Control flow as it runs: branches and loops over linked blocks, without a return to users' code.
 *
 * @module
 */
import type { Control, ControlStep, Plan } from "../compile/plan.ts";
import type { Slots } from "../device/device.ts";
import type { Heap } from "../device/heap.ts";
import type { Block, BlockContext } from "./block.ts";

type Link = (plan: Plan) => Block;
type CallOf<N extends Control["name"]> = Extract<Control, { name: N }>;

/** The step being linked. */
interface Site {
  readonly step: ControlStep;
  readonly slots: Slots;
  readonly heap: Heap;
  readonly link: Link;
}

/** A closure that runs a step of control flow at the addresses then in `slots`. */
export function linkControl(
  step: ControlStep,
  slots: Slots,
  context: BlockContext,
  link: Link,
): () => void {
  const site: Site = { step, slots, heap: context.device.heap, link };
  const { call } = step;
  switch (call.name) {
    case "switch":
      return linkSwitch(call, site);
    case "while":
      return linkWhile(call, site);
    case "scan":
      return linkScan(call, site);
    default:
      return call satisfies never;
  }
}

/** The address of a step's scratch. */
function scratchOf({ step, slots }: Site): number {
  return step.scratch === undefined ? 0 : slots[step.scratch]!;
}

function linkSwitch({ branches }: CallOf<"switch">, site: Site): () => void {
  const { slots, heap, step: { args, reads } } = site;
  const blocks = branches.map(site.link);
  const last = blocks.length - 1;
  return () => {
    const index = heap.numberAt(slots[args[0]!]!, "int32");
    const block = blocks[Math.max(0, Math.min(last, index))]!;
    block.place(scratchOf(site));
    for (let i = 1; i < reads; i++) block.input(i - 1, slots[args[i]!]!);
    for (let k = reads; k < args.length; k++) block.output(k - reads, slots[args[k]!]!);
    block.run();
  };
}

/** Slots of inputs that are read, and where their addresses come from. */
interface Wires {
  readonly slots: Int32Array;
  readonly from: Int32Array;
}

function wires(pairs: readonly (readonly [slot: number, from: number])[]): Wires {
  const used = pairs.filter(([slot]) => slot >= 0);
  return {
    slots: Int32Array.from(used, ([slot]) => slot),
    from: Int32Array.from(used, ([, from]) => from),
  };
}

const inputWires = (block: Block, first: number, count: number): Wires =>
  wires(Array.from({ length: count }, (_, i) => [block.inputs[first + i]!, i]));

const outputWires = (block: Block, first: number, count: number): Wires =>
  wires(
    Array.from({ length: count }, (_, i) =>
      block.outputs[first + i]!.map((slot) => [slot, i] as const))
      .flat(),
  );

/** Writes addresses into the slots of a block. */
function connect(to: Float64Array, { slots, from }: Wires, addresses: Float64Array): void {
  for (let i = 0; i < slots.length; i++) to[slots[i]!] = addresses[from[i]!]!;
}

function linkWhile(call: CallOf<"while">, site: Site): () => void {
  const { slots, heap, step: { args, reads } } = site;
  const { condConsts, bodyConsts, carryBytes, predOffset, swapOffsets, innerOffset } = call;
  const cond = site.link(call.cond);
  const body = site.link(call.body);
  const count = carryBytes.length;
  const start = condConsts + bodyConsts;
  const condIn = inputWires(cond, condConsts, count);
  const bodyIn = inputWires(body, bodyConsts, count);
  const bodyOut = outputWires(body, 0, count);
  const [first, even, odd] = [0, 1, 2].map(() => new Float64Array(count)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  return () => {
    const base = scratchOf(site);
    const pred = base + predOffset;
    cond.place(base + innerOffset);
    body.place(base + innerOffset);
    for (let i = 0; i < condConsts; i++) cond.input(i, slots[args[i]!]!);
    for (let i = 0; i < bodyConsts; i++) body.input(i, slots[args[condConsts + i]!]!);
    for (let c = 0; c < count; c++) {
      first[c] = slots[args[start + c]!]!;
      even[c] = slots[args[reads + c]!]!;
      odd[c] = base + swapOffsets[c]!;
    }
    cond.output(0, pred);
    let now = first;
    let next = even;
    for (;;) {
      connect(cond.slots, condIn, now);
      cond.run();
      if (heap.numberAt(pred, "bool") === 0) break;
      connect(body.slots, bodyIn, now);
      connect(body.slots, bodyOut, next);
      body.run();
      now = next;
      next = now === even ? odd : even;
    }
    if (now === even) return;
    for (let c = 0; c < count; c++) heap.copy(now[c]!, even[c]!, carryBytes[c]!);
  };
}

function linkScan(call: CallOf<"scan">, site: Site): () => void {
  const { slots, heap, step: { args, reads } } = site;
  const { consts, length, reverse, carryBytes, xBytes, yBytes, swapOffsets, innerOffset } = call;
  const body = site.link(call.body);
  const count = carryBytes.length;
  const [xs, ys] = [consts + count, reads + count];
  const carryIn = inputWires(body, consts, count);
  const carryOut = outputWires(body, 0, count);
  const xIn = inputWires(body, xs, xBytes.length);
  const yOut = outputWires(body, count, yBytes.length);
  const [first, even, odd] = [0, 1, 2].map(() => new Float64Array(count)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const xAt = new Float64Array(xBytes.length);
  const yAt = new Float64Array(yBytes.length);
  const way = reverse ? -1 : 1;
  const start = reverse ? length - 1 : 0;
  return () => {
    for (let c = 0; c < count; c++) {
      first[c] = slots[args[consts + c]!]!;
      even[c] = slots[args[reads + c]!]!;
    }
    if (length === 0) {
      for (let c = 0; c < count; c++) heap.copy(first[c]!, even[c]!, carryBytes[c]!);
      return;
    }
    const base = scratchOf(site);
    body.place(base + innerOffset);
    for (let c = 0; c < swapOffsets.length; c++) odd[c] = base + swapOffsets[c]!;
    for (let i = 0; i < consts; i++) body.input(i, slots[args[i]!]!);
    for (let i = 0; i < xAt.length; i++) xAt[i] = slots[args[xs + i]!]! + start * xBytes[i]!;
    for (let k = 0; k < yAt.length; k++) yAt[k] = slots[args[ys + k]!]! + start * yBytes[k]!;
    const table = body.slots;
    const steps = body.steps;
    let now = first;
    // the last step writes to the outputs
    let next = length % 2 === 1 ? even : odd;
    for (let t = 0; t < length; t++) {
      connect(table, carryIn, now);
      connect(table, carryOut, next);
      connect(table, xIn, xAt);
      connect(table, yOut, yAt);
      for (let i = 0; i < steps.length; i++) steps[i]!();
      for (let i = 0; i < xAt.length; i++) xAt[i]! += way * xBytes[i]!;
      for (let k = 0; k < yAt.length; k++) yAt[k]! += way * yBytes[k]!;
      now = next;
      next = now === even ? odd : even;
    }
  };
}
