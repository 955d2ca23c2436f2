/**
 * Adam whose mean of squares changes by additions of one size.
 *
 * @module
 */
import type { AdamOptions, ScaleByAdamState } from "./adam.ts";
import { chain } from "./chain.ts";
import { optionsOf, rest, scalar } from "./check.ts";
import { correction } from "./counting.ts";
import { leafwise } from "./leafwise.ts";
import { filled, moment, rootOf } from "./moments.ts";
import { byLearningRate } from "./scale.ts";
import type { CountState, GradientTransformation, Scalar, ScalarOrSchedule } from "./types.ts";

/** Options of {@link yogi}; `eps` defaults to 1e-3. */
export type YogiOptions = Pick<AdamOptions, "b1" | "b2" | "eps">;

/** Options of {@link scaleByYogi}; `eps` defaults to 1e-3. */
export interface ScaleByYogiOptions extends YogiOptions {
  /** Added inside the root; default 0. */
  epsRoot?: Scalar | undefined;
  /** What both means start as; default 1e-6. */
  initialAccumulatorValue?: Scalar | undefined;
}

const NAMES = ["b1", "b2", "eps"] as const;

/**
 * As `scaleByAdam`, but the mean of squares moves by `(1 - b2) g²` up or down.
 *
 * @throws {TypeError | RangeError} when an option is unknown or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.scaleByYogi({ b1: 0, eps: 0 });
 * const [updates] = tx.update(np.array(3), tx.init(np.array(0)));
 * assertAlmostEquals(updates.item(), 1, 1e-3);
 * ```
 */
export function scaleByYogi(
  options: ScaleByYogiOptions = {},
): GradientTransformation<ScaleByAdamState> {
  optionsOf(options, [...NAMES, "epsRoot", "initialAccumulatorValue"], "scaleByYogi");
  return yogiAs("scaleByYogi", options);
}

function yogiAs(
  kind: string,
  options: ScaleByYogiOptions,
): GradientTransformation<ScaleByAdamState> {
  const b1 = scalar(options.b1 ?? 0.9, "b1", kind, 0, 1);
  const b2 = scalar(options.b2 ?? 0.999, "b2", kind, 0, 1);
  const eps = scalar(options.eps ?? 1e-3, "eps", kind, 0);
  const epsRoot = scalar(options.epsRoot ?? 0, "epsRoot", kind, 0);
  const initial = scalar(
    options.initialAccumulatorValue ?? 1e-6,
    "initialAccumulatorValue",
    kind,
    0,
  );
  return leafwise<ScaleByAdamState, "mu" | "nu">({
    kind,
    counted: true,
    slots: { mu: filled(initial), nu: filled(initial) },
    rule: ({ count }) => {
      const [first, second] = [correction(b1, count), correction(b2, count)];
      return (g, slots) => {
        const squared = g.mul(g);
        const mu = moment(g, slots.mu, b1);
        const nu = slots.nu.sub(slots.nu.sub(squared).sign().mul(rest(b2)).mul(squared));
        const root = rootOf(nu.mul(second(g.dtype)), epsRoot);
        return [mu.mul(first(g.dtype)).div(root.add(eps)), { mu, nu }];
      };
    },
  });
}

/**
 * Yogi (Zaheer and others, 2018).
 *
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.yogi(0.1, { b1: 0, eps: 0 });
 * const [updates] = tx.update(np.array(3), tx.init(np.array(0)));
 * assertAlmostEquals(updates.item(), -0.1, 1e-4);
 * ```
 */
export function yogi(
  learningRate: ScalarOrSchedule,
  options: YogiOptions = {},
): GradientTransformation<[ScaleByAdamState, CountState | null]> {
  optionsOf(options, NAMES, "yogi");
  return chain(yogiAs("yogi", options), byLearningRate(learningRate, "yogi"));
}
