/**
 * Adam in optax's form, with its decaying and Nesterov variants.
 *
 * @module
 */
import { checkDType, type DType } from "../base/mod.ts";
import { decayAs } from "./add_decayed_weights.ts";
import { chain } from "./chain.ts";
import { optionsOf, rest, scalar } from "./check.ts";
import { correction, safeIncrement } from "./counting.ts";
import { leafwise } from "./leafwise.ts";
import type { Mask } from "./masked.ts";
import { moment, rootOf, zeros } from "./moments.ts";
import { byLearningRate } from "./scale.ts";
import type {
  CountState,
  GradientTransformation,
  OptState,
  Scalar,
  ScalarOrSchedule,
} from "./types.ts";

/** Options of {@link scaleByAdam} and {@link adam}. */
export interface AdamOptions {
  /** How much of the mean of gradients stays; default 0.9. */
  b1?: Scalar | undefined;
  /** How much of the mean of squared gradients stays; default 0.999. */
  b2?: Scalar | undefined;
  /** Added to the root; default 1e-8. */
  eps?: Scalar | undefined;
  /** Added inside the root; default 0. */
  epsRoot?: Scalar | undefined;
  /** The dtype of the mean of gradients; default that of the parameter. */
  muDtype?: DType | null | undefined;
  /** Whether to look one step ahead (Dozat, 2016); default false. */
  nesterov?: boolean | undefined;
}

/** Options of {@link adamw}. */
export interface AdamWOptions extends AdamOptions {
  /** The part of a weight, times the learning rate, that each step takes off; default 1e-4. */
  weightDecay?: ScalarOrSchedule | undefined;
  /** Which weights decay: a tree of booleans, or a function that gives it; default all. */
  mask?: Mask | null | undefined;
}

/** The state of {@link scaleByAdam}. */
export type ScaleByAdamState = CountState & {
  /** Means of gradients, a tree like the parameters. */
  mu: unknown;
  /** Means of squared gradients, a tree like the parameters. */
  nu: unknown;
};

/** The state of {@link adam}: that of Adam, and of the learning rate. */
export type AdamState = [ScaleByAdamState, CountState | null];

/** The names of the options. */
export const ADAM = ["b1", "b2", "eps", "epsRoot", "muDtype", "nesterov"] as const;

/**
 * Divides the mean of gradients by the root of the mean of their squares, both freed of the bias
 * towards their start at zero (Kingma and Ba, 2014).
 *
 * @throws {TypeError | RangeError} when an option is unknown or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 * const tx = optax.scaleByAdam();
 * const params = { w: np.array([1, 2]) };
 * const [updates, state] = tx.update({ w: np.array([0.1, -3]) }, tx.init(params));
 * assertAlmostEquals(updates.w.at(0).item(), 1, 1e-5); // at first, about the sign
 * assertEquals(state.count.item(), 1);
 * ```
 */
export function scaleByAdam(options: AdamOptions = {}): GradientTransformation<ScaleByAdamState> {
  return adamAs("scaleByAdam", optionsOf(options, ADAM, "scaleByAdam"));
}

/** The same, with the name of the optimizer that it is part of. */
export function adamAs(
  kind: string,
  options: AdamOptions,
  defaultEps = 1e-8,
): GradientTransformation<ScaleByAdamState> {
  const b1 = scalar(options.b1 ?? 0.9, "b1", kind, 0, 1);
  const b2 = scalar(options.b2 ?? 0.999, "b2", kind, 0, 1);
  const eps = scalar(options.eps ?? defaultEps, "eps", kind, 0);
  const epsRoot = scalar(options.epsRoot ?? 0, "epsRoot", kind, 0);
  const muDtype = options.muDtype ?? null;
  if (muDtype !== null) checkDType(muDtype, `make ${kind}`);
  const nesterov = options.nesterov ?? false;
  return leafwise<ScaleByAdamState, "mu" | "nu">({
    kind,
    counted: true,
    slots: { mu: zeros(muDtype), nu: zeros() },
    rule: ({ count }) => {
      const [first, second] = [correction(b1, count), correction(b2, count)];
      const ahead = nesterov ? correction(b1, safeIncrement(count)) : null;
      return (g, slots) => {
        const d = g.dtype;
        const mu = moment(g, slots.mu, b1);
        const nu = moment(g.mul(g), slots.nu, b2);
        const mean = ahead === null
          ? mu.mul(first(d))
          : mu.mul(ahead(d)).mul(b1).add(g.mul(first(d)).mul(rest(b1)));
        const update = mean.div(rootOf(nu.mul(second(d)), epsRoot).add(eps));
        return [update, { mu, nu }];
      };
    },
  });
}

