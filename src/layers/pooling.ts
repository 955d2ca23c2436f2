/**
 * Pooling layers: the greatest or the mean of windows, or of all positions.
 *
 * @module
 */
import { formatShape, formatValue } from "../base/errors.ts";
import type { Tensor } from "../core/mod.ts";
import { averagePool, maxPool } from "../nn/mod.ts";
import { checkPadding, perAxis } from "../nn/window.ts";
import { checkOptions } from "../numpy/options.ts";
import { readableShape } from "./graph.ts";
import { Layer } from "./layer.ts";
import { LAYER_OPTIONS } from "./options.ts";
import type { LayerOptions } from "./types.ts";

/** Options of the pooling layers with windows. */
export interface PoolingOptions extends LayerOptions {
  /** Cells from one window to the next; default the size of a window. */
  strides?: number | readonly number[] | null | undefined;
  /** "valid" (default): windows stay inside; "same": one output for every `strides` inputs. */
  padding?: "valid" | "same" | undefined;
}

/** The same with the size of a window among them. */
export interface SizedPoolingOptions extends PoolingOptions {
  /** Cells of a window along all spatial axes, or along each; default 2. */
  poolSize?: number | readonly number[] | undefined;
}

/** Options of the pooling layers over all positions. */
export interface GlobalPoolingOptions extends LayerOptions {
  /** Whether the spatial axes stay, with size 1; default false. */
  keepdims?: boolean | undefined;
}

function needRank(x: Tensor, rank: number): void {
  if (x.ndim !== rank + 2) {
    throw new RangeError(
      `Cannot use an input of shape ${formatShape(readableShape(x.shape))}: it must have a batch ` +
        `axis, ${rank} spatial ${rank === 1 ? "axis" : "axes"} and an axis of channels`,
    );
  }
}

abstract class Pooling extends Layer {
  /** The window along each spatial axis. */
  readonly poolSize: readonly number[];
  /** Cells from one window to the next, along each spatial axis. */
  readonly strides: readonly number[];
  /** What lies around the input. */
  readonly padding: "valid" | "same";
  readonly #pool: typeof maxPool;

  constructor(
    rank: number,
    pool: typeof maxPool,
    first: number | readonly number[] | SizedPoolingOptions,
    rest: PoolingOptions,
  ) {
    const given = typeof first === "number" || Array.isArray(first) || first === undefined;
    const options = (given ? rest : first) as SizedPoolingOptions;
    super(options);
    const action = `make the layer "${this.name}"`;
    const own = ["strides", "padding", ...(given ? [] : ["poolSize"])];
    checkOptions(options, [...own, ...LAYER_OPTIONS], action);
    this.poolSize = perAxis(given ? first : options.poolSize ?? 2, rank, "poolSize", action);
    this.strides = perAxis(options.strides ?? this.poolSize, rank, "strides", action);
    this.padding = options.padding ?? "valid";
    if (typeof this.padding !== "string") {
      throw new TypeError(
        `Cannot ${action} with padding ${formatValue(this.padding)}: wanted "valid" or "same"`,
      );
    }
    checkPadding(this.padding, rank, false, action);
    this.#pool = pool;
  }

  /** See the class. */
  override call(x: Tensor): Tensor {
    needRank(x, this.poolSize.length);
    return this.#pool(x, this.poolSize, { strides: this.strides, padding: this.padding });
  }
}

/**
 * The greatest of each window of steps: [batch, steps, channels] to [batch, positions, channels].
 *
 * @example
 * ```ts
 * import { layers, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const x = np.array([[[1], [3], [2], [0]]]);
 * assertEquals(new layers.MaxPooling1D().apply(x).toArray(), [[[3], [2]]]);
 * ```
 */
export class MaxPooling1D extends Pooling {
  /**
   * Makes the layer of the size of its windows.
   *
   * @param poolSize steps of a window; default 2
   */
  constructor(
    poolSize: number | readonly number[] | SizedPoolingOptions = 2,
    options: PoolingOptions = {},
  ) {
    super(1, maxPool, poolSize, options);
  }
}

