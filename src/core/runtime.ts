/**
 * The device in force: where that is computed which is bound to no device yet.
 *
 * @module
 */
import { flag, onConfig } from "../base/flags.ts";
import { isOnHost } from "../base/host_work.ts";
import type { Device, DeviceInfo } from "../device/device.ts";
import { deviceNamed, followSetting } from "./devices.ts";

let device: Device | null = null;
let scoped: Device | null = null;

/** The device in force: that of the call being compiled, else that of the settings. */
export function currentDevice(): Device {
  if (scoped !== null) return scoped;
  if (isOnHost()) return deviceNamed("cpu");
  return device ??= deviceNamed(flag("device"));
}

/** The device of the call being compiled; null where none is. */
export function deviceOfCall(): Device | null {
  return scoped;
}

/** Puts another device in force; tests run the same programs on each. */
export function useDevice(other: Device): void {
  device = other;
}

/** Runs a function with another device in force. */
export function onDevice<T>(other: Device, f: () => T): T {
  const before = scoped;
  scoped = other;
  try {
    return f();
  } finally {
    scoped = before;
  }
}

onConfig((key) => {
  followSetting(key, device);
  if (key !== "device") return;
  deviceNamed(flag("device")); // one that is not there refuses the change
  device = null;
});

/**
 * What computes: device, BLAS library, version, core type, threads, and why it was chosen.
 *
 * @example
 * ```ts
 * import { backend, config } from "glissade";
 * import { assertEquals } from "@std/assert";
 * config({ device: "cpu" });
 * assertEquals(backend().device, "cpu");
 * ```
 */
export function backend(): DeviceInfo {
  return currentDevice().describe();
}
