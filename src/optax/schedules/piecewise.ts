/**
 * Schedules of pieces: constant between boundaries, or going from one to the next.
 *
 * @module
 */
import { formatValue } from "../../base/mod.ts";
import { emit, literalBeside, type Tensor } from "../../core/mod.ts";
import { optionsOf } from "../check.ts";
import type { Schedule } from "../types.ts";
import { finite, schedule, steps } from "./check.ts";

/** What the value is multiplied by when a count is reached. */
export type BoundariesAndScales = Readonly<Record<number, number>>;

/** Boundaries in order, with their scales. */
function read(kind: string, boundariesAndScales: BoundariesAndScales): [number, number][] {
  if (typeof boundariesAndScales !== "object" || boundariesAndScales === null) {
    throw new TypeError(
      `Cannot make ${kind} with boundariesAndScales ${formatValue(boundariesAndScales)}: wanted ` +
        `an object, as { 1000: 0.1 }`,
    );
  }
  const pairs = Object.entries(boundariesAndScales)
    .map(([count, factor]): [number, number] => [Number(count), factor as number])
    .sort((a, b) => a[0] - b[0]);
  for (const [boundary, factor] of pairs) {
    steps(kind, { boundary }, 0);
    finite(kind, { [`the scale at ${boundary}`]: factor });
    if (factor < 0) {
      throw new RangeError(
        `Cannot make ${kind} with the scale ${factor} at ${boundary}: scales are at least 0`,
      );
    }
  }
  return pairs;
}

/**
 * A value that is multiplied by a scale once the count reaches its boundary, the boundary included.
 *
 * @throws {TypeError | RangeError} when a boundary is no count, or a scale is negative
 *
 * @example
 * ```ts
 * import { optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const rate = optax.piecewiseConstantSchedule(8, { 2: 0.5, 4: 0.25 });
 * assertEquals([0, 1, 2, 3, 4, 9].map((n) => rate(n).item()), [8, 8, 4, 4, 1, 1]);
 * ```
 */
export function piecewiseConstantSchedule(
  initValue: number,
  boundariesAndScales: BoundariesAndScales = {},
): Schedule {
  const kind = "piecewiseConstantSchedule";
  finite(kind, { initValue });
  const pairs = read(kind, boundariesAndScales);
  return schedule((count) =>
    pairs.reduce(
      (value, [boundary, factor]) => emit("where", [count.lt(boundary), value, value.mul(factor)]),
      literalBeside(count, [initValue], [], count.dtype),
    )
  );
}

/**
 * A value that goes from boundary to boundary, where it has been multiplied by the scales up to
 * there.
 *
 * @param interpolateType "linear" or "cosine"
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const rate = optax.piecewiseInterpolateSchedule("linear", 1, { 2: 3, 4: 0 });
 * assertEquals([0, 1, 2, 3, 4, 9].map((n) => rate(n).item()), [1, 2, 3, 1.5, 0, 0]);
 * ```
 */
export function piecewiseInterpolateSchedule(
  interpolateType: "linear" | "cosine",
  initValue: number,
  boundariesAndScales: BoundariesAndScales = {},
): Schedule {
  const kind = "piecewiseInterpolateSchedule";
  if (interpolateType !== "linear" && interpolateType !== "cosine") {
    throw new RangeError(
      `Cannot make ${kind} with interpolateType ${formatValue(interpolateType)}: wanted ` +
        `"linear" or "cosine"`,
    );
  }
  return interpolated(kind, interpolateType, initValue, boundariesAndScales);
}

function interpolated(
  kind: string,
  type: "linear" | "cosine",
  initValue: number,
  boundariesAndScales: BoundariesAndScales,
): Schedule {
  finite(kind, { initValue });
  const pairs = read(kind, boundariesAndScales);
  return schedule((count) => {
    const start = literalBeside(count, [initValue], [], count.dtype);
    const values = [start];
    for (const [, factor] of pairs) values.push(values[values.length - 1]!.mul(factor));
    return pairs.reduceRight((later, [end], i) => {
      const begin = i === 0 ? 0 : pairs[i - 1]![0];
      const part = count.sub(begin).div(Math.max(end - begin, 1));
      return emit("where", [count.lt(end), between(type, values[i]!, values[i + 1]!, part), later]);
    }, values[values.length - 1]!);
  });
}

