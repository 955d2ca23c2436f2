/**
 * The devices of the process: each is made on first use and kept, and several work side by side.
 *
 * @module
 */
import { formatValue, NativeLibraryError } from "../base/errors.ts";
import { type Config, DEVICE_NAME, flag } from "../base/flags.ts";
import { createCpu } from "../device/cpu/mod.ts";
import { listCuda } from "../device/cuda/list.ts";
import { createCuda } from "../device/cuda/mod.ts";
import { MAXIMUM_PAGES } from "../device/cpu/memory.ts";
import type { Device, ListedDevice } from "../device/device.ts";
import { PAGE } from "../device/pages.ts";

/** Devices of one kind, numbered from 0; a name without a number is that of the first. */
export interface DeviceFamily {
  /** What there is; opens nothing that a later use would not open. */
  list(): readonly ListedDevice[];
  /**
   * Makes one of them.
   *
   * @throws {NativeLibraryError} where it is not there: why, and what to do
   */
  make(index: number): Device;
}

const cpu: DeviceFamily = {
  list: () => [{
    name: "cpu",
    kind: `${Deno.build.arch}, ${navigator.hardwareConcurrency} processors`,
    memory: MAXIMUM_PAGES * PAGE,
    reason: null,
  }],
  make: () => createCpu(),
};

const cuda: DeviceFamily = {
  list: listCuda,
  make: (index) => createCuda({ ordinal: index }),
};

const families = new Map<string, DeviceFamily>([["cpu", cpu], ["cuda", cuda]]);
const made = new Map<string, Device>();

/** Adds a kind of devices, or puts it in the place of another; the function that undoes it. */
export function installFamily(name: string, family: DeviceFamily): () => void {
  const before = families.get(name);
  const exchange = (f: DeviceFamily | undefined): void => {
    for (const known of [...made.keys()]) if (familyOf(known) === name) made.delete(known);
    if (f === undefined) families.delete(name);
    else families.set(name, f);
  };
  exchange(family);
  return () => exchange(before);
}

const familyOf = (name: string): string => name.split(":")[0]!;

/**
 * The device of a name, as users write it: "cpu", "cuda", "cuda:1", "auto".
 *
 * @throws {RangeError} when no device can have that name
 * @throws {NativeLibraryError} when it is not there
 */
export function deviceNamed(name: string): Device {
  // no work has been measured yet for which a GPU is chosen unasked
  const full = name === "auto" ? "cpu" : name === "cuda" ? "cuda:0" : name;
  const known = made.get(full);
  if (known !== undefined) return known;
  if (typeof name !== "string" || !DEVICE_NAME.test(name)) {
    throw new RangeError(
      `Cannot use the device ${formatValue(name)}: wanted "cpu", "cuda", or "cuda:" with the ` +
        `number of a GPU: devices() lists those of this machine`,
    );
  }
  const family = families.get(familyOf(full));
  if (family === undefined) {
    throw new NativeLibraryError(`Cannot use the device "${name}": there is none of its kind`);
  }
  const device = family.make(Number(full.split(":")[1] ?? 0));
  device.heap.budget = flag("heapBudget");
  made.set(full, device);
  return device;
}

/**
 * The devices of this machine, and of those that cannot be used the reason. Looking opens the
 * driver of GPUs; nothing is computed.
 *
 * @returns one entry for each device; one for all GPUs where none can be used
 *
 * @example
 * ```ts
 * import { devices } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(devices()[0]!.name, "cpu");
 * ```
 */
export function devices(): readonly ListedDevice[] {
  return [...families.values()].flatMap((f) => f.list());
}

const DEVICE_SETTINGS: ReadonlySet<keyof Config> = new Set([
  "native",
  "blas",
  "openblas",
  "openblasUrl",
  "openblasSha256",
  "threads",
  "cuda",
  "nvrtc",
  "cublas",
  "cubinCache",
  "cudaSync",
]);

/** Has all devices made so far, and the one in force, follow a changed setting. */
export function followSetting(key: keyof Config, inForce: Device | null): void {
  if (key !== "heapBudget" && !DEVICE_SETTINGS.has(key)) return;
  const all = new Set(made.values());
  if (inForce !== null) all.add(inForce);
  for (const d of all) {
    if (key === "heapBudget") d.heap.budget = flag(key);
    else d.reconfigure();
  }
}
