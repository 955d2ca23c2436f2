/**
 * Adafactor: means of squares of matrices kept as one row and one column.
 *
 * @module
 */
import { checkDType, type DType } from "../base/mod.ts";
import type { Tensor } from "../core/mod.ts";
import { decayAs } from "./add_decayed_weights.ts";
import { chain } from "./chain.ts";
import { number, optionsOf, rest, scalar, whole } from "./check.ts";
import { clipByBlockRms } from "./clip.ts";
import { perDType } from "./counting.ts";
import { ema } from "./ema.ts";
import { leafwise } from "./leafwise.ts";
import type { Mask } from "./masked.ts";
import { byLearningRate, scale } from "./scale.ts";
import { paramRmsAs } from "./trust_ratio.ts";
import type {
  CountState,
  GradientTransformation,
  OptState,
  Scalar,
  ScalarOrSchedule,
} from "./types.ts";

/** Options of {@link scaleByFactoredRms}. */
export interface FactoredRmsOptions {
  /** Whether to keep rows and columns instead of matrices; default true. */
  factored?: boolean | undefined;
  /** The mean of update number t keeps `1 - t^-decayRate`; default 0.8. */
  decayRate?: Scalar | undefined;
  /** Updates that are not counted, as those before fine-tuning; default 0. */
  stepOffset?: number | undefined;
  /** The least second-largest axis of a parameter that is kept as a row and a column; default 128. */
  minDimSizeToFactor?: number | undefined;
  /** Added to squared gradients; default 1e-30. */
  epsilon?: Scalar | undefined;
}

/** Options of {@link adafactor}. */
export interface AdafactorOptions {
  /** The least second-largest axis of a parameter that is kept as a row and a column; default 128. */
  minDimSizeToFactor?: number | undefined;
  /** The mean of update number t keeps `1 - t^-decayRate`; default 0.8. */
  decayRate?: Scalar | undefined;
  /** Updates that are not counted, as those before fine-tuning; default 0. */
  decayOffset?: number | undefined;
  /** Whether steps are in units of the size of the parameter; default true. */
  multiplyByParameterScale?: boolean | undefined;
  /** The greatest root of the mean of squares of an update; default 1, null for none. */
  clippingThreshold?: Scalar | null | undefined;
  /** How much of the mean of updates stays; default null, no momentum. */
  momentum?: Scalar | null | undefined;
  /** The dtype of that mean; default float32. */
  dtypeMomentum?: DType | undefined;
  /** The part of a weight that each step takes off; default null, none. */
  weightDecayRate?: ScalarOrSchedule | null | undefined;
  /** Added to squared gradients; default 1e-30. */
  eps?: Scalar | undefined;
  /** Whether to keep rows and columns instead of matrices; default true. */
  factored?: boolean | undefined;
  /** Which weights decay; default all. */
  weightDecayMask?: Mask | null | undefined;
}

/** The state of {@link scaleByFactoredRms}: a parameter has `v`, or `vRow` and `vCol`. */
export type FactoredState = CountState & {
  /** Means of squares over the largest axis; of shape [1] where there are none. */
  vRow: unknown;
  /** Means of squares over the second-largest axis; of shape [1] where there are none. */
  vCol: unknown;
  /** Means of squares; of shape [1] where there are a row and a column. */
  v: unknown;
};

/** The second-largest and the largest axis of what is kept as a row and a column, else null. */
function factoredAxes(shape: readonly number[], least: number): [number, number] | null {
  if (shape.length < 2) return null;
  const order = shape.map((_, i) => i).sort((a, b) => shape[a]! - shape[b]! || a - b);
  const [second, largest] = order.slice(-2) as [number, number];
  return shape[second]! < least ? null : [second, largest];
}

const without = (shape: readonly number[], axis: number): number[] =>
  shape.filter((_, i) => i !== axis);
const with1 = (shape: readonly number[], axis: number): number[] =>
  shape.map((n, i) => i === axis ? 1 : n);

/**
 * Divides gradients by the root of the mean of their squares, which is kept as the product of a row
 * and a column. Needs params.
 *
 * @throws {TypeError | RangeError} when an option is unknown or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.scaleByFactoredRms({ minDimSizeToFactor: 2 });
 * const params = np.zeros([2, 3]);
 * const grads = np.array([[1, 2, 3], [2, 4, 6]]);
 * const [updates] = tx.update(grads, tx.init(params), params);
 * assertAlmostEquals(updates.at(1, 2).item(), 1, 1e-5); // an outer product is told exactly
 * ```
 */
