/**
 * Gradients divided by the root of the sum of all their squares: Adagrad.
 *
 * @module
 */
import { emit } from "../core/mod.ts";
import { chain } from "./chain.ts";
import { optionsOf, scalar } from "./check.ts";
import { leafwise } from "./leafwise.ts";
import { filled } from "./moments.ts";
import { byLearningRate } from "./scale.ts";
import type { CountState, GradientTransformation, Scalar, ScalarOrSchedule } from "./types.ts";

/** Options of {@link scaleByRss} and {@link adagrad}. */
export interface AdagradOptions {
  /** What the sums of squares start as; default 0.1. */
  initialAccumulatorValue?: Scalar | undefined;
  /** Added inside the root; default 1e-7. */
  eps?: Scalar | undefined;
}

/** The state of {@link scaleByRss}. */
export type ScaleByRssState = {
  /** Sums of squared gradients, a tree like the parameters. */
  sumOfSquares: unknown;
};

const NAMES = ["initialAccumulatorValue", "eps"] as const;

/**
 * Divides gradients by the root of the sum of the squares of all gradients so far.
 *
 * @throws {TypeError | RangeError} when an option is unknown or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.scaleByRss({ initialAccumulatorValue: 7 });
 * const [updates] = tx.update(np.array(3), tx.init(np.array(0)));
 * assertAlmostEquals(updates.item(), 0.75, 1e-6);
 * ```
 */
export function scaleByRss(options: AdagradOptions = {}): GradientTransformation<ScaleByRssState> {
  return rssAs("scaleByRss", optionsOf(options, NAMES, "scaleByRss"));
}

function rssAs(kind: string, options: AdagradOptions): GradientTransformation<ScaleByRssState> {
  const initial = scalar(
    options.initialAccumulatorValue ?? 0.1,
    "initialAccumulatorValue",
    kind,
    0,
  );
  const eps = scalar(options.eps ?? 1e-7, "eps", kind, 0);
  return leafwise<ScaleByRssState, "sumOfSquares">({
    kind,
    slots: { sumOfSquares: filled(initial) },
    rule: () => (g, slots) => {
      const sumOfSquares = g.mul(g).add(slots.sumOfSquares);
      const factor = emit("where", [
        sumOfSquares.gt(0),
        sumOfSquares.add(eps).rsqrt(),
        g.zeros([]),
      ]);
      return [factor.mul(g), { sumOfSquares }];
    },
  });
}

/**
 * Adagrad (Duchi, Hazan and Singer, 2011): `-learningRate * g / sqrt(sum of g² + eps)`.
 *
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.adagrad(0.1, { initialAccumulatorValue: 7 });
 * const [updates] = tx.update(np.array(3), tx.init(np.array(0)));
 * assertAlmostEquals(updates.item(), -0.075, 1e-6);
 * ```
 */
export function adagrad(
  learningRate: ScalarOrSchedule,
  options: AdagradOptions = {},
): GradientTransformation<[ScaleByRssState, CountState | null]> {
  optionsOf(options, NAMES, "adagrad");
  return chain(rssAs("adagrad", options), byLearningRate(learningRate, "adagrad"));
}
