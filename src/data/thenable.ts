/**
 * What counts as a Promise of a user's.
 *
 * @module
 */

/** Whether a value is to be waited for. */
export function isThenable(x: unknown): x is PromiseLike<unknown> {
  return typeof x === "object" && x !== null && "then" in x && typeof x.then === "function";
}
