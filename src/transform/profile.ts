/**
 * Profiles: where the time of a function goes, kernel by kernel, and how near each comes to what the
 * machine can do.
 *
 * @module
 */
import { node } from "../../ffi/node.ts";
import { formatValue } from "../base/errors.ts";
import { formatCount, formatTime } from "../base/units.ts";
import { type Cost, cost } from "../compile/cost.ts";
import type { PlanStep } from "../compile/plan.ts";
import type { Device } from "../device/device.ts";
import { stepKey, stepName } from "../compile/print_plan.ts";
import {
  currentDevice,
  formatRates,
  inside,
  literal,
  observe,
  type Observer,
} from "../core/mod.ts";
import { checkCall } from "./check_call.ts";
import { during } from "./during.ts";
import { type MachinePeak, peakOf } from "./peak.ts";

/** Options of {@link profile}. */
export interface ProfileOptions {
  /** A file for a trace that chrome://tracing and Perfetto show; JSON. Needs write permission. */
  path?: string | URL | undefined;
}

/** A kernel or a routine, over all calls of a profile. */
export interface ProfiledKernel {
  /** Its ops or routine, and its sizes. */
  readonly name: string;
  /** How often it ran. */
  readonly runs: number;
  /** Milliseconds of all runs. */
  readonly time: number;
  /** Scalar operations of all runs. */
  readonly flops: number;
  /** Bytes that all runs read and write when each element comes from memory once. */
  readonly bytes: number;
  /**
   * The least time that the machine's peak allows over the time taken: 1 is as fast as arithmetic
   * or memory can be. Above 1 for what lies in caches, which are faster than memory.
   */
  readonly share: number;
}

/** Where the time of a function went. Prints as a table. */
export interface Profile {
  /** Milliseconds from the start of the function to its end. */
  readonly time: number;
  /** Milliseconds in kernels and routines; the rest is recording, compiling and JavaScript. */
  readonly kernelTime: number;
  /** Calls of jitted functions and eager operations. */
  readonly calls: number;
  /** The device in force, or that of the kernels where all ran on another. */
  readonly device: string;
  /** What that device can do. */
  readonly peak: MachinePeak;
  /** Every distinct kernel and routine, the one that took most time first. */
  readonly kernels: readonly ProfiledKernel[];
  /** The table. */
  toString(): string;
}

interface Row extends Cost {
  readonly name: string;
  readonly device: Device;
  runs: number;
  time: number;
}

/** An event of a trace in Chrome's format; times in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly cat: "call" | "kernel";
  readonly ph: "X";
  readonly ts: number;
  readonly dur: number;
  readonly pid: 1;
  readonly tid: 1;
  readonly args: Readonly<Record<string, number>>;
}

const HEAD = ["of all", "runs", "time", "each", "arithmetic", "memory", "of peak"];

class Profiled implements Profile {
  readonly time: number;
  readonly kernelTime: number;
  readonly calls: number;
  readonly device: string;
  readonly peak: MachinePeak;
  readonly kernels: readonly ProfiledKernel[];

  constructor(rows: readonly Row[], calls: number, time: number, device: Device) {
    this.time = time;
    this.calls = calls;
    this.device = device.name;
    this.peak = peakOf(device);
    this.kernelTime = rows.reduce((t, r) => t + r.time, 0);
    this.kernels = rows.toSorted((a, b) => b.time - a.time).map((r) => {
      const [flops, bytes] = [r.flops * r.runs, r.bytes * r.runs];
      const peak = peakOf(r.device);
      const least = Math.max(flops / peak.flops, bytes / peak.bytes) * 1000;
      const { name, runs, time } = r;
      return { name, runs, time, flops, bytes, share: time === 0 ? 0 : least / time };
    });
  }

  toString(): string {
    const percent = (x: number) => `${(x * 100).toFixed(0)}%`;
    const [flops, bytes] = [
      formatCount(this.peak.flops, "FLOP/s"),
      formatCount(this.peak.bytes, "B/s"),
    ];
    const lines = this.kernels.map((k) => [
      percent(this.kernelTime === 0 ? 0 : k.time / this.kernelTime),
      String(k.runs),
      formatTime(k.time),
      formatTime(k.time / k.runs),
      ...formatRates(k.flops, k.bytes, k.time),
      percent(k.share),
    ]);
    const table = [HEAD, ...lines];
    const widths = HEAD.map((_, i) => Math.max(...table.map((row) => row[i]!.length)));
    const names = ["kernel", ...this.kernels.map((k) => k.name)];
    return [
      `${formatTime(this.time)} in ${this.calls} calls, ${
        formatTime(this.kernelTime)
      } of it in kernels`,
      `peak of ${this.device}: ${flops} (float32 matrix product), ${bytes} (copy)`,
      ...table.map((row, i) =>
        `${row.map((cell, j) => cell.padStart(widths[j]!)).join("  ")}  ${names[i]}`
      ),
    ].join("\n");
  }

  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** Collects what a profile needs while programs run. */
