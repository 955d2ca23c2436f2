/**
 * Gradients divided by the root of the mean of their squares: RMSprop.
 *
 * @module
 */
import type { Tensor } from "../core/mod.ts";
import { chain, identityAs } from "./chain.ts";
import { optionsOf, scalar } from "./check.ts";
import { correction } from "./counting.ts";
import { leafwise } from "./leafwise.ts";
import { filled, moment, zeros } from "./moments.ts";
import { byLearningRate } from "./scale.ts";
import { traceAs, type TraceState } from "./trace.ts";
import type {
  CountState,
  GradientTransformation,
  OptState,
  Scalar,
  ScalarOrSchedule,
} from "./types.ts";

/** Options of {@link scaleByRms} and {@link scaleByStddev}. */
export interface RmsOptions {
  /** How much of the means stays; default 0.9. */
  decay?: Scalar | undefined;
  /** Keeps the divisor from zero; default 1e-8. */
  eps?: Scalar | undefined;
  /** What the mean of squares starts as; default 0. */
  initialScale?: Scalar | undefined;
  /** Whether `eps` is added inside the root; default true. */
  epsInSqrt?: boolean | undefined;
  /** Whether the means are freed of the bias towards their start; default false. */
  biasCorrection?: boolean | undefined;
}

/** Options of {@link rmsprop}. */
export interface RmspropOptions extends RmsOptions {
  /** Whether to divide by the standard deviation instead; default false. */
  centered?: boolean | undefined;
  /** How much of the trace of updates stays; default null, no momentum. */
  momentum?: Scalar | null | undefined;
  /** Whether momentum looks one step ahead; default false. */
  nesterov?: boolean | undefined;
}

/** The state of {@link scaleByRms}; `count` only with `biasCorrection`. */
export type ScaleByRmsState = Partial<CountState> & {
  /** Means of squared gradients, a tree like the parameters. */
  nu: unknown;
};

/** The state of {@link scaleByStddev}; `count` only with `biasCorrection`. */
export type ScaleByStddevState = ScaleByRmsState & {
  /** Means of gradients, a tree like the parameters. */
  mu: unknown;
};

const RMS = ["decay", "eps", "initialScale", "epsInSqrt", "biasCorrection"] as const;

/**
 * Divides gradients by the root of the mean of their squares.
 *
 * @throws {TypeError | RangeError} when an option is unknown or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.scaleByRms({ decay: 0.75 });
 * const [updates] = tx.update(np.array(3), tx.init(np.array(0)));
 * assertAlmostEquals(updates.item(), 2, 1e-6);
 * ```
 */
export function scaleByRms(options: RmsOptions = {}): GradientTransformation<ScaleByRmsState> {
  return rmsAs("scaleByRms", optionsOf(options, RMS, "scaleByRms"), false);
}

/**
 * Divides gradients by their standard deviation: the root of the mean of squares less the square of
 * the mean.
 *
 * @throws {TypeError | RangeError} when an option is unknown or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.scaleByStddev({ decay: 0.5 });
 * const [updates] = tx.update(np.array(3), tx.init(np.array(0)));
 * assertAlmostEquals(updates.item(), 3 / Math.sqrt(4.5 - 2.25), 1e-6);
 * ```
 */
export function scaleByStddev(
  options: RmsOptions = {},
): GradientTransformation<ScaleByStddevState> {
  return rmsAs("scaleByStddev", optionsOf(options, RMS, "scaleByStddev"), true);
}

function rmsAs(
  kind: string,
  options: RmsOptions,
  centered: boolean,
): GradientTransformation<ScaleByStddevState> {
  const decay = scalar(options.decay ?? 0.9, "decay", kind, 0, 1);
  const eps = scalar(options.eps ?? 1e-8, "eps", kind, 0);
  const nu = filled(scalar(options.initialScale ?? 0, "initialScale", kind, 0));
  const { epsInSqrt = true, biasCorrection = false } = options;
  return leafwise<ScaleByStddevState, "mu" | "nu">({
    kind,
    counted: biasCorrection,
    slots: (centered ? { mu: zeros(), nu } : { nu }) as Record<"mu" | "nu", typeof nu>,
    rule: ({ count }) => {
      const factor = biasCorrection ? correction(decay, count) : null;
      const corrected = (x: Tensor): Tensor => factor === null ? x : x.mul(factor(x.dtype));
      return (g, slots) => {
        const next = { nu: moment(g.mul(g), slots.nu, decay) } as Record<"mu" | "nu", Tensor>;
        let squares = corrected(next.nu);
        if (centered) {
          next.mu = moment(g, slots.mu, decay);
          const mean = corrected(next.mu);
          squares = squares.sub(mean.mul(mean));
        }
        const factorOf = epsInSqrt
          ? squares.add(eps).rsqrt()
          : squares.sqrt().add(eps).reciprocal();
        return [g.mul(factorOf), next];
      };
    },
  });
}

/**
 * RMSprop (Hinton, 2012): `-learningRate * g / sqrt(nu + eps)` with `nu = decay nu + (1 - decay) g²`,
 * then momentum if wanted. Momentum comes after the learning
 * rate.
 *
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.rmsprop(0.1, { decay: 0.75, momentum: 0.9 });
 * const [updates] = tx.update(np.array(3), tx.init(np.array(0)));
 * assertAlmostEquals(updates.item(), -0.2, 1e-6);
 * ```
 */
export function rmsprop(
  learningRate: ScalarOrSchedule,
  options: RmspropOptions = {},
): GradientTransformation<[ScaleByRmsState, CountState | null, TraceState | null]> {
  const { centered = false, momentum = null, nesterov = false, ...more } = optionsOf(
    options,
    [...RMS, "centered", "momentum", "nesterov"],
    "rmsprop",
  );
  const last: GradientTransformation<OptState> = momentum === null
    ? identityAs("rmsprop")
    : traceAs("rmsprop", momentum, "momentum", { nesterov });
  return chain(
    rmsAs("rmsprop", more, centered) as GradientTransformation<ScaleByRmsState>,
    byLearningRate(learningRate, "rmsprop"),
    last as GradientTransformation<TraceState | null>,
  );
}
