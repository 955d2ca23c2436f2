/**
 * Adam that divides by how far gradients are from their mean.
 *
 * @module
 */
import type { AdamOptions, ScaleByAdamState } from "./adam.ts";
import { chain } from "./chain.ts";
import { optionsOf, rest, scalar } from "./check.ts";
import { correction, safeIncrement } from "./counting.ts";
import { leafwise } from "./leafwise.ts";
import { moment, zeros } from "./moments.ts";
import { byLearningRate } from "./scale.ts";
import type { CountState, GradientTransformation, ScalarOrSchedule } from "./types.ts";

/** Options of {@link scaleByBelief} and {@link adabelief}; `eps` and `epsRoot` default to 1e-16. */
export type AdabeliefOptions = Omit<AdamOptions, "muDtype">;

const NAMES = ["b1", "b2", "eps", "epsRoot", "nesterov"] as const;

/**
 * Divides the mean of gradients by the root of the mean of their squared distance from it.
 *
 * @throws {TypeError | RangeError} when an option is unknown or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.scaleByBelief({ b1: 0.5 });
 * const [updates] = tx.update(np.array(3), tx.init(np.array(0)));
 * assertAlmostEquals(updates.item(), 2, 1e-4);
 * ```
 */
export function scaleByBelief(
  options: AdabeliefOptions = {},
): GradientTransformation<ScaleByAdamState> {
  return beliefAs("scaleByBelief", optionsOf(options, NAMES, "scaleByBelief"));
}

function beliefAs(
  kind: string,
  options: AdabeliefOptions,
): GradientTransformation<ScaleByAdamState> {
  const b1 = scalar(options.b1 ?? 0.9, "b1", kind, 0, 1);
  const b2 = scalar(options.b2 ?? 0.999, "b2", kind, 0, 1);
  const eps = scalar(options.eps ?? 1e-16, "eps", kind, 0);
  const epsRoot = scalar(options.epsRoot ?? 1e-16, "epsRoot", kind, 0);
  const nesterov = options.nesterov ?? false;
  return leafwise<ScaleByAdamState, "mu" | "nu">({
    kind,
    counted: true,
    slots: { mu: zeros(), nu: zeros() },
    rule: ({ count }) => {
      const [first, second] = [correction(b1, count), correction(b2, count)];
      const ahead = nesterov ? correction(b1, safeIncrement(count)) : null;
      return (g, slots) => {
        const d = g.dtype;
        const mu = moment(g, slots.mu, b1);
        const error = g.sub(mu);
        const nu = moment(error.mul(error), slots.nu, b2).add(epsRoot);
        const mean = ahead === null
          ? mu.mul(first(d))
          : mu.mul(ahead(d)).mul(b1).add(g.mul(first(d)).mul(rest(b1)));
        return [mean.div(nu.mul(second(d)).sqrt().add(eps)), { mu, nu }];
      };
    },
  });
}

/**
 * AdaBelief (Zhuang and others, 2020).
 *
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.adabelief(0.1, { b1: 0.5 });
 * const [updates] = tx.update(np.array(3), tx.init(np.array(0)));
 * assertAlmostEquals(updates.item(), -0.2, 1e-5);
 * ```
 */
export function adabelief(
  learningRate: ScalarOrSchedule,
  options: AdabeliefOptions = {},
): GradientTransformation<[ScaleByAdamState, CountState | null]> {
  optionsOf(options, NAMES, "adabelief");
  return chain(beliefAs("adabelief", options), byLearningRate(learningRate, "adabelief"));
}
