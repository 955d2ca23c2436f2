/**
 * The device in force: chosen once, on first use.
 *
 * @module
 */
import { flag, onConfig } from "../base/flags.ts";
import { createCpu } from "../device/cpu/mod.ts";
import type { Device, DeviceInfo } from "../device/device.ts";

let device: Device | null = null;

/** The device that computes. */
export function currentDevice(): Device {
  return device ??= setBudget(createCpu());
}

function setBudget(d: Device): Device {
  d.heap.budget = flag("heapBudget");
  return d;
}

/** Puts another device in force; tests run the same programs on each. */
export function useDevice(other: Device): void {
  device = other;
}

onConfig((key) => {
  if (device === null) return;
  if (key === "heapBudget") setBudget(device);
  else if (key !== "debug" && key !== "checkNans") device.reconfigure();
});

/**
 * What computes: device, BLAS library, version, core type, threads, and why it was chosen.
 *
 * @example
 * ```ts
 * import { backend } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(backend().device, "cpu");
 * ```
 */
export function backend(): DeviceInfo {
  return currentDevice().describe();
}
