/**
 * Rates that decay by a factor or by a divisor.
 *
 * @module
 */
import { literal, type Tensor } from "../../core/mod.ts";
import { checked, LearningRateSchedule } from "./schedule.ts";

/** Options of {@link ExponentialDecay} and {@link InverseTimeDecay}. */
export interface DecayOptions {
  /** The rate at step 0. */
  initialLearningRate: number;
  /** The number of steps in which the rate decays once. */
  decaySteps: number;
  /** How much it decays. */
  decayRate: number;
  /** Whether it decays only at multiples of `decaySteps`; default false. */
  staircase?: boolean | undefined;
}

const DECAY = ["initialLearningRate", "decaySteps", "decayRate"] as const;

/** How many times the rate has decayed. */
function decays(step: Tensor, { decaySteps, staircase }: DecayOptions): Tensor {
  const p = step.div(decaySteps);
  return staircase === true ? p.floor() : p;
}

/**
 * `initialLearningRate * decayRate ^ (step / decaySteps)`.
 *
 * @example
 * ```ts
 * import { optimizers } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const { ExponentialDecay } = optimizers.schedules;
 * const rate = new ExponentialDecay({ initialLearningRate: 0.1, decaySteps: 10, decayRate: 0.5 });
 * assertAlmostEquals(rate.at(20).item(), 0.025, 1e-8);
 * ```
 */
export class ExponentialDecay extends LearningRateSchedule {
  readonly #options: DecayOptions;

  /** Makes the schedule; see the class. */
  constructor(options: DecayOptions) {
    super();
    this.#options = { ...checked("ExponentialDecay", options, DECAY, ["staircase"]) };
  }

  /** The rate after `step` steps. */
  protected override rate(step: Tensor): Tensor {
    const { initialLearningRate, decayRate } = this.#options;
    return literal(decayRate, step.dtype).pow(decays(step, this.#options)).mul(initialLearningRate);
  }
}

/**
 * `initialLearningRate / (1 + decayRate * step / decaySteps)`.
 *
 * @example
 * ```ts
 * import { optimizers } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const { InverseTimeDecay } = optimizers.schedules;
 * const rate = new InverseTimeDecay({ initialLearningRate: 0.1, decaySteps: 1, decayRate: 1 });
 * assertAlmostEquals(rate.at(4).item(), 0.02, 1e-8);
 * ```
 */
export class InverseTimeDecay extends LearningRateSchedule {
  readonly #options: DecayOptions;

  /** Makes the schedule; see the class. */
  constructor(options: DecayOptions) {
    super();
    this.#options = { ...checked("InverseTimeDecay", options, DECAY, ["staircase"]) };
  }

  /** The rate after `step` steps. */
  protected override rate(step: Tensor): Tensor {
    const { initialLearningRate, decayRate } = this.#options;
    return literal(initialLearningRate, step.dtype)
      .div(decays(step, this.#options).mul(decayRate).add(1));
  }
}
