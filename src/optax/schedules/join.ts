/**
 * Schedules one after the other.
 *
 * @module
 */
import { formatValue } from "../../base/mod.ts";
import { emit } from "../../core/mod.ts";
import type { Schedule } from "../types.ts";
import { schedule, steps } from "./check.ts";

/**
 * Each schedule up to its boundary, then the next, which counts from there.
 *
 * @param schedules one more than boundaries
 * @param boundaries the counts at which the next schedule begins
 * @throws {TypeError | RangeError} when they do not fit together
 *
 * @example
 * ```ts
 * import { optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const rate = optax.joinSchedules(
 *   [optax.constantSchedule(5), optax.linearSchedule(1, 0, 4)],
 *   [2],
 * );
 * assertEquals([0, 1, 2, 4].map((n) => rate(n).item()), [5, 5, 1, 0.5]);
 * ```
 */
export function joinSchedules(
  schedules: readonly Schedule[],
  boundaries: readonly number[],
): Schedule {
  if (!Array.isArray(schedules) || schedules.some((s) => typeof s !== "function")) {
    throw new TypeError(
      `Cannot make joinSchedules of ${formatValue(schedules)}: wanted a list of schedules`,
    );
  }
  if (!Array.isArray(boundaries) || boundaries.length !== schedules.length - 1) {
    throw new RangeError(
      `Cannot make joinSchedules of ${schedules.length} schedules with boundaries ` +
        `${formatValue(boundaries)}: wanted a list of ${schedules.length - 1}`,
    );
  }
  steps("joinSchedules", Object.fromEntries(boundaries.map((b, i) => [`boundaries[${i}]`, b])), 0);
  return schedule((count) =>
    schedules.slice(1).reduce(
      (value, next, i) =>
        emit("where", [
          count.lt(boundaries[i]!),
          value,
          next(count.sub(boundaries[i]!)).astype(value.dtype),
        ]),
      schedules[0]!(count),
    )
  );
}