/**
 * The greatest of each window: [batch, height, width, channels] to [batch, rows, columns, channels].
 *
 * @example
 * ```ts
 * import { layers, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const x = np.reshape(np.arange(16), [1, 4, 4, 1]);
 * assertEquals(new layers.MaxPooling2D().apply(x).flatten().toArray(), [5, 7, 13, 15]);
 * assertEquals(new layers.MaxPooling2D(3, { strides: 1 }).apply(x).shape, [1, 2, 2, 1]);
 * ```
 */
export class MaxPooling2D extends Pooling {
  /**
   * Makes the layer of the size of its windows.
   *
   * @param poolSize cells of a window along both axes, or along each; default 2
   */
  constructor(
    poolSize: number | readonly number[] | SizedPoolingOptions = 2,
    options: PoolingOptions = {},
  ) {
    super(2, maxPool, poolSize, options);
  }
}

/**
 * The mean of each window of steps: [batch, steps, channels] to [batch, positions, channels]. What
 * padding added does not count.
 *
 * @example
 * ```ts
 * import { layers, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const pool = new layers.AveragePooling1D(2, { padding: "same" });
 * assertEquals(pool.apply(np.array([[[1], [3], [5]]])).toArray(), [[[2], [5]]]);
 * ```
 */
export class AveragePooling1D extends Pooling {
  /**
   * Makes the layer of the size of its windows.
   *
   * @param poolSize steps of a window
   */
  constructor(poolSize: number | readonly number[], options: PoolingOptions = {}) {
    super(1, averagePool, poolSize, options);
  }
}

/**
 * The mean of each window: [batch, height, width, channels] to [batch, rows, columns, channels]. What
 * padding added does not count.
 *
 * @example
 * ```ts
 * import { layers, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const x = np.reshape(np.arange(4), [1, 2, 2, 1]);
 * assertEquals(new layers.AveragePooling2D(2).apply(x).toArray(), [[[[1.5]]]]);
 * ```
 */
export class AveragePooling2D extends Pooling {
  /**
   * Makes the layer of the size of its windows.
   *
   * @param poolSize cells of a window along both axes, or along each
   */
  constructor(poolSize: number | readonly number[], options: PoolingOptions = {}) {
    super(2, averagePool, poolSize, options);
  }
}

abstract class GlobalPooling extends Layer {
  /** Whether the spatial axes stay, with size 1. */
  readonly keepdims: boolean;

  constructor(options: GlobalPoolingOptions = {}) {
    super(options);
    checkOptions(options, ["keepdims", ...LAYER_OPTIONS], `make the layer "${this.name}"`);
    this.keepdims = options.keepdims ?? false;
  }
}

/**
 * The mean over all positions: [batch, height, width, channels] to [batch, channels].
 *
 * @example
 * ```ts
 * import { layers, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const x = np.reshape(np.arange(4), [1, 2, 2, 1]);
 * assertEquals(new layers.GlobalAveragePooling2D().apply(x).toArray(), [[1.5]]);
 * ```
 */
export class GlobalAveragePooling2D extends GlobalPooling {
  /** See the class. */
  override call(x: Tensor): Tensor {
    needRank(x, 2);
    return x.mean({ axis: [1, 2], keepdims: this.keepdims });
  }
}

/**
 * The greatest over all positions: [batch, height, width, channels] to [batch, channels]. Elements
 * that are equally great share the gradient, as in Keras.
 *
 * @example
 * ```ts
 * import { layers, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const x = np.reshape(np.arange(4), [1, 2, 2, 1]);
 * assertEquals(new layers.GlobalMaxPooling2D({ keepdims: true }).apply(x).toArray(), [[[[3]]]]);
 * ```
 */
export class GlobalMaxPooling2D extends GlobalPooling {
  /** See the class. */
  override call(x: Tensor): Tensor {
    needRank(x, 2);
    return x.max({ axis: [1, 2], keepdims: this.keepdims });
  }
}
