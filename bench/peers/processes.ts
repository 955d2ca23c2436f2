/**
 * Measures what only fresh processes show: the time from start to the first finished step, and the
 * most memory that a process held.
 *
 * @module
 */
import { Contestant } from "./contestant.ts";
import type { Entry, Row } from "./results.ts";
import { type Lane, start, type System } from "./systems.ts";
import type { ProcessWork } from "./works.ts";

/** A lane that takes part. */
interface Runner {
  readonly system: System;
  readonly lane: Lane;
  readonly samples: number[];
  absent: string | null;
}

/** Lanes that build a step from a model; what is written out by hand has nothing to start. */
const measured = ["glissade", "jax", "keras", "torch", "tfjs", "jaxjs"];

/** Starts a process for each system in turn, `rounds` times after one start that warms the disk. */
export async function measureProcesses(
  work: ProcessWork,
  systems: readonly System[],
  threads: number,
  rounds: number,
): Promise<Row> {
  const runners = systems.flatMap((system) =>
    system.lanes.filter(({ id }) => measured.includes(id)).map((lane): Runner => ({
      system,
      lane,
      samples: [],
      absent: null,
    }))
  );
  const isTimed = work.measures === "seconds";
  for (let round = isTimed ? -1 : 0; round < rounds; round++) {
    for (const runner of runners) {
      if (runner.absent !== null) continue;
      const value = await runOnce(work, runner, threads);
      if (typeof value === "string") runner.absent = value;
      else if (round >= 0) runner.samples.push(value);
    }
  }
  const entries = runners.map(({ system, lane, samples, absent }): Entry => ({
    system: system.id,
    lane: lane.id,
    column: lane.column,
    samples: absent === null ? samples : [],
    reps: 1,
    check: [],
    setting: null,
    absent,
    wrong: null,
  }));
  const { id, title, targets } = work;
  return { id, title, unit: work.measures, targets, entries };
}

/** Seconds until the process told that it was done, or the bytes that it told; else why not. */
async function runOnce(
  work: ProcessWork,
  { system, lane }: Runner,
  threads: number,
): Promise<number | string> {
  const kind = work.kinds?.[lane.id] ?? work.kind;
  const args = ["once", kind, JSON.stringify(work.sizes), lane.id, String(work.steps)];
  const started = performance.now();
  const [contestant, answer] = await Contestant.open(start(system, threads, args), 120);
  const seconds = (performance.now() - started) / 1000;
  await contestant?.close();
  if (answer.absent !== undefined) return answer.absent;
  return work.measures === "seconds" ? seconds : answer.peak!;
}
