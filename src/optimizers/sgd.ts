/**
 * Gradient descent, plain or with momentum.
 *
 * @module
 */
import type { Tensor } from "../core/mod.ts";
import { flush } from "./flush.ts";
import { Optimizer } from "./optimizer.ts";
import { ranged } from "./options.ts";
import type { Slots, Step, Updated } from "./step.ts";
import type { OptimizerOptions } from "./types.ts";

/** Options of {@link SGD}. */
export interface SGDOptions extends OptimizerOptions {
  /** How much of the last move goes into the next, in 0..1; default 0. */
  momentum?: number | undefined;
  /** Whether the move looks ahead by the momentum; default false. */
  nesterov?: boolean | undefined;
}

/**
 * Gradient descent: `w -= learningRate * g`; with momentum `m = momentum * m - learningRate * g`
 * and `w += m`, or with `nesterov` `w += momentum * m - learningRate * g`. The learning rate (0.01
 * unless given) is inside of the momentum.
 *
 * @example
 * ```ts
 * import { optimizers, Variable } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const w = new Variable([1, 2], { name: "w" });
 * const sgd = new optimizers.SGD({ learningRate: 0.5, momentum: 0.5 });
 * sgd.apply([[1, 1]], [w]);
 * sgd.apply([[0, 0]]);
 * assertEquals(w.value.toArray(), [0.25, 1.25]);
 * ```
 */
export class SGD extends Optimizer {
  /** How much of the last move goes into the next. */
  readonly momentum: number;
  /** Whether the move looks ahead. */
  readonly nesterov: boolean;

  /**
   * Makes the optimizer.
   *
   * @throws {RangeError} when an option is out of its range
   */
  constructor(options: SGDOptions = {}) {
    super(options, ["momentum", "nesterov"], 0.01);
    this.momentum = ranged(options.momentum ?? 0, "momentum", "SGD", 0, 1);
    this.nesterov = options.nesterov ?? false;
  }

  /** The names of its slots. */
  protected override slotNames(): string[][] {
    return this.momentum === 0 ? [] : [["momentum"]];
  }

  /** The formula. */
  protected override rule(w: Tensor, g: Tensor, slots: Slots, step: Step): Updated {
    const down = g.mul(step.rate(w.dtype));
    if (this.momentum === 0) return { value: w.sub(down), slots: {} };
    const momentum = flush(slots["momentum"]!.mul(this.momentum).sub(down));
    const move = this.nesterov ? momentum.mul(this.momentum).sub(down) : momentum;
    return { value: w.add(move), slots: { momentum } };
  }
}
