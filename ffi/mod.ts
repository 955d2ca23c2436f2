/**
 * The lowest floor: native symbols. It finds and opens libraries and binds their functions; it knows
 * no tensor and imports nothing from the floors above.
 *
 * @module
 */

export { type Blas, type BlasOptions, type BlasSearch, findBlas } from "./openblas.ts";
export { cachedBlas, type Download, prefetchBlas } from "./download.ts";
export { type Attempt, describeAttempts, NativeLibraryError, type Outcome } from "./errors.ts";
export { addressOf, bytesAt, cString } from "./memory.ts";
export { MOST_NUMBERS, type PlacedCode, type RunCode, type RunOnMemory } from "./call_code.ts";
export { type MachineCode, machineCode } from "./machine_code.ts";
export { preferHugePages } from "./huge_pages.ts";
export { type Processor, processor } from "./processor.ts";
export { granted } from "./permissions.ts";
export {
  type Cublas,
  CUBLAS_SYMBOLS,
  type CublasChoice,
  type CublasSymbols,
  openCublas,
} from "./cublas.ts";
export {
  CUDA_SYMBOLS,
  type CudaSymbols,
  type Driver,
  type DriverChoice,
  openDriver,
} from "./cuda.ts";
export { capabilityText, type CudaDevice, listDevices, readDevice } from "./cuda_devices.ts";
export type { CudaSearch, Release } from "./cuda_search.ts";
export {
  architectureFor,
  type Nvrtc,
  NVRTC_SYMBOLS,
  type NvrtcChoice,
  type NvrtcSymbols,
  openNvrtc,
} from "./nvrtc.ts";
export {
  type Compiled,
  compileProgram,
  compileProgramAsync,
  type Source,
} from "./nvrtc_compile.ts";
