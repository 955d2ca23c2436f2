/**
 * The CUDA driver: its functions as they are exported, and how it is found, opened and made ready.
 *
 * @module
 */

import { driverCandidates } from "./cuda_places.ts";
import { type CudaSearch, type Release, release, searchFor } from "./cuda_search.ts";
import { noDevice, startRefusal } from "./cuda_states.ts";
import { Refusal } from "./errors.ts";
import { openLibrary } from "./library.ts";
import { cString } from "./memory.ts";
import { type Bound, requireAll, status } from "./symbols.ts";

/**
 * The functions of the driver API under their exported names, of which the `_v2` is a part. Handles
 * and addresses are `usize`; what the driver writes to at once is a `buffer`.
 */
export const CUDA_SYMBOLS = {
  cuInit: status("u32"),
  cuDriverGetVersion: status("buffer"),
  cuGetErrorName: status("i32", "buffer"),
  cuGetErrorString: status("i32", "buffer"),

  cuDeviceGetCount: status("buffer"),
  cuDeviceGet: status("buffer", "i32"),
  cuDeviceGetName: status("buffer", "i32", "i32"),
  cuDeviceTotalMem_v2: status("buffer", "i32"),
  cuDeviceGetAttribute: status("buffer", "i32", "i32"),

  cuDevicePrimaryCtxRetain: status("buffer", "i32"),
  cuDevicePrimaryCtxRelease_v2: status("i32"),
  cuCtxSetCurrent: status("usize"),
  cuCtxGetCurrent: status("buffer"),
  cuCtxSynchronize: status(),

  cuMemAlloc_v2: status("buffer", "usize"),
  cuMemFree_v2: status("usize"),
  cuMemGetInfo_v2: status("buffer", "buffer"),
  cuMemHostAlloc: status("buffer", "usize", "u32"),
  cuMemFreeHost: status("usize"),

  cuMemcpyHtoD_v2: status("usize", "buffer", "usize"),
  cuMemcpyDtoH_v2: status("buffer", "usize", "usize"),
  cuMemcpyHtoDAsync_v2: status("usize", "usize", "usize", "usize"),
  cuMemcpyDtoHAsync_v2: status("usize", "usize", "usize", "usize"),
  cuMemcpyDtoDAsync_v2: status("usize", "usize", "usize", "usize"),
  cuMemsetD8Async: status("usize", "u8", "usize", "usize"),
  cuMemsetD32Async: status("usize", "u32", "usize", "usize"),

  cuStreamCreate: status("buffer", "u32"),
  cuStreamDestroy_v2: status("usize"),
  cuStreamSynchronize: status("usize"),
  cuStreamQuery: status("usize"),
  cuStreamWaitEvent: status("usize", "usize", "u32"),
  cuEventCreate: status("buffer", "u32"),
  cuEventDestroy_v2: status("usize"),
  cuEventRecord: status("usize", "usize"),
  cuEventSynchronize: status("usize"),
  cuEventQuery: status("usize"),
  // Its _v2 is in drivers from 12.8 on only; this one is in all of them.
  cuEventElapsedTime: status("buffer", "usize", "usize"),

  cuModuleLoadData: status("buffer", "buffer"),
  cuModuleLoadDataEx: status("buffer", "buffer", "u32", "buffer", "buffer"),
  cuModuleUnload: status("usize"),
  cuModuleGetFunction: status("buffer", "usize", "buffer"),
  cuFuncSetAttribute: status("usize", "i32", "i32"),
  // deno-fmt-ignore
  cuLaunchKernel: status("usize", "u32", "u32", "u32", "u32", "u32", "u32", "u32", "usize", "usize", "usize"),

  cuStreamBeginCapture_v2: status("usize", "i32"),
  cuStreamEndCapture: status("usize", "buffer"),
  cuStreamIsCapturing: status("usize", "buffer"),
  cuGraphInstantiateWithFlags: status("buffer", "usize", "u64"),
  cuGraphLaunch: status("usize", "usize"),
  cuGraphExecDestroy: status("usize"),
  cuGraphDestroy: status("usize"),
  cuGraphGetNodes: status("usize", "buffer", "buffer"),
  cuGraphNodeGetType: status("usize", "buffer"),
  cuGraphExecKernelNodeSetParams_v2: status("usize", "usize", "buffer"),
  cuGraphExecUpdate_v2: status("usize", "usize", "buffer"),
} as const satisfies Deno.ForeignLibraryInterface;

/** Functions that a driver may lack. */
const newer = [
  "cuGraphExecKernelNodeSetParams_v2",
  "cuGraphExecUpdate_v2",
] as const;

/** The driver's functions; those that a driver may lack are null where it does. */
export type CudaSymbols = Bound<typeof CUDA_SYMBOLS, (typeof newer)[number]>;

