/**
 * What a schedule is, and how its options are checked.
 *
 * @module
 */
import { formatValue, isFloat } from "../../base/mod.ts";
import { type Tensor, type TensorLike, toTensor } from "../../core/mod.ts";
import { checkOptions } from "../../numpy/options.ts";

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

/** Options with a value for each. */
export type Settings<Options> = {
  readonly [K in keyof Options]-?: Exclude<Options[K], undefined>;
};

/** Checks the options of a schedule and that those named are numbers, some of them positive. */
export function checked<T extends object>(
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
