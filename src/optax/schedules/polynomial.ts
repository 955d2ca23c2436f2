/**
 * Schedules that stay, or go from one value to another along a power.
 *
 * @module
 */
import { literalBeside } from "../../core/mod.ts";
import { optionsOf } from "../check.ts";
import type { Schedule } from "../types.ts";
import { finite, schedule, steps } from "./check.ts";

/** Options of {@link polynomialSchedule} and {@link linearSchedule}. */
export interface TransitionOptions {
  /** Steps before the value begins to change; default 0. */
  transitionBegin?: number | undefined;
}

/**
 * The same value always.
 *
 * @throws {TypeError | RangeError} when it is no finite number
 *
 * @example
 * ```ts
 * import { optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(optax.constantSchedule(0.5)(1000).item(), 0.5);
 * ```
 */
export function constantSchedule(value: number): Schedule {
  finite("constantSchedule", { value });
  return schedule((count) => literalBeside(count, [value], [], count.dtype));
}

/**
 * From `initValue` to `endValue` in `transitionSteps` steps:
 * `(initValue - endValue) (1 - count / transitionSteps)^power + endValue`. With no steps it stays at
 * `initValue`.
 *
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const rate = optax.polynomialSchedule(1, 0, 2, 4);
 * assertEquals([0, 2, 4, 9].map((n) => rate(n).item()), [1, 0.25, 0, 0]);
 * ```
 */
export function polynomialSchedule(
  initValue: number,
  endValue: number,
  power: number,
  transitionSteps: number,
  options: TransitionOptions = {},
): Schedule {
  return polynomial("polynomialSchedule", initValue, endValue, power, transitionSteps, options);
}

function polynomial(
  kind: string,
  initValue: number,
  endValue: number,
  power: number,
  transitionSteps: number,
  options: TransitionOptions,
): Schedule {
  const { transitionBegin = 0 } = optionsOf(options, ["transitionBegin"], kind);
  finite(kind, { initValue, endValue, power });
  steps(kind, { transitionSteps, transitionBegin }, 0);
  if (transitionSteps === 0) return constantSchedule(initValue);
  return schedule((count) => {
    const t = count.sub(transitionBegin).maximum(0).minimum(transitionSteps);
    const left = t.div(transitionSteps).neg().add(1);
    return (power === 1 ? left : left.pow(power)).mul(initValue - endValue).add(endValue);
  });
}

/**
 * From `initValue` to `endValue` in a straight line of `transitionSteps` steps.
 *
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const rate = optax.linearSchedule(0, 1, 4, { transitionBegin: 2 });
 * assertEquals([0, 2, 4, 6, 8].map((n) => rate(n).item()), [0, 0, 0.5, 1, 1]);
 * ```
 */
export function linearSchedule(
  initValue: number,
  endValue: number,
  transitionSteps: number,
  options: TransitionOptions = {},
): Schedule {
  return polynomial("linearSchedule", initValue, endValue, 1, transitionSteps, options);
}

/**
 * From `initValue` to `peakValue` in a straight line of `warmupSteps` steps, where it stays.
 *
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const rate = optax.warmupConstantSchedule(0, 1, 2);
 * assertEquals([0, 1, 2, 3].map((n) => rate(n).item()), [0, 0.5, 1, 1]);
 * ```
 */
export function warmupConstantSchedule(
  initValue: number,
  peakValue: number,
  warmupSteps: number,
): Schedule {
  return polynomial("warmupConstantSchedule", initValue, peakValue, 1, warmupSteps, {});
}
