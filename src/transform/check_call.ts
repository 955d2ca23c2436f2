/**
 * The checks that every transformation begins with: of the function, and of its options.
 *
 * @module
 */
import { formatValue } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";

/** Throws unless `f` is a function and `options` an object with no other keys than these. */
export function checkCall(
  f: unknown,
  options: object,
  names: readonly string[],
  action: string,
): void {
  if (typeof f !== "function") {
    throw new TypeError(`Cannot ${action} ${formatValue(f)}: give a function`);
  }
  checkOptions(options, names, action);
}

/** Throws unless `f`, one of several functions that are given, is one. */
export function needFunction(f: unknown, action: string, what: string): void {
  if (typeof f === "function") return;
  throw new TypeError(`Cannot ${action}: ${what} is ${formatValue(f)}; give a function`);
}
