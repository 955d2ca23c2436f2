/**
 * Layers of several inputs: Add, Concatenate.
 *
 * @module
 */
import { formatValue } from "../base/errors.ts";
import { normalizeAxis } from "../base/shape.ts";
import { emit, type Tensor } from "../core/mod.ts";
import { TAKES_LIST } from "./call.ts";
import { Layer } from "./layer.ts";
import { checkLayerOptions } from "./options.ts";
import type { LayerOptions } from "./types.ts";

function several(xs: readonly Tensor[], name: string): void {
  if (!Array.isArray(xs) || xs.length === 0) {
    throw new TypeError(`Cannot call ${name} with ${formatValue(xs)}: give a list of tensors`);
  }
}

/**
 * The sum of its inputs, which broadcast. Called with a list.
 *
 * @example
 * ```ts
 * import { layers, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(new layers.Add().apply([np.array([[1, 2]]), np.array([[3, 4]])]).toArray(), [[4, 6]]);
 * ```
 */
export class Add extends Layer<Tensor[]> {
  /** Internal. */
  override [TAKES_LIST](): boolean {
    return true;
  }

  /** See the class. */
  override call(xs: Tensor[]): Tensor {
    several(xs, "Add");
    return xs.reduce((a, b) => a.add(b));
  }
}

/**
 * Its inputs joined along an axis (default the last). Called with a list.
 *
 * @example
 * ```ts
 * import { layers, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const joined = new layers.Concatenate().apply([np.zeros([1, 2]), np.zeros([1, 3])]);
 * assertEquals(joined.shape, [1, 5]);
 * ```
 */
export class Concatenate extends Layer<Tensor[]> {
  /** The axis to join along, counted from either end. */
  readonly axis: number;

  /** Makes the layer; `axis` is the last unless it is given. */
  constructor(options: LayerOptions & { axis?: number | undefined } = {}) {
    super(options);
    checkLayerOptions(options, ["axis"], "Concatenate");
    this.axis = options.axis ?? -1;
  }

  /** Internal. */
  override [TAKES_LIST](): boolean {
    return true;
  }

  /** See the class. */
  override call(xs: Tensor[]): Tensor {
    several(xs, "Concatenate");
    return emit("concatenate", xs, { axis: normalizeAxis(this.axis, xs[0]!.ndim, "concatenate") });
  }
}
