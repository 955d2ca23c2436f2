/**
 * What a test sees and steers in the stand-in that its process has loaded: planned failures, the
 * report of faults, counts of what lives, the trace of calls, the order of threads.
 * @module
 */

/** What lives and what was done since the library was loaded. */
export interface Counts {
  /** Bytes of device memory in use. */
  readonly bytes: number;
  readonly blocks: number;
  /** The most bytes that were ever in use at once. */
  readonly peak: number;
  /** Blocks that were ever allocated. */
  readonly allocations: number;
  readonly pinned: number;
  readonly streams: number;
  readonly events: number;
  readonly modules: number;
  readonly graphs: number;
  readonly executables: number;
  readonly programs: number;
  /** Handles of cuBLAS. */
  readonly handles: number;
  /** How often primary contexts are retained. */
  readonly contexts: number;
  /** Work that waits in streams. */
  readonly pending: number;
  /** Kernels that ran. */
  readonly kernels: number;
  /** Threads that ran. */
  readonly threads: number;
  /** Calls of any function that can be made to fail. */
  readonly calls: number;
  /** The error that every call gives from now on, or 0. */
  readonly sticky: number;
}

const countNames: readonly (keyof Counts)[] = [
  "bytes",
  "blocks",
  "peak",
  "allocations",
  "pinned",
  "streams",
  "events",
  "modules",
  "graphs",
  "executables",
  "programs",
  "handles",
  "contexts",
  "pending",
  "kernels",
  "threads",
  "calls",
  "sticky",
];

/** What stays equal when nothing leaks. */
export const livingNames: readonly (keyof Counts)[] = [
  "bytes",
  "blocks",
  "pinned",
  "streams",
  "events",
  "modules",
  "graphs",
  "executables",
  "programs",
  "handles",
  "pending",
];

/** One loaded stand-in. */
export interface StandIn {
  readonly path: string;
  /**
   * Plans failures: `"cuMemAlloc_v2:3=2;cuLaunchKernel:1=700"` makes the third allocation from now
   * fail with 2 and the next launch with 700; `"*:5=2"` the fifth call of all. "" forgets the plan.
   */
  fail(plan: string): void;
  /** Forgets error, waiting work, captures, plan and report; objects stay. */
  revive(): void;
  /** What was found wrong since the last call, a line each; "" when nothing was. */
  report(): string;
  counts(): Counts;
  /** How often a function was called. */
  calls(name: string): number;
  /** 0: threads and blocks in their natural order; -1: reversed; a positive number: shuffled by it. */
  order(order: number): void;
  /** Begins a new trace, or ends it. */
  trace(on: boolean): void;
  /** The names of the functions called since the trace began. */
  traced(): string[];
  /** Off: programs compiled from now on have no checks, and run several times as fast. */
  checks(on: boolean): void;
  /**
   * Says what a range inside one block is from now on, for a test whose own heap divides the block:
   * `"foreign"` may not be touched, `"fresh"` not be read before it is written.
   */
  mark(address: number | bigint, bytes: number, as: "foreign" | "fresh" | "written"): void;
}

const symbols = {
  standin_fail: { parameters: ["buffer"], result: "void" },
  standin_revive: { parameters: [], result: "void" },
  standin_report: { parameters: ["buffer", "i32"], result: "i32" },
  standin_forget_report: { parameters: [], result: "void" },
  standin_counts: { parameters: ["buffer"], result: "void" },
  standin_calls: { parameters: ["buffer"], result: "u64" },
  standin_order: { parameters: ["i32"], result: "void" },
  standin_trace: { parameters: ["i32"], result: "void" },
  standin_trace_text: { parameters: ["buffer", "i32"], result: "i32" },
  standin_checks: { parameters: ["i32"], result: "void" },
  standin_mark: { parameters: ["usize", "usize", "i32"], result: "i32" },
} as const;

