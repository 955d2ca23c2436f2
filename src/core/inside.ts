/**
 * What a tensor handle holds beside its aval. Only the core and the transformations look inside;
 * users' types do not show it.
 *
 * @module
 */
import type { Device } from "../device/device.ts";
import type { Storage } from "../device/heap.ts";
import type { Interpreter } from "./interpreter.ts";
import type { Tensor } from "./tensor.ts";

/** A trace that a handle without memory belongs to. */
export interface TraceOwner {
  /** The traced function, for messages. */
  readonly label: string;
  /** Whether the trace has ended. */
  readonly ended: boolean;
  /** Set where operations on its handles are recorded whoever is in force: in a model's graph. */
  readonly recorder?: Interpreter | undefined;
}

/** The number of a handle with bytes that belong where they lie. */
export const BOUND = -1;
/** The number of a handle with bytes that are copied to wherever they are needed. */
export const FREE = -2;

/** The inside of a handle: bytes on a device, or a place in a trace. */
export interface Inside {
  /** The bytes; null while tracing. `dispose` alone replaces it. */
  storage: Storage | null;
  /** The device that holds it; of an example in a batch, that which holds all of them. */
  readonly holder: Device | null;
  /** The trace it belongs to, or null. */
  readonly owner: TraceOwner | null;
  /** Its number in that trace; of a handle with bytes BOUND or FREE. */
  id: number;
}

/** The inside of a handle. */
export function inside(x: Tensor): Inside {
  return x as unknown as Inside;
}
