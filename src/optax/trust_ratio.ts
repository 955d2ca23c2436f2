/**
 * Updates measured by the size of their parameters, and LAMB.
 *
 * @module
 */
import { emit, type Tensor } from "../core/mod.ts";
import { ADAM, adamAs, type AdamOptions, type ScaleByAdamState } from "./adam.ts";
import { decayAs } from "./add_decayed_weights.ts";
import { chain } from "./chain.ts";
import { optionsOf, scalar } from "./check.ts";
import { leafwise } from "./leafwise.ts";
import type { Mask } from "./masked.ts";
import { byLearningRate } from "./scale.ts";
import type {
  CountState,
  GradientTransformation,
  OptState,
  Scalar,
  ScalarOrSchedule,
} from "./types.ts";

/** Options of {@link scaleByTrustRatio}. */
export interface TrustRatioOptions {
  /** Norms below it count as it; default 0. */
  minNorm?: Scalar | undefined;
  /** What the ratio is multiplied by; default 1. */
  trustCoefficient?: Scalar | undefined;
  /** Added to the norm of the update; default 0. */
  eps?: Scalar | undefined;
}

/** Options of {@link lamb}; `eps` defaults to 1e-6. */
export interface LambOptions extends Omit<AdamOptions, "muDtype" | "nesterov"> {
  /** The part of a weight that each step takes off, before the ratio; default 0. */
  weightDecay?: ScalarOrSchedule | undefined;
  /** Which weights decay; default all. */
  mask?: Mask | null | undefined;
}

/** The greater of a size and its least value. */
function atLeast(x: Tensor, least: Scalar): Tensor {
  return least === 0 ? x : x.maximum(least);
}

/**
 * Multiplies each leaf by the norm of its parameter over the norm of the update; by 1 where one of
 * them is zero. Needs params.
 *
 * @throws {TypeError | RangeError} when an option is unknown or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const tx = optax.scaleByTrustRatio();
 * const params = np.array([3, 4]);
 * const [updates] = tx.update(np.array([0, 2]), tx.init(params), params);
 * assertEquals(updates.toArray(), [0, 5]);
 * ```
 */
export function scaleByTrustRatio(options: TrustRatioOptions = {}): GradientTransformation<null> {
  optionsOf(options, ["minNorm", "trustCoefficient", "eps"], "scaleByTrustRatio");
  return trustRatioAs("scaleByTrustRatio", options);
}

function trustRatioAs(kind: string, options: TrustRatioOptions): GradientTransformation<null> {
  const least = scalar(options.minNorm ?? 0, "minNorm", kind, 0);
  const factor = scalar(options.trustCoefficient ?? 1, "trustCoefficient", kind);
  const eps = scalar(options.eps ?? 0, "eps", kind, 0);
  const norm = (x: Tensor): Tensor => atLeast(x.mul(x).sum().sqrt(), least);
  return leafwise<null>({
    kind,
    needsParams: true,
    rule: () => (g, _slots, p) => {
      const [size, step] = [norm(p), norm(g)];
      const ratio = size.mul(factor).div(step.add(eps));
      const none = emit("or", [size.eq(0), step.eq(0)]);
      return g.mul(emit("where", [none, ratio.zeros().add(1), ratio]));
    },
  });
}

/**
 * Multiplies each leaf by the root of the mean of squares of its parameter. Needs params.
 *
 * @param minScale the least factor; default 1e-3
 * @throws {TypeError | RangeError} when `minScale` is no number, at least 0
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const tx = optax.scaleByParamBlockRms();
 * const params = np.array([2, -2]);
 * const [updates] = tx.update(np.array([1, 3]), tx.init(params), params);
 * assertEquals(updates.toArray(), [2, 6]);
 * ```
 */
export function scaleByParamBlockRms(minScale: Scalar = 1e-3): GradientTransformation<null> {
  return paramRmsAs("scaleByParamBlockRms", minScale);
}

/** The same, with the name of the optimizer that it is part of. */
export function paramRmsAs(kind: string, minScale: Scalar): GradientTransformation<null> {
  const least = scalar(minScale, "minScale", kind, 0);
  return leafwise<null>({
    kind,
    needsParams: true,
    rule: () => (g, _slots, p) => g.mul(atLeast(p.mul(p).mean().sqrt(), least)),
  });
}

/**
 * LAMB (You and others, 2020): Adam, decay, then each leaf scaled by the size of its parameter.
 * Needs params.
 *
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.lamb(0.1);
 * const params = np.array([3, 4]);
 * const [updates] = tx.update(np.array([0, 7]), tx.init(params), params);
 * assertAlmostEquals(updates.at(1).item(), -0.5, 1e-5); // a tenth of the norm of params
 * ```
 */
export function lamb(
  learningRate: ScalarOrSchedule,
  options: LambOptions = {},
): GradientTransformation<[ScaleByAdamState, OptState, null, CountState | null]> {
  const names = ADAM.filter((name) => name !== "muDtype" && name !== "nesterov");
  const { weightDecay = 0, mask = null, ...more } = optionsOf(
    options,
    [...names, "weightDecay", "mask"],
    "lamb",
  );
  return chain(
    adamAs("lamb", more, 1e-6),
    decayAs("lamb", weightDecay, mask),
    trustRatioAs("lamb", {}),
    byLearningRate(learningRate, "lamb"),
  );
}
