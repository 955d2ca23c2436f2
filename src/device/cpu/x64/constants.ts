/**
 * Locals that only ever hold one constant are that constant.
 *
 * @module
 */
import type { Listing, Virtual } from "./listing.ts";

/** Takes out the copies of constants into registers that nothing else writes. */
export function aliasConstants(listing: Listing): void {
  const { instructions, constants, aliases } = listing;
  const writes = new Map<Virtual, number>();
  for (const { def } of instructions) {
    if (def !== undefined) writes.set(def, (writes.get(def) ?? 0) + 1);
  }
  instructions.forEach((x, i) => {
    const { def, copies } = x;
    if (copies === undefined || !constants.has(copies) || writes.get(def!) !== 1) return;
    aliases.set(def!, aliases.get(copies) ?? copies);
    constants.set(def!, constants.get(copies)!);
    instructions[i] = { def: undefined, uses: [], write: () => {} };
  });
}