export function scaleByFactoredRms(
  options: FactoredRmsOptions = {},
): GradientTransformation<FactoredState> {
  const kind = "scaleByFactoredRms";
  optionsOf(
    options,
    ["factored", "decayRate", "stepOffset", "minDimSizeToFactor", "epsilon"],
    kind,
  );
  return factoredRmsAs(kind, options);
}

function factoredRmsAs(
  kind: string,
  options: FactoredRmsOptions,
): GradientTransformation<FactoredState> {
  const decayRate = scalar(options.decayRate ?? 0.8, "decayRate", kind);
  const offset = number(options.stepOffset ?? 0, "stepOffset", kind);
  const least = whole(options.minDimSizeToFactor ?? 128, "minDimSizeToFactor", kind, 0);
  const epsilon = scalar(options.epsilon ?? 1e-30, "epsilon", kind, 0);
  const axesOf = ({ shape }: Tensor): [number, number] | null =>
    options.factored === false ? null : factoredAxes(shape, least);
  const side = (which: 0 | 1) => (p: Tensor): Tensor => {
    const axes = axesOf(p);
    return p.zeros(axes === null ? [1] : without(p.shape, axes[which]));
  };
  return leafwise<FactoredState, "vRow" | "vCol" | "v">({
    kind,
    loose: true,
    counted: true,
    needsParams: true,
    slots: { vRow: side(1), vCol: side(0), v: (p) => p.zeros(axesOf(p) === null ? p.shape : [1]) },
    rule: ({ before }) => {
      const kept = perDType((d) => {
        const t = before.astype(d).sub(offset).add(1);
        const power = typeof decayRate === "number" ? -decayRate : decayRate.neg();
        return rest(t.pow(power)) as Tensor;
      });
      return (g, slots) => {
        const keep = kept(g.dtype);
        const squares = g.mul(g).add(epsilon);
        const mean = (old: Tensor, now: Tensor): Tensor => old.mul(keep).add(now.mul(rest(keep)));
        const axes = axesOf(g);
        if (axes === null) {
          const v = mean(slots.v, squares);
          return [g.mul(v.rsqrt()), { ...slots, v }];
        }
        const [second, largest] = axes;
        const vRow = mean(slots.vRow, squares.mean(largest));
        const vCol = mean(slots.vCol, squares.mean(second));
        const total = vRow.mean({ axis: second > largest ? second - 1 : second, keepdims: true });
        const row = vRow.div(total).rsqrt().reshape(with1(g.shape, largest));
        const column = vCol.rsqrt().reshape(with1(g.shape, second));
        return [g.mul(row).mul(column), { ...slots, vRow, vCol }];
      };
    },
  });
}

/**
 * Adafactor (Shazeer and Stern, 2018). Needs params.
 *
 * @param learningRate a number, a schedule, or null (the default) for steps of the size that the
 * parameters and the clipping give
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.adafactor(0.1);
 * const params = [np.array([2, -2])];
 * const [updates] = tx.update([np.array([5, 5])], tx.init(params), params);
 * assertAlmostEquals(updates[0]!.at(0).item(), -0.2, 1e-6);
 * ```
 */
export function adafactor(
  learningRate: ScalarOrSchedule | null = null,
  options: AdafactorOptions = {},
): GradientTransformation<readonly OptState[]> {
  const kind = "adafactor";
  optionsOf(options, [
    "minDimSizeToFactor",
    "decayRate",
    "decayOffset",
    "multiplyByParameterScale",
    "clippingThreshold",
    "momentum",
    "dtypeMomentum",
    "weightDecayRate",
    "eps",
    "factored",
    "weightDecayMask",
  ], kind);
  const { clippingThreshold = 1, momentum = null, weightDecayRate = null } = options;
  const accumulatorDtype = checkDType(options.dtypeMomentum ?? "float32", `make ${kind}`);
  const parts: GradientTransformation<OptState>[] = [
    factoredRmsAs(kind, {
      factored: options.factored,
      decayRate: options.decayRate,
      stepOffset: options.decayOffset,
      minDimSizeToFactor: options.minDimSizeToFactor,
      epsilon: options.eps,
    }),
  ];
  if (clippingThreshold !== null) parts.push(clipByBlockRms(clippingThreshold));
  if (learningRate !== null) parts.push(byLearningRate(learningRate, kind, false));
  if (options.multiplyByParameterScale ?? true) parts.push(paramRmsAs(kind, 1e-3));
  if (momentum !== null) parts.push(ema(momentum, { debias: false, accumulatorDtype }));
  if (weightDecayRate !== null) {
    parts.push(decayAs(kind, weightDecayRate, options.weightDecayMask ?? null));
  }
  return chain(...parts, scale(-1));
}
