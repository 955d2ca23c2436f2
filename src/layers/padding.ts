/**
 * ZeroPadding2D: zeros around images.
 *
 * @module
 */
import { formatShape, formatValue } from "../base/errors.ts";
import type { Tensor } from "../core/mod.ts";
import { checkPadding, padSpatial } from "../nn/window.ts";
import { checkOptions } from "../numpy/options.ts";
import { readableShape } from "./graph.ts";
import { Layer } from "./layer.ts";
import { LAYER_OPTIONS } from "./options.ts";
import type { LayerOptions } from "./types.ts";

/** One number for all sides, [height, width] for both sides of each, or [[top, bottom], [left, right]]. */
export type ZeroPadding2DSizes =
  | number
  | readonly [number, number]
  | readonly [readonly [number, number], readonly [number, number]];

/** Options of {@link ZeroPadding2D}. */
export interface ZeroPadding2DOptions extends LayerOptions {
  /** How many zeros; default 1 on all sides. */
  padding?: ZeroPadding2DSizes | undefined;
}

/**
 * Zeros around the two spatial axes: [batch, height, width, channels] to
 * [batch, top + height + bottom, left + width + right, channels].
 *
 * @example
 * ```ts
 * import { layers, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const x = np.ones([1, 1, 2, 1]);
 * const padded = new layers.ZeroPadding2D([[1, 0], [0, 1]]).apply(x);
 * assertEquals(padded.reshape([2, 3]).toArray(), [[0, 0, 0], [1, 1, 0]]);
 * assertEquals(new layers.ZeroPadding2D().apply(x).shape, [1, 3, 4, 1]);
 * ```
 */
export class ZeroPadding2D extends Layer {
  /** Cells before and after both axes. */
  readonly padding: readonly (readonly [number, number])[];

  /**
   * Makes the layer of the zeros on each side.
   *
   * @param sizes how many zeros, or options; default 1 on all sides
   * @throws {RangeError} when it is negative
   * @throws {TypeError} when it is not of one of the forms
   */
  constructor(sizes: ZeroPadding2DSizes | ZeroPadding2DOptions = 1, rest: LayerOptions = {}) {
    const given = typeof sizes === "number" || Array.isArray(sizes);
    const options = (given ? rest : sizes) as ZeroPadding2DOptions;
    super(options);
    const action = `make the layer "${this.name}"`;
    checkOptions(options, [...LAYER_OPTIONS, ...(given ? [] : ["padding"])], action);
    const padding = given ? sizes : options.padding ?? 1;
    const list: readonly unknown[] = Array.isArray(padding) ? padding : [padding, padding];
    if (list.length !== 2 || list.some((p) => typeof p !== "number" && !Array.isArray(p))) {
      throw new TypeError(
        `Cannot ${action} with padding ${formatValue(padding)}: wanted a number, [height, width] ` +
          `or [[top, bottom], [left, right]]`,
      );
    }
    const pairs = list.map((p) => typeof p === "number" ? [p, p] : p);
    this.padding = checkPadding(pairs, 2, false, action) as readonly (readonly [number, number])[];
  }

  /** See the class. */
  override call(x: Tensor): Tensor {
    if (x.ndim !== 4) {
      throw new RangeError(
        `Cannot use an input of shape ${formatShape(readableShape(x.shape))}: it must be ` +
          `[batch, height, width, channels]`,
      );
    }
    return padSpatial(x, this.padding);
  }
}
