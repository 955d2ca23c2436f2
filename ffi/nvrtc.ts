/**
 * NVRTC, the compiler of CUDA C: its functions, and how it is found and opened. It needs no driver
 * and no GPU.
 *
 * @module
 */

import { capabilityText } from "./cuda_devices.ts";
import { majorsFor, nvrtcCandidates } from "./cuda_places.ts";
import {
  type CudaSearch,
  openCompanion,
  type Release,
  release,
  requireMajor,
  searchFor,
} from "./cuda_search.ts";
import { Refusal } from "./errors.ts";
import { openLibrary } from "./library.ts";
import { compileProgram } from "./nvrtc_compile.ts";
import { type Bound, requireAll, status } from "./symbols.ts";

/** NVRTC's functions under their exported names, and compiling once more as an asynchronous call. */
export const NVRTC_SYMBOLS = {
  nvrtcVersion: status("buffer", "buffer"),
  nvrtcGetErrorString: { optional: true, parameters: ["i32"], result: "usize" },
  nvrtcGetNumSupportedArchs: status("buffer"),
  nvrtcGetSupportedArchs: status("buffer"),
  nvrtcCreateProgram: status("buffer", "buffer", "buffer", "i32", "buffer", "buffer"),
  nvrtcDestroyProgram: status("buffer"),
  nvrtcCompileProgram: status("usize", "i32", "buffer"),
  /** The same on another thread: the compiler needs no context, so it may run beside the event loop. */
  nvrtcCompileProgramAsync: {
    name: "nvrtcCompileProgram",
    optional: true,
    parameters: ["usize", "i32", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  nvrtcGetPTXSize: status("usize", "buffer"),
  nvrtcGetPTX: status("usize", "buffer"),
  nvrtcGetCUBINSize: status("usize", "buffer"),
  nvrtcGetCUBIN: status("usize", "buffer"),
  nvrtcGetProgramLogSize: status("usize", "buffer"),
  nvrtcGetProgramLog: status("usize", "buffer"),
} as const satisfies Deno.ForeignLibraryInterface;

/** NVRTC's functions. */
export type NvrtcSymbols = Bound<typeof NVRTC_SYMBOLS>;

/** An opened compiler. */
export interface Nvrtc extends Release {
  /** Its functions; each but `nvrtcGetErrorString` returns a code, 0 for success. */
  readonly symbols: NvrtcSymbols;
  /** The path, or the bare name that the loader resolved. */
  readonly path: string;
  /** The compute capabilities that it compiles for, as 90 for 9.0, in rising order. */
  readonly archs: readonly number[];
}

/** How to look for a compiler. */
export interface NvrtcChoice {
  /** This file or name and no other (`GLISSADE_NVRTC`), or null for the usual places. */
  readonly path: string | null;
  /** The CUDA version that the driver supports: no compiler of a later major is taken. */
  readonly driver?: Release;
  /** The device's compute capability, as 90 for 9.0: one that does not know it is passed over. */
  readonly capability?: number;
  /** Paths and names to try instead of the usual ones. */
  readonly candidates?: readonly string[];
}

const opened = new Map<string, Nvrtc>();

/**
 * Looks for a compiler; never prompts.
 *
 * @throws {NativeLibraryError} if `path` is given and is no usable NVRTC
 */
export function openNvrtc(choice: NvrtcChoice): CudaSearch<Nvrtc> {
  const majors = majorsFor(choice.driver?.major ?? null);
  return searchFor({
    what: "NVRTC",
    setting: "GLISSADE_NVRTC",
    path: choice.path,
    candidates: () => choice.candidates ?? nvrtcCandidates(majors),
    open: (candidate) => checkFor(choice, openCandidate(candidate)),
    none: `no NVRTC was found: install the CUDA toolkit, or ${wheelFor(choice)}, ` +
      "or set GLISSADE_NVRTC to its path",
  });
}

/**
 * What to compile for, so that a device of this capability can run it: `sm_90` where the compiler
 * knows it, else an older one of the same major, whose machine code it runs too, else `compute_90`,
 * which is text that the driver compiles; null where the compiler knows nothing so old.
 */
export function architectureFor(archs: readonly number[], capability: number): string | null {
  const known = archs.filter((arch) => arch <= capability);
  if (known.length === 0) return null;
  const best = Math.max(...known);
  const sameMajor = Math.floor(best / 10) === Math.floor(capability / 10);
  return `${sameMajor ? "sm" : "compute"}_${best}`;
}

function wheelFor({ driver, capability }: NvrtcChoice): string {
  const old = (driver !== undefined && driver.major < 13) || (capability ?? 75) < 75;
  return `run pip install nvidia-cuda-nvrtc${old ? "-cu12" : ""}`;
}

function checkFor(choice: NvrtcChoice, nvrtc: Nvrtc): Nvrtc {
  requireMajor("NVRTC", nvrtc, choice.driver, wheelFor(choice));
  const { capability } = choice;
  if (capability !== undefined && architectureFor(nvrtc.archs, capability) === null) {
    throw new Refusal(
      "unsuitable",
      `NVRTC ${nvrtc.version} compiles for compute capability ${
        capabilityText(nvrtc.archs[0] ?? 0)
      } and ` +
        `later, and the device has ${capabilityText(capability)}: ${wheelFor(choice)}`,
    );
  }
  return nvrtc;
}

function openCandidate(path: string): Nvrtc {
  const known = opened.get(path);
  if (known !== undefined) return known;
  const symbols = requireAll<typeof NVRTC_SYMBOLS>(openLibrary(path, NVRTC_SYMBOLS));
  const major = new Int32Array(1);
  const minor = new Int32Array(1);
  if (symbols.nvrtcVersion(major, minor) !== 0) {
    throw new Refusal("unsuitable", "it does not tell its version");
  }
  const version = release(major[0]!, minor[0]!);
  const nvrtc: Nvrtc = { symbols, path, ...version, archs: archsOf(symbols) };
  requireBuiltins(nvrtc);
  opened.set(path, nvrtc);
  return nvrtc;
}

function archsOf(symbols: NvrtcSymbols): number[] {
  const count = new Int32Array(1);
  const counted = symbols.nvrtcGetNumSupportedArchs(count) === 0;
  const archs = new Int32Array(Math.max(1, count[0]!));
  if (!counted || symbols.nvrtcGetSupportedArchs(archs) !== 0) {
    throw new Refusal("unsuitable", "it does not tell what it compiles for");
  }
  return Array.from(archs.subarray(0, count[0]!)).sort((a, b) => a - b);
}

/**
 * The compiler opens its builtins at the first compile, by name; here they are opened before, from
 * its own folder. Where they are not found, a tiny program shows whether it needs any.
 *
 * @throws {Refusal} if no program can be compiled
 */
function requireBuiltins(nvrtc: Nvrtc): void {
  const { major, minor, path } = nvrtc;
  const name = Deno.build.os === "windows"
    ? `nvrtc-builtins64_${major}${minor}.dll`
    : `libnvrtc-builtins.so.${major}.${minor}`;
  if (openCompanion(path, name)) return;
  const { code, log } = compileProgram(nvrtc, {
    source: 'extern "C" __global__ void probe(float* x) { x[0] = 1.0f; }',
    name: "probe.cu",
    options: [`--gpu-architecture=compute_${nvrtc.archs[0] ?? 75}`],
  });
  if (code === 0) return;
  throw new Refusal(
    "unsuitable",
    `it cannot compile without ${name}, which is not beside it and not known to the loader ` +
      `(${log.trim().split("\n")[0] || `code ${code}`}): keep both in one folder, or run ` +
      `pip install nvidia-cuda-nvrtc${major < 13 ? "-cu12" : ""}==${major}.${minor}.*`,
  );
}
