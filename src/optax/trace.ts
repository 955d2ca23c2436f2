/**
 * Momentum, and the optimizers that are nothing more.
 *
 * @module
 */
import { checkDType, type DType } from "../base/mod.ts";
import { flush } from "../optimizers/flush.ts";
import { chain, identityAs } from "./chain.ts";
import { optionsOf, scalar } from "./check.ts";
import { leafwise } from "./leafwise.ts";
import { zeros } from "./moments.ts";
import { byLearningRate, scaleBySign } from "./scale.ts";
import type { CountState, GradientTransformation, Scalar, ScalarOrSchedule } from "./types.ts";

/** Options of {@link trace}. */
export interface TraceOptions {
  /** Whether to look one step ahead; default false. */
  nesterov?: boolean | undefined;
  /** The dtype of the trace; default that of the parameter. */
  accumulatorDtype?: DType | null | undefined;
}

/** Options of {@link sgd}. */
export interface SgdOptions extends TraceOptions {
  /** How much of the trace of gradients stays; default null, no momentum. */
  momentum?: Scalar | null | undefined;
}

/** The state of {@link trace}. */
export type TraceState = {
  /** Decaying sums of updates, a tree like the parameters. */
  trace: unknown;
};

const TRACE = ["nesterov", "accumulatorDtype"] as const;

/**
 * Adds up updates while older ones decay: `t = g + decay * t`. The update is `t`, or with `nesterov`
 * `g + decay * t`.
 *
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const tx = optax.trace(0.5);
 * let state = tx.init(np.array(0));
 * let updates;
 * [updates, state] = tx.update(np.array(4), state);
 * [updates, state] = tx.update(np.array(4), state);
 * assertEquals(updates.item(), 6);
 * ```
 */
export function trace(
  decay: Scalar,
  options: TraceOptions = {},
): GradientTransformation<TraceState> {
  return traceAs("trace", decay, "decay", optionsOf(options, TRACE, "trace"));
}

/** The same, with the names that the optimizer uses. */
export function traceAs(
  kind: string,
  given: Scalar,
  name: string,
  { nesterov = false, accumulatorDtype = null }: TraceOptions,
): GradientTransformation<TraceState> {
  const decay = scalar(given, name, kind, 0, 1);
  if (accumulatorDtype !== null) checkDType(accumulatorDtype, `make ${kind}`);
  return leafwise<TraceState, "trace">({
    kind,
    slots: { trace: zeros(accumulatorDtype) },
    rule: () => (g, slots) => {
      const sum = flush(g.add(slots.trace.mul(decay)));
      return [nesterov ? g.add(sum.mul(decay)) : sum, { trace: sum }];
    },
  });
}

/**
 * Stochastic gradient descent: `-learningRate * g`, with momentum (see {@link trace}) if wanted. The
 * learning rate is outside of the trace, unlike that of `optimizers.SGD`.
 *
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const tx = optax.sgd(0.5, { momentum: 0.5, nesterov: true });
 * const params = [np.array([1, 2])];
 * const [updates] = tx.update([np.array([4, 0])], tx.init(params));
 * assertEquals(updates[0]!.toArray(), [-3, 0]);
 * ```
 */
export function sgd(
  learningRate: ScalarOrSchedule,
  options: SgdOptions = {},
): GradientTransformation<[TraceState | null, CountState | null]> {
  const { momentum = null, ...more } = optionsOf(options, ["momentum", ...TRACE], "sgd");
  const first: GradientTransformation<TraceState | null> = momentum === null
    ? identityAs("sgd")
    : traceAs("sgd", momentum, "momentum", more);
  return chain(first, byLearningRate(learningRate, "sgd"));
}

/**
 * Descent by the signs of gradients: `-learningRate * sign(g)`.
 *
 * @throws {TypeError | RangeError} when the learning rate is neither a finite number nor a schedule
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const tx = optax.signSgd(0.5);
 * assertEquals(tx.update(np.array([4, -9]), tx.init(null))[0].toArray(), [-0.5, 0.5]);
 * ```
 */
export function signSgd(
  learningRate: ScalarOrSchedule,
): GradientTransformation<[null, CountState | null]> {
  return chain(scaleBySign(), byLearningRate(learningRate, "signSgd"));
}
