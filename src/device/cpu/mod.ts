/**
 * The CPU: one WebAssembly memory in which emitted kernels and the BLAS both work in place.
 *
 * @module
 */
import { flag } from "../../base/flags.ts";
import { cost } from "../../compile/cost.ts";
import { expand } from "../../compile/expand.ts";
import { type DeviceStep, type GroupStep, membersOf } from "../../compile/plan.ts";
import { printStep } from "../../compile/print_plan.ts";
import { type Kernel, kernelKey } from "../../ir/kernel.ts";
import { printKernel } from "../../ir/print_kernel.ts";
import type { Device, DeviceInfo, Slots } from "../device.ts";
import { Heap, type Storage, wasmRegion } from "../heap.ts";
import { quarantineOf } from "../worker_error.ts";
import { CpuBlas } from "./blas.ts";
import { type CompiledKernel, compilePieces, NATIVE } from "./emit.ts";
import { LINE, lineOf } from "./emit_plan.ts";
import { createMemory, MAXIMUM_PAGES } from "./memory.ts";
import { Piece, Pool, type PoolOptions, threadsWanted } from "./pool.ts";
import { createSort, type SortCall } from "./sort.ts";
import { farAxis, splitReduction } from "./split_reductions.ts";
import { callTime, kernelTime } from "./work.ts";
import { whyNotNative } from "./x64/available.ts";
import { emitMachineCode } from "./x64/emit.ts";
import { runnerOf } from "./x64/runner.ts";

/** Kernels that take less than so many nanoseconds are never cut, and stay as small as can be. */
const WORTH_CUTTING = 30_000;
/** Kernels that take so many nanoseconds as WebAssembly are worth a call of machine code. */
const WORTH_MACHINE_CODE = 500;
/** The same for those that are machine code from their first call on. */
const WORTH_AT_ONCE = 5_000;
/** Making machine code takes about so many nanoseconds. */
const WARM = 1_500_000;
/** A reduction that takes so long and cannot be cut in so many pieces is made of partial results. */
const WORTH_SPLITTING = 150_000;
const FEW_UNITS = 16;
/** Bytes of the rows that the kernels of a group pass on to each other: some of an L2 cache. */
const ROWS_BYTES = 1 << 18;
/** Compiled kernels kept; the least recently made half goes when there are more. */
const KEEP = 1024;
/** Routine scratch up to this size is kept between calls. */
const KEPT_SCRATCH = 1 << 20;

type Run = (...addresses: number[]) => void;

/** Slots of as many arguments as kernels mostly have at most: Adam's has these. */
type Eight = [number, number, number, number, number, number, number, number];

/** A closure that calls a kernel with the addresses of its slots. */
export function bind(run: Run, args: readonly number[], s: Slots): () => void {
  const [a, b, c, d, e, f, g, h] = args as readonly number[] as Eight;
  switch (args.length) {
    case 1:
      return () => run(s[a]!);
    case 2:
      return () => run(s[a]!, s[b]!);
    case 3:
      return () => run(s[a]!, s[b]!, s[c]!);
    case 4:
      return () => run(s[a]!, s[b]!, s[c]!, s[d]!);
    case 5:
      return () => run(s[a]!, s[b]!, s[c]!, s[d]!, s[e]!);
    case 6:
      return () => run(s[a]!, s[b]!, s[c]!, s[d]!, s[e]!, s[f]!);
    case 7:
      return () => run(s[a]!, s[b]!, s[c]!, s[d]!, s[e]!, s[f]!, s[g]!);
    case 8:
      return () => run(s[a]!, s[b]!, s[c]!, s[d]!, s[e]!, s[f]!, s[g]!, s[h]!);
    default:
      return () => run(...args.map((i) => s[i]!));
  }
}

/** A closure that calls the function of a line with the addresses of its slots, and all of its units. */
function bindLine(
  run: Run,
  args: readonly number[],
  length: number,
  units: number,
  s: Slots,
): () => void {
  const [a, b, c, d, e, f, g, h] = args as readonly number[] as Eight;
  switch (args.length) {
    case 1:
      return () => run(s[a]!, length, 0, units);
    case 2:
      return () => run(s[a]!, s[b]!, length, 0, units);
    case 3:
      return () => run(s[a]!, s[b]!, s[c]!, length, 0, units);
    case 4:
      return () => run(s[a]!, s[b]!, s[c]!, s[d]!, length, 0, units);
    case 5:
      return () => run(s[a]!, s[b]!, s[c]!, s[d]!, s[e]!, length, 0, units);
    case 6:
      return () => run(s[a]!, s[b]!, s[c]!, s[d]!, s[e]!, s[f]!, length, 0, units);
    case 7:
      return () => run(s[a]!, s[b]!, s[c]!, s[d]!, s[e]!, s[f]!, s[g]!, length, 0, units);
    case 8:
      return () => run(s[a]!, s[b]!, s[c]!, s[d]!, s[e]!, s[f]!, s[g]!, s[h]!, length, 0, units);
    default:
      return () => run(...args.map((i) => s[i]!), length, 0, units);
  }
}

