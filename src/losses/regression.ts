/**
 * Losses for numbers: the distance between what was predicted and what came true.
 *
 * @module
 */
import type { Tensor } from "../core/mod.ts";
import { emit } from "../core/mod.ts";
import { align } from "./align.ts";
import { makeLoss, needSameShape, within } from "./loss.ts";
import type { Loss, LossOptions } from "./types.ts";

/** The mean over the last axis of a function of the errors. */
function ofErrors(
  factory: string,
  options: LossOptions,
  allowed: readonly string[],
  cost: (error: Tensor) => Tensor,
): Loss {
  return makeLoss(factory, options, allowed, (yTrue, yPred) => {
    const [y, p] = align(yTrue, yPred);
    needSameShape(y, p, factory);
    return { values: cost(p.sub(y.astype(p.dtype))).mean({ axis: -1 }), mask: null };
  });
}

/**
 * The mean of squared errors, over the last axis first.
 *
 * @returns a function of `yTrue` and `yPred` of the same shape
 * @throws {TypeError} when it is called with tensors instead of options
 *
 * @example
 * ```ts
 * import { losses } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(losses.meanSquaredError()([[1, 2]], [[1, 4]]).item(), 2);
 * ```
 */
export function meanSquaredError(options: LossOptions = {}): Loss {
  return ofErrors("meanSquaredError", options, [], (e) => e.mul(e));
}

/**
 * The mean of absolute errors, over the last axis first.
 *
 * @returns a function of `yTrue` and `yPred` of the same shape
 * @throws {TypeError} when it is called with tensors instead of options
 *
 * @example
 * ```ts
 * import { losses } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(losses.meanAbsoluteError()([[1, 2]], [[1, 4]]).item(), 1);
 * ```
 */
export function meanAbsoluteError(options: LossOptions = {}): Loss {
  // yTrue - yPred, so that the slope at equality is -1, as in Keras
  return ofErrors("meanAbsoluteError", options, [], (e) => e.neg().abs());
}

/** Options of {@link huber}. */
export interface HuberOptions extends LossOptions {
  /** Errors beyond it count linearly; default 1. */
  delta?: number | undefined;
}

/**
 * Half the squared error up to `delta`, a straight line beyond it. Huber, "Robust Estimation of a
 * Location Parameter" (1964).
 *
 * @returns a function of `yTrue` and `yPred` of the same shape
 * @throws {TypeError} when it is called with tensors instead of options
 *
 * @example
 * ```ts
 * import { losses } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(losses.huber({ delta: 1 })([0.5, 2, -3], [0, 0, 0]).item(), 1.375);
 * ```
 */
export function huber(options: HuberOptions = {}): Loss {
  const { delta = 1 } = options ?? {};
  const loss = ofErrors("huber", options, ["delta"], (e) => {
    const far = e.abs();
    return emit("where", [
      far.le(delta),
      e.mul(e).mul(0.5),
      far.mul(delta).sub(0.5 * delta * delta),
    ]);
  });
  within(delta, 0, Infinity, "delta", "huber");
  return loss;
}
