/**
 * Conv1D, Conv2D, Conv3D: a convolution, a bias, an activation.
 *
 * @module
 */
import * as activations from "../activations/mod.ts";
import { formatShape, formatValue } from "../base/errors.ts";
import type { Tensor, Variable } from "../core/mod.ts";
import * as initializers from "../initializers/mod.ts";
import { conv } from "../nn/mod.ts";
import { checkPadding, perAxis } from "../nn/window.ts";
import { checkOptions } from "../numpy/options.ts";
import { readableShape } from "./graph.ts";
import { Layer } from "./layer.ts";
import { LAYER_OPTIONS } from "./options.ts";
import type { InputShape, LayerOptions, RegularizerLike, WeightOptions } from "./types.ts";

/** Options of {@link Conv1D}, {@link Conv2D} and {@link Conv3D}. */
export interface ConvLayerOptions extends LayerOptions {
  /** Cells from one position of the kernel to the next; default 1. */
  strides?: number | readonly number[] | undefined;
  /**
   * "valid" (default): the kernel stays inside; "same": one output for every `strides` inputs;
   * "causal" (Conv1D): no output sees a later input.
   */
  padding?: "valid" | "same" | "causal" | undefined;
  /** Cells of the input from one cell of the kernel to the next; default 1. */
  dilationRate?: number | readonly number[] | undefined;
  /** Into how many groups the channels fall that do not see each other; default 1. */
  groups?: number | undefined;
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

const OPTIONS = [
  ...["strides", "padding", "dilationRate", "groups", "activation", "useBias"],
  ...["kernelInitializer", "biasInitializer", "kernelRegularizer", "biasRegularizer"],
  ...LAYER_OPTIONS,
];

/** Convolution over `rank` spatial axes. */
abstract class Conv extends Layer {
  /** The size of the output's last axis. */
  readonly filters: number;
  /** The window along each spatial axis. */
  readonly kernelSize: readonly number[];
  /** The weights [...kernelSize, channels / groups, filters]; there once it is built. */
  kernel?: Variable;
  /** The bias [filters]; there once it is built, unless `useBias` is false. */
  bias?: Variable;
  readonly #rank: number;
  readonly #placing: {
    readonly strides: readonly number[];
    readonly dilation: readonly number[];
    readonly padding: "valid" | "same" | "causal";
    readonly groups: number;
  };
  readonly #activation: activations.Activation;
  readonly #useBias: boolean;
  readonly #kernel: WeightOptions;
  readonly #bias: WeightOptions;

