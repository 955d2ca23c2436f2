/**
 * What goes wrong with Parquet files, and how users are told.
 *
 * @module
 */

/** What is wrong with a file, in words for the user. */
export class ParquetFault extends Error {
  /** Whether it is of a wrong kind, a TypeError, and not of a wrong value, a RangeError. */
  readonly kind: boolean;

  constructor(what: string, kind = false) {
    super(what);
    this.kind = kind;
  }
}

/** Carries an error that names the file already. */
export class UnreadableFile extends Error {}

/** The error of a failure. What hyparquet throws speaks of its own variables. */
export function explainFailure(cause: unknown, action: string): Error {
  if (cause instanceof ParquetFault) {
    const message = `${action}: ${cause.message}`;
    return cause.kind ? new TypeError(message) : new RangeError(message);
  }
  for (const kind of [Deno.errors.NotFound, Deno.errors.NotCapable]) {
    if (cause instanceof kind) return cause;
  }
  if (cause instanceof UnreadableFile) return cause.cause as Error;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RangeError(
    `${action}: it is damaged, truncated, or of a kind that is not read (${reason})`,
    { cause },
  );
}
