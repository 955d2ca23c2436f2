/**
 * Where tensors lie. A computation goes to the device of its tensors, and nothing large moves unless
 * it is told to; but numbers, lists and host arrays written beside a tensor, and small tensors that
 * were computed from numbers alone, are free: they are copied to where they are needed.
 *
 * @module
 */
import { formatShape, LeakedTracerError } from "../base/errors.ts";
import type { Device } from "../device/device.ts";
import type { Storage } from "../device/heap.ts";
import { BOUND, FREE, inside } from "./inside.ts";
import type { Tensor } from "./tensor.ts";

/** Results of more bytes belong where they were computed. */
export const FREE_BYTES = 1 << 16;

/** Whether a concrete tensor goes wherever it is needed. */
export function isFree(x: Tensor): boolean {
  return inside(x).id === FREE;
}

/** The storage of a concrete tensor, or an error that names the trace it escaped from. */
export function storageOf(x: Tensor, action: string): Storage {
  const { storage, owner } = inside(x);
  if (storage !== null) return storage;
  throw new LeakedTracerError(
    `Cannot ${action} a traced ${x.dtype}${formatShape(x.shape)} of ${owner?.label ?? "jit"} ` +
      `outside of it: it escaped from the trace; return it from the function instead of keeping it`,
  );
}

/**
 * The storage of a concrete tensor on `device`; of a free one that lies elsewhere a copy, which
 * belongs to the caller.
 *
 * @throws {TypeError} when it is bound to another device
 */
export function storageOn(x: Tensor, device: Device, action: string): Storage {
  const storage = storageOf(x, action);
  const { holder } = inside(x);
  if (holder === device) return storage;
  if (isFree(x)) return device.heap.fromBytes(holder!.heap.read(storage));
  throw mixed(x, device.name, action);
}

/** The error of a tensor that belongs elsewhere. */
export function mixed(x: Tensor, device: string, action: string): TypeError {
  return new TypeError(
    `Cannot ${action} a tensor of device "${x.device}" on "${device}": ` +
      `one computation runs on one device: move it with x.to("${device}"), or the rest to ` +
      `"${x.device}"`,
  );
}

/**
 * The device that the bound ones of some tensors lie on; null where none is bound.
 *
 * @throws {TypeError} when they lie on several
 */
export function deviceOf(tensors: Iterable<Tensor>, action: string): Device | null {
  let found: Device | null = null;
  for (const t of tensors) {
    const { id, holder } = inside(t);
    if (id !== BOUND || holder === null || holder === found) continue;
    if (found !== null) throw mixed(t, found.name, action);
    found = holder;
  }
  return found;
}

/** The same tensor, from now on bound to where it lies. */
export function bind(x: Tensor): Tensor {
  if (isFree(x)) inside(x).id = BOUND;
  return x;
}