function between(type: "linear" | "cosine", from: Tensor, to: Tensor, part: Tensor): Tensor {
  if (type === "linear") return to.sub(from).mul(part).add(from);
  return to.add(from.sub(to).div(2).mul(part.mul(Math.PI).cos().add(1)));
}

/** Options of {@link cosineOnecycleSchedule}. */
export interface OnecycleOptions {
  /** The part of the steps in which the value rises; default 0.3. */
  pctStart?: number | undefined;
  /** The first value is the peak divided by it; default 25. */
  divFactor?: number | undefined;
  /** The last value is the first divided by it; default 1e4. */
  finalDivFactor?: number | undefined;
}

/** Options of {@link linearOnecycleSchedule}. */
export interface LinearOnecycleOptions extends OnecycleOptions {
  /** The part of the steps after which the value is again the first; default 0.85. */
  pctFinal?: number | undefined;
}

/**
 * Up to a peak and down again along half waves of the cosine (Smith and Topin, 2018).
 *
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const rate = optax.cosineOnecycleSchedule(10, 1);
 * assertAlmostEquals(rate(0).item(), 1 / 25, 1e-6);
 * assertAlmostEquals(rate(3).item(), 1, 1e-6);
 * assertAlmostEquals(rate(10).item(), 1 / 25 / 1e4, 1e-6);
 * ```
 */
export function cosineOnecycleSchedule(
  transitionSteps: number,
  peakValue: number,
  options: OnecycleOptions = {},
): Schedule {
  const kind = "cosineOnecycleSchedule";
  const { pctStart = 0.3, divFactor = 25, finalDivFactor = 1e4 } = optionsOf(
    options,
    ["pctStart", "divFactor", "finalDivFactor"],
    kind,
  );
  checkCycle(kind, transitionSteps, { peakValue, pctStart, divFactor, finalDivFactor });
  return interpolated(kind, "cosine", peakValue / divFactor, {
    [Math.trunc(pctStart * transitionSteps)]: divFactor,
    [transitionSteps]: 1 / (divFactor * finalDivFactor),
  });
}

/**
 * Up to a peak, down to the first value, and down to nearly nothing, in straight lines (Smith and
 * Topin, 2018).
 *
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const rate = optax.linearOnecycleSchedule(20, 1);
 * assertAlmostEquals(rate(6).item(), 1, 1e-6);
 * assertAlmostEquals(rate(17).item(), 1 / 25, 1e-6);
 * ```
 */
export function linearOnecycleSchedule(
  transitionSteps: number,
  peakValue: number,
  options: LinearOnecycleOptions = {},
): Schedule {
  const kind = "linearOnecycleSchedule";
  const { pctStart = 0.3, pctFinal = 0.85, divFactor = 25, finalDivFactor = 1e4 } = optionsOf(
    options,
    ["pctStart", "pctFinal", "divFactor", "finalDivFactor"],
    kind,
  );
  checkCycle(kind, transitionSteps, { peakValue, pctStart, pctFinal, divFactor, finalDivFactor });
  return interpolated(kind, "linear", peakValue / divFactor, {
    [Math.trunc(pctStart * transitionSteps)]: divFactor,
    [Math.trunc(pctFinal * transitionSteps)]: 1 / divFactor,
    [transitionSteps]: 1 / finalDivFactor,
  });
}

function checkCycle(
  kind: string,
  transitionSteps: number,
  numbers: Readonly<Record<string, number>>,
): void {
  finite(kind, numbers);
  steps(kind, { transitionSteps }, 1);
  for (const [name, x] of Object.entries(numbers)) {
    if (name.startsWith("pct") && !(x >= 0 && x <= 1)) {
      throw new RangeError(`Cannot make ${kind} with ${name} ${x}: it must be in 0..1`);
    }
    if (name.endsWith("ivFactor") && x <= 0) {
      throw new RangeError(`Cannot make ${kind} with ${name} ${x}: it must be positive`);
    }
  }
}
