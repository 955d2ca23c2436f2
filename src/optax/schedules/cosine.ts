/**
 * Schedules along half a wave of the cosine, with warmup and restarts.
 *
 * @module
 */
import { formatValue } from "../../base/mod.ts";
import { optionsOf } from "../check.ts";
import type { Schedule } from "../types.ts";
import { finite, schedule, steps } from "./check.ts";
import { joinSchedules } from "./join.ts";
import { warmupConstantSchedule } from "./polynomial.ts";

/** Options of {@link cosineDecaySchedule}. */
export interface CosineDecayOptions {
  /** The part of `initValue` that stays; default 0. */
  alpha?: number | undefined;
  /** The power of the wave; default 1. */
  exponent?: number | undefined;
}

/** Options of {@link warmupCosineDecaySchedule}. */
export interface WarmupCosineDecayOptions {
  /** The value at the end; default 0. */
  endValue?: number | undefined;
  /** The power of the wave; default 1. */
  exponent?: number | undefined;
}

/** One cycle of {@link sgdrSchedule}: the arguments of {@link warmupCosineDecaySchedule}. */
export interface CosineCycle extends WarmupCosineDecayOptions {
  /** The value at the start. */
  initValue: number;
  /** The value after the warmup. */
  peakValue: number;
  /** Steps from the first to the peak. */
  warmupSteps: number;
  /** Steps of the whole cycle. */
  decaySteps: number;
}

/**
 * `initValue * ((1 - alpha) (0.5 (1 + cos(pi count / decaySteps)))^exponent + alpha)`; it stays at
 * its end.
 *
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const rate = optax.cosineDecaySchedule(1, 10, { alpha: 0.5 });
 * assertAlmostEquals(rate(5).item(), 0.75, 1e-6);
 * assertAlmostEquals(rate(20).item(), 0.5, 1e-6);
 * ```
 */
export function cosineDecaySchedule(
  initValue: number,
  decaySteps: number,
  options: CosineDecayOptions = {},
): Schedule {
  return cosine("cosineDecaySchedule", initValue, decaySteps, options);
}

function cosine(
  kind: string,
  initValue: number,
  decaySteps: number,
  options: CosineDecayOptions,
): Schedule {
  const { alpha = 0, exponent = 1 } = optionsOf(options, ["alpha", "exponent"], kind);
  finite(kind, { initValue, alpha, exponent });
  steps(kind, { decaySteps }, 1);
  return schedule((count) => {
    const wave = count.minimum(decaySteps).mul(Math.PI).div(decaySteps).cos().add(1).mul(0.5);
    return (exponent === 1 ? wave : wave.pow(exponent)).mul(1 - alpha).add(alpha).mul(initValue);
  });
}

/**
 * From `initValue` to `peakValue` in a straight line of `warmupSteps` steps, then
 * {@link cosineDecaySchedule} down to `endValue`.
 *
 * @param decaySteps steps of the whole, warmup included
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { optax } from "glissade";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 * const rate = optax.warmupCosineDecaySchedule(0, 1, 2, 12);
 * assertEquals([0, 1, 2].map((n) => rate(n).item()), [0, 0.5, 1]);
 * assertAlmostEquals(rate(7).item(), 0.5, 1e-6);
 * ```
 */
export function warmupCosineDecaySchedule(
  initValue: number,
  peakValue: number,
  warmupSteps: number,
  decaySteps: number,
  options: WarmupCosineDecayOptions = {},
): Schedule {
  const kind = "warmupCosineDecaySchedule";
  const { endValue = 0, exponent = 1 } = optionsOf(options, ["endValue", "exponent"], kind);
  finite(kind, { initValue, peakValue, endValue, exponent });
  steps(kind, { warmupSteps, decaySteps }, 0);
  if (decaySteps <= warmupSteps) {
    throw new RangeError(
      `Cannot make ${kind} with decaySteps ${decaySteps}: they include the ${warmupSteps} of the ` +
        `warmup, so there must be more`,
    );
  }
  return joinSchedules([
    warmupConstantSchedule(initValue, peakValue, warmupSteps),
    cosine(kind, peakValue, decaySteps - warmupSteps, {
      alpha: peakValue === 0 ? 0 : endValue / peakValue,
      exponent,
    }),
  ], [warmupSteps]);
}

/**
 * Cycles of {@link warmupCosineDecaySchedule} one after the other: SGD with warm restarts
 * (Loshchilov and Hutter, 2017).
 *
 * @throws {TypeError | RangeError} when there is no cycle, or one is not as it should be
 *
 * @example
 * ```ts
 * import { optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const cycle = { initValue: 0, peakValue: 1, warmupSteps: 1, decaySteps: 5 };
 * const rate = optax.sgdrSchedule([cycle, { ...cycle, peakValue: 0.5 }]);
 * assertEquals([0, 1, 5, 6].map((n) => rate(n).item()), [0, 1, 0, 0.5]);
 * ```
 */
export function sgdrSchedule(cycles: readonly CosineCycle[]): Schedule {
  if (!Array.isArray(cycles) || cycles.length === 0) {
    throw new TypeError(
      `Cannot make sgdrSchedule of ${formatValue(cycles)}: wanted a list of cycles, ` +
        `as [{ initValue: 0, peakValue: 1, warmupSteps: 10, decaySteps: 100 }]`,
    );
  }
  const all = cycles.map(({ initValue, peakValue, warmupSteps, decaySteps, ...options }) =>
    warmupCosineDecaySchedule(initValue, peakValue, warmupSteps, decaySteps, options)
  );
  let total = 0;
  const ends = cycles.map(({ decaySteps }) => total += decaySteps);
  return joinSchedules(all, ends.slice(0, -1));
}
