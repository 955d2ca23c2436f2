/**
 * Lion: steps of one size, by the sign of a mean of gradients.
 *
 * @module
 */
import { checkDType, type DType } from "../base/mod.ts";
import { decayAs } from "./add_decayed_weights.ts";
import { chain } from "./chain.ts";
import { optionsOf, rest, scalar } from "./check.ts";
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

/** Options of {@link scaleByLion}. */
export interface ScaleByLionOptions {
  /** How much of the mean goes into the sign; default 0.9. */
  b1?: Scalar | undefined;
  /** How much of the mean stays; default 0.99. */
  b2?: Scalar | undefined;
  /** The dtype of the mean; default that of the parameter. */
  muDtype?: DType | null | undefined;
}

/** Options of {@link lion}. */
export interface LionOptions extends ScaleByLionOptions {
  /** The part of a weight, times the learning rate, that each step takes off; default 1e-3. */
  weightDecay?: ScalarOrSchedule | undefined;
  /** Which weights decay; default all. */
  mask?: Mask | null | undefined;
}

/** The state of {@link scaleByLion}. */
export type ScaleByLionState = CountState & {
  /** Means of gradients, a tree like the parameters. */
  mu: unknown;
};

const NAMES = ["b1", "b2", "muDtype"] as const;

/**
 * The sign of `b1 mu + (1 - b1) g`; then `mu = b2 mu + (1 - b2) g`.
 *
 * @throws {TypeError | RangeError} when an option is unknown or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const tx = optax.scaleByLion();
 * const [updates] = tx.update(np.array([3, -0.1]), tx.init(np.zeros([2])));
 * assertEquals(updates.toArray(), [1, -1]);
 * ```
 */
export function scaleByLion(
  options: ScaleByLionOptions = {},
): GradientTransformation<ScaleByLionState> {
  return lionAs("scaleByLion", optionsOf(options, NAMES, "scaleByLion"));
}

function lionAs(
  kind: string,
  options: ScaleByLionOptions,
): GradientTransformation<ScaleByLionState> {
  const b1 = scalar(options.b1 ?? 0.9, "b1", kind, 0, 1);
  const b2 = scalar(options.b2 ?? 0.99, "b2", kind, 0, 1);
  const muDtype = options.muDtype ?? null;
  if (muDtype !== null) checkDType(muDtype, `make ${kind}`);
  return leafwise<ScaleByLionState, "mu">({
    kind,
    counted: true,
    slots: { mu: zeros(muDtype) },
    rule: () => (g, { mu }) => [
      g.mul(rest(b1)).add(mu.mul(b1)).sign(),
      { mu: moment(g, mu, b2) },
    ],
  });
}

/**
 * Lion (Chen and others, 2023), with decoupled weight decay. Needs params.
 *
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.lion(0.5, { weightDecay: 0.1 });
 * const params = np.array(4);
 * const [updates] = tx.update(np.array(-3), tx.init(params), params);
 * assertAlmostEquals(updates.item(), 0.5 - 0.5 * 0.1 * 4, 1e-6);
 * ```
 */
export function lion(
  learningRate: ScalarOrSchedule,
  options: LionOptions = {},
): GradientTransformation<[ScaleByLionState, OptState, CountState | null]> {
  const { weightDecay = 1e-3, mask = null, ...more } = optionsOf(
    options,
    [...NAMES, "weightDecay", "mask"],
    "lion",
  );
  return chain(
    lionAs("lion", more),
    decayAs("lion", weightDecay, mask),
    byLearningRate(learningRate, "lion"),
  );
}
