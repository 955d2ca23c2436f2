/**
 * NovoGrad: one mean of squares per parameter tensor.
 *
 * @module
 */
import { emit } from "../core/mod.ts";
import type { AdamOptions, ScaleByAdamState } from "./adam.ts";
import { chain } from "./chain.ts";
import { optionsOf, scalar } from "./check.ts";
import { leafwise } from "./leafwise.ts";
import { moment, rootOf, zeros } from "./moments.ts";
import { flush } from "../optimizers/flush.ts";
import { byLearningRate } from "./scale.ts";
import type { CountState, GradientTransformation, Scalar, ScalarOrSchedule } from "./types.ts";

/** Options of {@link scaleByNovograd} and {@link novograd}; `b2` defaults to 0.25. */
export interface NovogradOptions extends Pick<AdamOptions, "b1" | "b2" | "eps" | "epsRoot"> {
  /** The part of a weight that is added to its gradient; default 0. */
  weightDecay?: Scalar | undefined;
}

const NAMES = ["b1", "b2", "eps", "epsRoot", "weightDecay"] as const;

/**
 * Momentum of gradients that were divided by the root of the mean of their squared norm. Needs
 * params.
 *
 * @throws {TypeError | RangeError} when an option is unknown or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.scaleByNovograd();
 * const params = np.array([0, 0]);
 * const [updates] = tx.update(np.array([3, 4]), tx.init(params), params);
 * assertAlmostEquals(updates.at(1).item(), 0.8, 1e-6);
 * ```
 */
export function scaleByNovograd(
  options: NovogradOptions = {},
): GradientTransformation<ScaleByAdamState> {
  return novogradAs("scaleByNovograd", optionsOf(options, NAMES, "scaleByNovograd"), 1e-8);
}

function novogradAs(
  kind: string,
  options: NovogradOptions,
  defaultEps: number,
): GradientTransformation<ScaleByAdamState> {
  const b1 = scalar(options.b1 ?? 0.9, "b1", kind, 0, 1);
  const b2 = scalar(options.b2 ?? 0.25, "b2", kind, 0, 1);
  const eps = scalar(options.eps ?? defaultEps, "eps", kind, 0);
  const epsRoot = scalar(options.epsRoot ?? 0, "epsRoot", kind, 0);
  const decay = scalar(options.weightDecay ?? 0, "weightDecay", kind);
  return leafwise<ScaleByAdamState, "mu" | "nu">({
    kind,
    loose: true,
    counted: true,
    needsParams: true,
    slots: { mu: zeros(), nu: (p) => p.zeros([]) },
    rule: ({ before }) => {
      const first = before.eq(0);
      return (g, slots, p) => {
        const squares = g.mul(g).sum();
        const nu = emit("where", [first, squares, moment(squares, slots.nu, b2)]);
        const scaled = g.mul(rootOf(nu, epsRoot).add(eps).reciprocal());
        const step = decay === 0 ? scaled : scaled.add(p.mul(decay));
        // the first step finds zeros in mu
        const mu = flush(slots.mu.mul(b1).add(step));
        return [mu, { mu, nu }];
      };
    },
  });
}

/**
 * NovoGrad (Ginsburg and others, 2019); `eps` defaults to 1e-6. Needs params.
 *
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.novograd(0.5);
 * const params = np.array([0, 0]);
 * const [updates] = tx.update(np.array([3, 4]), tx.init(params), params);
 * assertAlmostEquals(updates.at(1).item(), -0.4, 1e-6);
 * ```
 */
export function novograd(
  learningRate: ScalarOrSchedule,
  options: NovogradOptions = {},
): GradientTransformation<[ScaleByAdamState, CountState | null]> {
  optionsOf(options, NAMES, "novograd");
  return chain(novogradAs("novograd", options, 1e-6), byLearningRate(learningRate, "novograd"));
}
