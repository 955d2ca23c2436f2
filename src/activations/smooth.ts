/**
 * Activations made of smooth functions, and hard copies of them.
 *
 * @module
 */
import type { Tensor, TensorLike } from "../core/mod.ts";
import * as nn from "../nn/mod.ts";
import { readOptions } from "../numpy/options.ts";
import { operand, where } from "./activation.ts";

/**
 * x - tanh(x).
 *
 * @example
 * ```ts
 * import { activations } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(activations.tanhShrink(100).item(), 99);
 * ```
 */
export function tanhShrink(x: TensorLike): Tensor {
  const t = operand(x, "shrink");
  return t.sub(t.tanh());
}

/** Options of {@link gelu}. */
export interface GeluOptions {
  /** Whether to use the formula with tanh; default false, the one with erf. */
  approximate?: boolean | undefined;
}

/**
 * x times the chance that a standard normal number is below x. Hendrycks and Gimpel, "Gaussian
 * Error Linear Units" (2016).
 *
 * @example
 * ```ts
 * import { activations } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(activations.gelu(1).item(), 0.8413447, 1e-6);
 * assertAlmostEquals(activations.gelu(1, { approximate: true }).item(), 0.841192, 1e-6);
 * ```
 */
export function gelu(x: TensorLike, options?: GeluOptions | boolean): Tensor {
  const { approximate = false } = readOptions<GeluOptions>(
    options,
    ["approximate"],
    "take the gelu",
    "approximate",
  );
  return nn.gelu(x, { approximate });
}

/**
 * e to the power x.
 *
 * @example
 * ```ts
 * import { activations } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(activations.exponential(0).item(), 1);
 * ```
 */
export function exponential(x: TensorLike): Tensor {
  return operand(x, "take the exponential of").exp();
}

/**
 * relu6(x + 3) / 6: straight lines near the sigmoid.
 *
 * @example
 * ```ts
 * import { activations } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(activations.hardSigmoid([-3, 0, 3]).toArray(), [0, 0.5, 1]);
 * ```
 */
export function hardSigmoid(x: TensorLike): Tensor {
  return nn.relu6(operand(x, "take the hard sigmoid of").add(3)).div(6);
}

/**
 * x * hardSigmoid(x), also called hard swish.
 *
 * @example
 * ```ts
 * import { activations } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(activations.hardSilu([-4, 0, 4]).toArray(), [0, 0, 4]);
 * ```
 */
export function hardSilu(x: TensorLike): Tensor {
  const t = operand(x, "take the hard silu of");
  return t.mul(hardSigmoid(t));
}

/** Options of {@link squareplus}. */
export interface SquareplusOptions {
  /** How smooth; default 4. */
  b?: number | undefined;
}

/**
 * (x + sqrt(x² + b)) / 2. Barron, "Squareplus" (2021).
 *
 * @example
 * ```ts
 * import { activations } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(activations.squareplus(0).item(), 1);
 * ```
 */
export function squareplus(x: TensorLike, options?: SquareplusOptions | number): Tensor {
  const { b = 4 } = readOptions<SquareplusOptions>(options, ["b"], "take the squareplus", "b");
  const t = operand(x, "take the squareplus of");
  const root = t.mul(t).add(b).sqrt();
  // far below 0 the sum would cancel: multiply it out
  return where(t.gt(0), root.add(t).mul(0.5), root.sub(t).reciprocal().mul(b / 2));
}

export { hardSilu as hardSwish };
