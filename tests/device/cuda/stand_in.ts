/**
 * The CUDA device on the stand-in, for tests of what it does and calls; they are left out, with a
 * word, where the stand-in cannot be built.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { type CudaSymbols, openDriver } from "../../../ffi/mod.ts";
import { useDevice } from "../../../src/core/mod.ts";
import { currentDevice } from "../../../src/core/runtime.ts";
import { createCuda, type CudaOptions } from "../../../src/device/cuda/mod.ts";
import type { Device } from "../../../src/device/device.ts";
import { ownStandIn, removeStandIn, standIn, standInProblem } from "../../standins/cuda/build.ts";
import { openStandIn, type StandIn } from "../../standins/cuda/control.ts";

const library = await standIn();
if (library === null) console.warn(`tests of the CUDA device are left out: ${standInProblem()}`);

/** Whether there is a stand-in. */
export const isThere: boolean = library !== null;

/** A stand-in of its own, and devices on it. */
export interface Rig {
  readonly standIn: StandIn;
  /** The library's path. */
  readonly path: string;
  /** Makes a device and puts it in force until the test ends. */
  device(options?: CudaOptions): Device;
  /** Functions of the trace that are not about events, in their order. */
  calls(): string[];
  /** What was found wrong since the last question, planned failures aside. */
  faults(): string[];
}

/** Loads a stand-in of its own, as a machine with these properties. */
export async function rig(machine: Readonly<Record<string, string>> = {}): Promise<Rig> {
  const path = (await ownStandIn(machine))!;
  const standIn = openStandIn(path);
  return {
    standIn,
    path,
    device(options = {}) {
      // the stand-in keeps what it compiles by itself, with checks and without
      const own = { cuda: path, nvrtc: path, cublas: path, cubinCache: "", ...options };
      const device = createCuda(own);
      useDevice(device);
      return device;
    },
    faults: () =>
      standIn.report().split("\n").filter((line) => line !== "" && !/^injected/.test(line)),
    calls: () => standIn.traced().filter((name) => !/Event/.test(name)),
  };
}

/** The rig's devices call these functions instead of the driver's; returns the driver's. */
export function calling(r: Rig, own: (symbols: CudaSymbols) => Partial<CudaSymbols>): CudaSymbols {
  const driver = openDriver({ path: r.path }).value!;
  const { symbols } = driver;
  Object.assign(driver, { symbols: { ...symbols, ...own(symbols) } });
  return symbols;
}

/** Registers a test on a stand-in of its own; the device in force before comes back. */
export function onStandIn(
  name: string,
  f: (rig: Rig) => void | Promise<void>,
  machine: Readonly<Record<string, string>> = {},
): void {
  Deno.test({
    name,
    ignore: !isThere,
    fn: async () => {
      const before = currentDevice();
      const made = await rig(machine);
      try {
        await f(made);
        assertEquals(made.faults(), []);
      } finally {
        useDevice(before);
        await removeStandIn(made.path);
      }
    },
  });
}
