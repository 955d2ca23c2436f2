/**
 * Adam with weight decay that its moments do not see.
 *
 * @module
 */
import { Adam, type AdamOptions } from "./adam.ts";
import { checkRecord } from "./options.ts";

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, 2017): before each step
 * `w -= w * weightDecay * learningRate`, with `weightDecay` 0.004 unless given.
 *
 * @example
 * ```ts
 * import { optimizers, Variable } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const w = new Variable([1], { name: "w" });
 * new optimizers.AdamW({ learningRate: 0.5, weightDecay: 0.5 }).apply([[0]], [w]);
 * assertAlmostEquals(w.value.item(), 0.75, 1e-6);
 * ```
 */
export class AdamW extends Adam {
  /**
   * Makes the optimizer.
   *
   * @throws {TypeError} when `weightDecay` is null, which is Adam
   */
  constructor(options: AdamOptions = {}) {
    if (options?.weightDecay === null) {
      throw new TypeError("Cannot make AdamW without weightDecay: use optimizers.Adam");
    }
    super({ ...options, weightDecay: checkRecord(options, "AdamW").weightDecay ?? 0.004 });
  }
}
