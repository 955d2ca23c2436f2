/**
 * Opens CUDA's libraries in a process of its own: takes a JSON list of what to open and how, and
 * prints what became of each.
 *
 * @module
 */
import {
  type CublasChoice,
  type CudaSearch,
  type DriverChoice,
  listDevices,
  NativeLibraryError,
  type NvrtcChoice,
  openCublas,
  openDriver,
  openNvrtc,
} from "../../ffi/mod.ts";
import type { Asked, Opened } from "./cuda_children.ts";

function open({ library, choice }: Asked): CudaSearch<{ version: string; path: string }> {
  switch (library) {
    case "driver":
      return openDriver(choice as DriverChoice);
    case "nvrtc":
      return openNvrtc(choice as NvrtcChoice);
    case "cublas":
      return openCublas(choice as CublasChoice);
  }
}

function tell(asked: Asked): Opened {
  try {
    const { value, attempts, reason } = open(asked);
    const found = value && { version: value.version, path: value.path };
    if (asked.library !== "driver" || value === null) return { found, attempts, reason };
    const devices = listDevices(openDriver(asked.choice as DriverChoice).value!);
    return { found, attempts, reason, devices: devices.map(({ capability }) => capability) };
  } catch (error) {
    if (!(error instanceof NativeLibraryError)) throw error;
    return { found: null, attempts: error.attempts, reason: "", error: error.message };
  }
}

console.log(JSON.stringify((JSON.parse(Deno.args[0] ?? "[]") as Asked[]).map(tell)));
