/**
 * Runs something while something else is in force, also across a promise.
 *
 * @module
 */

/** Runs a function, and `stop` when it is done: when it returns, or its promise is settled. */
export function during<R>(stop: () => void, run: () => R): R {
  let result: R;
  try {
    result = run();
  } catch (e) {
    stop();
    throw e;
  }
  if (result instanceof Promise) return result.finally(stop) as R;
  stop();
  return result;
}
