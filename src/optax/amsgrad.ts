/**
 * Adam whose divisor never shrinks.
 *
 * @module
 */
import type { AdamOptions, ScaleByAdamState } from "./adam.ts";
import { chain } from "./chain.ts";
import { optionsOf, scalar } from "./check.ts";
import { correction } from "./counting.ts";
import { leafwise } from "./leafwise.ts";
import { moment, rootOf, zeros } from "./moments.ts";
import { byLearningRate } from "./scale.ts";
import type { CountState, GradientTransformation, ScalarOrSchedule } from "./types.ts";

/** Options of {@link scaleByAmsgrad} and {@link amsgrad}. */
export type AmsgradOptions = Omit<AdamOptions, "nesterov" | "muDtype">;

/** The state of {@link scaleByAmsgrad}. */
export type ScaleByAmsgradState = ScaleByAdamState & {
  /** The greatest means of squares so far, a tree like the parameters. */
  nuMax: unknown;
};

const NAMES = ["b1", "b2", "eps", "epsRoot"] as const;

/**
 * As `scaleByAdam`, but divides by the greatest root so far.
 *
 * @throws {TypeError | RangeError} when an option is unknown or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.scaleByAmsgrad({ b1: 0, b2: 0 });
 * let state = tx.init(np.array(0));
 * let updates;
 * [updates, state] = tx.update(np.array(4), state);
 * [updates, state] = tx.update(np.array(1), state);
 * assertAlmostEquals(updates.item(), 0.25, 1e-6);
 * ```
 */
export function scaleByAmsgrad(
  options: AmsgradOptions = {},
): GradientTransformation<ScaleByAmsgradState> {
  return amsgradAs("scaleByAmsgrad", optionsOf(options, NAMES, "scaleByAmsgrad"));
}

function amsgradAs(
  kind: string,
  options: AmsgradOptions,
): GradientTransformation<ScaleByAmsgradState> {
  const b1 = scalar(options.b1 ?? 0.9, "b1", kind, 0, 1);
  const b2 = scalar(options.b2 ?? 0.999, "b2", kind, 0, 1);
  const eps = scalar(options.eps ?? 1e-8, "eps", kind, 0);
  const epsRoot = scalar(options.epsRoot ?? 0, "epsRoot", kind, 0);
  return leafwise<ScaleByAmsgradState, "mu" | "nu" | "nuMax">({
    kind,
    counted: true,
    slots: { mu: zeros(), nu: zeros(), nuMax: zeros() },
    rule: ({ count }) => {
      const [first, second] = [correction(b1, count), correction(b2, count)];
      return (g, slots) => {
        const mu = moment(g, slots.mu, b1);
        const nu = moment(g.mul(g), slots.nu, b2);
        const nuMax = slots.nuMax.maximum(nu.mul(second(g.dtype)));
        const update = mu.mul(first(g.dtype)).div(rootOf(nuMax, epsRoot).add(eps));
        return [update, { mu, nu, nuMax }];
      };
    },
  });
}

/**
 * AMSGrad (Reddi, Kale and Kumar, 2018).
 *
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.amsgrad(0.5);
 * const [updates] = tx.update(np.array(-3), tx.init(np.array(0)));
 * assertAlmostEquals(updates.item(), 0.5, 1e-5);
 * ```
 */
export function amsgrad(
  learningRate: ScalarOrSchedule,
  options: AmsgradOptions = {},
): GradientTransformation<[ScaleByAmsgradState, CountState | null]> {
  optionsOf(options, NAMES, "amsgrad");
  return chain(amsgradAs("amsgrad", options), byLearningRate(learningRate, "amsgrad"));
}
