/**
 * Chooses registers: each virtual register that lives at a point gets one of its own, or, where there
 * are not enough, a place on the stack. Constants take what is left over, else are read from memory.
 *
 * @module
 */
import type { Instruction, Listing, Virtual } from "./listing.ts";

/** Where a virtual register lies. */
export type Location =
  | { readonly kind: "register"; readonly register: number }
  | { readonly kind: "stack"; readonly slot: number }
  | { readonly kind: "constant" };

/** Where everything lies. */
export interface Allocation {
  readonly locations: readonly (Location | undefined)[];
  /** Constants that registers hold throughout. */
  readonly kept: readonly Virtual[];
  /** 64-byte and 8-byte slots on the stack. */
  readonly vectorSlots: number;
  readonly generalSlots: number;
  /** General registers that are written. */
  readonly generals: ReadonlySet<number>;
}

interface Interval {
  readonly reg: Virtual;
  start: number;
  end: number;
  /** How often it is read and written, loops counted as ten turns. */
  uses: number;
}

/** How deep in loops each instruction lies. */
function depths({ instructions, loops }: Listing): Uint8Array {
  const depth = new Uint8Array(instructions.length);
  for (const { first, last } of loops) for (let i = first; i <= last; i++) depth[i]!++;
  return depth;
}

/** From where to where each virtual register holds something that is still read. */
function intervals(listing: Listing): Map<Virtual, Interval> {
  const { instructions, loops, constants, aliases } = listing;
  const found = new Map<Virtual, Interval>();
  const depth = depths(listing);
  const touch = (reg: Virtual, at: number, weight: number) => {
    const interval = found.get(reg);
    if (interval === undefined) found.set(reg, { reg, start: at, end: at, uses: weight });
    else {
      interval.end = Math.max(interval.end, at);
      interval.uses += weight;
    }
  };
  // an instruction reads at 2i and writes at 2i + 1
  instructions.forEach((x, i) => {
    const weight = 10 ** Math.min(depth[i]!, 4);
    for (const reg of x.uses) touch(aliases.get(reg) ?? reg, 2 * i, weight);
    if (x.def !== undefined) touch(x.def, 2 * i + 1, weight);
  });
  const writes = new Map<Virtual, number>();
  instructions.forEach((x, i) => {
    if (x.def !== undefined && !writes.has(x.def)) writes.set(x.def, i);
  });
  for (const interval of found.values()) {
    if (constants.has(interval.reg)) continue;
    const first = writes.get(interval.reg);
    if (first === undefined || 2 * first + 1 > interval.start) {
      throw new Error(`Virtual register ${interval.reg} is read before it is written`);
    }
  }
  // what comes into a loop and is read in it is wanted until the last turn
  for (const { first, last } of loops) {
    for (const interval of found.values()) {
      if (interval.start < 2 * first && interval.end >= 2 * first) {
        interval.end = Math.max(interval.end, 2 * last + 1);
      }
    }
  }
  return found;
}

/** Linear scan over one bank: cheapest intervals go to the stack where registers are too few. */
function scan(
  sorted: readonly Interval[],
  registers: readonly number[],
  hints: ReadonlyMap<Virtual, readonly Virtual[]>,
  place: (reg: Virtual, location: Location) => void,
  at: (reg: Virtual) => Location | undefined,
): { slots: number; used: Set<number> } {
  const free = [...registers].reverse();
  let active: Interval[] = [];
  /** What each slot on the stack holds, one after the other. */
  const slots: Interval[][] = [];
  const spill = (x: Interval): void => {
    const apart = (y: Interval) => y.end < x.start || x.end < y.start;
    let slot = slots.findIndex((held) => held.every(apart));
    if (slot < 0) slot = slots.push([]) - 1;
    slots[slot]!.push(x);
    place(x.reg, { kind: "stack", slot });
  };
  const used = new Set<number>();
  const cost = (x: Interval) => x.uses / (x.end - x.start + 1);
  const registerOf = (reg: Virtual): number | undefined => {
    const location = at(reg);
    return location?.kind === "register" ? location.register : undefined;
  };
  for (const interval of sorted) {
    active = active.filter((x) => {
      if (x.end >= interval.start) return true;
      free.push(registerOf(x.reg)!);
      return false;
    });
    const wanted = hints.get(interval.reg)?.map(registerOf)
      .find((r) => r !== undefined && free.includes(r));
    let register: number | undefined;
    if (wanted !== undefined) {
      free.splice(free.indexOf(wanted), 1);
      register = wanted;
    } else register = free.pop();
    if (register === undefined) {
      const cheapest = active.reduce((a, b) => cost(b) < cost(a) ? b : a, interval);
      if (cheapest !== interval) {
        register = registerOf(cheapest.reg)!;
        active.splice(active.indexOf(cheapest), 1);
      }
      spill(cheapest);
    }
    if (register === undefined) continue;
    place(interval.reg, { kind: "register", register });
    used.add(register);
    active.push(interval);
  }
  return { slots: slots.length, used };
}

/** Registers that results would best share with operands: those of the same instruction. */
function hintsOf(instructions: readonly Instruction[]): Map<Virtual, readonly Virtual[]> {
  const hints = new Map<Virtual, readonly Virtual[]>();
  for (const { def, uses } of instructions) {
    if (def !== undefined && !hints.has(def)) {
      hints.set(
        def,
        uses.filter((u) => u !== def).reverse(),
      );
    }
  }
  return hints;
}

/** Places all virtual registers in the registers that may be used. */
export function allocate(
  listing: Listing,
  vectors: readonly number[],
  generals: readonly number[],
): Allocation {
  const { banks, constants } = listing;
  const found = intervals(listing);
  const locations: (Location | undefined)[] = banks.map(() => undefined);
  const place = (reg: Virtual, location: Location) => {
    locations[reg] = location;
  };
  const at = (reg: Virtual) => locations[reg];
  const hints = hintsOf(listing.instructions);
  const of = (bank: "vector" | "general") =>
    [...found.values()].filter((x) => banks[x.reg] === bank && !constants.has(x.reg))
      .sort((a, b) => a.start - b.start);
  const vector = scan(of("vector"), vectors, hints, place, at);
  const general = scan(of("general"), generals, hints, place, at);
  const left = vectors.filter((r) => !vector.used.has(r));
  const kept: Virtual[] = [];
  const wanted = [...found.values()].filter((x) => constants.has(x.reg))
    .sort((a, b) => b.uses - a.uses);
  for (const { reg, uses } of wanted) {
    const register = uses > 1 ? left.pop() : undefined;
    if (register === undefined) place(reg, { kind: "constant" });
    else {
      place(reg, { kind: "register", register });
      kept.push(reg);
    }
  }
  for (const [alias, reg] of listing.aliases) locations[alias] = locations[reg];
  return {
    locations,
    kept,
    vectorSlots: vector.slots,
    generalSlots: general.slots,
    generals: general.used,
  };
}
