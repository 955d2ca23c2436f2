/**
 * Rates that follow half waves of the cosine.
 *
 * @module
 */
import { formatValue } from "../../base/mod.ts";
import { emit, literal, type Tensor } from "../../core/mod.ts";
import { checked, LearningRateSchedule, type Settings } from "./schedule.ts";

/** Options of {@link CosineDecay}. */
export interface CosineDecayOptions {
  /** The rate at step 0. */
  initialLearningRate: number;
  /** The number of steps until the last rate, counted from the end of the warm-up. */
  decaySteps: number;
  /** The last rate, as a part of the greatest; default 0. */
  alpha?: number | undefined;
  /** The rate to warm up to in a straight line; default none, no warm-up. */
  warmupTarget?: number | null | undefined;
  /** The number of steps to warm up; default 0. */
  warmupSteps?: number | undefined;
}

/** ((1 - alpha) * (1 + cos(pi * fraction)) / 2 * height + alpha) * rate */
function cosine(fraction: Tensor, alpha: number, rate: number, height?: Tensor): Tensor {
  const wave = fraction.mul(Math.PI).cos().add(1).mul(0.5);
  const scaled = height === undefined ? wave : wave.mul(height);
  return scaled.mul(1 - alpha).add(alpha).mul(rate);
}

/**
 * Half a wave of the cosine from the first rate down, after an optional warm-up in a straight line.
 * Loshchilov and Hutter, "SGDR" (2016).
 *
 * @example
 * ```ts
 * import { optimizers } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const rate = new optimizers.schedules.CosineDecay({
 *   initialLearningRate: 0,
 *   decaySteps: 100,
 *   warmupTarget: 0.1,
 *   warmupSteps: 10,
 * });
 * assertAlmostEquals(rate.at(5).item(), 0.05, 1e-8);
 * assertAlmostEquals(rate.at(60).item(), 0.05, 1e-8);
 * ```
 */
export class CosineDecay extends LearningRateSchedule {
  readonly #options: Settings<CosineDecayOptions>;

  /** Makes the schedule; see the class. */
  constructor(options: CosineDecayOptions) {
    super();
    const kind = "CosineDecay";
    const needed = ["initialLearningRate", "decaySteps"] as const;
    checked(kind, options, needed, ["alpha", "warmupTarget", "warmupSteps"]);
    const { alpha = 0, warmupTarget = null, warmupSteps = 0 } = options;
    const all = { ...options, alpha, warmupTarget, warmupSteps };
    const numbers = all.warmupTarget === null ? [] : ["warmupTarget" as const];
    checked(kind, all, [...needed, "alpha", ...numbers], ["warmupTarget", "warmupSteps"]);
    if (typeof all.warmupSteps !== "number" || !(all.warmupSteps >= 0)) {
      throw new RangeError(
        `Cannot make ${kind} with warmupSteps ${formatValue(all.warmupSteps)}: ` +
          `wanted a number, at least 0`,
      );
    }
    this.#options = all;
  }

  /** The rate after `step` steps. */
  protected override rate(step: Tensor): Tensor {
    const { initialLearningRate, decaySteps, alpha, warmupTarget, warmupSteps } = this.#options;
    if (warmupTarget === null) {
      return cosine(step.minimum(decaySteps).div(decaySteps), alpha, initialLearningRate);
    }
    const s = step.minimum(decaySteps + warmupSteps);
    const decayed = cosine(s.sub(warmupSteps).div(decaySteps), alpha, warmupTarget);
    if (warmupSteps === 0) return decayed;
    const span = literal(warmupTarget, step.dtype).sub(initialLearningRate);
    const warming = s.div(warmupSteps).mul(span).add(initialLearningRate);
    return emit("where", [s.lt(warmupSteps), warming, decayed]);
  }
}

/** Options of {@link CosineDecayRestarts}. */
export interface CosineDecayRestartsOptions {
  /** The rate at step 0. */
  initialLearningRate: number;
  /** The number of steps of the first wave. */
  firstDecaySteps: number;
  /** How much longer each wave is than the last; default 2. */
  tMul?: number | undefined;
  /** How much higher each wave is than the last; default 1. */
  mMul?: number | undefined;
  /** The least rate, as a part of the first; default 0. */
  alpha?: number | undefined;
}

/**
 * Half waves of the cosine, one after the other. Loshchilov and Hutter, "SGDR" (2016).
 *
 * @example
 * ```ts
 * import { optimizers } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const rate = new optimizers.schedules.CosineDecayRestarts({
 *   initialLearningRate: 0.1,
 *   firstDecaySteps: 10,
 * });
 * assertAlmostEquals(rate.at(10).item(), 0.1, 1e-8);
 * assertAlmostEquals(rate.at(20).item(), 0.05, 1e-8);
 * ```
 */
export class CosineDecayRestarts extends LearningRateSchedule {
  readonly #options: Settings<CosineDecayRestartsOptions>;

  /** Makes the schedule; see the class. */
  constructor(options: CosineDecayRestartsOptions) {
    super();
    const kind = "CosineDecayRestarts";
    const needed = ["initialLearningRate", "firstDecaySteps"] as const;
    const optional = ["tMul", "mMul", "alpha"] as const;
    checked(kind, options, needed, optional);
    const { tMul = 2, mMul = 1, alpha = 0 } = options;
    this.#options = checked(kind, { ...options, tMul, mMul, alpha }, [
      ...needed,
      ...optional,
    ]);
    if (this.#options.tMul < 1) {
      throw new RangeError(
        `Cannot make ${kind} with tMul ${this.#options.tMul}: it must be at least 1`,
      );
    }
  }

  /** The rate after `step` steps. */
  protected override rate(step: Tensor): Tensor {
    const { initialLearningRate, firstDecaySteps, tMul, mMul, alpha } = this.#options;
    let fraction = step.div(firstDecaySteps);
    let restarts: Tensor;
    if (tMul === 1) {
      restarts = fraction.floor();
      fraction = fraction.sub(restarts);
    } else {
      restarts = fraction.mul(tMul - 1).add(1).log().div(literal(tMul, step.dtype).log()).floor();
      const length = literal(tMul, step.dtype).pow(restarts);
      fraction = fraction.sub(length.sub(1).div(tMul - 1)).div(length);
    }
    const height = literal(mMul, step.dtype).pow(restarts);
    return cosine(fraction, alpha, initialLearningRate, height);
  }
}
