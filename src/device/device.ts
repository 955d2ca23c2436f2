/**
 * Devices: what has memory and runs the steps of a plan. Here is the contract: steps become
 * closures over a table of addresses. `cpu/` computes; `reference/` is the oracle that every device
 * is tested against.
 *
 * @module
 */
import type { DeviceStep } from "../compile/plan.ts";
import type { Heap } from "./heap.ts";

/** Addresses of a plan's slots during a call; closures read them, link writes them. */
export type Slots = Float64Array;

/** What computes. A new device implements this and runs the contract suite. */
export interface Device {
  /** As users write it: "cpu". */
  readonly name: string;
  /** Its memory. */
  readonly heap: Heap;
  /** Turns a step into a closure that runs it at the addresses then in `slots`. */
  link(step: DeviceStep, slots: Slots): () => void;
  /** What it is and what computes its contractions. */
  describe(): DeviceInfo;
  /** Reads the settings again; what is already linked follows them. */
  reconfigure(): void;
}

/** What computes: shown by `backend()` and `doctor`. */
export interface DeviceInfo {
  /** The device's name. */
  readonly device: string;
  /** What computes matrix products: "OpenBLAS", "Accelerate", "builtin". */
  readonly blas: string;
  /** Where that library was found; null for the built-in one. */
  readonly path: string | null;
  /** Its version as it tells it. */
  readonly version: string;
  /** The processor kind it is tuned for. */
  readonly coreType: string;
  /** How many threads it uses. */
  readonly threads: number;
  /** Why this one was chosen, and why not another. */
  readonly reason: string;
}