/** Prints what is emitted, for those who asked. */
function tell(text: () => string): void {
  if (flag("debug") >= 4) console.error(`glissade: ${text()}`);
}

/** A compiled kernel, what it costs, and what workers need to know of it where it can be cut. */
interface Whole extends Omit<CompiledKernel, "bytes"> {
  readonly cost: number;
  readonly piece: Piece | null;
}

/** A reduction in chunks: kernels that take arguments for partial results beside those of the whole. */
interface Split {
  readonly steps: readonly Linkable[];
  /** Bytes of each argument of partial results. */
  readonly partials: readonly number[];
}

type Linkable = Whole | Split;

/** Adds to a cache that does not grow without end. */
function keep<T>(cache: Map<string, T>, key: string, made: T): void {
  if (cache.size >= KEEP) {
    for (const old of [...cache.keys()].slice(0, KEEP / 2)) cache.delete(old);
  }
  cache.set(key, made);
}

/** A kernel in the operations that are emitted. */
interface Expanded {
  /** The text of the kernel that it was. */
  readonly text: string;
  readonly kernel: Kernel;
  /** Nanoseconds that it takes as WebAssembly, roughly. */
  readonly cost: number;
}

class Cpu implements Device {
  readonly name = "cpu";
  readonly heap: Heap;
  readonly #memory: WebAssembly.Memory;
  readonly #blas: CpuBlas;
  readonly #pool: Pool;
  readonly #threads: number | null;
  readonly #worthCutting: number;
  readonly #kernels = new Map<string, Linkable>();
  readonly #expanded = new Map<string, Expanded>();
  #sort: ReturnType<typeof createSort> | null = null;
  #kept: Storage | null = null;
  #native = flag("native");
  /** Whether kernels may be machine code, once somebody has asked. */
  #makesCode: boolean | null = null;

