/**
 * The devices that a CUDA driver shows, and what they tell of themselves.
 *
 * @module
 */

import type { Driver } from "./cuda.ts";

/** What can be asked of a device, by the driver's numbers. */
export const DEVICE_ATTRIBUTES = {
  threadsPerBlock: 1,
  sharedPerBlock: 8,
  multiprocessors: 16,
  kernelTimeout: 17,
  computeMode: 20,
  capabilityMajor: 75,
  capabilityMinor: 76,
  floatToDoubleRatio: 87,
  sharedPerBlockOptin: 97,
} as const;

/** One device. A slice of one (MIG) is a device of its own. */
export interface CudaDevice {
  /** Its place among the visible ones, as in `cuda:0`. */
  readonly ordinal: number;
  /** The driver's number for it (`CUdevice`). */
  readonly handle: number;
  readonly name: string;
  /** All of its memory. */
  readonly bytes: number;
  /** Its compute capability, as 90 for 9.0. */
  readonly capability: number;
  /** What it tells of itself; 0 where the driver does not know. */
  attribute(what: keyof typeof DEVICE_ATTRIBUTES): number;
}

/** The driver's devices in its own order; it needs no context for it. */
export function listDevices(driver: Driver): CudaDevice[] {
  return Array.from({ length: driver.deviceCount }, (_, ordinal) => deviceAt(driver, ordinal));
}

function deviceAt({ symbols }: Driver, ordinal: number): CudaDevice {
  const number = new Int32Array(1);
  const handle = symbols.cuDeviceGet(number, ordinal) === 0 ? number[0]! : ordinal;
  const attribute: CudaDevice["attribute"] = (what) => {
    const code = symbols.cuDeviceGetAttribute(number, DEVICE_ATTRIBUTES[what], handle);
    return code === 0 ? number[0]! : 0;
  };
  const text = new Uint8Array(256);
  const named = symbols.cuDeviceGetName(text, text.length, handle) === 0;
  const size = new BigUint64Array(1);
  const sized = symbols.cuDeviceTotalMem_v2(size, handle) === 0;
  return {
    ordinal,
    handle,
    name: named ? new TextDecoder().decode(text.subarray(0, text.indexOf(0))) : "",
    bytes: sized ? Number(size[0]) : 0,
    capability: 10 * attribute("capabilityMajor") + attribute("capabilityMinor"),
    attribute,
  };
}
