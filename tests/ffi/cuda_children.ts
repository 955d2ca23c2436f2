/**
 * Starts the child processes that open CUDA's libraries, and writes libraries that only pretend.
 *
 * @module
 */
import {
  type Attempt,
  CUBLAS_SYMBOLS,
  type CublasChoice,
  CUDA_SYMBOLS,
  type DriverChoice,
  NVRTC_SYMBOLS,
  type NvrtcChoice,
} from "../../ffi/mod.ts";
import { runChild } from "./children.ts";
import { exportedNames } from "./declarations.ts";
import { type Code, elfLibrary, returnNumber, writeNumbers, writeSecond } from "./elf.ts";

/** What a child is to open. */
export type Asked =
  | { readonly library: "driver"; readonly choice: DriverChoice }
  | { readonly library: "nvrtc"; readonly choice: NvrtcChoice }
  | { readonly library: "cublas"; readonly choice: CublasChoice };

/** What became of it. */
export interface Opened {
  readonly found: { readonly version: string; readonly path: string } | null;
  readonly attempts: readonly Attempt[];
  readonly reason: string;
  /** The message of the NativeLibraryError, if one was thrown. */
  readonly error?: string;
  /** The compute capabilities of a driver's devices. */
  readonly devices?: readonly number[];
}

/** Opens each in one child. */
export function openAll(
  flags: readonly string[],
  asked: readonly Asked[],
  env: Record<string, string> = {},
): Promise<Opened[]> {
  return runChild<Opened[]>("open_cuda_child.ts", flags, asked, env);
}

/** A library with all functions of a table, which do nothing and return 0 unless given here. */
function pretend(
  table: Deno.ForeignLibraryInterface,
  given: Readonly<Record<string, Code | null>>,
): Uint8Array<ArrayBuffer> {
  const functions: Record<string, Code> = {};
  for (const name of exportedNames(table)) {
    const code = given[name];
    if (code !== null) functions[name] = code ?? returnNumber(0);
  }
  return elfLibrary(functions);
}

/** What a pretended driver says; null leaves a function out. */
export function pretendDriver(
  version: number,
  given: Readonly<Record<string, Code | null>> = {},
): Uint8Array<ArrayBuffer> {
  return pretend(CUDA_SYMBOLS, {
    cuDriverGetVersion: writeNumbers(version),
    cuDeviceGetCount: writeNumbers(1),
    cuDeviceGetAttribute: writeNumbers(8),
    cuGetErrorName: returnNumber(1),
    ...given,
  });
}

/** An NVRTC of a version that compiles for one compute capability. */
export function pretendNvrtc(
  [major, minor]: readonly [number, number],
  capability: number,
  given: Readonly<Record<string, Code | null>> = {},
): Uint8Array<ArrayBuffer> {
  return pretend(NVRTC_SYMBOLS, {
    nvrtcVersion: writeNumbers(major, minor),
    nvrtcGetNumSupportedArchs: writeNumbers(1),
    nvrtcGetSupportedArchs: writeNumbers(capability),
    ...given,
  });
}

/** A cuBLAS whose major and minor version are both this number. */
export function pretendCublas(
  version: number,
  given: Readonly<Record<string, Code | null>> = {},
): Uint8Array<ArrayBuffer> {
  return pretend(CUBLAS_SYMBOLS, { cublasGetProperty: writeSecond(version), ...given });
}