  constructor({ threads, eager = false, ...pool }: CpuOptions) {
    this.#worthCutting = Math.min(WORTH_CUTTING, pool.worth ?? WORTH_CUTTING);
    this.#memory = createMemory();
    this.heap = new Heap(wasmRegion(this.#memory, MAXIMUM_PAGES));
    this.#pool = new Pool(this.#memory, pool);
    this.#threads = threads ?? null;
    this.#pool.threads = threads ?? threadsWanted();
    if (eager) this.#pool.start();
    this.#blas = new CpuBlas(this.#memory, (bytes, use) => this.#borrow(bytes, use), this.#pool);
  }

  #borrow(bytes: number, use: (address: number) => void): void {
    const lasting = bytes <= KEPT_SCRATCH;
    const s = lasting ? this.#lasting(bytes) : this.heap.reserve(bytes);
    const address = this.heap.pin(s);
    let gone: Promise<void> | null = null;
    try {
      use(address);
    } catch (e) {
      gone = quarantineOf(e);
      throw e;
    } finally {
      if (gone === null) this.heap.unpin(s);
      else void gone.then(() => this.heap.unpin(s));
      if (!lasting || gone !== null) this.heap.dispose(s);
      if (gone !== null && lasting) this.#kept = null;
    }
  }

  /** Scratch that is kept from call to call, pinned only while one uses it. */
  #lasting(bytes: number): Storage {
    if (this.#kept !== null && this.#kept.bytes >= bytes) return this.#kept;
    const s = this.heap.reserve(Math.max(bytes, 1 << 16));
    if (this.#kept !== null) this.heap.dispose(this.#kept);
    return this.#kept = s;
  }

  #kernel({ text, kernel }: Expanded, machine: boolean): Linkable {
    const key = `${machine ? "machine" : "wasm"} ${text}`;
    let made = this.#kernels.get(key);
    if (made === undefined) {
      made = this.#compile(kernel, machine);
      keep(this.#kernels, key, made);
    }
    return made;
  }

  #expand(k: Kernel): Expanded {
    const text = kernelKey(k);
    let known = this.#expanded.get(text);
    if (known === undefined) {
      const kernel = expand(k, NATIVE);
      known = { text, kernel, cost: kernelTime(kernel) };
      keep(this.#expanded, text, known);
    }
    return known;
  }

  #compile(k: Kernel, machine: boolean, divide = true): Linkable {
    const cost = kernelTime(k);
    const { bytes, run, extent, lineUnit } = this.#emit(k, machine, cost >= this.#worthCutting);
    // by size alone, never by the number of threads
    const large = divide && cost >= WORTH_SPLITTING && (extent < FEW_UNITS || farAxis(k) >= 0);
    const split = large ? splitReduction(k) : null;
    if (split !== null) {
      const { chunks, last, partials } = split;
      return {
        steps: [...chunks, last].map((part) => this.#compile(part, machine, false)),
        partials,
      };
    }
    const piece = extent === 0 ? null : new Piece(`kernel "${k.name}"`, bytes, run);
    return { run, extent, lineUnit, cost, piece };
  }

  /** A kernel as machine code where that is asked for and can be, else as WebAssembly. */
  #emit(k: Kernel, machine: boolean, pieces: boolean, line = false): CompiledKernel {
    const made = machine ? emitMachineCode(k, pieces, line) : null;
    const placed = made === null ? null : runnerOf(made.code, made.count, this.#memory);
    if (placed !== null) {
      const { code, extent, lineUnit } = made!;
      tell(() => `emitted ${code.length} bytes of machine code for\n${printKernel(k)}`);
      return { ...placed, extent, lineUnit };
    }
    const compiled = compilePieces(k, this.#memory, pieces, line);
    tell(() => `emitted ${compiled.bytes.length} bytes of WebAssembly for\n${printKernel(k)}`);
    return compiled;
  }

  #mayBeNative(): boolean {
    return this.#makesCode ??= whyNotNative(this.#memory) === null;
  }

  /**
   * A closure that runs what `link` gives for WebAssembly or for machine code. What only goes from
   * point to point has the same bits as either (but for those of a NaN): it becomes machine code once
   * it has run for as long as making that takes. All else is one of them from the start, so that
   * results do not change from call to call.
   */
  #tiered(
    cost: number,
    pointwise: boolean,
    link: (machine: boolean) => () => void,
  ): () => void {
    if (cost < (pointwise ? WORTH_MACHINE_CODE : WORTH_AT_ONCE)) return link(false);
    if (cost >= WARM || !pointwise) return link(this.#mayBeNative());
    let run = link(false);
    let left = Math.ceil(WARM / cost);
    return () => {
      if (left > 0 && --left === 0 && this.#mayBeNative()) run = link(true);
      run();
    };
  }

  /** A closure that runs a kernel, on several threads where that is worth it. */
  #bind(kernel: Linkable, args: readonly number[], s: Slots): () => void {
    if ("steps" in kernel) return this.#bindSplit(kernel, args, s);
    const { run, piece, extent, cost } = kernel;
    if (piece === null) return bind(run, args, s);
    const pool = this.#pool;
    const addresses = args.map(() => 0);
    const job = { calls: [{ piece, args: addresses }], extent, cost };
    return () => {
      for (let i = 0; i < args.length; i++) addresses[i] = s[args[i]!]!;
      pool.run(job);
    };
  }

  /** A closure that runs a line: one function for every length of it. */
  #bindLine(line: Kernel, length: number, args: readonly number[], s: Slots): () => void {
    const { text, kernel, cost: whole } = this.#expand(line);
    const cost = whole * length / LINE;
    return this.#tiered(cost, true, (machine) => {
      const key = `${machine ? "machine" : "wasm"} line ${text}`;
      let made = this.#kernels.get(key) as Whole | undefined;
      if (made === undefined) {
        const { bytes, run, extent, lineUnit } = this.#emit(kernel, machine, true, true);
        const piece = new Piece(`kernel "${line.name}"`, bytes, run);
        made = { run, extent, lineUnit, cost, piece };
        keep(this.#kernels, key, made);
      }
      return this.#bindWholeLine(made, cost, length, args, s);
    });
  }

