/**
 * Dropout: random zeros while training.
 *
 * @module
 */
import { formatShape, formatValue } from "../base/errors.ts";
import { emit, type Tensor } from "../core/mod.ts";
import { SeedGenerator, uniform } from "../random/mod.ts";
import { isSymbolic } from "./graph.ts";
import { Layer } from "./layer.ts";
import { checkLayerOptions } from "./options.ts";
import type { CallOptions, LayerOptions } from "./types.ts";

/** Options of {@link Dropout}. */
export interface DropoutOptions extends LayerOptions {
  /** Shape of the mask, where null takes the input's size and 1 shares one draw along an axis. */
  noiseShape?: readonly (number | null)[] | undefined;
  /** The seed of its generator; default the next of the process. */
  seed?: number | undefined;
}

/**
 * Sets a fraction `rate` of its input to zero while training and scales the rest by
 * `1 / (1 - rate)`; passes its input on otherwise. Its generator is a non-trainable variable
 * [seed, counter] that moves on by one per draw.
 *
 * @example
 * ```ts
 * import { layers, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const x = np.ones([1, 4]);
 * assertEquals(new layers.Dropout(0.5).apply(x).toArray(), [[1, 1, 1, 1]]);
 * assertEquals(new layers.Dropout(1).apply(x, { training: true }).toArray(), [[0, 0, 0, 0]]);
 * ```
 */
export class Dropout extends Layer {
  /** The fraction that is dropped. */
  readonly rate: number;
  /** Its random numbers; null when nothing is ever dropped. */
  readonly seedGenerator: SeedGenerator | null;
  readonly #noiseShape: readonly (number | null)[] | null;

  /**
   * Makes the layer of the part that it sets to zero.
   *
   * @throws {RangeError} when the rate is not in 0..1
   */
  constructor(rate: number, options: DropoutOptions = {}) {
    super(options);
    checkLayerOptions(options, ["noiseShape", "seed"], "Dropout");
    if (typeof rate !== "number" || !(rate >= 0 && rate <= 1)) {
      throw new RangeError(`Cannot drop a fraction of ${formatValue(rate)}: rate must be in 0..1`);
    }
    this.rate = rate;
    this.#noiseShape = options.noiseShape ?? null;
    this.seedGenerator = rate > 0
      ? new SeedGenerator(options.seed === undefined ? {} : { seed: options.seed })
      : null;
  }

  /** See the class. */
  override call(x: Tensor, { training }: CallOptions): Tensor {
    if (!training || this.seedGenerator === null || isSymbolic(x)) return x;
    if (this.rate === 1) return x.zeros();
    const keep = 1 - this.rate;
    const noise = this.#noiseShape;
    if (noise !== null && noise.length !== x.ndim) {
      throw new RangeError(
        `Cannot drop from ${formatShape(x.shape)} with noiseShape ${
          formatValue(noise)
        }: it needs ` +
          `one entry per axis`,
      );
    }
    const shape = noise?.map((n, i) => n ?? x.shape[i]!) ?? x.shape;
    const wide = x.dtype === "float64";
    const dtype = wide ? "float64" : "float32";
    const kept = uniform(this.seedGenerator.next(), { shape, dtype }).lt(keep);
    const scaled = x.mul(1 / (wide ? keep : Math.fround(keep)));
    return emit("where", [kept, scaled, scaled.zeros()]);
  }
}
