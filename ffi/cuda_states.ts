/**
 * What it means when the CUDA driver refuses to start, and what helps.
 *
 * @module
 */

import { Refusal } from "./errors.ts";
import { granted } from "./permissions.ts";

const STUB_LIBRARY = 34;

/**
 * Why a driver is out whose `cuInit` gave this code.
 *
 * @param version the CUDA version that the driver supports
 * @param told the code in the driver's own words, for those that nothing is known about here
 */
export function startRefusal(code: number, version: string, told: string): Refusal {
  if (code === STUB_LIBRARY) {
    return new Refusal("unsuitable", "it is the toolkit's stub for linking and no driver");
  }
  if (devicelessCodes.includes(code)) return noDevice(version, code);
  const known = reasons[code];
  return new Refusal(
    "unready",
    known === undefined
      ? `driver ${version} cannot be initialised: ${told}`
      : `driver ${version} cannot be initialised (code ${code}): ${known}`,
  );
}

/** A driver that shows no device; the code is left out where the driver only counted none. */
export function noDevice(version: string, code?: number): Refusal {
  const told = code === undefined ? "" : ` (code ${code})`;
  const visible = visibleDevices();
  const remedy = visible === undefined
    ? "a GPU is wanted; a container is given one with docker run --gpus all"
    : `CUDA_VISIBLE_DEVICES is "${visible}"`;
  return new Refusal("unready", `driver ${version} is found and shows no device${told}: ${remedy}`);
}

/** `CUDA_VISIBLE_DEVICES`; "", which hides every device, is not undefined. */
export function visibleDevices(): string | undefined {
  const variable = "CUDA_VISIBLE_DEVICES";
  return granted({ name: "env", variable }) ? Deno.env.get(variable) : undefined;
}

/** Not initialised, no device, invalid device, unknown: each is seen where no GPU can be reached. */
const devicelessCodes: readonly number[] = [3, 100, 101, 999];

const reasons: Readonly<Record<number, string>> = {
  46: "its device is busy or unavailable: look for a process that uses it exclusively",
  802: "the system is not ready: start NVIDIA's fabric manager",
  803: "the library and the kernel's module are of different versions, as after an update: " +
    "reboot, or reload the driver",
  804: "it is a forward compatibility library, which this device does not take: take its folder " +
    "out of LD_LIBRARY_PATH, or update the driver and reboot",
  805: "no connection to the MPS control daemon: start it, or unset CUDA_MPS_PIPE_DIRECTORY",
  806: "the MPS server failed: restart the MPS control daemon",
  807: "the MPS server is not ready: wait, or restart the MPS control daemon",
  808: "the MPS server has as many clients as it takes: end one of them",
  809: "the device has as many MPS connections as it takes: end one of its clients",
  810: "the MPS server ended this client: start the process anew",
};
