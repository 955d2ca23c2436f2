/**
 * Layers that change the shape of an example: Flatten, Reshape.
 *
 * @module
 */
import { formatShape } from "../base/errors.ts";
import { resolveReshape, sizeOf } from "../base/shape.ts";
import type { Tensor } from "../core/mod.ts";
import { Layer } from "./layer.ts";
import { checkLayerOptions } from "./options.ts";
import type { LayerOptions } from "./types.ts";

/**
 * Every example in one axis: [batch, ...] to [batch, n].
 *
 * @example
 * ```ts
 * import { layers, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(new layers.Flatten().apply(np.zeros([2, 3, 4])).shape, [2, 12]);
 * ```
 */
export class Flatten extends Layer {
  /** See the class. */
  override call(x: Tensor): Tensor {
    if (x.ndim === 0) throw new RangeError("Cannot flatten a scalar: it has no batch axis");
    return x.reshape([x.shape[0]!, sizeOf(x.shape.slice(1))]);
  }
}

/**
 * Every example under another shape: [batch, ...] to [batch, ...shape]; one size may be -1.
 *
 * @example
 * ```ts
 * import { layers, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(new layers.Reshape([2, -1]).apply(np.zeros([5, 8])).shape, [5, 2, 4]);
 * ```
 */
export class Reshape extends Layer {
  /** The shape of an example. */
  readonly targetShape: readonly number[];

  /** Makes the layer of the shape of an example. */
  constructor(targetShape: readonly number[], options: LayerOptions = {}) {
    super(options);
    checkLayerOptions(options, [], "Reshape");
    if (!Array.isArray(targetShape)) {
      throw new TypeError(
        `Cannot make a Reshape layer without a shape: write new Reshape([28, 28])`,
      );
    }
    this.targetShape = [...targetShape];
  }

  /** See the class. */
  override call(x: Tensor): Tensor {
    const example = resolveReshape(x.shape.slice(1), this.targetShape, "reshape an example");
    return x.reshape([x.shape[0]!, ...example]);
  }

  /** A description. */
  override toString(): string {
    return `Reshape("${this.name}", ${formatShape(this.targetShape)})`;
  }
}
