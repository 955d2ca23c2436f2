/**
 * Measures a row: every system prepares the same work, results are compared, then all take turns for
 * some rounds, so that what disturbs the machine disturbs them alike.
 *
 * @module
 */
import type { Contestant } from "./contestant.ts";
import type { Entry, Row } from "./results.ts";
import { disagreements, repetitions } from "./stats.ts";
import type { Lane, System } from "./systems.ts";
import type { Work } from "./works.ts";

/** How long and how often. */
export interface Effort {
  readonly rounds: number;
  /** Seconds that a sample should last. */
  readonly sample: number;
  /** Seconds that one lane may take in a row, beyond two samples. */
  readonly budget: number;
}

/** Gives the process of a system, started if need be, or why there is none. */
export type Pool = (system: System) => Promise<Contestant | string>;

/** A lane that is ready to be measured. */
interface Runner {
  readonly contestant: Contestant;
  readonly system: System;
  readonly lane: Lane;
  readonly check: readonly number[];
  readonly setting: string | null;
  readonly seconds: number[];
  reps: number;
  warm: number;
  rounds: number;
  absent: string | null;
}

/** Milliseconds between two contestants, until the first one stands still. */
const REST = 10;
/** Seconds of work before a sample: a process that was stopped finds cold caches. */
const WARM = 0.02;
/** Seconds from which nothing is repeated only to be sure. */
const LONG = 1;

/** Measures one row on the systems given. */
export async function measureWork(
  work: Work,
  systems: readonly System[],
  pool: Pool,
  effort: Effort,
): Promise<Row> {
  const runners: Runner[] = [];
  const entries: Entry[] = [];
  const missing = (system: System, lane: Lane, absent: string): void => {
    const { id, column } = lane;
    entries.push({
      system: system.id,
      lane: id,
      column,
      samples: [],
      reps: 0,
      check: [],
      setting: null,
      absent,
      wrong: null,
    });
  };
  for (const system of systems) {
    for (const lane of system.lanes) {
      if (lane.kinds !== undefined && !lane.kinds.includes(work.kind)) continue;
      const contestant = await pool(system);
      if (typeof contestant === "string") {
        missing(system, lane, contestant);
        continue;
      }
      const { kind, sizes } = work;
      const answer = await contestant.ask(
        { do: "prepare", kind, sizes, lane: lane.id },
        system.patience ?? 180,
      );
      if (answer.absent !== undefined) missing(system, lane, answer.absent);
      else {
        const { check = [], setting = null } = answer;
        const made = { seconds: [], reps: 1, warm: 0, rounds: effort.rounds, absent: null };
        runners.push({ contestant, system, lane, check, setting, ...made });
      }
    }
  }
  const key = (runner: Runner): string => `${runner.system.id} ${runner.lane.id}`;
  const wrong = disagreements(
    new Map(runners.map((runner) => [key(runner), runner.check])),
    work.tolerance,
  );
  for (const runner of runners) await calibrate(runner, effort);
  for (let round = 0; round < effort.rounds; round++) {
    for (const runner of runners) if (round < runner.rounds) await sample(runner);
  }
  const steps = work.stepsPerRep ?? 1;
  for (const runner of runners) {
    entries.push({
      system: runner.system.id,
      lane: runner.lane.id,
      column: runner.lane.column,
      samples: runner.absent === null ? runner.seconds.map((s) => s / runner.reps / steps) : [],
      reps: runner.reps,
      check: runner.check,
      setting: runner.setting,
      absent: runner.absent,
      wrong: wrong.get(key(runner)) ?? null,
    });
  }
  const used = new Set(runners.map(({ contestant }) => contestant));
  for (const contestant of used) if (contestant.isOpen) await contestant.ask({ do: "release" }, 60);
  const { id, title, targets } = work;
  return { id, title, unit: "seconds", targets, entries };
}

/** Finds how many repetitions a sample takes, which warms the system up as well. */
async function calibrate(runner: Runner, effort: Effort): Promise<void> {
  let reps = 1;
  let seconds = await steadyTime(runner, reps);
  while (runner.absent === null && seconds < effort.sample / 2 && reps < 1e7) {
    reps = Math.min(repetitions(seconds / reps, effort.sample), reps * 16);
    seconds = await steadyTime(runner, reps);
  }
  const one = seconds / reps;
  runner.reps = repetitions(one, effort.sample);
  runner.warm = one < WARM ? Math.ceil(WARM / one) : 0;
  const fitting = Math.floor(effort.budget / (one * (runner.reps + runner.warm)));
  runner.rounds = Math.min(effort.rounds, Math.max(2, fitting));
}

async function sample(runner: Runner): Promise<void> {
  if (runner.absent !== null) return;
  const seconds = await time(runner, runner.reps, runner.warm);
  if (runner.absent === null) runner.seconds.push(seconds);
  await new Promise((resolve) => setTimeout(resolve, REST));
}

/** The lesser of two times: the first repetitions compile, start threads and take memory. */
async function steadyTime(runner: Runner, reps: number): Promise<number> {
  const seconds = await time(runner, reps, 0);
  return seconds < LONG ? Math.min(seconds, await time(runner, reps, 0)) : seconds;
}

/** Seconds of so many repetitions; marks the runner absent when they fail. */
async function time(runner: Runner, reps: number, warm: number): Promise<number> {
  if (runner.absent !== null) return NaN;
  const request = { do: "measure", lane: runner.lane.id, reps, warm };
  const { seconds, absent } = await runner.contestant.ask(request, 180);
  if (absent !== undefined) runner.absent = absent;
  return seconds ?? NaN;
}
