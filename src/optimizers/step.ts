/**
 * What an update rule meets: its slots, and the numbers of the step, each computed once for all
 * variables of a dtype.
 *
 * @module
 */
import type { DType } from "../base/mod.ts";
import type { Tensor } from "../core/mod.ts";

/** The slots of one variable by name, such as its momentum. */
export type Slots = Readonly<Record<string, Tensor>>;

/** What a rule gives back: the new weights, and the new slots. */
export interface Updated {
  /** The new weights. */
  readonly value: Tensor;
  /** The new slots, by name. */
  readonly slots: Slots;
}

/**
 * The numbers of a step.
 *
 * @example
 * ```ts
 * import { optimizers, type Tensor, Variable } from "glissade";
 * import { assertEquals } from "@std/assert";
 * class Harmonic extends optimizers.Optimizer {
 *   protected slotNames(): string[][] {
 *     return [];
 *   }
 *   protected rule(w: Tensor, g: Tensor, _slots: optimizers.Slots, step: optimizers.Step) {
 *     return { value: w.sub(g.mul(step.rate(w.dtype).div(step.count(w.dtype)))), slots: {} };
 *   }
 * }
 * const w = new Variable(4, { name: "w" });
 * const optimizer = new Harmonic({ learningRate: 2 });
 * optimizer.apply([1], [w]);
 * optimizer.apply([1], [w]);
 * assertEquals(w.value.item(), 4 - 2 - 1);
 * ```
 */
export class Step {
  readonly #count: Tensor;
  readonly #rate: (dtype: DType) => Tensor;
  readonly #made = new Map<string, Tensor>();

  /**
   * Made by the optimizer.
   *
   * @param count updates before this one, an int32 scalar
   * @param rate the learning rate in a dtype
   */
  constructor(count: Tensor, rate: (dtype: DType) => Tensor) {
    this.#count = count;
    this.#rate = rate;
  }

  /** A scalar that is the same for all variables: made at the first asking. */
  once(key: string, make: () => Tensor): Tensor {
    let t = this.#made.get(key);
    if (t === undefined) this.#made.set(key, t = make());
    return t;
  }

  /** The learning rate. */
  rate(dtype: DType): Tensor {
    return this.once(`rate ${dtype}`, () => this.#rate(dtype));
  }

  /** The number of this update, from 1. */
  count(dtype: DType): Tensor {
    return this.once(`count ${dtype}`, () => this.#count.add(1).astype(dtype));
  }

  /** 1 in the first update, 0 later. */
  isFirst(dtype: DType): Tensor {
    return this.once(`first ${dtype}`, () => this.#count.eq(0).astype(dtype));
  }

  /** Whether the number of this update is a multiple of `n`. */
  isMultiple(n: number): Tensor {
    return this.once(`multiple ${n}`, () => this.#count.add(1).mod(n).eq(0));
  }
}
