/**
 * Opens a shared library without harm: permissions are looked at and never asked for, a file is
 * checked before the system's loader maps it, and every candidate leaves a line in a log.
 *
 * @module
 */

import { type Attempt, Refusal } from "./errors.ts";
import { openFileBytes } from "./file_bytes.ts";
import { checkImage } from "./image.ts";
import { granted } from "./permissions.ts";

/** What {@linkcode firstUsable} found, and what it tried on the way. */
export interface Search<T> {
  /** What `open` gave for the first candidate that was not refused, or null. */
  readonly value: T | null;
  /** What was tried, in order; the last one is the one in use, if any is. */
  readonly attempts: readonly Attempt[];
}

/** Whether a candidate is a path; otherwise it is a name that the system's loader looks up. */
export function isPath(candidate: string): boolean {
  return candidate.includes("/") || (Deno.build.os === "windows" && candidate.includes("\\"));
}

/**
 * Tries candidates in order until one opens. A bare name is passed over when a file of that name
 * was found truncated, for the loader could pick that very file.
 *
 * @param open gives the wanted value or throws; a {@linkcode Refusal} carries its outcome
 */
export function firstUsable<T>(
  candidates: Iterable<string>,
  open: (candidate: string) => T,
): Search<T> {
  const attempts: Attempt[] = [];
  const truncated = new Map<string, string>();
  for (const candidate of candidates) {
    try {
      const bad = truncated.get(candidate);
      if (bad !== undefined) {
        throw new Refusal("truncated", `the loader could pick ${bad}, which is truncated`);
      }
      const value = open(candidate);
      attempts.push({ candidate, outcome: "used", reason: "it passed every check" });
      return { value, attempts };
    } catch (error) {
      const outcome = error instanceof Refusal ? error.outcome : "failed";
      const reason = error instanceof Error ? error.message : String(error);
      attempts.push({ candidate, outcome, reason });
      if (outcome === "truncated") truncated.set(baseName(candidate), candidate);
    }
  }
  return { value: null, attempts };
}

/**
 * Opens one library and binds its symbols. It stays open for the life of the process: closing a
 * library whose symbols were called, or which has threads, crashes.
 *
 * @throws {Refusal} if permission, file or loader stand against it
 */
export function openLibrary<const S extends Deno.ForeignLibraryInterface>(
  candidate: string,
  symbols: S,
): Deno.DynamicLibrary<S>["symbols"] {
  const path = isPath(candidate);
  if (!granted(path ? { name: "ffi", path: candidate } : { name: "ffi" })) {
    throw new Refusal("denied", "the ffi permission does not cover it: run with --allow-ffi");
  }
  if (path && !systemVouchesFor(candidate)) {
    using file = openFileBytes(candidate);
    checkImage(file, Deno.build);
  }
  try {
    return Deno.dlopen(candidate, symbols).symbols;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // A missing dependency reads the same, but names another file.
    const absent = !path && reason.includes(`${candidate}: cannot open shared object file`);
    throw new Refusal(
      absent ? "missing" : "failed",
      absent ? "the loader knows no such name" : reason,
    );
  }
}

/** Whether the system's loader checks this file itself, so that we need not. */
function systemVouchesFor(path: string): boolean {
  switch (Deno.build.os) {
    case "darwin":
      // The system's own libraries live in the loader's cache and not on disk.
      return path.startsWith("/System/Library/") || path.startsWith("/usr/lib/");
    case "windows":
      // Its loader compares section table and length itself; without `read` that has to do.
      return !granted({ name: "read", path });
    default:
      return false;
  }
}

/** The last part of a path. */
export function baseName(candidate: string): string {
  return candidate.split(/[\\/]/).at(-1) ?? candidate;
}

/** The path that a file URL names; anything else as it is. */
export function fromFileUrl(path: string): string {
  if (!path.startsWith("file:")) return path;
  const { pathname } = new URL(path);
  const decoded = decodeURIComponent(pathname);
  return Deno.build.os === "windows" ? decoded.slice(1).replaceAll("/", "\\") : decoded;
}
