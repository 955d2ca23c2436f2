/**
 * The environment of a process that computes on the stand-in, whatever it is.
 *
 * @module
 */
import { standIn } from "../../../standins/cuda/build.ts";

const library = await standIn();

/** Whether there is a stand-in. */
export const isThere: boolean = library !== null;

/** The variables that put it in force. */
export const environment: Readonly<Record<string, string>> = library === null ? {} : {
  GLISSADE_DEVICE: "cuda",
  GLISSADE_CUDA: library,
  GLISSADE_NVRTC: library,
  GLISSADE_CUBLAS: library,
  // compiled kernels name files in the folder of the stand-in
  GLISSADE_CUBIN_CACHE: library.replace(/[^/]*$/, "cubins"),
};
