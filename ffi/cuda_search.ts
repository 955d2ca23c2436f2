/**
 * How each of CUDA's libraries is looked for: the file that the user named and no other, else the
 * usual places. It also reads versions and opens what a library wants beside itself.
 *
 * @module
 */

import { NativeLibraryError, Refusal } from "./errors.ts";
import { baseName, firstUsable, fromFileUrl, isPath, openLibrary, type Search } from "./library.ts";

/** What a search found and tried, and one sentence: what is in use, or why nothing is. */
export interface CudaSearch<T> extends Search<T> {
  /** Without a final period. */
  readonly reason: string;
}

/** The CUDA version that a library is of. */
export interface Release {
  /** "13.2" */
  readonly version: string;
  readonly major: number;
  readonly minor: number;
}

/** A version of two numbers. */
export function release(major: number, minor: number): Release {
  return { version: `${major}.${minor}`, major, minor };
}

/** What to look for. */
export interface Wanted<T> {
  /** As in "Cannot use libx.so as NVRTC". */
  readonly what: string;
  /** The setting that names a file. */
  readonly setting: string;
  /** The file or name that the user gave, or null. */
  readonly path: string | null;
  /** What is tried where the user gave none. */
  readonly candidates: () => readonly string[];
  /** Gives the wanted value or throws a {@linkcode Refusal}. */
  readonly open: (candidate: string) => T;
  /** The answer where nothing was there at all: what is missing, and the remedy. */
  readonly none: string;
}

/**
 * Looks for a library.
 *
 * @throws {NativeLibraryError} if the user named a file and it is not such a library
 */
export function searchFor<T extends { readonly path: string; readonly version: string }>(
  { what, setting, path, candidates, open, none }: Wanted<T>,
): CudaSearch<T> {
  const { value, attempts } = firstUsable(path === null ? candidates() : [fromFileUrl(path)], open);
  if (value !== null) {
    return { value, attempts, reason: `${what} ${value.version} at ${value.path}` };
  }
  const told = attempts.find(({ outcome }) => outcome === "unready") ??
    attempts.find(({ outcome }) => outcome !== "missing" && outcome !== "denied");
  if (path !== null && told?.outcome !== "unready") {
    throw new NativeLibraryError(
      `Cannot use ${path} as ${what}: a working one for ${Deno.build.arch} is wanted: ` +
        `correct ${setting}, or leave it out`,
      attempts,
    );
  }
  if (told !== undefined) {
    return { value, attempts, reason: `${told.candidate} cannot be used: ${told.reason}` };
  }
  const denied = attempts.find(({ outcome }) => outcome === "denied");
  return { value, attempts, reason: denied === undefined ? none : denied.reason };
}

/**
 * Opens a library that the one at `path` wants, from the same folder or else wherever the loader
 * finds it, so that it is there when it is asked for; says whether it is.
 *
 * @throws {Refusal} if it is there and cannot be used
 */
export function openCompanion(path: string, name: string): boolean {
  const folder = path.slice(0, path.length - baseName(path).length);
  for (const companion of isPath(path) ? [folder + name, name] : [name]) {
    try {
      openLibrary(companion, {});
      return true;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.outcome === "missing" || error.outcome === "denied") continue;
      throw new Refusal(error.outcome, `${companion}, which it needs: ${error.message}`);
    }
  }
  return false;
}

/**
 * Returns for a library that this driver can run.
 *
 * @throws {Refusal} if it is of a later major version than the driver supports
 */
export function requireMajor(
  what: string,
  library: Release,
  driver: Release | undefined,
  remedy: string,
): void {
  if (driver === undefined || library.major <= driver.major) return;
  throw new Refusal(
    "unsuitable",
    `${what} ${library.version} is of CUDA ${library.major} and the driver supports CUDA ` +
      `${driver.version}: update the driver, or ${remedy}`,
  );
}
