/**
 * Activations put together from pieces.
 *
 * @module
 */
import type { Tensor, TensorLike } from "../core/mod.ts";
import * as nn from "../nn/mod.ts";
import { readOptions } from "../numpy/options.ts";
import { operand, where } from "./activation.ts";
import type { AlphaOptions, SlopeOptions } from "./types.ts";

/**
 * The input, unchanged.
 *
 * @example
 * ```ts
 * import { activations } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(activations.linear([1, 2]).toArray(), [1, 2]);
 * ```
 */
export function linear(x: TensorLike): Tensor {
  return operand(x, "pass on");
}

/** Options of {@link relu}. */
export interface ReluOptions extends SlopeOptions {
  /** What values above are cut to; default none. */
  maxValue?: number | null | undefined;
  /** Values up to it become 0 (or follow the negative slope); default 0. */
  threshold?: number | undefined;
}

/**
 * max(x, 0); its slope at 0 is 0.
 *
 * @example
 * ```ts
 * import { activations } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(activations.relu([-1, 0, 2]).toArray(), [0, 0, 2]);
 * assertEquals(activations.relu([-1, 9], { negativeSlope: 0.5, maxValue: 6 }).toArray(), [-0.5, 6]);
 * ```
 */
export function relu(x: TensorLike, options?: ReluOptions): Tensor {
  const { negativeSlope = 0, maxValue = null, threshold = 0 } = readOptions<ReluOptions>(
    options,
    ["negativeSlope", "maxValue", "threshold"],
    "take the relu",
  );
  const t = operand(x, "take the relu of");
  if (negativeSlope !== 0 && maxValue === null && threshold === 0) {
    return nn.leakyRelu(t, { negativeSlope });
  }
  const above = threshold === 0 ? nn.relu(t) : where(t.gt(threshold), t, 0);
  const cut = maxValue === null ? above : above.minimum(maxValue);
  if (negativeSlope === 0) return cut;
  return cut.sub(nn.relu(t.neg().add(threshold)).mul(negativeSlope));
}

/**
 * x above 0, else a fraction of it (0.2 unless given).
 *
 * @example
 * ```ts
 * import { activations } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(activations.leakyRelu([-2, 1], { negativeSlope: 0.5 }).toArray(), [-1, 1]);
 * ```
 */
export function leakyRelu(x: TensorLike, options?: SlopeOptions | number): Tensor {
  const { negativeSlope = 0.2 } = readOptions<SlopeOptions>(
    options,
    ["negativeSlope"],
    "take the leaky relu",
    "negativeSlope",
  );
  return nn.leakyRelu(x, { negativeSlope });
}

/**
 * x above 0, alpha * (exp(x / alpha) - 1) below: smooth at 0 for every alpha.
 *
 * @example
 * ```ts
 * import { activations } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(activations.celu([-500, 0, 2], { alpha: 2 }).toArray(), [-2, 0, 2]);
 * ```
 */
export function celu(x: TensorLike, options?: AlphaOptions | number): Tensor {
  const { alpha = 1 } = readOptions<AlphaOptions>(options, ["alpha"], "take the celu", "alpha");
  const t = operand(x, "take the celu of");
  const above = t.gt(0);
  return where(above, t, where(above, 0, t).div(alpha).expm1().mul(alpha));
}

/**
 * x cut to -1..1.
 *
 * @example
 * ```ts
 * import { activations } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(activations.hardTanh([-3, 0.5, 3]).toArray(), [-1, 0.5, 1]);
 * ```
 */
export function hardTanh(x: TensorLike): Tensor {
  const t = operand(x, "take the hard tanh of");
  return where(t.gt(1), 1, where(t.lt(-1), -1, t));
}

/** Options of {@link softShrink}, {@link hardShrink} and {@link threshold}. */
export interface ThresholdOptions {
  /** The bound; default 0.5 for the shrinking ones. */
  threshold?: number | undefined;
}

/**
 * x moved towards 0 by the threshold, 0 within it.
 *
 * @example
 * ```ts
 * import { activations } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(activations.softShrink([-1, 0.2, 1]).toArray(), [-0.5, 0, 0.5]);
 * ```
 */
export function softShrink(x: TensorLike, options?: ThresholdOptions | number): Tensor {
  const bound = within(options, "shrink");
  const t = operand(x, "shrink");
  return where(t.gt(bound), t.sub(bound), where(t.lt(-bound), t.add(bound), 0));
}

/**
 * x, but 0 within the threshold.
 *
 * @example
 * ```ts
 * import { activations } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(activations.hardShrink([-1, 0.2, 1]).toArray(), [-1, 0, 1]);
 * ```
 */
export function hardShrink(x: TensorLike, options?: ThresholdOptions | number): Tensor {
  const t = operand(x, "shrink");
  return where(t.abs().gt(within(options, "shrink")), t, 0);
}

function within(options: ThresholdOptions | number | undefined, action: string): number {
  return readOptions<ThresholdOptions>(options, ["threshold"], action, "threshold").threshold ??
    0.5;
}

/**
 * x above the threshold, else a default value.
 *
 * @example
 * ```ts
 * import { activations } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const y = activations.threshold([-1, 2], { threshold: 1, defaultValue: 9 });
 * assertEquals(y.toArray(), [9, 2]);
 * ```
 */
export function threshold(
  x: TensorLike,
  options: { threshold: number; defaultValue: number },
): Tensor {
  const { threshold, defaultValue } = readOptions<typeof options>(
    options,
    ["threshold", "defaultValue"],
    "apply a threshold",
  );
  if (typeof threshold !== "number" || typeof defaultValue !== "number") {
    throw new TypeError(
      "Cannot apply a threshold: wanted the options threshold and defaultValue, both numbers",
    );
  }
  const t = operand(x, "apply a threshold to");
  return where(t.gt(threshold), t, defaultValue);
}

/**
 * 0 up to -1, x from 1 on, a parabola between them.
 *
 * @example
 * ```ts
 * import { activations } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(activations.sparsePlus([-2, 0, 2]).toArray(), [0, 0.25, 2]);
 * ```
 */
export function sparsePlus(x: TensorLike): Tensor {
  const t = operand(x, "take the sparse plus of");
  const s = t.add(1);
  return where(t.le(-1), 0, where(t.ge(1), t, s.mul(s).mul(0.25)));
}
