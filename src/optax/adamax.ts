/**
 * Adam with the greatest gradient in the place of the mean of squares.
 *
 * @module
 */
import type { ScaleByAdamState } from "./adam.ts";
import { decayAs } from "./add_decayed_weights.ts";
import { chain } from "./chain.ts";
import { optionsOf, scalar } from "./check.ts";
import { correction } from "./counting.ts";
import { leafwise } from "./leafwise.ts";
import type { Mask } from "./masked.ts";
import { moment, zeros } from "./moments.ts";
import { byLearningRate } from "./scale.ts";
import type {
  CountState,
  GradientTransformation,
  OptState,
  Scalar,
  ScalarOrSchedule,
} from "./types.ts";

/** Options of {@link scaleByAdamax} and {@link adamax}. */
export interface AdamaxOptions {
  /** How much of the mean of gradients stays; default 0.9. */
  b1?: Scalar | undefined;
  /** How much of the greatest gradient stays; default 0.999. */
  b2?: Scalar | undefined;
  /** Added to the size of a gradient; default 1e-8. */
  eps?: Scalar | undefined;
}

/** Options of {@link adamaxw}. */
export interface AdamaxWOptions extends AdamaxOptions {
  /** The part of a weight, times the learning rate, that each step takes off; default 1e-4. */
  weightDecay?: ScalarOrSchedule | undefined;
  /** Which weights decay; default all. */
  mask?: Mask | null | undefined;
}

const NAMES = ["b1", "b2", "eps"] as const;

/**
 * Divides the mean of gradients by the greatest gradient so far, which decays.
 *
 * @throws {TypeError | RangeError} when an option is unknown or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.scaleByAdamax();
 * const [updates] = tx.update(np.array(-3), tx.init(np.array(0)));
 * assertAlmostEquals(updates.item(), -1, 1e-6);
 * ```
 */
export function scaleByAdamax(
  options: AdamaxOptions = {},
): GradientTransformation<ScaleByAdamState> {
  return adamaxAs("scaleByAdamax", optionsOf(options, NAMES, "scaleByAdamax"));
}

function adamaxAs(kind: string, options: AdamaxOptions): GradientTransformation<ScaleByAdamState> {
  const b1 = scalar(options.b1 ?? 0.9, "b1", kind, 0, 1);
  const b2 = scalar(options.b2 ?? 0.999, "b2", kind, 0, 1);
  const eps = scalar(options.eps ?? 1e-8, "eps", kind, 0);
  return leafwise<ScaleByAdamState, "mu" | "nu">({
    kind,
    counted: true,
    slots: { mu: zeros(), nu: zeros() },
    rule: ({ count }) => {
      const factor = correction(b1, count);
      return (g, slots) => {
        const mu = moment(g, slots.mu, b1);
        const nu = g.abs().add(eps).maximum(slots.nu.mul(b2));
        return [mu.mul(factor(g.dtype)).div(nu), { mu, nu }];
      };
    },
  });
}

/**
 * Adamax (Kingma and Ba, 2014, section 7.1).
 *
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.adamax(0.5);
 * const [updates] = tx.update(np.array(-3), tx.init(np.array(0)));
 * assertAlmostEquals(updates.item(), 0.5, 1e-6);
 * ```
 */
export function adamax(
  learningRate: ScalarOrSchedule,
  options: AdamaxOptions = {},
): GradientTransformation<[ScaleByAdamState, CountState | null]> {
  optionsOf(options, NAMES, "adamax");
  return chain(adamaxAs("adamax", options), byLearningRate(learningRate, "adamax"));
}

/**
 * {@link adamax} with decoupled weight decay. Needs params.
 *
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.adamaxw(0.5, { weightDecay: 0.1 });
 * const params = np.array(4);
 * const [updates] = tx.update(np.array(-3), tx.init(params), params);
 * assertAlmostEquals(updates.item(), 0.5 - 0.5 * 0.1 * 4, 1e-6);
 * ```
 */
export function adamaxw(
  learningRate: ScalarOrSchedule,
  options: AdamaxWOptions = {},
): GradientTransformation<[ScaleByAdamState, OptState, CountState | null]> {
  const { weightDecay = 1e-4, mask = null, ...more } = optionsOf(
    options,
    [...NAMES, "weightDecay", "mask"],
    "adamaxw",
  );
  return chain(
    adamaxAs("adamaxw", more),
    decayAs("adamaxw", weightDecay, mask),
    byLearningRate(learningRate, "adamaxw"),
  );
}
