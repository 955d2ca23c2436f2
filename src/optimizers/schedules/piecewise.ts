/**
 * Rates that stay the same between boundaries.
 *
 * @module
 */
import { formatValue } from "../../base/mod.ts";
import { emit, literal, type Tensor } from "../../core/mod.ts";
import { checked, LearningRateSchedule } from "./schedule.ts";

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

  /** Makes the schedule; see the class. */
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

  /** The rate after `step` steps. */
  protected override rate(step: Tensor): Tensor {
    const value = (i: number): Tensor => literal(this.#values[i]!, step.dtype);
    return this.#boundaries.reduceRight(
      (later, b, i) => emit("where", [step.le(b), value(i), later]),
      value(this.#boundaries.length),
    );
  }
}
