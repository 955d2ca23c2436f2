/**
 * The CPU: one WebAssembly memory in which emitted kernels and the BLAS both work in place.
 *
 * @module
 */
import { flag } from "../../base/flags.ts";
import { expand } from "../../compile/expand.ts";
import { type DeviceStep, printStep } from "../../compile/plan.ts";
import { type Kernel, kernelKey } from "../../ir/kernel.ts";
import { printKernel } from "../../ir/print_kernel.ts";
import type { Device, DeviceInfo, Slots } from "../device.ts";
import { Heap, type Storage, wasmRegion } from "../heap.ts";
import { CpuBlas } from "./blas.ts";
import { compilePieces, NATIVE } from "./emit.ts";
import { createSort } from "./sort.ts";

/** The whole address space of 32-bit WebAssembly: 4 GiB. */
const MAXIMUM_PAGES = 65536;
const INITIAL_PAGES = 64;
/** Compiled kernels kept; the least recently made half goes when there are more. */
const KEEP = 4096;
/** Routine scratch up to this size is kept between calls. */
const KEPT_SCRATCH = 1 << 20;

type Run = (...addresses: number[]) => void;

/** A closure that calls a kernel with the addresses of its slots. */
export function bind(run: Run, args: readonly number[], s: Slots): () => void {
  const [a, b, c, d, e] = args as [number, number, number, number, number];
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
    default:
      return () => run(...args.map((i) => s[i]!));
  }
}

/** Prints what is emitted, for those who asked. */
function tell(text: () => string): void {
  if (flag("debug") >= 4) console.error(`glissade: ${text()}`);
}

class Cpu implements Device {
  readonly name = "cpu";
  readonly heap: Heap;
  readonly #memory: WebAssembly.Memory;
  readonly #blas: CpuBlas;
  readonly #kernels = new Map<string, Run>();
  #sort: ReturnType<typeof createSort> | null = null;
  #kept: Storage | null = null;

  constructor() {
    this.#memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: MAXIMUM_PAGES });
    this.heap = new Heap(wasmRegion(this.#memory, MAXIMUM_PAGES));
    this.#blas = new CpuBlas(this.#memory, (bytes, use) => this.#borrow(bytes, use));
  }

  #borrow(bytes: number, use: (address: number) => void): void {
    const lasting = bytes <= KEPT_SCRATCH;
    const s = lasting ? this.#lasting(bytes) : this.heap.reserve(bytes);
    const address = this.heap.pin(s);
    try {
      use(address);
    } finally {
      this.heap.unpin(s);
      if (!lasting) this.heap.dispose(s);
    }
  }

  /** Scratch that is kept from call to call, pinned only while one uses it. */
  #lasting(bytes: number): Storage {
    if (this.#kept !== null && this.#kept.bytes >= bytes) return this.#kept;
    const s = this.heap.reserve(Math.max(bytes, 1 << 16));
    if (this.#kept !== null) this.heap.dispose(this.#kept);
    return this.#kept = s;
  }

  #kernel(k: Kernel): Run {
    const key = kernelKey(k);
    let run = this.#kernels.get(key);
    if (run === undefined) {
      const native = expand(k, NATIVE);
      const { bytes, run: compiled } = compilePieces(native, this.#memory, false);
      tell(() => `emitted ${bytes.length} bytes of WebAssembly for\n${printKernel(native)}`);
      run = compiled;
      if (this.#kernels.size >= KEEP) {
        for (const old of [...this.#kernels.keys()].slice(0, KEEP / 2)) this.#kernels.delete(old);
      }
      this.#kernels.set(key, run);
    }
    return run;
  }

  link(step: DeviceStep, slots: Slots): () => void {
    if (step.kind === "kernel") return bind(this.#kernel(step.kernel), step.args, slots);
    tell(() => `linked ${printStep({ ...step, args: [] }, "").trimEnd()}`);
    const call = step.call;
    if (call.name === "gemm") return this.#blas.link(call, step.args, slots);
    const sort = this.#sort ??= createSort(this.#memory);
    const [x, values, indices] = step.args as [number, number, number];
    return () =>
      this.#borrow(
        sort.scratchBytes(call),
        (scratch) => sort.run(call, slots[x]!, slots[values]!, slots[indices]!, scratch),
      );
  }

  describe(): DeviceInfo {
    return this.#blas.describe();
  }

  reconfigure(): void {
    this.#blas.reset();
    this.#blas.search();
  }
}

/** Makes the CPU device, with a memory of its own. */
export function createCpu(): Device {
  return new Cpu();
}
