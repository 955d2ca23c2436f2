/**
 * Dense: a matrix product, a bias, an activation.
 *
 * @module
 */
import * as activations from "../activations/mod.ts";
import { formatShape, formatValue } from "../base/errors.ts";
import { matmul, type Tensor, type Variable } from "../core/mod.ts";
import * as initializers from "../initializers/mod.ts";
import { readableShape } from "./graph.ts";
import { Layer } from "./layer.ts";
import { checkLayerOptions } from "./options.ts";
import type { InputShape, LayerOptions, RegularizerLike, WeightOptions } from "./types.ts";

/** Options of {@link Dense}. */
export interface DenseOptions extends LayerOptions {
  /** A function or its name; default none. */
  activation?: string | activations.Activation | null | undefined;
  /** Whether a bias is added; default true. */
  useBias?: boolean | undefined;
  /** First values of the kernel; default glorotUniform. */
  kernelInitializer?: string | initializers.Initializer | undefined;
  /** First values of the bias; default zeros. */
  biasInitializer?: string | initializers.Initializer | undefined;
  /** A penalty on the kernel. */
  kernelRegularizer?: RegularizerLike | null | undefined;
  /** A penalty on the bias. */
  biasRegularizer?: RegularizerLike | null | undefined;
}

const OPTIONS: readonly (keyof DenseOptions)[] = [
  "activation",
  "useBias",
  "kernelInitializer",
  "biasInitializer",
  "kernelRegularizer",
  "biasRegularizer",
];

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
  readonly #useBias: boolean;
  readonly #kernel: WeightOptions;
  readonly #bias: WeightOptions;

  /**
   * Makes the layer of the number of its outputs; its variables come with the first input.
   *
   * @throws {TypeError} for an unknown option
   * @throws {RangeError} when units is not a positive integer
   */
  constructor(units: number, options: DenseOptions = {}) {
    super(options);
    checkLayerOptions(options, OPTIONS, "Dense");
    if (!Number.isSafeInteger(units) || units <= 0) {
      throw new RangeError(
        `Cannot make a Dense layer of ${formatValue(units)} units: it must be an integer >= 1`,
      );
    }
    this.units = units;
    this.#activation = activations.get(options.activation);
    this.#useBias = options.useBias ?? true;
    // made here, so that seeds are drawn in the order in which layers are made
    this.#kernel = {
      initializer: initializers.get(options.kernelInitializer ?? "glorotUniform"),
      regularizer: options.kernelRegularizer,
      name: "kernel",
    };
    this.#bias = {
      initializer: initializers.get(options.biasInitializer ?? "zeros"),
      regularizer: options.biasRegularizer,
      name: "bias",
    };
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
    this.kernel = this.addWeight({ ...this.#kernel, shape: [n, this.units] });
    if (this.#useBias) this.bias = this.addWeight({ ...this.#bias, shape: [this.units] });
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
