/**
 * Finds the BLAS to compute with: the one that was named, else the system's, else a downloaded one.
 *
 * @module
 */

import { type Blas, openBlas } from "./cblas.ts";
import { cachedBlas, checkDownload } from "./download.ts";
import { type Attempt, NativeLibraryError, Refusal } from "./errors.ts";
import { firstUsable, fromFileUrl, isPath } from "./library.ts";
import { blasCandidates } from "./places.ts";

export type { Blas } from "./cblas.ts";

/** How to look for a BLAS. */
export interface BlasOptions {
  /** `openblas`: finding none is an error. `auto`: finding none is an answer. */
  readonly mode: "openblas" | "auto";
  /** This file or name and no other; failing to open it is an error under either mode. */
  readonly path?: string;
  /** A library that {@linkcode prefetchBlas} has brought; tried after the system's. */
  readonly url?: string;
  /** The SHA-256 of the file at `url`, as 64 hexadecimal digits. */
  readonly sha256?: string;
  /** Paths and names to try instead of the system's usual ones. */
  readonly candidates?: readonly string[];
}

/** What a search found and tried. */
export interface BlasSearch {
  /** The library to use, or null. */
  readonly blas: Blas | null;
  /** Everything that was tried, in order; the last one is the one in use, if any is. */
  readonly attempts: readonly Attempt[];
  /** One sentence: what is in use, or why nothing is. */
  readonly reason: string;
}

const REMEDY = "install OpenBLAS, run with --allow-ffi, or set GLISSADE_OPENBLAS to its path";

/**
 * Looks for a BLAS; never prompts and never waits.
 *
 * @throws {NativeLibraryError} if `path` is given and unusable, or if `mode` is "openblas" and none
 * was found; it lists everything that was tried
 */
export function findBlas(options: BlasOptions): BlasSearch {
  const { mode, path } = options;
  if (path !== undefined) {
    const { value, attempts } = firstUsable([path], (it) => openBlas(fromFileUrl(it)));
    if (value !== null) return found(value, attempts);
    throw new NativeLibraryError(
      `Cannot use ${path} as BLAS: a ${Deno.build.arch} library with cblas_sgemm and 32-bit ` +
        "integers is wanted: correct GLISSADE_OPENBLAS, or leave it out",
      attempts,
    );
  }
  const { value, attempts } = firstUsable(candidates(options), (candidate) => {
    if (candidate !== options.url) return openBlas(candidate);
    return openDownloaded(candidate, options.sha256);
  });
  if (value !== null) return found(value, attempts);
  if (mode === "openblas") {
    throw new NativeLibraryError(`Cannot find a BLAS: one was asked for: ${REMEDY}`, attempts);
  }
  return { blas: null, attempts, reason: whyNone(attempts) };
}

function candidates(options: BlasOptions): string[] {
  const all = [...options.candidates ?? blasCandidates()];
  if (options.url === undefined) return all;
  // Before the bare names: those come last.
  const bare = all.findIndex((candidate) => !isPath(candidate));
  all.splice(bare < 0 ? all.length : bare, 0, options.url);
  return all;
}

function openDownloaded(url: string, sha256: string | undefined): Blas {
  let path: string | null;
  try {
    path = cachedBlas(checkDownload(url, sha256));
  } catch (error) {
    throw new Refusal("unsuitable", (error as Error).message);
  }
  if (path === null) throw new Refusal("missing", "it has not been downloaded");
  return openBlas(path);
}

function found(blas: Blas, attempts: readonly Attempt[]): BlasSearch {
  const { library, version, coreType, detectedCoreType, path } = blas;
  const core = coreType === detectedCoreType
    ? coreType
    : `${coreType}; it had chosen ${detectedCoreType}`;
  const name = version === "" ? library : `${library} ${version}`;
  const told = core === "" ? "" : ` (${core})`;
  return { blas, attempts, reason: `${name}${told} at ${path}` };
}

/** The most telling of the reasons: a library that is there but unusable, then a permission. */
function whyNone(attempts: readonly Attempt[]): string {
  const told = attempts.find(({ outcome }) => outcome !== "missing" && outcome !== "denied");
  if (told !== undefined) return `${told.candidate} cannot be used: ${told.reason}`;
  const denied = attempts.find(({ outcome }) => outcome === "denied");
  if (denied !== undefined) {
    return attempts.every(({ outcome }) => outcome === "denied")
      ? "the ffi permission is not granted: run with --allow-ffi"
      : `${denied.candidate} cannot be used: ${denied.reason}`;
  }
  return "no library was found: install OpenBLAS, or set GLISSADE_OPENBLAS to its path";
}
