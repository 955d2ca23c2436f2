/**
 * The law that every plan obeys: what a step reads is still what was written there.
 *
 * @module
 */
import type { View } from "../ir/kernel.ts";
import { accesses, innerPlans, type Plan, type PlanStep, type Slot, type SlotId } from "./plan.ts";

/** Bytes from `from` up to `to` of one block of memory. */
interface Region {
  readonly block: string;
  readonly from: number;
  readonly to: number;
}

function regionOf(plan: Plan, s: Slot): Region {
  if (s.kind === "scratch") return { block: "scratch", from: s.offset, to: s.offset + s.bytes };
  const source = s.kind === "output" ? plan.outputs[s.index] : undefined;
  const block = source?.kind === "donated" ? `input ${source.index}` : `${s.kind} ${s.index}`;
  return { block, from: 0, to: Infinity };
}

const overlap = (a: Region, b: Region): boolean =>
  a.block === b.block && a.from < b.to && b.from < a.to;

const sameView = (a: View, b: View): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Whether every load of slot `from` reads just the element that the point then writes to `to`. */
function isInPlace(s: PlanStep, from: SlotId, to: SlotId): boolean {
  if (from === to) return true;
  if (s.kind !== "kernel" || s.kernel.reduce.length > 0) return false;
  const stores = s.kernel.stores.filter((x) => s.args[x.arg] === to);
  return stores.every((x) =>
    x.view.at === undefined &&
    s.kernel.body.every((b) =>
      b.op !== "load" || s.args[b.arg] !== from || sameView(b.view, x.view)
    )
  );
}

/**
 * Throws when a step of a plan reads what another value has overwritten, or an output is not there
 * at the end; run on every plan in tests.
 */
export function checkPlan(plan: Plan): void {
  const regions = plan.slots.map((s) => regionOf(plan, s));
  /** Why what a slot holds cannot be read; undefined when it can. */
  const spoilt: (string | undefined)[] = plan.slots.map((s) =>
    s.kind === "output" || s.kind === "scratch" ? "nothing has written" : undefined
  );
  const read = (slot: SlotId, who: string): void => {
    const why = spoilt[slot];
    if (why !== undefined) throw new Error(`${who} reads slot ${slot}, which ${why}`);
  };
  const top = Math.max(0, ...regions.map((r) => r.block === "scratch" ? r.to : 0));
  if (top > plan.scratchBytes) throw new Error(`${plan.scratchBytes} bytes of scratch, not ${top}`);
  plan.steps.forEach((s, k) => {
    for (const { plan: inner } of innerPlans(s)) {
      checkPlan(inner);
      if (inner.outputs.some((o) => o.kind !== "fresh")) {
        throw new Error(`Step ${k} has a plan within whose outputs share memory`);
      }
    }
    const { reads, writes } = accesses(s);
    for (const slot of reads) read(slot, `Step ${k}`);
    for (const to of writes) {
      for (const from of reads) {
        if (overlap(regions[from]!, regions[to]!) && !isInPlace(s, from, to)) {
          throw new Error(`Step ${k} writes slot ${to} over slot ${from}, which it still reads`);
        }
      }
      for (const other of writes) {
        if (other !== to && overlap(regions[other]!, regions[to]!)) {
          throw new Error(`Step ${k} writes slots ${to} and ${other}, which overlap`);
        }
      }
      regions.forEach((r, other) => {
        if (overlap(r, regions[to]!)) spoilt[other] = `slot ${to} has overwritten`;
      });
      spoilt[to] = undefined;
    }
  });
  plan.outputs.forEach((o, k) => {
    const who = `Output ${k}`;
    if (o.kind === "output") {
      if (o.index >= k) throw new Error(`${who} is output ${o.index}, which comes later`);
      return;
    }
    const own = plan.slots.findLastIndex((s) => s.kind === "output" && s.index === k);
    if (own >= 0) return read(own, who);
    if (o.kind === "fresh") throw new Error(`${who} is never written`);
    const slot = plan.slots.findIndex((s) => s.kind === "input" && s.index === o.index);
    if (slot >= 0) read(slot, who);
  });
}
