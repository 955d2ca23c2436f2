/**
 * Dense: a matrix product, a bias, an activation.
 *
 * @module
 */
import * as activations from "../activations/mod.ts";
import { formatShape, formatValue } from "../base/errors.ts";
import { matmul, type Tensor, type Variable } from "../core/mod.ts";
import type { InitializerLike } from "../initializers/mod.ts";
import { type InputShape, Layer, type LayerOptions } from "./layer.ts";
import { readableShape } from "./graph.ts";

/** Options of {@link Dense}. */
export interface DenseOptions extends LayerOptions {
  /** A function or its name; default none. */
  activation?: activations.ActivationLike | null;
  /** Whether a bias is added; default true. */
  useBias?: boolean;
  /** First values of the kernel; default glorotUniform. */
  kernelInitializer?: InitializerLike;
  /** First values of the bias; default zeros. */
  biasInitializer?: InitializerLike;
  /** A penalty on the kernel. */
  kernelRegularizer?: (w: Tensor) => Tensor;
  /** A penalty on the bias. */
  biasRegularizer?: (w: Tensor) => Tensor;
}

/**
 * `activation(x @ kernel + bias)` over the last axis of an input with at least two axes: [..., n] to
 * [..., units]. Weights: kernel [n, units], bias [units].
 *
 * @example
 * ```ts
 * import { layers, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const dense = new layers.Dense(2, { activation: "relu", kernelInitializer: "ones" });
 * assertEquals(dense.apply(np.ones([1, 3])).toArray(), [[3, 3]]);
 * ```
 */
export class Dense extends Layer {
  /** The size of the output's last axis. */
  readonly units: number;
  /** The weights [n, units]; there once it is built. */
  kernel?: Variable;
  /** The bias [units]; there once it is built, unless `useBias` is false. */
  bias?: Variable;
  readonly #activation: activations.Activation;
  readonly #options: DenseOptions;

  /** @throws {RangeError} when units is not a positive integer */
  constructor(units: number, options: DenseOptions = {}) {
    super(options);
    if (!Number.isSafeInteger(units) || units <= 0) {
      throw new RangeError(
        `Cannot make a Dense layer of ${formatValue(units)} units: it must be an integer >= 1`,
      );
    }
    this.units = units;
    this.#options = options;
    this.#activation = activations.get(options.activation ?? "linear");
  }

  /** Makes kernel and bias for inputs [..., n]. */
  override build(inputShape: InputShape): void {
    const n = inputShape[inputShape.length - 1];
    if (inputShape.length < 2 || n === undefined || n < 0) {
      throw new RangeError(
        `Cannot build with an input of shape ${
          formatShape(inputShape)
        }: it needs a batch axis and a ` +
          `last axis of known size`,
      );
    }
    const o = this.#options;
    this.kernel = this.addWeight({
      shape: [n, this.units],
      initializer: o.kernelInitializer ?? "glorotUniform",
      regularizer: o.kernelRegularizer,
      name: "kernel",
    });
    if (o.useBias ?? true) {
      this.bias = this.addWeight({
        shape: [this.units],
        initializer: o.biasInitializer ?? "zeros",
        regularizer: o.biasRegularizer,
        name: "bias",
      });
    }
  }

  /** See the class. */
  override call(x: Tensor): Tensor {
    const n = this.kernel!.shape[0]!;
    if (x.ndim < 2 || x.shape[x.ndim - 1] !== n) {
      throw new RangeError(
        `Cannot use an input of shape ${
          formatShape(readableShape(x.shape))
        }: it must have at least 2 ` +
          `axes, the last of size ${n}`,
      );
    }
    const y = matmul(x, this.kernel!.value);
    return this.#activation(this.bias === undefined ? y : y.add(this.bias));
  }
}
