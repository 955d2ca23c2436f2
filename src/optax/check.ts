/**
 * Checks of hyperparameters, when a transformation is made.
 *
 * @module
 */
import { checkOptions, formatShape, formatValue, isFloat } from "../base/mod.ts";
import { isTensor } from "../core/mod.ts";

import { ranged } from "../optimizers/options.ts";
import type { GradientTransformation, Scalar, ScalarOrSchedule } from "./types.ts";

/** Checks that options have no names but these. */
export function optionsOf<T extends object>(
  options: T,
  allowed: readonly (keyof T & string)[],
  kind: string,
): T {
  checkOptions(options, allowed, `make ${kind}`);
  return options;
}

/** Checks a hyperparameter: a number from `low` to `high`, or a scalar tensor. */
export function scalar(
  x: unknown,
  option: string,
  kind: string,
  low = -Number.MAX_VALUE,
  high = Number.MAX_VALUE,
): Scalar {
  if (!isTensor(x)) return number(x, option, kind, low, high);
  if (x.shape.length === 0 && isFloat(x.dtype)) return x;
  throw new TypeError(
    `Cannot make ${kind} with ${option} ${x.dtype}${formatShape(x.shape)}: wanted a number or a ` +
      `floating-point scalar`,
  );
}

/** Checks that a setting is a number from `low` to `high`. */
export function number(
  x: unknown,
  option: string,
  kind: string,
  low = -Number.MAX_VALUE,
  high = Number.MAX_VALUE,
): number {
  if (low !== -Number.MAX_VALUE) return ranged(x, option, kind, low, high);
  if (typeof x === "number" && Number.isFinite(x)) return x;
  const wanted = `Cannot make ${kind} with ${option} ${formatValue(x)}: `;
  if (typeof x === "number") throw new RangeError(`${wanted}it must be finite`);
  throw new TypeError(`${wanted}wanted a number`);
}

/** Checks that a setting is an integer, at least `low`. */
export function whole(x: unknown, option: string, kind: string, low: number): number {
  if (Number.isSafeInteger(x) && (x as number) >= low) return x as number;
  throw new RangeError(
    `Cannot make ${kind} with ${option} ${formatValue(x)}: wanted an integer, at least ${low}`,
  );
}

/** Checks a hyperparameter that may be a schedule. */
export function scalarOrSchedule(x: unknown, option: string, kind: string): ScalarOrSchedule {
  if (typeof x === "function") return x as ScalarOrSchedule;
  if (typeof x === "number" || isTensor(x)) return scalar(x, option, kind);
  throw new TypeError(
    `Cannot make ${kind} with ${option} ${formatValue(x)}: wanted a number or a schedule, ` +
      `as optax.exponentialDecay(0.1, 1000, 0.5)`,
  );
}

/** Checks that something given is a gradient transformation. */
export function transformation<S>(x: unknown, what: string, kind: string) {
  const { init, update } = (x ?? {}) as Record<string, unknown>;
  if (typeof init === "function" && typeof update === "function") {
    return x as GradientTransformation<S>;
  }
  throw new TypeError(
    `Cannot make ${kind} with ${what} ${formatValue(x)}: wanted a gradient transformation, ` +
      `as optax.adam(0.001)`,
  );
}

/** `1 - x`: of a number in double precision. */
export function rest(x: Scalar): Scalar {
  return typeof x === "number" ? 1 - x : x.neg().add(1);
}