class Recorder implements Observer {
  readonly rows = new Map<string, Row>();
  readonly events: TraceEvent[] = [];
  readonly #known = new WeakMap<PlanStep, Row>();
  readonly #traced: boolean;
  readonly #started: number;
  calls = 0;

  constructor(traced: boolean, started: number) {
    this.#traced = traced;
    this.#started = started;
  }

  #row(step: PlanStep, device: Device): Row {
    let row = this.#known.get(step);
    if (row !== undefined) return row;
    const name = stepName(step);
    const key = `${device.name} ${stepKey(step)}`;
    row = this.rows.get(key);
    if (row === undefined) {
      this.rows.set(key, row = { name, device, ...cost(step), runs: 0, time: 0 });
    }
    this.#known.set(step, row);
    return row;
  }

  #event(
    name: string,
    cat: TraceEvent["cat"],
    start: number,
    end: number,
    args: TraceEvent["args"],
  ) {
    const ts = (start - this.#started) * 1000;
    this.events.push({ name, cat, ph: "X", ts, dur: (end - start) * 1000, pid: 1, tid: 1, args });
  }

  after(
    { plan, device }: Parameters<NonNullable<Observer["after"]>>[0],
    k: number,
    start: number,
    end: number,
  ) {
    const row = this.#row(plan.steps[k]!, device);
    row.runs++;
    row.time += end - start;
    const { name, flops, bytes } = row;
    if (this.#traced) this.#event(name, "kernel", start, end, { flops, bytes });
  }

  end({ label, plan }: Parameters<NonNullable<Observer["end"]>>[0], start: number, end: number) {
    this.calls++;
    if (this.#traced) this.#event(label, "call", start, end, { steps: plan.steps.length });
  }
}

/** A trace in the format of chrome://tracing. */
function writeTrace(path: string | URL, events: readonly TraceEvent[]): void {
  const lines = events.map((e) => JSON.stringify(e)).join(",\n");
  try {
    Deno.writeTextFileSync(path, `{"displayTimeUnit":"ns","traceEvents":[\n${lines}\n]}\n`);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    const file = typeof path === "string" ? path : node("url").fileURLToPath(path);
    throw new Deno.errors.NotFound(
      `Cannot write ${file}: ${cause.message}: make the folder ${node("path").dirname(file)} first`,
      { cause },
    );
  }
}

let profiling = false;

/**
 * Runs a function and times every kernel and routine in it: those of jitted functions, and eager
 * operations. The result prints as a table; with a `path`, a trace for chrome://tracing is written
 * as well. Call the function once before, or its compiling counts in `time` (never in the kernels).
 * The machine's peak is measured once in a process, which takes a tenth of a second or so.
 *
 * @param f what to run; a promise that it returns is waited for
 * @throws {TypeError} when `f` is no function, `path` no path, a profile is being taken already, or
 * within jit
 *
 * @example
 * ```ts
 * import { jit, np, profile } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const f = jit((x) => x.matmul(x).sum());
 * const x = np.ones([64, 64]);
 * const { calls, kernels } = profile(() => {
 *   for (let i = 0; i < 10; i++) f(x);
 * });
 * assertEquals(calls, 10);
 * assertEquals(kernels.map((k) => k.flops).sort(), [10 * 64 ** 2, 10 * 2 * 64 ** 3]);
 * ```
 */
export function profile(f: () => Promise<unknown>, options?: ProfileOptions): Promise<Profile>;
/** For functions that return no promise. */
export function profile(f: () => unknown, options?: ProfileOptions): Profile;
export function profile(
  f: () => unknown,
  options: ProfileOptions = {},
): Profile | Promise<Profile> {
  checkCall(f, options, ["path"], "profile");
  if (profiling) {
    throw new TypeError("Cannot profile inside another profile: let the outer one cover both");
  }
  const { path } = options;
  // a number would be taken for an open file
  if (path !== undefined && typeof path !== "string" && !(path instanceof URL)) {
    throw new TypeError(`Cannot profile with path ${formatValue(path)}: wanted a text or a URL`);
  }
  if (inside(literal(0, "float32")).storage === null) {
    throw new TypeError(
      "Cannot profile while a function is being recorded, where nothing runs: call profile outside " +
        "of jit, as profile(() => f(x))",
    );
  }
  const device = currentDevice();
  peakOf(device);
  const started = performance.now();
  const recorder = new Recorder(path !== undefined, started);
  const stopObserving = observe(recorder);
  profiling = true;
  let ended = started;
  const stop = () => {
    ended = performance.now();
    profiling = false;
    stopObserving();
  };
  const finish = (): Profile => {
    if (path !== undefined) writeTrace(path, recorder.events);
    const rows = [...recorder.rows.values()];
    const other = rows[0]?.device ?? device;
    const shown = rows.every((r) => r.device === other) ? other : device;
    return new Profiled(rows, recorder.calls, ended - started, shown);
  };
  const returned = during(stop, f);
  return returned instanceof Promise ? returned.then(finish) : finish();
}