  #bindWholeLine(
    { run, piece, lineUnit }: Whole,
    cost: number,
    length: number,
    args: readonly number[],
    s: Slots,
  ): () => void {
    const extent = Math.ceil(length / lineUnit);
    if (cost < this.#worthCutting) return bindLine(run, args, length, extent, s);
    const all = [...args.map(() => 0), length];
    const job = { calls: [{ piece: piece!, args: all }], extent, cost };
    return () => {
      for (let i = 0; i < args.length; i++) all[i] = s[args[i]!]!;
      this.#pool.run(job);
    };
  }

  /** A closure that runs kernels over the same rows, a few rows of each after the other. */
  #bindGroup(step: GroupStep, s: Slots): () => void {
    const members = membersOf(step).map(({ kernel, args }) => {
      const key = `rows ${kernelKey(kernel)}`;
      let made = this.#kernels.get(key) as Whole | undefined;
      if (made === undefined) {
        const expanded = expand(kernel, NATIVE);
        const cost = kernelTime(expanded);
        const machine = cost >= WORTH_AT_ONCE && this.#mayBeNative();
        const { bytes, run, extent, lineUnit } = this.#emit(expanded, machine, true);
        const piece = new Piece(`kernel "${kernel.name}"`, bytes, run);
        made = { run, extent, lineUnit, cost, piece };
        keep(this.#kernels, key, made);
      }
      return { piece: made.piece!, cost: made.cost, slots: args, args: args.map(() => 0) };
    });
    const extent = step.kernels[0]!.shape[0]!;
    const bytes = cost(step).bytes / extent;
    const job = {
      calls: members.map(({ piece, args }) => ({ piece, args })),
      extent,
      cost: members.reduce((n, m) => n + m.cost, 0),
      grain: Math.max(1, Math.min(Math.floor(ROWS_BYTES / bytes), Math.ceil(extent / 2))),
    };
    return () => {
      for (const { slots, args } of members) {
        for (let i = 0; i < slots.length; i++) args[i] = s[slots[i]!]!;
      }
      this.#pool.run(job);
    };
  }

  #bindSplit({ steps, partials }: Split, args: readonly number[], s: Slots): () => void {
    const own = new Float64Array(args.length + partials.length);
    const every = Array.from(own, (_, i) => i);
    const runs = steps.map((step) => this.#bind(step, every, own));
    const sizes = partials.map((bytes) => Math.ceil(bytes / 64) * 64);
    const bytes = sizes.reduce((n, m) => n + m, 0);
    return () => {
      args.forEach((slot, i) => own[i] = s[slot]!);
      this.#borrow(bytes, (address) => {
        sizes.forEach((size, i) => {
          own[args.length + i] = address;
          address += size;
        });
        for (const run of runs) run();
      });
    };
  }

  link(step: DeviceStep, slots: Slots): () => void {
    if (step.kind === "kernel") {
      const line = lineOf(step.kernel);
      if (line !== null) return this.#bindLine(line, step.kernel.shape[0]!, step.args, slots);
      const known = this.#expand(step.kernel);
      return this.#tiered(
        known.cost,
        step.kernel.accumulators.length === 0,
        (machine) => this.#bind(this.#kernel(known, machine), step.args, slots),
      );
    }
    if (step.kind === "group") return this.#bindGroup(step, slots);
    tell(() => `linked ${printStep({ ...step, args: [] }, "").trimEnd()}`);
    const call = step.call;
    if (call.name === "gemm") return this.#blas.link(call, step.args, slots);
    return this.#bindSort(call, step.args, slots);
  }

  #bindSort(call: SortCall, args: readonly number[], slots: Slots): () => void {
    const sort = this.#sort ??= createSort(this.#memory);
    const [x, values, indices] = args as [number, number, number];
    const cost = callTime({ name: "sort", ...call });
    const extent = call.size === 0 ? 0 : call.outer * call.inner;
    const own = Math.ceil(sort.scratchBytes(call) / 64) * 64;
    return () => {
      const lanes = this.#pool.lanes(cost, extent);
      this.#borrow(lanes * own, (scratch) => {
        const [a, b, c] = [slots[x]!, slots[values]!, slots[indices]!];
        if (lanes === 1) return sort.run(call, a, b, c, scratch);
        const piece = sort.piece(call.dtype);
        const all = [a, b, c, scratch, call.size, call.inner];
        const calls = [{ piece, args: all, own: { arg: 3, bytes: own } }];
        this.#pool.run({ calls, extent, cost, lanes });
      });
    };
  }

  describe(): DeviceInfo {
    return this.#blas.describe();
  }

  reconfigure(): void {
    this.#pool.threads = this.#threads ?? threadsWanted();
    if (this.#native !== flag("native")) {
      this.#native = !this.#native;
      this.#makesCode = null;
      this.#kernels.clear();
      this.#blas.remake();
    }
    this.#blas.reset();
    this.#blas.search();
  }
}

/** How a CPU device is made; the defaults are for everybody but tests. */
export interface CpuOptions extends PoolOptions {
  /** Threads for kernels, whatever the settings say. */
  readonly threads?: number;
  /** Whether to start the workers at once, and wait for them. */
  readonly eager?: boolean;
}

/** Makes the CPU device, with a memory of its own. */
export function createCpu(options: CpuOptions = {}): Device {
  return new Cpu(options);
}
