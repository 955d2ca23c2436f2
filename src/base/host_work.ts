/**
 * Work that stays on the CPU whatever device is in force: a GPU would only wait for elements of
 * pipelines, which come one at a time and are wanted in ordinary memory again.
 *
 * @module
 */

let depth = 0;

/** Runs a function whose own computations, until it returns, belong on the CPU. */
export function onHost<T>(f: () => T): T {
  depth++;
  try {
    return f();
  } finally {
    depth--;
  }
}

/** Whether such a function is running. */
export function isOnHost(): boolean {
  return depth > 0;
}
