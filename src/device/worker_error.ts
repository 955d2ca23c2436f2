/**
 * What a call throws when a worker of the device failed in it.
 *
 * @module
 */

/** A worker failed, so the results of the call do not exist. */
export class WorkerError extends Error {
  override name = "WorkerError";
  /**
   * Settles when the worker is dead, where it may still be writing: until then nobody may use the
   * memory of the call. Null where it has stopped.
   */
  readonly gone: Promise<void> | null;

  /** @param gone when the worker is dead, or null when it writes no more */
  constructor(message: string, gone: Promise<void> | null = null) {
    super(message);
    this.gone = gone;
  }
}

/** When memory that a failed call used may be used again; null for at once. */
export function quarantineOf(error: unknown): Promise<void> | null {
  return error instanceof WorkerError ? error.gone : null;
}
