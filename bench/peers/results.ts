/**
 * What a run of the table leaves behind, and the times that the reports are made of.
 *
 * @module
 */
import type { Machine } from "./machine.ts";
import { median } from "./stats.ts";
import { columns } from "./systems.ts";
import type { Target } from "./works.ts";

/** One lane of one system in one row. */
export interface Entry {
  readonly system: string;
  readonly lane: string;
  readonly column: string;
  /** Seconds of one repetition (or bytes), a sample for each round. */
  readonly samples: readonly number[];
  /** Repetitions in each sample. */
  readonly reps: number;
  readonly check: readonly number[];
  readonly setting: string | null;
  /** Why there are no samples. */
  readonly absent: string | null;
  /** How its result differs from the others. */
  readonly wrong: string | null;
}

/** One row. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly unit: "seconds" | "bytes";
  readonly targets: readonly Target[];
  readonly entries: readonly Entry[];
}

/** A whole run. */
export interface Results {
  readonly date: string;
  readonly machine: Machine;
  /** Processes that wanted to compute, on average over the minute before the run. */
  readonly load: number;
  readonly threads: number;
  readonly rounds: number;
  /** System -> package -> version; or why the system is absent. */
  readonly versions: Readonly<Record<string, Readonly<Record<string, string>> | string>>;
  readonly rows: readonly Row[];
}

/** Column -> median, of the fastest of its entries that agree. */
export function columnTimes(row: Row): Map<string, number> {
  const times = new Map<string, number>();
  for (const entry of row.entries) {
    if (entry.samples.length === 0 || entry.wrong !== null) continue;
    const time = median(entry.samples);
    if (time < (times.get(entry.column) ?? Infinity)) times.set(entry.column, time);
  }
  return times;
}

/** Columns that are peers, in the order of the table. */
export const peers: readonly string[] = columns.filter(({ isPeer }) => isPeer).map(({ id }) => id);
