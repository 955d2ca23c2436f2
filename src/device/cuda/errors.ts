/**
 * What a code of the CUDA driver means for the program: which failures pass, which end the device,
 * and what to do about each.
 *
 * @module
 */
import { DeadDeviceError, OutOfMemoryError } from "../../base/errors.ts";

/** Codes after which every further call fails, until the process ends. */
const STICKY = new Set([214, 220, 700, 702, 710, 714, 715, 716, 717, 718, 719, 999]);

/** Codes of memory: the device's, and page-locked memory of the host. */
const OUT_OF_MEMORY = 2;

/** Not a failure: what was asked about goes on. */
export const NOT_READY = 600;

/** Codes of an image that this device or driver cannot run, where another image might. */
const UNLOADABLE = new Set([200, 209, 218, 221, 222]);

/** Codes that a call gives when the stream is being captured, or its capture is broken. */
const CAPTURE = new Set([900, 901, 902, 903, 904, 905, 906, 907, 908]);

/** Why a launch itself is refused: the kernel or its sizes are wrong. */
const LAUNCH = new Set([1, 701]);

/** A call of CUDA's libraries that failed and whose failure has no class of its own. */
export class CudaError extends Error {
  override name = "CudaError";
  /** The call. */
  readonly call: string;
  /** What it returned. */
  readonly code: number;

  constructor(call: string, code: number, message: string) {
    super(message);
    this.call = call;
    this.code = code;
  }
}

/** What is known of a failed call. */
export interface Failure {
  readonly device: string;
  readonly call: string;
  readonly code: number;
  /** The code in the driver's own words. */
  readonly text: string;
  /** What the call was to do: a kernel with its sizes, or bytes that were asked for. */
  readonly doing: string;
  /** What ran last, newest first. */
  readonly suspects: readonly string[];
  /** How full the device is, where that is known. */
  readonly room: string;
}

/** Whether a code means that the device is of no use to this process any more. */
export const isSticky = (code: number): boolean => STICKY.has(code);

/** Whether a code means that memory is missing. */
export const isOutOfMemory = (code: number): boolean => code === OUT_OF_MEMORY;

/** Whether an error is one of an image that cannot be loaded. */
export const isUnloadable = (e: unknown): boolean =>
  e instanceof CudaError && UNLOADABLE.has(e.code);

/** Whether an error says that a call may not be captured, or that its capture is broken. */
export const isOfCapture = (e: unknown): boolean => e instanceof CudaError && CAPTURE.has(e.code);

/** The error of a failed call. */
export function errorOf(f: Failure): Error {
  const what = f.doing === "" ? `run ${f.call}` : f.doing;
  if (isSticky(f.code)) return new DeadDeviceError(dead(f));
  if (isOutOfMemory(f.code)) {
    return new OutOfMemoryError(
      `Cannot ${what} on ${f.device}: its memory is full${f.room === "" ? "" : `: ${f.room}`}: ` +
        "use smaller batches, donate what a call replaces, or end other programs on the device",
    );
  }
  return new CudaError(f.call, f.code, `Cannot ${what} on ${f.device}: ${f.text}: ${remedy(f)}`);
}

function dead({ device, call, text, suspects, code }: Failure): string {
  const last = suspects.length === 0 ? "" : `; launched last, newest first: ${suspects.join(", ")}`;
  const timeout = code === 702
    ? "the kernel ran longer than a device with a display allows: make the work of a call smaller, "
    : "";
  return `Cannot go on with ${device}: ${text} (told by ${call})${last}: its memory is lost and ` +
    `only a new process can use it again: ${timeout}` +
    "run with GLISSADE_CUDA_SYNC=1, which waits for each launch, to see which kernel it was";
}

function remedy({ call, code }: Failure): string {
  if (call === "cuLaunchKernel" && LAUNCH.has(code)) {
    return "this is an error of the library: please report it with this message";
  }
  if (CAPTURE.has(code)) return "the capture of a graph was broken: please report it";
  switch (code) {
    case 46:
      return "look for a process that uses it exclusively (its compute mode allows one only)";
    case 101:
      return "choose one of the devices that doctor lists";
    case 200:
    case 209:
    case 221:
      return "remove the folder of cached kernels, or install NVRTC of the driver's CUDA version";
    case 218:
      return "this is an error of the library: please report it with the output of GLISSADE_DEBUG=4";
    case 222:
      return "update NVIDIA's driver, or install NVRTC of the CUDA version that it supports";
    case 201:
      return "use the device from the thread that made it";
    default:
      return "run doctor, which tells what was found";
  }
}
