/**
 * Schedules that shrink by the same part in the same time.
 *
 * @module
 */
import { emit, literalBeside } from "../../core/mod.ts";
import { optionsOf } from "../check.ts";
import type { Schedule } from "../types.ts";
import { finite, schedule, steps } from "./check.ts";
import { joinSchedules } from "./join.ts";
import { constantSchedule, warmupConstantSchedule } from "./polynomial.ts";

/** Options of {@link exponentialDecay} and {@link warmupExponentialDecaySchedule}. */
export interface ExponentialDecayOptions {
  /** Steps before the value begins to change; default 0. */
  transitionBegin?: number | undefined;
  /** Whether it changes only at multiples of `transitionSteps`; default false. */
  staircase?: boolean | undefined;
  /** The value at which it stops; default none. */
  endValue?: number | null | undefined;
}

const NAMES = ["transitionBegin", "staircase", "endValue"] as const;

/**
 * `initValue * decayRate^(count / transitionSteps)`. With no steps, or a rate of 0, it stays at
 * `initValue`.
 *
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const rate = optax.exponentialDecay(1, 2, 0.25, { staircase: true });
 * assertEquals([0, 1, 2, 3, 4].map((n) => rate(n).item()), [1, 1, 0.25, 0.25, 0.0625]);
 * ```
 */
export function exponentialDecay(
  initValue: number,
  transitionSteps: number,
  decayRate: number,
  options: ExponentialDecayOptions = {},
): Schedule {
  return decay("exponentialDecay", initValue, transitionSteps, decayRate, options);
}

function decay(
  kind: string,
  initValue: number,
  transitionSteps: number,
  decayRate: number,
  options: ExponentialDecayOptions,
): Schedule {
  const { transitionBegin = 0, staircase = false, endValue = null } = optionsOf(
    options,
    NAMES,
    kind,
  );
  finite(kind, { initValue, decayRate, ...(endValue === null ? {} : { endValue }) });
  steps(kind, { transitionSteps, transitionBegin }, 0);
  if (transitionSteps === 0 || decayRate === 0) return constantSchedule(initValue);
  return schedule((count) => {
    const t = count.sub(transitionBegin);
    const exact = t.div(transitionSteps);
    const base = literalBeside(count, [decayRate], [], count.dtype);
    const value = emit("where", [
      t.le(0),
      literalBeside(count, [initValue], [], count.dtype),
      base.pow(staircase ? exact.floor() : exact).mul(initValue),
    ]);
    if (endValue === null) return value;
    return decayRate < 1 ? value.maximum(endValue) : value.minimum(endValue);
  });
}

/**
 * From `initValue` to `peakValue` in a straight line of `warmupSteps` steps, then
 * {@link exponentialDecay}.
 *
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const rate = optax.warmupExponentialDecaySchedule(0, 1, 2, 1, 0.5);
 * assertEquals([0, 1, 2, 3, 4].map((n) => rate(n).item()), [0, 0.5, 1, 0.5, 0.25]);
 * ```
 */
export function warmupExponentialDecaySchedule(
  initValue: number,
  peakValue: number,
  warmupSteps: number,
  transitionSteps: number,
  decayRate: number,
  options: ExponentialDecayOptions = {},
): Schedule {
  const kind = "warmupExponentialDecaySchedule";
  return joinSchedules([
    warmupConstantSchedule(initValue, peakValue, warmupSteps),
    decay(kind, peakValue, transitionSteps, decayRate, options),
  ], [warmupSteps]);
}
