/**
 * Embedding: a learned vector for each integer.
 *
 * @module
 */
import { formatValue } from "../base/errors.ts";
import { cast, type Tensor, type Variable } from "../core/mod.ts";
import * as initializers from "../initializers/mod.ts";
import { take } from "../numpy/mod.ts";
import { checkOptions } from "../numpy/options.ts";
import { Layer } from "./layer.ts";
import { LAYER_OPTIONS } from "./options.ts";
import type { LayerOptions, RegularizerLike, WeightOptions } from "./types.ts";

/** Options of {@link Embedding}. */
export interface EmbeddingOptions extends LayerOptions {
  /** First values; default uniform between -0.05 and 0.05. */
  embeddingsInitializer?: string | initializers.Initializer | undefined;
  /** A penalty on the embeddings. */
  embeddingsRegularizer?: RegularizerLike | null | undefined;
}

/**
 * A row of the weights for each integer: [...] to [..., outputDim]. Weight: embeddings
 * [inputDim, outputDim]. -inputDim..-1 count from the end; the row of an integer outside is NaN.
 *
 * @example
 * ```ts
 * import { layers, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const words = new layers.Embedding(1000, 2, { embeddingsInitializer: "ones" });
 * assertEquals(words.apply(np.array([[7, 999, 1000]])).toArray(), [[[1, 1], [1, 1], [NaN, NaN]]]);
 * ```
 */
export class Embedding extends Layer {
  /** How many integers have a row. */
  readonly inputDim: number;
  /** The length of a row. */
  readonly outputDim: number;
  /** The rows; there once it is built. */
  embeddings?: Variable;
  readonly #embeddings: WeightOptions;

  /**
   * Makes the layer of the number of indices and the size of a vector.
   *
   * @throws {RangeError} when a size is not a positive integer
   */
  constructor(inputDim: number, outputDim: number, options: EmbeddingOptions = {}) {
    super(options);
    const action = `make the layer "${this.name}"`;
    const own = ["embeddingsInitializer", "embeddingsRegularizer"];
    checkOptions(options, [...own, ...LAYER_OPTIONS], action);
    for (const [what, n] of [["inputDim", inputDim], ["outputDim", outputDim]] as const) {
      if (!Number.isSafeInteger(n) || n <= 0) {
        throw new RangeError(
          `Cannot ${action} with ${what} ${formatValue(n)}: it must be an integer >= 1`,
        );
      }
    }
    this.inputDim = inputDim;
    this.outputDim = outputDim;
    this.#embeddings = {
      initializer: initializers.get(options.embeddingsInitializer ?? "uniform"),
      regularizer: options.embeddingsRegularizer,
      name: "embeddings",
    };
  }

  /** Makes the embeddings. */
  override build(): void {
    this.embeddings = this.addWeight({
      ...this.#embeddings,
      shape: [this.inputDim, this.outputDim],
    });
  }

  /** See the class. */
  override call(x: Tensor): Tensor {
    return take(this.embeddings!.value, cast(x, "int32"), { axis: 0 });
  }
}
