/**
 * Adadelta: steps in the units of the parameters.
 *
 * @module
 */
import { decayAs } from "./add_decayed_weights.ts";
import { chain, identityAs } from "./chain.ts";
import { optionsOf, scalar } from "./check.ts";
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

/** Options of {@link scaleByAdadelta}. */
export interface ScaleByAdadeltaOptions {
  /** How much of the means stays; default 0.9. */
  rho?: Scalar | undefined;
  /** Added inside the roots; default 1e-6. */
  eps?: Scalar | undefined;
}

/** Options of {@link adadelta}. */
export interface AdadeltaOptions extends ScaleByAdadeltaOptions {
  /** The part of a weight that is added to its gradient; default 0. */
  weightDecay?: ScalarOrSchedule | undefined;
  /** Which weights decay; default all. */
  weightDecayMask?: Mask | null | undefined;
}

/** The state of {@link scaleByAdadelta}. */
export type ScaleByAdadeltaState = {
  /** Means of squared gradients, a tree like the parameters. */
  eG: unknown;
  /** Means of squared updates, a tree like the parameters. */
  eX: unknown;
};

/**
 * Multiplies gradients by the root of the mean of squared updates, and divides them by the root of
 * the mean of squared gradients.
 *
 * @throws {TypeError | RangeError} when an option is unknown or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.scaleByAdadelta({ rho: 0.75, eps: 1 });
 * const [updates] = tx.update(np.array(2), tx.init(np.array(0)));
 * assertAlmostEquals(updates.item(), 2 / Math.sqrt(2), 1e-6);
 * ```
 */
export function scaleByAdadelta(
  options: ScaleByAdadeltaOptions = {},
): GradientTransformation<ScaleByAdadeltaState> {
  return adadeltaAs("scaleByAdadelta", optionsOf(options, ["rho", "eps"], "scaleByAdadelta"));
}

function adadeltaAs(
  kind: string,
  options: ScaleByAdadeltaOptions,
): GradientTransformation<ScaleByAdadeltaState> {
  const rho = scalar(options.rho ?? 0.9, "rho", kind, 0, 1);
  const eps = scalar(options.eps ?? 1e-6, "eps", kind, 0);
  return leafwise<ScaleByAdadeltaState, "eG" | "eX">({
    kind,
    slots: { eG: zeros(), eX: zeros() },
    rule: () => (g, slots) => {
      const eG = moment(g.mul(g), slots.eG, rho);
      const update = slots.eX.add(eps).sqrt().div(eG.add(eps).sqrt()).mul(g);
      return [update, { eG, eX: moment(update.mul(update), slots.eX, rho) }];
    },
  });
}

/**
 * Adadelta (Zeiler, 2012). Needs params where weights decay.
 *
 * @param learningRate a number, a schedule, or null (the default) for steps that are added to the
 * parameters as they are: then their sign must be turned by what follows
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.adadelta(0.5, { rho: 0.75, eps: 1 });
 * const params = np.array(0);
 * const [updates] = tx.update(np.array(2), tx.init(params), params);
 * assertAlmostEquals(updates.item(), -1 / Math.sqrt(2), 1e-6);
 * ```
 */
export function adadelta(
  learningRate: ScalarOrSchedule | null = null,
  options: AdadeltaOptions = {},
): GradientTransformation<[OptState, ScaleByAdadeltaState, CountState | null]> {
  const { weightDecay = 0, weightDecayMask = null, ...more } = optionsOf(
    options,
    ["rho", "eps", "weightDecay", "weightDecayMask"],
    "adadelta",
  );
  return chain(
    decayAs("adadelta", weightDecay, weightDecayMask),
    adadeltaAs("adadelta", more),
    learningRate === null ? identityAs("adadelta") : byLearningRate(learningRate, "adadelta"),
  );
}
