/**
 * What `GLISSADE_DEBUG` has the core tell on stderr, and what `GLISSADE_CHECK_NANS` has it check:
 * from 2 on the times of each call, from 3 programs and plans, from 5 every pass.
 *
 * @module
 */
import { flag, onConfig } from "../base/flags.ts";
import { formatCount, formatTime } from "../base/units.ts";
import { cost } from "../compile/cost.ts";
import { type CompileOptions, schedule, simplify } from "../compile/mod.ts";
import type { Plan } from "../compile/plan.ts";
import { printPlan, stepName } from "../compile/print_plan.ts";
import { printProgram, type Program } from "../ir/program.ts";
import { nanCheck } from "./check_nans.ts";
import { observe, type Observer } from "./observe.ts";

/** How a program is compiled. */
export interface AloudOptions extends Pick<CompileOptions, "precision"> {
  /** From the simplified program to the pairs of donated inputs and outputs. */
  readonly donate?: ((simple: Program) => ReadonlyMap<number, number>) | undefined;
}

/** Compiles, and tells what the setting asks for. */
export function compileAloud(
  program: Program,
  label: string,
  { donate, precision }: AloudOptions = {},
): { program: Program; plan: Plan; donated: ReadonlyMap<number, number> } {
  const level = flag("debug");
  const options: CompileOptions = level < 5 ? { precision } : {
    precision,
    onPass: (pass, print) => console.error(`glissade: ${label} after ${pass}\n${print()}`),
  };
  const simple = simplify(program, options);
  if (level >= 3) console.error(`glissade: program of ${label}\n${printProgram(simple)}`);
  const donated = donate?.(simple) ?? new Map<number, number>();
  const plan = schedule(simple, { ...options, donated });
  if (level >= 3) {
    console.error(`glissade: ${printPlan(plan).replace("plan of", `plan of ${label}:`)}`);
  }
  return { program: simple, plan, donated };
}

/** Operations and bytes a second, as columns; empty where there are none. */
export function formatRates(flops: number, bytes: number, ms: number): [string, string] {
  const rate = (n: number, unit: string) =>
    n === 0 || ms === 0 ? "" : formatCount(n / ms * 1000, unit);
  return [rate(flops, "FLOP/s"), rate(bytes, "B/s")];
}

/** An observer that prints a table of each call: a line per kernel or routine. */
function timesReport(): Observer {
  interface Row {
    runs: number;
    time: number;
    flops: number;
    bytes: number;
  }
  let rows = new Map<string, Row>();
  return {
    before(_call, k) {
      if (k === 0) rows = new Map();
    },
    after({ plan }, k, start, end) {
      const step = plan.steps[k]!;
      const { flops, bytes } = cost(step);
      const name = stepName(step);
      let row = rows.get(name);
      if (row === undefined) rows.set(name, row = { runs: 0, time: 0, flops: 0, bytes: 0 });
      row.runs++;
      row.time += end - start;
      row.flops += flops;
      row.bytes += bytes;
    },
    end({ label, plan }, start, end) {
      if (plan.steps.length === 0) return;
      const lines = [...rows].map(([name, r]) => {
        const [flops, bytes] = formatRates(r.flops, r.bytes, r.time);
        return `  ${formatTime(r.time).padStart(8)} ${flops.padStart(12)} ${bytes.padStart(9)}  ` +
          `${r.runs}x ${name}`;
      });
      const steps = `${plan.steps.length} step${plan.steps.length === 1 ? "" : "s"}`;
      console.error(
        [`glissade: ${label} took ${formatTime(end - start)} in ${steps}`, ...lines].join("\n"),
      );
    },
  };
}

/** An observer that is there while a setting asks for it. */
function follow(make: () => Observer, wanted: () => boolean): () => void {
  let stop: (() => void) | null = null;
  return () => {
    if (wanted() === (stop !== null)) return;
    if (stop === null) stop = observe(make());
    else stop = (stop(), null);
  };
}

const updates = [
  follow(timesReport, () => flag("debug") >= 2),
  follow(nanCheck, () => flag("checkNans")),
];
let followed = false;

/** Has the observers that settings ask for come and go from now on. */
export function followSettings(): void {
  if (followed) return;
  followed = true;
  for (const update of updates) update();
  onConfig(() => {
    for (const update of updates) update();
  });
}
