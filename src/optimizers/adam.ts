/**
 * Adam: steps scaled by running moments of the gradients.
 *
 * @module
 */
import type { Tensor } from "../core/mod.ts";
import { flush } from "./flush.ts";
import { Optimizer } from "./optimizer.ts";
import { ranged } from "./options.ts";
import { restOfPower } from "./powers.ts";
import type { Slots, Step, Updated } from "./step.ts";
import type { OptimizerOptions } from "./types.ts";

/** Options of {@link Adam}. */
export interface AdamOptions extends OptimizerOptions {
  /** How much of the mean of gradients stays; default 0.9. */
  beta1?: number | undefined;
  /** How much of the mean of squared gradients stays; default 0.999. */
  beta2?: number | undefined;
  /** Added to the root of the squared mean; default 1e-7. */
  epsilon?: number | undefined;
  /** Whether to divide by the greatest squared mean so far; default false. */
  amsgrad?: boolean | undefined;
}

/**
 * Adam (Kingma and Ba, 2014) in the form "just before section 2.1", as Keras has it:
 * `m += (g - m) (1 - beta1)`, `v += (g² - v) (1 - beta2)`, `w -= a m / (sqrt(v) + epsilon)` with
 * `a = learningRate * sqrt(1 - beta2^t) / (1 - beta1^t)`.
 *
 * @example
 * ```ts
 * import { optimizers, Variable } from "glissade";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 * const w = new Variable([1], { name: "w" });
 * const adam = new optimizers.Adam({ learningRate: 0.1 });
 * adam.build([w]);
 * assertEquals(adam.variables.length, 4); // iteration, learning_rate, momentum, velocity
 * const [[next]] = adam.statelessApply(adam.variables, [[0.1]], [w]);
 * assertAlmostEquals(next!.item(), 0.9, 1e-5);
 * assertEquals(w.value.item(), 1);
 * ```
 */
export class Adam extends Optimizer {
  /** How much of the mean of gradients stays. */
  readonly beta1: number;
  /** How much of the mean of squared gradients stays. */
  readonly beta2: number;
  /** Added to the root of the squared mean. */
  readonly epsilon: number;
  /** Whether to divide by the greatest squared mean so far. */
  readonly amsgrad: boolean;

  /**
   * Makes the optimizer.
   *
   * @throws {RangeError} when an option is out of its range
   */
  constructor(options: AdamOptions = {}) {
    super(options, ["beta1", "beta2", "epsilon", "amsgrad"]);
    const kind = new.target.name;
    this.beta1 = ranged(options.beta1 ?? 0.9, "beta1", kind, 0, 1);
    this.beta2 = ranged(options.beta2 ?? 0.999, "beta2", kind, 0, 1);
    this.epsilon = ranged(options.epsilon ?? 1e-7, "epsilon", kind, 0);
    this.amsgrad = options.amsgrad ?? false;
  }

  /** The names of its slots. */
  protected override slotNames(): string[][] {
    const moments = ["momentum", "velocity"];
    return this.amsgrad ? [moments, ["velocity_hat"]] : [moments];
  }

  /** The formula. */
  protected override rule(w: Tensor, g: Tensor, slots: Slots, step: Step): Updated {
    const a = step.once(`adam ${w.dtype}`, () => this.#scale(w, step));
    const m = slots["momentum"]!;
    const v = slots["velocity"]!;
    const momentum = flush(g.sub(m).mul(1 - this.beta1).add(m));
    const velocity = flush(g.mul(g).sub(v).mul(1 - this.beta2).add(v));
    const velocity_hat = this.amsgrad ? slots["velocity_hat"]!.maximum(velocity) : velocity;
    const value = w.sub(momentum.mul(a).div(velocity_hat.sqrt().add(this.epsilon)));
    const moments = { momentum, velocity };
    return { value, slots: this.amsgrad ? { ...moments, velocity_hat } : moments };
  }

  #scale({ dtype }: Tensor, step: Step): Tensor {
    const rest = (beta: number): Tensor => restOfPower(beta, step.count("float64"), dtype);
    return step.rate(dtype).mul(rest(this.beta2).sqrt()).div(rest(this.beta1));
  }
}
