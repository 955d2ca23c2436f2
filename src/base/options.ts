/**
 * The check of the options object that ends an argument list.
 *
 * @module
 */
import { formatValue } from "./errors.ts";

/** Throws unless `options` is an object whose keys are all among the allowed ones. */
export function checkOptions(options: object, allowed: readonly string[], action: string): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(
      `Cannot ${action} with ${formatValue(options)} as options: wanted an object of ${
        allowed.join(", ")
      }`,
    );
  }
  for (const key of Object.keys(options)) {
    if (!allowed.includes(key)) {
      throw new TypeError(
        `Cannot ${action} with the option "${key}": the options are ${allowed.join(", ")}`,
      );
    }
  }
}
