/**
 * Which of a list of operands, carries or results of control flow are meant.
 *
 * @module
 */

/** For each of a list, whether it is meant. */
export type Flags = readonly boolean[];

/** Those that are meant. */
export function pick<T>(list: readonly T[], flags: Flags): T[] {
  return list.filter((_, i) => flags[i]);
}

/** How many are meant. */
export function count(flags: Flags): number {
  return flags.filter((x) => x).length;
}
