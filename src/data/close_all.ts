/**
 * Closing several things, each of them whatever happens to the others.
 *
 * @module
 */

/** Closes all; the first failure is thrown when all have been closed. */
export function closeAll(
  list: Iterable<{ close(): void | Promise<void> } | null>,
): void | Promise<void> {
  const later: Promise<void>[] = [];
  const failures: unknown[] = [];
  for (const x of list) {
    try {
      const closed = x?.close();
      if (closed instanceof Promise) later.push(closed);
    } catch (e) {
      failures.push(e);
    }
  }
  if (later.length === 0) {
    if (failures.length > 0) throw failures[0];
    return;
  }
  return Promise.allSettled(later).then((results) => {
    for (const r of results) if (r.status === "rejected") failures.push(r.reason);
    if (failures.length > 0) throw failures[0];
  });
}
