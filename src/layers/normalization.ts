/**
 * Normalizing layers: BatchNormalization, LayerNormalization.
 *
 * @module
 */
import { formatShape } from "../base/errors.ts";
import { normalizeAxes } from "../base/shape.ts";
import type { Tensor, Variable } from "../core/mod.ts";
import type { InitializerLike } from "../initializers/mod.ts";
import { type CallOptions, type InputShape, Layer, type LayerOptions } from "./layer.ts";

/** Options of the normalizing layers. */
export interface NormalizationOptions extends LayerOptions {
  /** Added to the variance; default 1e-3. */
  epsilon?: number;
  /** Whether a learned beta is added; default true. */
  center?: boolean;
  /** Whether the result is multiplied by a learned gamma; default true. */
  scale?: boolean;
  /** First values of beta; default zeros. */
  betaInitializer?: InitializerLike;
  /** First values of gamma; default ones. */
  gammaInitializer?: InitializerLike;
}

/** Options of {@link BatchNormalization}. */
export interface BatchNormalizationOptions extends NormalizationOptions {
  /** The axis of the features, which keep statistics of their own; default -1. */
  axis?: number;
  /** How slowly the moving statistics move; default 0.99. */
  momentum?: number;
  /** First values of the moving mean; default zeros. */
  movingMeanInitializer?: InitializerLike;
  /** First values of the moving variance; default ones. */
  movingVarianceInitializer?: InitializerLike;
}

function sizes(shape: InputShape, axes: readonly number[], name: string): number[] {
  return axes.map((a) => {
    const n = shape[a]!;
    if (n < 0) {
      throw new RangeError(
        `Cannot build ${name} over axis ${a} of ${formatShape(shape)}: its size must be known`,
      );
    }
    return n;
  });
}

/**
 * Features brought to mean 0 and variance 1 over the batch while training, over moving averages
 * otherwise: `(x - mean) * gamma / sqrt(variance + epsilon) + beta` with the biased variance.
 * Variables: gamma, beta, moving_mean, moving_variance (the last two not trainable).
 *
 * @example
 * ```ts
 * import { layers, np } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const norm = new layers.BatchNormalization();
 * const y = norm.apply(np.array([[1], [3]]), { training: true });
 * assertAlmostEquals(y.at(1, 0).item(), 0.9995, 1e-4);
 * ```
 */
export class BatchNormalization extends Layer {
  /** The axis of the features. */
  readonly axis: number;
  /** How slowly the moving statistics move. */
  readonly momentum: number;
  /** Added to the variance. */
  readonly epsilon: number;
  /** The learned factor; there once it is built, unless `scale` is false. */
  gamma?: Variable;
  /** The learned offset; there once it is built, unless `center` is false. */
  beta?: Variable;
  /** The moving average of the mean. */
  movingMean?: Variable;
  /** The moving average of the variance. */
  movingVariance?: Variable;
  readonly #options: BatchNormalizationOptions;

  constructor(options: BatchNormalizationOptions = {}) {
    super(options);
    this.#options = options;
    this.axis = options.axis ?? -1;
    this.momentum = options.momentum ?? 0.99;
    this.epsilon = options.epsilon ?? 1e-3;
  }

  /** Makes the variables, one value per feature. */
  override build(inputShape: InputShape): void {
    const o = this.#options;
    const shape = sizes(
      inputShape,
      normalizeAxes(this.axis, inputShape.length, "normalize"),
      this.name,
    );
    if (o.scale ?? true) {
      this.gamma = this.addWeight({
        shape,
        initializer: o.gammaInitializer ?? "ones",
        name: "gamma",
      });
    }
    if (o.center ?? true) {
      this.beta = this.addWeight({
        shape,
        initializer: o.betaInitializer ?? "zeros",
        name: "beta",
      });
    }
    this.movingMean = this.addWeight({
      shape,
      initializer: o.movingMeanInitializer ?? "zeros",
      name: "moving_mean",
      trainable: false,
    });
    this.movingVariance = this.addWeight({
      shape,
      initializer: o.movingVarianceInitializer ?? "ones",
      name: "moving_variance",
      trainable: false,
    });
  }

  /** See the class. */
  override call(x: Tensor, { training }: CallOptions): Tensor {
    const [axis] = normalizeAxes(this.axis, x.ndim, "normalize");
    const others = x.shape.map((_, i) => i).filter((i) => i !== axis);
    const line = x.shape.map((n, i) => i === axis ? n : 1);
    let mean = this.movingMean!.value.reshape(line);
    let variance = this.movingVariance!.value.reshape(line);
    if (training && this.trainable) {
      const m = this.momentum;
      mean = x.mean({ axis: others, keepdims: true });
      variance = x.var({ axis: others, keepdims: true });
      const move = (v: Variable, now: Tensor) =>
        v.assign(v.value.mul(m).add(now.reshape(v.shape).mul(1 - m)));
      move(this.movingMean!, mean);
      move(this.movingVariance!, variance);
    }
    let factor = variance.add(this.epsilon).rsqrt();
    if (this.gamma !== undefined) factor = factor.mul(this.gamma.value.reshape(line));
    let offset = mean.mul(factor).neg();
    if (this.beta !== undefined) offset = offset.add(this.beta.value.reshape(line));
    return x.mul(factor).add(offset);
  }
}

/**
 * Each example brought to mean 0 and variance 1 over `axis` (default the last), times gamma plus
 * beta, with the biased variance.
 *
 * @example
 * ```ts
 * import { layers, np } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const y = new layers.LayerNormalization().apply(np.array([[1, 3]]));
 * assertAlmostEquals(y.at(0, 1).item(), 0.9995, 1e-4);
 * ```
 */
export class LayerNormalization extends Layer {
  /** The axes of one example's features. */
  readonly axis: number | readonly number[];
  /** Added to the variance. */
  readonly epsilon: number;
  /** The learned factor; there once it is built, unless `scale` is false. */
  gamma?: Variable;
  /** The learned offset; there once it is built, unless `center` is false. */
  beta?: Variable;
  readonly #options: NormalizationOptions;

  constructor(options: NormalizationOptions & { axis?: number | readonly number[] } = {}) {
    super(options);
    this.#options = options;
    this.axis = options.axis ?? -1;
    this.epsilon = options.epsilon ?? 1e-3;
  }

  /** Makes gamma and beta over the normalized axes. */
  override build(inputShape: InputShape): void {
    const o = this.#options;
    const shape = sizes(
      inputShape,
      normalizeAxes(this.axis, inputShape.length, "normalize"),
      this.name,
    );
    if (o.scale ?? true) {
      this.gamma = this.addWeight({
        shape,
        initializer: o.gammaInitializer ?? "ones",
        name: "gamma",
      });
    }
    if (o.center ?? true) {
      this.beta = this.addWeight({
        shape,
        initializer: o.betaInitializer ?? "zeros",
        name: "beta",
      });
    }
  }

  /** See the class. */
  override call(x: Tensor): Tensor {
    const axis = normalizeAxes(this.axis, x.ndim, "normalize");
    const line = x.shape.map((n, i) => axis.includes(i) ? n : 1);
    const mean = x.mean({ axis, keepdims: true });
    const variance = x.var({ axis, keepdims: true });
    let y = x.sub(mean).mul(variance.add(this.epsilon).rsqrt());
    if (this.gamma !== undefined) y = y.mul(this.gamma.value.reshape(line));
    return this.beta === undefined ? y : y.add(this.beta.value.reshape(line));
  }
}
