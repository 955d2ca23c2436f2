/**
 * Layers of a function without weights: Activation, Rescaling, ActivityRegularization.
 *
 * @module
 */
import * as activations from "../activations/mod.ts";
import type { Tensor, TensorLike } from "../core/mod.ts";
import { Layer } from "./layer.ts";
import { checkLayerOptions, getRegularizer } from "./options.ts";
import type { LayerOptions } from "./types.ts";

/**
 * An activation function as a layer.
 *
 * @example
 * ```ts
 * import { layers, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(new layers.Activation("relu").apply(np.array([-1, 2])).toArray(), [0, 2]);
 * ```
 */
export class Activation extends Layer {
  readonly #activation: activations.Activation;

  /** Makes the layer of an activation or its name. */
  constructor(activation: string | activations.Activation, options: LayerOptions = {}) {
    super(options);
    checkLayerOptions(options, [], "Activation");
    this.#activation = activations.get(activation);
  }

  /** See the class. */
  override call(x: Tensor): Tensor {
    return this.#activation(x);
  }
}

/**
 * `x * scale + offset`: for pixels of 0..255, `new Rescaling(1 / 255)`.
 *
 * @example
 * ```ts
 * import { layers, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(new layers.Rescaling(2, { offset: 1 }).apply(np.array([0, 3])).toArray(), [1, 7]);
 * ```
 */
export class Rescaling extends Layer {
  /** What the input is multiplied by. */
  readonly scale: TensorLike;
  /** What is added after that. */
  readonly offset: TensorLike;

  /** Makes the layer of a factor, and of what is added after it. */
  constructor(scale: TensorLike, options: LayerOptions & { offset?: TensorLike | undefined } = {}) {
    super(options);
    checkLayerOptions(options, ["offset"], "Rescaling");
    this.scale = scale;
    this.offset = options.offset ?? 0;
  }

  /** See the class. */
  override call(x: Tensor): Tensor {
    return x.astype(this.dtype).mul(this.scale).add(this.offset);
  }
}

/** Options of {@link ActivityRegularization}. */
export interface ActivityRegularizationOptions extends LayerOptions {
  /** Factor of the sum of absolute values; default 0. */
  l1?: number | undefined;
  /** Factor of the sum of squares; default 0. */
  l2?: number | undefined;
}

/**
 * Passes its input on and adds `l1 * sum |x| + l2 * sum x^2`, divided by the batch size, to the
 * losses.
 *
 * @example
 * ```ts
 * import { layers, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const layer = new layers.ActivityRegularization({ l1: 1 });
 * layer.apply(np.ones([2, 3]));
 * assertEquals(layer.losses[0]!.item(), 3);
 * ```
 */
export class ActivityRegularization extends Layer {
  /** Makes the layer of the two factors. */
  constructor(options: ActivityRegularizationOptions = {}) {
    checkLayerOptions(options, ["l1", "l2"], "ActivityRegularization");
    const { l1 = 0, l2 = 0 } = options;
    super({
      ...options,
      activityRegularizer: getRegularizer({ l1, l2 }, "make an ActivityRegularization layer"),
    });
  }

  /** See the class. */
  override call(x: Tensor): Tensor {
    return x;
  }
}
