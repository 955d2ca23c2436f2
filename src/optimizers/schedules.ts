/**
 * Schedules: learning rates that change with the number of steps, as Keras has them.
 *
 * @module
 */
import { formatValue, isFloat } from "../base/mod.ts";
import { emit, literal, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { checkOptions } from "../numpy/options.ts";

/**
 * A learning rate as a function of the steps done; give it as `learningRate`. Subclasses write
 * `rate`.
 *
 * @example
 * ```ts
 * import { optimizers, type Tensor } from "glissade";
 * import { assertEquals } from "@std/assert";
 * class Halving extends optimizers.schedules.LearningRateSchedule {
 *   protected rate(step: Tensor): Tensor {
 *     return step.neg().exp2();
 *   }
 * }
 * assertEquals(new Halving().at(2).item(), 0.25);
 * ```
 */
export abstract class LearningRateSchedule {
  /** The rate after `step` steps, a scalar of float32, or of float64 for a float64 step. */
  at(step: TensorLike): Tensor {
    const t = toTensor(step, "take the learning rate at");
    return this.rate(isFloat(t.dtype) ? t.astype(t.dtype) : t.astype("float32"));
  }

  /** The same as `at`. */
  call(step: TensorLike): Tensor {
    return this.at(step);
  }

  /** The rate after `step` steps, which is a floating-point scalar. */
  protected abstract rate(step: Tensor): Tensor;
}

/** Checks the options of a schedule and that those named are numbers, some of them positive. */
function checked<T extends object>(
  kind: string,
  options: T,
  needed: readonly (keyof T & string)[],
  optional: readonly string[] = [],
): T {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(
      `Cannot make ${kind} of ${formatValue(options)}: wanted { ${needed.join(", ")} }`,
    );
  }
  checkOptions(options, [...needed, ...optional], `make ${kind}`);
  for (const name of needed) {
    const x: unknown = options[name];
    if (typeof x !== "number" || !Number.isFinite(x)) {
      throw new TypeError(`Cannot make ${kind} with ${name} ${formatValue(x)}: wanted a number`);
    }
    if (name.endsWith("Steps") && x <= 0) {
      throw new RangeError(`Cannot make ${kind} with ${name} ${x}: it must be positive`);
    }
  }
  return options;
}

const pick = (c: Tensor, a: Tensor, b: Tensor): Tensor => emit("where", [c, a, b]);

/** Options of {@link ExponentialDecay} and {@link InverseTimeDecay}. */
export interface DecayOptions {
  /** The rate at step 0. */
  initialLearningRate: number;
  /** The number of steps in which the rate decays once. */
  decaySteps: number;
  /** How much it decays. */
  decayRate: number;
  /** Whether it decays only at multiples of `decaySteps`; default false. */
  staircase?: boolean;
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

  constructor(options: DecayOptions) {
    super();
    this.#options = { ...checked("ExponentialDecay", options, DECAY, ["staircase"]) };
  }

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

  constructor(options: DecayOptions) {
    super();
    this.#options = { ...checked("InverseTimeDecay", options, DECAY, ["staircase"]) };
  }

