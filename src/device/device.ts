/**
 * Devices: what has memory and runs the steps of a plan. Here is the contract: steps become
 * closures over a table of addresses. `cpu/` computes; `reference/` is the oracle that every device
 * is tested against.
 *
 * @module
 */
import type { DeviceStep, Plan } from "../compile/plan.ts";
import type { Heap } from "./heap.ts";

/** Addresses of a plan's slots during a call; closures read them, link writes them. */
export type Slots = Float64Array;

/**
 * A plan without control flow and users' functions, which a device runs as one. Its small inputs
 * from the host and its small fresh outputs have places of their own, so that the addresses stay
 * the same from call to call.
 */
export interface Replay {
  /** Whether input `index` can be given by `input`. */
  takes(index: number): boolean;
  /** Whether output `index` can be given by `output`. */
  gives(index: number): boolean;
  /** Says that input `index` of the call to come will be given by `input`; all before the first. */
  expect(index: number): void;
  /**
   * Hands over the bytes of an input; they have been read when this returns. Gives its address, or
   * null where it has no room: then it is to be pinned like any other.
   */
  input(index: number, bytes: Uint8Array): number | null;
  /** Says where a fresh output shall lie after the run. Gives the address to compute it at. */
  output(index: number, address: number): number;
  /** Runs the steps at the addresses then in the slots. */
  run(): void;
  /** Forgets what was given for a call that does not run. */
  abandon(): void;
  /** Gives up what it holds. */
  dispose(): void;
}

/** What computes. A new device implements this and runs the contract suite. */
export interface Device {
  /** As users write it: "cpu", "cuda:0". */
  readonly name: string;
  /** Its memory. */
  readonly heap: Heap;
  /** Turns a step into a closure that runs it at the addresses then in `slots`. */
  link(step: DeviceStep, slots: Slots): () => void;
  /** Is told of a plan before its steps are linked, where they are better compiled together. */
  prepare?(plan: Plan): void;
  /** Runs the linked steps of a plan as one from call to call; null where that cannot be. */
  replay?(plan: Plan, steps: readonly (() => void)[], slots: Slots): Replay | null;
  /** Resolves when all that was asked for is computed; a CPU has none, for its calls have. */
  ready?(): Promise<void>;
  /**
   * Waits for what was asked for, runs something and waits for it too. The milliseconds that the
   * device itself took for it; a CPU has no such clock, for there the host's tells.
   */
  time?(run: () => void): number;
  /** What it is and what computes its contractions. */
  describe(): DeviceInfo;
  /** Reads the settings again; what is already linked follows them. */
  reconfigure(): void;
}

/** A device as `devices()` lists it. */
export interface ListedDevice {
  /** Its name in `config({ device })` and `x.to(name)`. */
  readonly name: string;
  /** What it is, as the maker calls it. */
  readonly kind: string;
  /** Bytes that results can take there; null where that is not known. */
  readonly memory: number | null;
  /** Why it cannot be used, and what to do; null where it can be. */
  readonly reason: string | null;
}

/** What computes: shown by `backend()` and `doctor`. */
export interface DeviceInfo {
  /** The device's name. */
  readonly device: string;
  /** What computes matrix products, or most of them: "OpenBLAS", "Accelerate", "cuBLAS", "builtin". */
  readonly blas: string;
  /** Where that library was found; null for the built-in one. */
  readonly path: string | null;
  /** Its version as it tells it; for the built-in one what its kernels are written in. */
  readonly version: string;
  /** The processor kind it is tuned for; a GPU's name and compute capability. */
  readonly coreType: string;
  /** How many threads it uses; of a GPU its multiprocessors, each of which runs many. */
  readonly threads: number;
  /** Why this one was chosen, and why not another; of a GPU its driver and compiler too. */
  readonly reason: string;
}
