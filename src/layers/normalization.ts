/**
 * Normalizing layers: BatchNormalization, LayerNormalization.
 *
 * @module
 */
import { formatShape } from "../base/errors.ts";
import { normalizeAxes } from "../base/shape.ts";
import type { Tensor, Variable } from "../core/mod.ts";
import * as initializers from "../initializers/mod.ts";
import { readableShape } from "./graph.ts";
import { Layer } from "./layer.ts";
import { checkLayerOptions } from "./options.ts";
import type { CallOptions, InputShape, LayerOptions, WeightOptions } from "./types.ts";

/** The names that both normalizing layers take. */
const OPTIONS = ["axis", "epsilon", "center", "scale", "betaInitializer", "gammaInitializer"];

/** Options of the normalizing layers. */
export interface NormalizationOptions extends LayerOptions {
  /** Added to the variance; default 1e-3. */
  epsilon?: number | undefined;
  /** Whether a learned beta is added; default true. */
  center?: boolean | undefined;
  /** Whether the result is multiplied by a learned gamma; default true. */
  scale?: boolean | undefined;
  /** First values of beta; default zeros. */
  betaInitializer?: string | initializers.Initializer | undefined;
  /** First values of gamma; default ones. */
  gammaInitializer?: string | initializers.Initializer | undefined;
}

/** Options of {@link BatchNormalization}. */
export interface BatchNormalizationOptions extends NormalizationOptions {
  /** The axis of the features, which keep statistics of their own; default -1. */
  axis?: number | undefined;
  /** How slowly the moving statistics move; default 0.99. */
  momentum?: number | undefined;
  /** First values of the moving mean; default zeros. */
  movingMeanInitializer?: string | initializers.Initializer | undefined;
  /** First values of the moving variance; default ones. */
  movingVarianceInitializer?: string | initializers.Initializer | undefined;
}

/** The sizes of the axes that have values of their own. */
function sizes(shape: InputShape, axis: number | readonly number[]): number[] {
  return normalizeAxes(axis, shape.length, "normalize").map((a) => {
    const n = shape[a]!;
    if (n < 0) {
      throw new RangeError(
        `Cannot normalize ${formatShape(shape)} over axis ${a}: its size must be known`,
      );
    }
    return n;
  });
}

/** The axes of features, counted from the front, after a look at whether they fit. */
function featureAxes(
  x: Tensor,
  axis: number | readonly number[],
  built: readonly number[] | undefined,
): number[] {
  const axes = normalizeAxes(axis, x.ndim, "normalize");
  if (built !== undefined && axes.some((a, i) => x.shape[a] !== built[i])) {
    throw new RangeError(
      `Cannot normalize an input of shape ${formatShape(readableShape(x.shape))} over axes ` +
        `${formatShape(axes)}: it was built for sizes ${formatShape(built)} there`,
    );
  }
  return axes;
}

/** How gamma and beta are made; null where they are switched off. */
interface Learned {
  readonly gamma: WeightOptions | null;
  readonly beta: WeightOptions | null;
}

function learned(o: NormalizationOptions): Learned {
  return {
    beta: o.center ?? true ? weight("beta", o.betaInitializer ?? "zeros") : null,
    gamma: o.scale ?? true ? weight("gamma", o.gammaInitializer ?? "ones") : null,
  };
}

/** A weight whose initializer is made now, so that seeds are drawn as layers are made. */
function weight(
  name: string,
  initializer: string | initializers.Initializer,
  trainable = true,
): WeightOptions {
  return { name, initializer: initializers.get(initializer), trainable };
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
  readonly #learned: Learned;
  readonly #statistics: readonly [WeightOptions, WeightOptions];

  /** Makes the layer; its variables come with the first input. */
  constructor(options: BatchNormalizationOptions = {}) {
    super(options);
    checkLayerOptions(
      options,
      [...OPTIONS, "momentum", "movingMeanInitializer", "movingVarianceInitializer"],
      "BatchNormalization",
    );
    this.axis = options.axis ?? -1;
    this.momentum = options.momentum ?? 0.99;
    this.epsilon = options.epsilon ?? 1e-3;
    this.#learned = learned(options);
    this.#statistics = [
      weight("moving_mean", options.movingMeanInitializer ?? "zeros", false),
      weight("moving_variance", options.movingVarianceInitializer ?? "ones", false),
    ];
  }

  /** Makes the variables, one value per feature. */
  override build(inputShape: InputShape): void {
    const shape = sizes(inputShape, this.axis);
    const { gamma, beta } = this.#learned;
    const [mean, variance] = this.#statistics;
    if (gamma !== null) this.gamma = this.addWeight({ ...gamma, shape });
    if (beta !== null) this.beta = this.addWeight({ ...beta, shape });
    this.movingMean = this.addWeight({ ...mean, shape });
    this.movingVariance = this.addWeight({ ...variance, shape });
  }

  /** See the class. */
  override call(x: Tensor, { training }: CallOptions): Tensor {
    const [axis] = featureAxes(x, this.axis, this.movingMean!.shape);
    const others = x.shape.map((_, i) => i).filter((i) => i !== axis);
    const line = x.shape.map((n, i) => i === axis ? n : 1);
    let mean = this.movingMean!.value.reshape(line);
    let variance = this.movingVariance!.value.reshape(line);
    if (training && this.trainable && x.size > 0) {
      const m = this.momentum;
      mean = x.mean({ axis: others, keepdims: true });
      variance = x.sub(mean).square().mean({ axis: others, keepdims: true });
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
  readonly #learned: Learned;

  /** Makes the layer; its variables come with the first input. */
  constructor(
    options: NormalizationOptions & { axis?: number | readonly number[] | undefined } = {},
  ) {
    super(options);
    checkLayerOptions(options, OPTIONS, "LayerNormalization");
    this.axis = options.axis ?? -1;
    this.epsilon = options.epsilon ?? 1e-3;
    this.#learned = learned(options);
  }

  /** Makes gamma and beta over the normalized axes. */
  override build(inputShape: InputShape): void {
    const shape = sizes(inputShape, this.axis);
    const { gamma, beta } = this.#learned;
    if (gamma !== null) this.gamma = this.addWeight({ ...gamma, shape });
    if (beta !== null) this.beta = this.addWeight({ ...beta, shape });
  }

  /** See the class. */
  override call(x: Tensor): Tensor {
    const axis = featureAxes(x, this.axis, (this.gamma ?? this.beta)?.shape);
    const line = x.shape.map((n, i) => axis.includes(i) ? n : 1);
    const distance = x.sub(x.mean({ axis, keepdims: true }));
    const variance = distance.square().mean({ axis, keepdims: true });
    let y = distance.mul(variance.add(this.epsilon).rsqrt());
    if (this.gamma !== undefined) y = y.mul(this.gamma.value.reshape(line));
    return this.beta === undefined ? y : y.add(this.beta.value.reshape(line));
  }
}
