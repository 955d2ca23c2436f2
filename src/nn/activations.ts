/**
 * Activation functions of single elements, with JAX's values and gradients at kinks. Integers become
 * float32, but for relu.
 *
 * @module
 */
import { cast, emit, floatBinary, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { where } from "../numpy/mod.ts";
import { float, select } from "../numpy/operands.ts";
import { readOptions } from "../numpy/options.ts";

/** An operand that is a number. */
function number(x: TensorLike, action: string): Tensor {
  const t = toTensor(x, action);
  return t.dtype === "bool" ? cast(t, "int32") : t;
}

/**
 * max(x, 0). Its gradient at 0 is 0.
 *
 * @example
 * ```ts
 * import { nn } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(nn.relu([-1, 2]).toArray(), [0, 2]);
 * ```
 */
export function relu(x: TensorLike): Tensor {
  const t = number(x, "relu");
  return select(t.gt(0), t, emit("stop", [t.maximum(0)]));
}

/**
 * min(max(x, 0), 6). Its gradient is 0 at both ends.
 *
 * @example
 * ```ts
 * import { nn } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(nn.relu6([-1, 2, 9]).toArray(), [0, 2, 6]);
 * ```
 */
export function relu6(x: TensorLike): Tensor {
  const t = float(x, "relu6");
  const inside = emit("and", [t.gt(0), t.lt(6)]);
  return select(inside, t, emit("stop", [t.maximum(0).minimum(6)]));
}

/**
 * 1 / (1 + exp(-x)).
 *
 * @example
 * ```ts
 * import { nn } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(nn.sigmoid(0).item(), 0.5);
 * ```
 */
export function sigmoid(x: TensorLike): Tensor {
  return float(x, "sigmoid").sigmoid();
}

/**
 * log(sigmoid(x)) = -softplus(-x), accurate for large negative x.
 *
 * @example
 * ```ts
 * import { nn } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(nn.logSigmoid(0).item(), -Math.LN2, 1e-6);
 * ```
 */
export function logSigmoid(x: TensorLike): Tensor {
  return softplus(float(x, "logSigmoid").neg()).neg();
}

/**
 * The hyperbolic tangent.
 *
 * @example
 * ```ts
 * import { nn } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(nn.tanh(0).item(), 0);
 * ```
 */
export function tanh(x: TensorLike): Tensor {
  return float(x, "tanh").tanh();
}

/**
 * log(1 + exp(x)) without overflow.
 *
 * @example
 * ```ts
 * import { nn } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(nn.softplus(0).item(), Math.LN2, 1e-6);
 * ```
 */
export function softplus(x: TensorLike): Tensor {
  return floatBinary("logaddexp", float(x, "softplus"), 0);
}

/**
 * x / (1 + |x|).
 *
 * @example
 * ```ts
 * import { nn } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(nn.softSign([-1, 3]).toArray(), [-0.5, 0.75]);
 * ```
 */
export function softSign(x: TensorLike): Tensor {
  const t = float(x, "softSign");
  return t.div(t.abs().add(1));
}

/**
 * x * sigmoid(x), also known as swish.
 *
 * @example
 * ```ts
 * import { nn } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(nn.silu(0).item(), 0);
 * ```
 */
export function silu(x: TensorLike): Tensor {
  const t = float(x, "silu");
  return t.mul(t.sigmoid());
}

/**
 * x * tanh(softplus(x)).
 *
 * @example
 * ```ts
 * import { nn } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(nn.mish(0).item(), 0);
 * ```
 */
export function mish(x: TensorLike): Tensor {
  const t = float(x, "mish");
  return t.mul(softplus(t).tanh());
}

/** What `gelu` takes. */
export interface GeluOptions {
  /** Whether to use the tanh approximation; default true. */
  approximate?: boolean | undefined;
}

/**
 * The Gaussian error linear unit x * Phi(x). By default its tanh approximation, 0.5 x (1 +
 * tanh(sqrt(2 / pi) (x + 0.044715 x^3))); with `approximate: false` through erf (Hendrycks and
 * Gimpel 2016).
 *
 * @example
 * ```ts
 * import { nn } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(nn.gelu(1).item(), 0.841192, 1e-6);
 * ```
 */
export function gelu(x: TensorLike, options?: GeluOptions): Tensor {
  const { approximate = true } = readOptions<GeluOptions>(options, ["approximate"], "gelu");
  const t = float(x, "gelu");
  if (!approximate) return t.mul(t.mul(Math.SQRT1_2).erf().add(1)).mul(0.5);
  const twice = 2 * Math.sqrt(2 / Math.PI);
  // (1 + tanh u) / 2 = sigmoid(2 u), without the cancellation
  return t.mul(t.mul(t.mul(t).mul(0.044715 * twice).add(twice)).sigmoid());
}

/** What `elu` takes. */
export interface EluOptions {
  /** The limit for large negative x, negated; default 1. */
  alpha?: TensorLike | undefined;
}

/**
 * x above 0, alpha * (exp(x) - 1) below (Clevert et al. 2015).
 *
 * @example
 * ```ts
 * import { nn } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(nn.elu(-1).item(), Math.exp(-1) - 1, 1e-6);
 * ```
 */
export function elu(x: TensorLike, options?: number | EluOptions): Tensor {
  const { alpha = 1 } = readOptions<EluOptions>(options, ["alpha"], "elu", "alpha");
  const t = float(x, "elu");
  const above = t.gt(0);
  return where(above, t, select(above, 0, t).expm1().mul(alpha));
}

/**
 * The self-normalizing elu: 1.0507 * elu(x, 1.6733) (Klambauer et al. 2017).
 *
 * @example
 * ```ts
 * import { nn } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(nn.selu(1).item(), 1.0507009873554805, 1e-6);
 * ```
 */
export function selu(x: TensorLike): Tensor {
  return elu(x, 1.6732632423543772).mul(1.0507009873554805);
}

/** What `leakyRelu` takes. */
export interface LeakyReluOptions {
  /** The slope below 0; default 0.01. */
  negativeSlope?: TensorLike | undefined;
}

/**
 * x from 0 on, negativeSlope * x below.
 *
 * @example
 * ```ts
 * import { nn } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(nn.leakyRelu([-2, 3], { negativeSlope: 0.5 }).toArray(), [-1, 3]);
 * ```
 */
export function leakyRelu(x: TensorLike, options?: number | LeakyReluOptions): Tensor {
  const { negativeSlope = 0.01 } = readOptions<LeakyReluOptions>(
    options,
    ["negativeSlope"],
    "leakyRelu",
    "negativeSlope",
  );
  const t = float(x, "leakyRelu");
  return where(t.ge(0), t, t.mul(negativeSlope));
}

export { silu as swish };
