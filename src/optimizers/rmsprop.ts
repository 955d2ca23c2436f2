/**
 * RMSprop: gradients divided by the root of their running mean square.
 *
 * @module
 */
import type { Tensor } from "../core/mod.ts";
import { flush } from "./flush.ts";
import { Optimizer } from "./optimizer.ts";
import { ranged } from "./options.ts";
import type { Slots, Step, Updated } from "./step.ts";
import type { OptimizerOptions } from "./types.ts";

/** Options of {@link RMSprop}. */
export interface RMSpropOptions extends OptimizerOptions {
  /** How much of the mean square stays; default 0.9. */
  rho?: number | undefined;
  /** How much of the last move goes into the next, in 0..1; default 0. */
  momentum?: number | undefined;
  /** Added to the mean square inside of the root; default 1e-7. */
  epsilon?: number | undefined;
  /** Whether to divide by the variance instead of the mean square; default false. */
  centered?: boolean | undefined;
}

/**
 * RMSprop (Hinton's lecture 6e, 2012): `v = rho v + (1 - rho) g²`, then
 * `w -= learningRate * g / sqrt(v + epsilon)`.
 *
 * @example
 * ```ts
 * import { optimizers, Variable } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const w = new Variable([1], { name: "w" });
 * new optimizers.RMSprop({ learningRate: 0.1, rho: 0.75 }).apply([[5]], [w]);
 * assertAlmostEquals(w.value.item(), 0.8, 1e-6);
 * ```
 */
export class RMSprop extends Optimizer {
  /** How much of the mean square stays. */
  readonly rho: number;
  /** How much of the last move goes into the next. */
  readonly momentum: number;
  /** Added to the mean square inside of the root. */
  readonly epsilon: number;
  /** Whether to divide by the variance instead of the mean square. */
  readonly centered: boolean;

  /**
   * Makes the optimizer.
   *
   * @throws {RangeError} when an option is out of its range
   */
  constructor(options: RMSpropOptions = {}) {
    super(options, ["rho", "momentum", "epsilon", "centered"]);
    this.rho = ranged(options.rho ?? 0.9, "rho", "RMSprop", 0, 1);
    this.momentum = ranged(options.momentum ?? 0, "momentum", "RMSprop", 0, 1);
    this.epsilon = ranged(options.epsilon ?? 1e-7, "epsilon", "RMSprop", 0);
    this.centered = options.centered ?? false;
  }

  /** The names of its slots. */
  protected override slotNames(): string[][] {
    return [
      ["velocity"],
      ...(this.momentum > 0 ? [["momentum"]] : []),
      ...(this.centered ? [["average_gradient"]] : []),
    ];
  }

  /** The formula. */
  protected override rule(w: Tensor, g: Tensor, slots: Slots, step: Step): Updated {
    const running = (old: Tensor, x: Tensor): Tensor =>
      flush(old.mul(this.rho).add(x.mul(1 - this.rho)));
    const velocity = running(slots["velocity"]!, g.mul(g));
    const next: Record<string, Tensor> = { velocity };
    let spread = velocity;
    if (this.centered) {
      const average = next["average_gradient"] = running(slots["average_gradient"]!, g);
      spread = velocity.sub(average.mul(average));
    }
    let move = g.mul(step.rate(w.dtype)).div(spread.add(this.epsilon).sqrt());
    if (this.momentum > 0) {
      move = next["momentum"] = flush(slots["momentum"]!.mul(this.momentum).add(move));
    }
    return { value: w.sub(move), slots: next };
  }
}