/** A driver that is initialised and has at least one device. `version` is that of CUDA. */
export interface Driver extends Release {
  /** Its functions; each returns a code, 0 for success. */
  readonly symbols: CudaSymbols;
  /** The path, or the bare name that the loader resolved. */
  readonly path: string;
  /** How many devices it shows. */
  readonly deviceCount: number;
  /**
   * `cuLaunchKernel`; `parameters` is the address of the array of the arguments' addresses, all of
   * which may be reused when it returns.
   */
  launch(
    kernel: bigint,
    gridX: number,
    gridY: number,
    gridZ: number,
    blockX: number,
    blockY: number,
    blockZ: number,
    shared: number,
    stream: bigint,
    parameters: bigint,
  ): number;
  /** `cuGraphLaunch`. */
  launchGraph(graph: bigint, stream: bigint): number;
  /** `cuMemcpyHtoDAsync_v2`, from an address of this process. */
  copyIn(to: bigint, from: bigint, bytes: bigint, stream: bigint): number;
  /** `cuMemcpyDtoHAsync_v2`, to an address of this process. */
  copyOut(to: bigint, from: bigint, bytes: bigint, stream: bigint): number;
  /** A code as the driver tells it: `CUDA_ERROR_NO_DEVICE (100): no CUDA-capable device ...`. */
  errorText(code: number): string;
}

/** How to look for a driver. */
export interface DriverChoice {
  /** This file or name and no other (`GLISSADE_CUDA`), or null for the system's. */
  readonly path: string | null;
  /** Paths and names to try instead of the system's usual ones. */
  readonly candidates?: readonly string[];
}

const OLDEST_MAJOR = 12;

// One per library: bound twice, its functions would have two call targets and lose the fast path.
const opened = new Map<string, Driver>();

/**
 * Looks for a driver that has a device, and initialises it; never prompts.
 *
 * @throws {NativeLibraryError} if `path` is given and is no usable driver. A driver without a device
 * is an answer: its value is null
 */
export function openDriver(choice: DriverChoice): CudaSearch<Driver> {
  return searchFor({
    what: "CUDA driver",
    setting: "GLISSADE_CUDA",
    path: choice.path,
    candidates: () => choice.candidates ?? driverCandidates(),
    open: openCandidate,
    none: Deno.build.os === "darwin"
      ? "NVIDIA makes no CUDA driver for macOS"
      : "no CUDA driver was found: install NVIDIA's driver, or set GLISSADE_CUDA to its path",
  });
}

function openCandidate(path: string): Driver {
  const known = opened.get(path);
  if (known !== undefined) return known;
  const symbols = requireAll<typeof CUDA_SYMBOLS, (typeof newer)[number]>(
    openLibrary(path, CUDA_SYMBOLS),
    newer,
  );
  const number = new Int32Array(1);
  const told = symbols.cuDriverGetVersion(number) === 0 ? number[0]! : 0;
  const version = release(Math.floor(told / 1000), Math.floor(told % 1000 / 10));
  const code = symbols.cuInit(0);
  if (code !== 0) throw startRefusal(code, version.version, errorText(symbols, code));
  if (version.major < OLDEST_MAJOR) {
    throw new Refusal(
      "unsuitable",
      `it supports CUDA ${version.version} and ${OLDEST_MAJOR}.0 is wanted: ` +
        "update NVIDIA's driver to 525 or later",
    );
  }
  const deviceCount = symbols.cuDeviceGetCount(number) === 0 ? number[0]! : 0;
  if (deviceCount === 0) throw noDevice(version.version);
  const driver = wrap(symbols, path, version, deviceCount);
  opened.set(path, driver);
  return driver;
}

function errorText(symbols: CudaSymbols, code: number): string {
  const text = new BigUint64Array(1);
  if (symbols.cuGetErrorName(code, text) !== 0) return `error ${code}`;
  const name = cString(text[0]!);
  const told = symbols.cuGetErrorString(code, text) === 0 ? cString(text[0]!) : "";
  const meaning = told.replace(/\.$/, "");
  return meaning === "" ? `${name} (${code})` : `${name} (${code}): ${meaning}`;
}

function wrap(symbols: CudaSymbols, path: string, version: Release, deviceCount: number): Driver {
  // The call targets are constants of this scope and each is called from a text of its own: only
  // such calls are compiled to direct ones.
  const launchKernel = symbols.cuLaunchKernel;
  const graphLaunch = symbols.cuGraphLaunch;
  const hostToDevice = symbols.cuMemcpyHtoDAsync_v2;
  const deviceToHost = symbols.cuMemcpyDtoHAsync_v2;
  return {
    symbols,
    path,
    ...version,
    deviceCount,
    launch(kernel, gridX, gridY, gridZ, blockX, blockY, blockZ, shared, stream, parameters) {
      // deno-fmt-ignore
      return launchKernel(kernel, gridX, gridY, gridZ, blockX, blockY, blockZ, shared, stream, parameters, 0n);
    },
    launchGraph(graph, stream) {
      return graphLaunch(graph, stream);
    },
    copyIn(to, from, bytes, stream) {
      return hostToDevice(to, from, bytes, stream);
    },
    copyOut(to, from, bytes, stream) {
      return deviceToHost(to, from, bytes, stream);
    },
    errorText: (code) => errorText(symbols, code),
  };
}
