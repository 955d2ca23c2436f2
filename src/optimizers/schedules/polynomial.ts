/**
 * Rates that follow a polynomial to their end.
 *
 * @module
 */
import { literal, type Tensor } from "../../core/mod.ts";
import { checked, LearningRateSchedule, type Settings } from "./schedule.ts";

/** Options of {@link PolynomialDecay}. */
export interface PolynomialDecayOptions {
  /** The rate at step 0. */
  initialLearningRate: number;
  /** The number of steps until the last rate. */
  decaySteps: number;
  /** The last rate; default 0.0001. */
  endLearningRate?: number | undefined;
  /** The power of the polynomial; default 1, a straight line. */
  power?: number | undefined;
  /** Whether to start again, over a longer time, each time the end is reached; default false. */
  cycle?: boolean | undefined;
}

/**
 * `(initialLearningRate - endLearningRate) * (1 - step / decaySteps) ^ power + endLearningRate`.
 *
 * @example
 * ```ts
 * import { optimizers } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const rate = new optimizers.schedules.PolynomialDecay({
 *   initialLearningRate: 0.1,
 *   decaySteps: 10,
 *   endLearningRate: 0,
 * });
 * assertAlmostEquals(rate.at(5).item(), 0.05, 1e-8);
 * ```
 */
export class PolynomialDecay extends LearningRateSchedule {
  readonly #options: Settings<PolynomialDecayOptions>;

  /** Makes the schedule; see the class. */
  constructor(options: PolynomialDecayOptions) {
    super();
    const kind = "PolynomialDecay";
    const needed = ["initialLearningRate", "decaySteps"] as const;
    checked(kind, options, needed, ["endLearningRate", "power", "cycle"]);
    const { endLearningRate = 1e-4, power = 1, cycle = false } = options;
    const all = { ...options, endLearningRate, power, cycle };
    this.#options = checked(kind, all, [...needed, "endLearningRate", "power"], ["cycle"]);
  }

  /** The rate after `step` steps. */
  protected override rate(step: Tensor): Tensor {
    const { initialLearningRate, decaySteps, endLearningRate, power, cycle } = this.#options;
    let done = step.minimum(decaySteps).div(decaySteps);
    if (cycle) {
      const rounds = step.div(decaySteps).ceil().maximum(1);
      done = step.div(rounds.mul(decaySteps));
    }
    const left = done.neg().add(1);
    const span = literal(initialLearningRate, step.dtype).sub(endLearningRate);
    return (power === 1 ? left : left.pow(power)).mul(span).add(endLearningRate);
  }
}