  protected override rate(step: Tensor): Tensor {
    const { initialLearningRate, decayRate } = this.#options;
    return literal(initialLearningRate, step.dtype)
      .div(decays(step, this.#options).mul(decayRate).add(1));
  }
}

/** Options of {@link PiecewiseConstantDecay}. */
export interface PiecewiseConstantOptions {
  /** Steps up to which (inclusive) each value but the last holds, in rising order. */
  boundaries: readonly number[];
  /** The rates: one more than boundaries. */
  values: readonly number[];
}

/**
 * One rate up to (and at) each boundary, another behind it.
 *
 * @example
 * ```ts
 * import { optimizers } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const { PiecewiseConstantDecay } = optimizers.schedules;
 * const rate = new PiecewiseConstantDecay({ boundaries: [100], values: [1, 0.5] });
 * assertEquals([rate.at(100).item(), rate.at(101).item()], [1, 0.5]);
 * ```
 */
export class PiecewiseConstantDecay extends LearningRateSchedule {
  readonly #boundaries: readonly number[];
  readonly #values: readonly number[];

  constructor(options: PiecewiseConstantOptions) {
    super();
    const kind = "PiecewiseConstantDecay";
    const { boundaries, values } = checked(kind, options, [], ["boundaries", "values"]);
    for (const [name, list] of Object.entries({ boundaries, values })) {
      if (!Array.isArray(list) || !list.every(Number.isFinite)) {
        throw new TypeError(
          `Cannot make ${kind} with ${name} ${formatValue(list)}: wanted a list of numbers`,
        );
      }
    }
    if (values.length !== boundaries.length + 1 || boundaries.length === 0) {
      throw new RangeError(
        `Cannot make ${kind} with ${boundaries.length} boundaries and ${values.length} values: ` +
          `there must be a boundary, and one value more than boundaries`,
      );
    }
    if (boundaries.some((b, i) => i > 0 && b <= boundaries[i - 1]!)) {
      throw new RangeError(
        `Cannot make ${kind} with boundaries ${formatValue(boundaries)}: they must rise`,
      );
    }
    this.#boundaries = [...boundaries];
    this.#values = [...values];
  }

  protected override rate(step: Tensor): Tensor {
    const value = (i: number): Tensor => literal(this.#values[i]!, step.dtype);
    return this.#boundaries.reduceRight(
      (later, b, i) => pick(step.le(b), value(i), later),
      value(this.#boundaries.length),
    );
  }
}

/** Options of {@link PolynomialDecay}. */
export interface PolynomialDecayOptions {
  /** The rate at step 0. */
  initialLearningRate: number;
  /** The number of steps until the last rate. */
  decaySteps: number;
  /** The last rate; default 0.0001. */
  endLearningRate?: number;
  /** The power of the polynomial; default 1, a straight line. */
  power?: number;
  /** Whether to start again, over a longer time, each time the end is reached; default false. */
  cycle?: boolean;
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
  readonly #options: Required<PolynomialDecayOptions>;

  constructor(options: PolynomialDecayOptions) {
    super();
    const defaults = { endLearningRate: 1e-4, power: 1, cycle: false };
    const kind = "PolynomialDecay";
    const needed = ["initialLearningRate", "decaySteps"] as const;
    checked(kind, options, needed, ["endLearningRate", "power", "cycle"]);
    const all = { ...defaults, ...options };
    this.#options = checked(kind, all, [...needed, "endLearningRate", "power"], ["cycle"]);
  }

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

/** Options of {@link CosineDecay}. */
export interface CosineDecayOptions {
  /** The rate at step 0. */
  initialLearningRate: number;
  /** The number of steps until the last rate, counted from the end of the warm-up. */
  decaySteps: number;
  /** The last rate, as a part of the greatest; default 0. */
  alpha?: number;
  /** The rate to warm up to in a straight line; default none, no warm-up. */
  warmupTarget?: number | null;
  /** The number of steps to warm up; default 0. */
  warmupSteps?: number;
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
  readonly #options: Required<CosineDecayOptions>;

  constructor(options: CosineDecayOptions) {
    super();
    const kind = "CosineDecay";
    const needed = ["initialLearningRate", "decaySteps"] as const;
    checked(kind, options, needed, ["alpha", "warmupTarget", "warmupSteps"]);
    const all = { alpha: 0, warmupTarget: null, warmupSteps: 0, ...options };
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
    return pick(s.lt(warmupSteps), warming, decayed);
  }
}

/** Options of {@link CosineDecayRestarts}. */
export interface CosineDecayRestartsOptions {
  /** The rate at step 0. */
  initialLearningRate: number;
  /** The number of steps of the first wave. */
  firstDecaySteps: number;
  /** How much longer each wave is than the last; default 2. */
  tMul?: number;
  /** How much higher each wave is than the last; default 1. */
  mMul?: number;
  /** The least rate, as a part of the first; default 0. */
  alpha?: number;
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
  readonly #options: Required<CosineDecayRestartsOptions>;

  constructor(options: CosineDecayRestartsOptions) {
    super();
    const kind = "CosineDecayRestarts";
    const needed = ["initialLearningRate", "firstDecaySteps"] as const;
    const optional = ["tMul", "mMul", "alpha"] as const;
    checked(kind, options, needed, optional);
    this.#options = checked(kind, { tMul: 2, mMul: 1, alpha: 0, ...options }, [
      ...needed,
      ...optional,
    ]);
    if (this.#options.tMul < 1) {
      throw new RangeError(
        `Cannot make ${kind} with tMul ${this.#options.tMul}: it must be at least 1`,
      );
    }
  }

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
