/**
 * What was tried while looking for a native library, and the error that lists it. The lowest floor
 * owns them because it is the first to need them; `src/base/errors.ts` passes the class on.
 *
 * @module
 */

/**
 * How one attempt ended: `used`; `missing` (no such file or name); `denied` (permission);
 * `truncated`, `foreign` (another machine or system) and `corrupt` (seen in the file before the
 * loader saw it); `failed` (the system's loader refused it); `unsuitable` (it opened, but lacks
 * symbols, has 64-bit integers or computes wrongly); `unready` (it is such a library, and the machine
 * has nothing for it to work on: a driver without a device).
 */
export type Outcome =
  | "used"
  | "missing"
  | "denied"
  | "truncated"
  | "foreign"
  | "corrupt"
  | "failed"
  | "unsuitable"
  | "unready";

/** One library that was tried. */
export interface Attempt {
  /** A path, a bare name for the system's loader, or a URL. */
  readonly candidate: string;
  /** How it ended. */
  readonly outcome: Outcome;
  /** One readable sentence, without a final period. */
  readonly reason: string;
}

/** Says why one candidate is out; {@linkcode firstUsable} turns it into an {@linkcode Attempt}. */
export class Refusal extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome, reason: string) {
    super(reason);
    this.name = "Refusal";
    this.outcome = outcome;
  }
}

/**
 * A native library that was asked for cannot be used.
 *
 * @example
 * ```ts
 * import { NativeLibraryError } from "glissade";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new NativeLibraryError("Cannot use libexample.so: it is missing: install it", [
 *   { candidate: "libexample.so", outcome: "missing", reason: "no such file" },
 * ]);
 * assertEquals(error.attempts.map((attempt) => attempt.outcome), ["missing"]);
 * ```
 */
export class NativeLibraryError extends Error {
  /** Everything that was tried, in order. */
  readonly attempts: readonly Attempt[];

  /**
   * Makes the error.
   *
   * @param message what cannot be done, and the remedy
   * @param attempts what was tried; listed under the message
   * @param options the error that caused this one, as for `Error`
   */
  constructor(message: string, attempts: readonly Attempt[] = [], options?: ErrorOptions) {
    super(
      attempts.length === 0 ? message : `${message}. Tried:\n${describeAttempts(attempts)}`,
      options,
    );
    this.name = "NativeLibraryError";
    this.attempts = attempts;
  }
}

/** Attempts as indented lines: one for each that tells something, the absent ones by folder. */
export function describeAttempts(attempts: readonly Attempt[]): string {
  const lines: string[] = [];
  for (const { candidate, outcome, reason } of attempts) {
    if (outcome === "missing" || outcome === "denied") continue;
    lines.push(`  ${candidate}: ${outcome}: ${reason}`);
  }
  for (const outcome of ["denied", "missing"] as const) {
    const reasons = Map.groupBy(
      attempts.filter((attempt) => attempt.outcome === outcome),
      (attempt) => attempt.reason,
    );
    for (const [reason, group] of reasons) {
      if (group.length === 1) {
        lines.push(`  ${group[0]!.candidate}: ${outcome}: ${reason}`);
        continue;
      }
      lines.push(`  ${outcome}: ${reason}:`, ...places(group.map((attempt) => attempt.candidate)));
    }
  }
  return lines.join("\n");
}

/** Candidates by folder; folders that were asked for the same names share a line. */
function places(candidates: readonly string[]): string[] {
  const names = new Map<string, string[]>();
  for (const candidate of candidates) {
    const cut = Math.max(candidate.lastIndexOf("/"), candidate.lastIndexOf("\\")) + 1;
    const folder = candidate.slice(0, cut);
    names.set(folder, [...names.get(folder) ?? [], candidate.slice(cut)]);
  }
  const folders = Map.groupBy(names.keys(), (folder) => names.get(folder)!.join(", "));
  return [...folders].map(([files, group]) => {
    const where = group.map((folder) => folder || "the loader's own search").join(" ");
    return `    ${files} in ${where}`;
  });
}
