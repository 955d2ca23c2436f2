/**
 * The devices that a CUDA driver shows, and what they tell of themselves.
 *
 * @module
 */

import type { Driver } from "./cuda.ts";

/** What can be asked of a device, by the driver's numbers. */
const DEVICE_ATTRIBUTES = {
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

/** A compute capability as NVIDIA writes it: 90 is 9.0. */
export function capabilityText(capability: number): string {
  return `${Math.floor(capability / 10)}.${capability % 10}`;
}

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
  /** The first call that did not tell what each device must, and its code; null where all did. */
  readonly failure: { readonly call: string; readonly code: number } | null;
  /** What it tells of itself; 0 where the driver does not know. */
  attribute(what: keyof typeof DEVICE_ATTRIBUTES): number;
}

/** The driver's devices in its own order; it needs no context for it. */
export function listDevices(driver: Driver): CudaDevice[] {
  return Array.from({ length: driver.deviceCount }, (_, ordinal) => readDevice(driver, ordinal));
}

/** Reads one of the driver's devices; needs no context. */
export function readDevice({ symbols }: Driver, ordinal: number): CudaDevice {
  let failure: CudaDevice["failure"] = null;
  const must = (call: string, code: number): boolean => {
    if (code !== 0) failure ??= { call, code };
    return code === 0;
  };
  const number = new Int32Array(1);
  const handle = must("cuDeviceGet", symbols.cuDeviceGet(number, ordinal)) ? number[0]! : ordinal;
  const attribute: CudaDevice["attribute"] = (what) => {
    const code = symbols.cuDeviceGetAttribute(number, DEVICE_ATTRIBUTES[what], handle);
    if (what.startsWith("capability")) must("cuDeviceGetAttribute", code);
    return code === 0 ? number[0]! : 0;
  };
  const capability = 10 * attribute("capabilityMajor") + attribute("capabilityMinor");
  const text = new Uint8Array(256);
  const named = symbols.cuDeviceGetName(text, text.length, handle) === 0;
  const size = new BigUint64Array(1);
  const sized = must("cuDeviceTotalMem_v2", symbols.cuDeviceTotalMem_v2(size, handle));
  const end = text.indexOf(0);
  return {
    ordinal,
    handle,
    name: named ? new TextDecoder().decode(text.subarray(0, end < 0 ? text.length : end)) : "",
    bytes: sized ? Number(size[0]) : 0,
    capability,
    failure,
    attribute,
  };
}
