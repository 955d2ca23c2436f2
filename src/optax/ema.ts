/**
 * Moving means of updates.
 *
 * @module
 */
import { checkDType, type DType } from "../base/mod.ts";
import { optionsOf, scalar } from "./check.ts";
import { correction } from "./counting.ts";
import { leafwise } from "./leafwise.ts";
import { moment, zeros } from "./moments.ts";
import type { CountState, GradientTransformation, Scalar } from "./types.ts";

/** Options of {@link ema}. */
export interface EmaOptions {
  /** Whether to divide by `1 - decay^t`, which frees the mean of its start at zero; default true. */
  debias?: boolean | undefined;
  /** The dtype of the mean; default that of the parameter. */
  accumulatorDtype?: DType | null | undefined;
}

/** The state of {@link ema}. */
export type EmaState = CountState & {
  /** The means, a tree like the parameters. */
  ema: unknown;
};

/**
 * Replaces updates by their exponential moving mean: `decay * mean + (1 - decay) * g`.
 *
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const tx = optax.ema(0.5);
 * let state = tx.init(np.array(0));
 * let updates;
 * [updates, state] = tx.update(np.array(4), state);
 * assertEquals(updates.item(), 4);
 * [updates, state] = tx.update(np.array(1), state);
 * assertEquals(updates.item(), 2);
 * ```
 */
export function ema(decay: Scalar, options: EmaOptions = {}): GradientTransformation<EmaState> {
  const { debias = true, accumulatorDtype = null } = optionsOf(
    options,
    ["debias", "accumulatorDtype"],
    "ema",
  );
  const keep = scalar(decay, "decay", "ema", 0, 1);
  if (accumulatorDtype !== null) checkDType(accumulatorDtype, "make ema");
  return leafwise<EmaState, "ema">({
    kind: "ema",
    counted: true,
    slots: { ema: zeros(accumulatorDtype) },
    rule: ({ count }) => {
      const factor = correction(keep, count);
      return (g, slots) => {
        const mean = moment(g, slots.ema, keep);
        return [debias ? mean.mul(factor(g.dtype)) : mean, { ema: mean }];
      };
    },
  });
}
