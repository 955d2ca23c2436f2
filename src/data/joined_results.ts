/**
 * Functions that can be called on many elements at once: a batch behind a map of one of them calls
 * it so, and gets joined what single calls would return.
 *
 * @module
 */

/** The results for a list of elements, joined; null where it has to be called on each of them. */
export type Joined = (elements: readonly unknown[]) => unknown;

const known = new WeakMap<object, Joined>();

/** Notes how a function is called on many elements. */
export function setJoined(f: object, joined: Joined): void {
  known.set(f, joined);
}

/** How a function is called on many elements, where it can be. */
export function joinedOf(f: object): Joined | undefined {
  return known.get(f);
}
