/**
 * Choices by a comparison take its mask as the processor makes it, instead of by way of a vector of
 * bits: of a comparison that nothing else reads, each choice makes one of its own.
 *
 * @module
 */
import type { Comparison, Instruction, Listing, Virtual } from "./listing.ts";

/** As often a comparison is made again rather than kept as a vector. */
const OFTEN = 2;

const NOTHING: Instruction = { def: undefined, uses: [], write: () => {} };

interface Choice {
  readonly mask: Virtual;
  readonly yes: Virtual | undefined;
  readonly no: Virtual | undefined;
}

/** Rewrites the choices of a function. */
export function foldMasks(listing: Listing): void {
  const { instructions, constants } = listing;
  const writes = new Map<Virtual, number>();
  const readers = new Map<Virtual, number[]>();
  instructions.forEach((x, i) => {
    if (x.def !== undefined) writes.set(x.def, (writes.get(x.def) ?? 0) + 1);
    for (const reg of x.uses) {
      const list = readers.get(reg);
      if (list === undefined) readers.set(reg, [i]);
      else list.push(i);
    }
  });
  const fixed = (x: Virtual): boolean => constants.has(x) || writes.get(x) === 1;
  const comparisons = new Map<Virtual, { at: number; comparison: Comparison }>();
  instructions.forEach(({ def, compares }, at) => {
    if (compares === undefined || !fixed(def!) || !fixed(compares.a) || !fixed(compares.b)) return;
    comparisons.set(def!, { at, comparison: compares });
  });
  const choiceOf = (x: Instruction): Choice | undefined => {
    if (x.selects !== undefined) return x.selects;
    if (x.masks === undefined) return undefined;
    const [a, b] = x.uses as [Virtual, Virtual];
    const [first, second] = [comparisons.has(a), comparisons.has(b)];
    if (x.masks === "andnot") {
      return second && !first ? { mask: b, yes: undefined, no: a } : undefined;
    }
    if (first === second) return undefined;
    return first ? { mask: a, yes: b, no: undefined } : { mask: b, yes: a, no: undefined };
  };
  for (const [mask, { at, comparison }] of comparisons) {
    const readBy = readers.get(mask) ?? [];
    const choices = readBy.map((i) => choiceOf(instructions[i]!));
    if (readBy.length > OFTEN) continue;
    if (choices.some((c) => c?.mask !== mask || c.yes === mask || c.no === mask)) continue;
    instructions[at] = NOTHING;
    readBy.forEach((i, j) => {
      const { yes, no } = choices[j]!;
      const made: Instruction = {
        def: instructions[i]!.def,
        uses: [comparison.a, comparison.b, yes, no].filter((x) => x !== undefined),
        write: (to) => to.choice(made.def!, comparison, yes, no),
      };
      instructions[i] = made;
    });
  }
}
