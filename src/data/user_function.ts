/**
 * Calling a user's function on an element, in a pipeline that may or may not wait. Failures name
 * the stage and the element.
 *
 * @module
 */
import { formatValue } from "../base/errors.ts";
import { onHost } from "../base/host_work.ts";
import { elementError, notSynchronous } from "./stage.ts";
import { isThenable } from "./thenable.ts";

/** Checks that a user gave a function. */
export function checkFunction(f: unknown, action: string): void {
  if (typeof f === "function") return;
  throw new TypeError(`Cannot ${action} ${formatValue(f)}: give a function`);
}

/** Calls `f` and makes of its result, or of what its Promise gives, what `accept` says. */
export function callUser<R>(
  f: () => unknown,
  accept: (result: unknown) => R,
  stage: string,
  index: number,
  sync: boolean,
): R | Promise<R> {
  const fail = (e: unknown): never => {
    throw elementError(stage, index, e);
  };
  let result: unknown;
  try {
    result = onHost(f);
    if (!isThenable(result)) return accept(result);
  } catch (e) {
    return fail(e);
  }
  const later = Promise.resolve(result);
  if (!sync) return later.then(accept).catch(fail);
  later.catch(() => {});
  throw notSynchronous(stage, "its function returns a Promise");
}