/**
 * Adam (Kingma and Ba, 2014): `mu = b1 mu + (1 - b1) g`, `nu = b2 nu + (1 - b2) g²`, and the update
 * `-learningRate * muHat / (sqrt(nuHat + epsRoot) + eps)` with both means divided by `1 - b^t`.
 *
 * Its epsilon stands beside the corrected root; that of `optimizers.Adam` does not.
 *
 * @param learningRate a number or a schedule
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { grad, np, optax } from "glissade";
 * import { assert } from "@std/assert";
 * const tx = optax.adam(0.1);
 * let params = np.array([1, -2]);
 * let state = tx.init(params);
 * for (let i = 0; i < 100; i++) {
 *   let updates = grad((x) => x.mul(x).sum())(params);
 *   [updates, state] = tx.update(updates, state);
 *   params = optax.applyUpdates(params, updates);
 * }
 * assert(params.abs().max().item() < 0.05);
 * ```
 */
export function adam(
  learningRate: ScalarOrSchedule,
  options: AdamOptions = {},
): GradientTransformation<AdamState> {
  optionsOf(options, ADAM, "adam");
  return chain(adamAs("adam", options), byLearningRate(learningRate, "adam"));
}

/**
 * Adam with Nesterov momentum (Dozat, 2016): {@link adam} with `nesterov: true`.
 *
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.nadam(0.1);
 * const [updates] = tx.update(np.array(2), tx.init(np.array(1)));
 * assertAlmostEquals(updates.item(), -0.1 * (0.9 / 1.9 + 1), 1e-6);
 * ```
 */
export function nadam(
  learningRate: ScalarOrSchedule,
  options: AdamOptions = {},
): GradientTransformation<AdamState> {
  optionsOf(options, ADAM, "nadam");
  return chain(
    adamAs("nadam", { ...options, nesterov: options.nesterov ?? true }),
    byLearningRate(learningRate, "nadam"),
  );
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, 2019): each step also takes
 * `learningRate * weightDecay` of a weight off it. Needs params.
 *
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.adamw(0.1, { weightDecay: 0.5 });
 * const params = np.array([4]);
 * const [updates] = tx.update(np.array([0]), tx.init(params), params);
 * assertAlmostEquals(updates.at(0).item(), -0.1 * 0.5 * 4, 1e-6);
 * ```
 */
export function adamw(
  learningRate: ScalarOrSchedule,
  options: AdamWOptions = {},
): GradientTransformation<[ScaleByAdamState, OptState, CountState | null]> {
  return adamwAs("adamw", learningRate, options);
}

/**
 * {@link adamw} with Nesterov momentum.
 *
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.nadamw(0.1, { weightDecay: 0 });
 * const params = np.array(1);
 * const [updates] = tx.update(np.array(2), tx.init(params), params);
 * assertAlmostEquals(updates.item(), -0.1 * (0.9 / 1.9 + 1), 1e-6);
 * ```
 */
export function nadamw(
  learningRate: ScalarOrSchedule,
  options: AdamWOptions = {},
): GradientTransformation<[ScaleByAdamState, OptState, CountState | null]> {
  return adamwAs("nadamw", learningRate, { ...options, nesterov: options.nesterov ?? true });
}

function adamwAs(kind: string, learningRate: ScalarOrSchedule, options: AdamWOptions) {
  const { weightDecay = 1e-4, mask = null, ...rest } = optionsOf(
    options,
    [...ADAM, "weightDecay", "mask"],
    kind,
  );
  return chain(
    adamAs(kind, rest),
    decayAs(kind, weightDecay, mask),
    byLearningRate(learningRate, kind),
  );
}