  constructor(
    rank: number,
    filters: number,
    kernelSize: number | readonly number[],
    options: ConvLayerOptions,
  ) {
    super(options);
    const action = `make the layer "${this.name}"`;
    checkOptions(options, OPTIONS, action);
    const groups = options.groups ?? 1;
    for (const [what, n] of [["filters", filters], ["groups", groups]] as const) {
      if (!Number.isSafeInteger(n) || n <= 0) {
        throw new RangeError(`Cannot ${action} with ${what} ${formatValue(n)}: wanted >= 1`);
      }
    }
    if (filters % groups !== 0) {
      throw new RangeError(
        `Cannot ${action} of ${filters} filters in ${groups} groups: filters must be a multiple`,
      );
    }
    const strides = perAxis(options.strides ?? 1, rank, "strides", action);
    const dilation = perAxis(options.dilationRate ?? 1, rank, "dilationRate", action);
    if (strides.some((s) => s > 1) && dilation.some((d) => d > 1)) {
      throw new RangeError(
        `Cannot ${action} with strides ${formatShape(strides)} and dilationRate ` +
          `${formatShape(dilation)}: only one of them may be greater than 1`,
      );
    }
    const padding = options.padding ?? "valid";
    if (typeof padding !== "string") {
      throw new TypeError(
        `Cannot ${action} with padding ${formatValue(padding)}: wanted "valid" or "same"; for ` +
          `others use ZeroPadding2D or nn.conv`,
      );
    }
    checkPadding(padding, rank, rank === 1, action);
    this.#rank = rank;
    this.filters = filters;
    this.kernelSize = perAxis(kernelSize, rank, "kernelSize", action);
    this.#placing = { strides, dilation, padding, groups };
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

  /** Makes kernel and bias for inputs [batch, ...spatial, channels]. */
  override build(inputShape: InputShape): void {
    const channels = this.#channels(inputShape);
    const { groups } = this.#placing;
    if (channels % groups !== 0) {
      throw new RangeError(
        `Cannot build with ${channels} channels in ${groups} groups: they must be a multiple`,
      );
    }
    this.kernel = this.addWeight({
      ...this.#kernel,
      shape: [...this.kernelSize, channels / groups, this.filters],
    });
    if (this.#useBias) this.bias = this.addWeight({ ...this.#bias, shape: [this.filters] });
  }

  #channels(shape: readonly number[]): number {
    const channels = shape[this.#rank + 1];
    if (shape.length !== this.#rank + 2 || channels === undefined || channels < 1) {
      throw new RangeError(
        `Cannot use an input of shape ${formatShape(readableShape(shape))}: it must have a batch ` +
          `axis, ${this.#rank} spatial axes and an axis of channels`,
      );
    }
    return channels;
  }

  /** See the class. */
  override call(x: Tensor): Tensor {
    const channels = this.#channels(x.shape);
    const wanted = this.kernel!.shape[this.#rank]! * this.#placing.groups;
    if (channels !== wanted) {
      throw new RangeError(
        `Cannot use an input of shape ${formatShape(readableShape(x.shape))}: its last axis must ` +
          `be the ${wanted} channels that the layer was built for`,
      );
    }
    const y = conv(x, this.kernel!.value, this.#placing);
    return this.#activation(this.bias === undefined ? y : y.add(this.bias));
  }
}

/**
 * Convolution along one axis, a bias, an activation: [batch, steps, channels] to
 * [batch, positions, filters]. Weights: kernel [size, channels / groups, filters], bias [filters].
 *
 * @example
 * ```ts
 * import { layers, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const conv = new layers.Conv1D(2, 3, { padding: "causal", kernelInitializer: "ones" });
 * assertEquals(conv.apply(np.ones([1, 3, 1])).toArray(), [[[1, 1], [2, 2], [3, 3]]]);
 * ```
 */
export class Conv1D extends Conv {
  /**
   * Makes the layer; its variables come with the first input.
   *
   * @param filters how many features come out
   * @param kernelSize how many steps the kernel sees
   * @throws {RangeError} when sizes do not fit each other, or strides and dilation are both above 1
   */
  constructor(
    filters: number,
    kernelSize: number | readonly number[],
    options: ConvLayerOptions = {},
  ) {
    super(1, filters, kernelSize, options);
  }
}

/**
 * Convolution over two axes, a bias, an activation: [batch, height, width, channels] to
 * [batch, rows, columns, filters]. Weights: kernel [height, width, channels / groups, filters], bias
 * [filters].
 *
 * @example
 * ```ts
 * import { layers, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const conv = new layers.Conv2D(32, 3, { activation: "relu" });
 * assertEquals(conv.apply(np.zeros([8, 28, 28, 1])).shape, [8, 26, 26, 32]);
 * assertEquals(conv.kernel!.shape, [3, 3, 1, 32]);
 * ```
 */
export class Conv2D extends Conv {
  /**
   * Makes the layer; its variables come with the first input.
   *
   * @param filters how many features come out
   * @param kernelSize the window along both axes, or along each
   * @throws {RangeError} when sizes do not fit each other, or strides and dilation are both above 1
   */
  constructor(
    filters: number,
    kernelSize: number | readonly number[],
    options: ConvLayerOptions = {},
  ) {
    super(2, filters, kernelSize, options);
  }
}

/**
 * Convolution over three axes, a bias, an activation: [batch, ...three axes, channels] to
 * [batch, ...positions, filters]. Weights: kernel [...kernelSize, channels / groups, filters], bias
 * [filters].
 *
 * @example
 * ```ts
 * import { layers, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const conv = new layers.Conv3D(4, [2, 3, 3], { padding: "same" });
 * assertEquals(conv.apply(np.zeros([1, 5, 6, 7, 2])).shape, [1, 5, 6, 7, 4]);
 * ```
 */
export class Conv3D extends Conv {
  /**
   * Makes the layer; its variables come with the first input.
   *
   * @param filters how many features come out
   * @param kernelSize the window along all axes, or along each
   * @throws {RangeError} when sizes do not fit each other, or strides and dilation are both above 1
   */
  constructor(
    filters: number,
    kernelSize: number | readonly number[],
    options: ConvLayerOptions = {},
  ) {
    super(3, filters, kernelSize, options);
  }
}