const shadows = { foreign: 0, fresh: 1, written: 3 } as const;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Takes hold of the stand-in at `path`; it is the one that product code has opened from there. */
export function openStandIn(path: string): StandIn {
  const library = Deno.dlopen(path, symbols).symbols;
  const words = new BigUint64Array(countNames.length);
  return {
    path,
    fail: (plan) => library.standin_fail(bytesOf(plan)),
    revive: () => library.standin_revive(),
    report() {
      const text = textOf((buffer, size) => library.standin_report(buffer, size));
      library.standin_forget_report();
      return text.trimEnd();
    },
    counts() {
      library.standin_counts(words);
      const entries = countNames.map((name, i) => [name, Number(words[i])]);
      return Object.fromEntries(entries) as unknown as Counts;
    },
    calls: (name) => Number(library.standin_calls(bytesOf(name))),
    order: (order) => library.standin_order(order),
    trace: (on) => library.standin_trace(on ? 1 : 0),
    traced() {
      const text = textOf((buffer, size) => library.standin_trace_text(buffer, size));
      return text.split("\n").filter((name) => name !== "");
    },
    checks: (on) => library.standin_checks(on ? 1 : 0),
    mark(address, bytes, as) {
      if (library.standin_mark(BigInt(address), BigInt(bytes), shadows[as]) !== 0) {
        throw new RangeError(
          `Cannot mark ${bytes} bytes at ${address}: they must lie in one block`,
        );
      }
    },
  };
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text + "\0");
}

/** Asks once for the length and once for the text. */
function textOf(ask: (buffer: Uint8Array<ArrayBuffer>, size: number) => number): string {
  const length = ask(new Uint8Array(1), 1);
  const buffer = new Uint8Array(length + 1);
  ask(buffer, buffer.length);
  return decoder.decode(buffer.subarray(0, length));
}

/** The machine that a process finds, for children: the environment says it before the first call. */
export interface MachineState {
  /** 0: a driver without a device. */
  readonly devices?: number;
  /** Compute capability of the devices, as "8.6". */
  readonly capability?: string;
  /** Of the driver, as 12040 for CUDA 12.4. */
  readonly driver?: number;
  /** Of NVRTC and cuBLAS, as "12.9". */
  readonly nvrtc?: string;
  /** Bytes of each device. */
  readonly memory?: number;
  /** Multiprocessors of each device. */
  readonly processors?: number;
  /** What `cuInit` gives instead of success: 34 for a stub, 803 after an upgrade, 999. */
  readonly initCode?: number;
  /** The name of the devices, as "MIG 1g.5gb". */
  readonly name?: string;
  /** False: NVRTC without its builtins. */
  readonly builtins?: boolean;
  /** False: programs are compiled without checks. */
  readonly checked?: boolean;
  /** As {@linkcode StandIn.order}. */
  readonly order?: number;
  /** As {@linkcode StandIn.fail}. */
  readonly fail?: string;
  /** True: what is reported is printed, too. */
  readonly verbose?: boolean;
}

const variables: Readonly<Record<keyof MachineState, string>> = {
  devices: "STANDIN_DEVICES",
  capability: "STANDIN_CAPABILITY",
  driver: "STANDIN_DRIVER",
  nvrtc: "STANDIN_NVRTC",
  memory: "STANDIN_MEMORY",
  processors: "STANDIN_PROCESSORS",
  initCode: "STANDIN_INIT",
  name: "STANDIN_NAME",
  builtins: "STANDIN_BUILTINS",
  checked: "STANDIN_CHECKED",
  order: "STANDIN_ORDER",
  fail: "STANDIN_FAIL",
  verbose: "STANDIN_VERBOSE",
};

/** The variables that bring a child process into this state. */
export function environmentOf(state: MachineState): Record<string, string> {
  return Object.fromEntries(
    Object.entries(state).map(([name, value]) => [
      variables[name as keyof MachineState],
      typeof value === "boolean" ? String(Number(value)) : String(value),
    ]),
  );
}
