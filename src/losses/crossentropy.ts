/**
 * Losses for classes: minus the logarithm of the probability that was given to what came true.
 *
 * @module
 */
import { formatShape, formatValue, normalizeAxis } from "../base/mod.ts";
import { emit, type Tensor } from "../core/mod.ts";
import { logSoftmax, softplus } from "../nn/mod.ts";
import { align } from "./align.ts";
import { makeLoss, needSameShape, within, yesOrNo } from "./loss.ts";
import type { Loss, LossOptions } from "./types.ts";

/** Probabilities stay this far from 0 and 1, as in Keras. */
const EPSILON = 1e-7;

function clipped(p: Tensor): Tensor {
  return p.maximum(EPSILON).minimum(1 - EPSILON);
}

/** The logarithms of the probabilities along the axis of classes. */
function logProbabilities(p: Tensor, fromLogits: boolean, axis: number): Tensor {
  if (fromLogits) return logSoftmax(p, { axis });
  return clipped(p.div(p.sum({ axis, keepdims: true }))).log();
}

function checkAxis(axis: unknown, factory: string): number {
  if (Number.isSafeInteger(axis)) return axis as number;
  throw new TypeError(
    `Cannot make ${factory} with axis ${formatValue(axis)}: an axis is an integer`,
  );
}

/** Options of {@link categoricalCrossentropy}. */
export interface CategoricalCrossentropyOptions extends LossOptions {
  /** Whether predictions are logits; default false, probabilities. */
  fromLogits?: boolean | undefined;
  /** Moves labels towards even ones by this part; default 0. */
  labelSmoothing?: number | undefined;
  /** The axis of classes; default the last. */
  axis?: number | undefined;
}

/**
 * Cross-entropy between rows of label probabilities (one-hot, as a rule) and predictions.
 *
 * @returns a function of `yTrue` and `yPred`, both `[..., classes]`
 * @throws {TypeError} when it is called with tensors instead of options
 *
 * @example
 * ```ts
 * import { losses } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const loss = losses.categoricalCrossentropy({ fromLogits: true });
 * assertAlmostEquals(loss([[1, 0, 0]], [[2, 1, 0.1]]).item(), 0.41703002, 1e-6);
 * ```
 */
export function categoricalCrossentropy(options: CategoricalCrossentropyOptions = {}): Loss {
  const factory = "categoricalCrossentropy";
  const { fromLogits = false, labelSmoothing = 0, axis = -1 } = options ?? {};
  const loss = makeLoss(
    factory,
    options,
    ["fromLogits", "labelSmoothing", "axis"],
    (yTrue, yPred) => {
      const [aligned, p] = align(yTrue, yPred);
      needSameShape(
        aligned,
        p,
        factory,
        "; for class numbers use losses.sparseCategoricalCrossentropy",
      );
      const k = normalizeAxis(axis, p.shape.length, `take ${factory}`);
      let y = aligned.astype(p.dtype);
      if (labelSmoothing !== 0) {
        y = y.mul(1 - labelSmoothing).add(labelSmoothing / p.shape[k]!);
      }
      const values = y.mul(logProbabilities(p, fromLogits, k)).sum({ axis: k }).neg();
      return { values, mask: null };
    },
  );
  yesOrNo(fromLogits, "fromLogits", factory);
  within(labelSmoothing, 0, 1, "labelSmoothing", factory);
  checkAxis(axis, factory);
  return loss;
}

/** Options of {@link sparseCategoricalCrossentropy}. */
export interface SparseCategoricalCrossentropyOptions extends LossOptions {
  /** Whether predictions are logits; default false, probabilities. */
  fromLogits?: boolean | undefined;
  /** A class number whose samples do not count; default none. */
  ignoreClass?: number | null | undefined;
  /** The axis of classes in the predictions; default the last. */
  axis?: number | undefined;
}

/**
 * Cross-entropy between class numbers and predictions. The loss of a class number that is none of
 * the classes is 0.
 *
 * @returns a function of `yTrue`, `[...]` or `[..., 1]`, and `yPred`, `[..., classes]`
 * @throws {TypeError} when it is called with tensors instead of options
 *
 * @example
 * ```ts
 * import { losses } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const loss = losses.sparseCategoricalCrossentropy({ fromLogits: true });
 * assertAlmostEquals(loss([0], [[2, 1, 0.1]]).item(), 0.41703002, 1e-6);
 * ```
 */
export function sparseCategoricalCrossentropy(
  options: SparseCategoricalCrossentropyOptions = {},
): Loss {
  const factory = "sparseCategoricalCrossentropy";
  const { fromLogits = false, ignoreClass = null, axis = -1 } = options ?? {};
  const loss = makeLoss(factory, options, ["fromLogits", "ignoreClass", "axis"], (yTrue, p) => {
    const k = normalizeAxis(axis, p.shape.length, `take ${factory}`);
    const column = p.shape.map((n, i) => i === k ? 1 : n);
    const labels = classNumbers(yTrue, p, k).reshape(column);
    const classes = emit("iota", [], {
      shape: p.shape.map((n, i) => i === k ? n : 1),
      axis: k,
      dtype: "int32",
    });
    const target = labels.eq(classes).astype(p.dtype);
    const valuesOf = (q: Tensor): Tensor =>
      target.mul(logProbabilities(q, fromLogits, k)).sum({ axis: k }).neg();
    if (ignoreClass === null) return { values: valuesOf(p), mask: null };
    // predictions of ignored samples may be anything, also NaN
    const counts = labels.ne(ignoreClass);
    const values = valuesOf(emit("where", [counts, p, p.zeros([]).add(1)]));
    const mask = counts.reshape(values.shape);
    return { values: emit("where", [mask, values, values.zeros([])]), mask };
  });
  yesOrNo(fromLogits, "fromLogits", factory);
  if (ignoreClass !== null && !Number.isSafeInteger(ignoreClass)) {
    throw new TypeError(
      `Cannot make ${factory} with ignoreClass ${formatValue(ignoreClass)}: wanted an integer`,
    );
  }
  checkAxis(axis, factory);
  return loss;
}

/** Labels as int32 of the shape of the predictions without the axis of classes. */
function classNumbers(yTrue: Tensor, p: Tensor, k: number): Tensor {
  const rest = p.shape.filter((_, i) => i !== k);
  const same = (shape: readonly number[]): boolean =>
    shape.length === yTrue.shape.length && shape.every((n, i) => n === yTrue.shape[i]);
  const column = p.shape.map((n, i) => i === k ? 1 : n);
  if (!same(rest) && !same(column)) {
    throw new RangeError(
      `Cannot take sparseCategoricalCrossentropy of yTrue ${formatShape(yTrue.shape)} and yPred ` +
        `${formatShape(p.shape)}: yTrue must be ${formatShape(rest)}` +
        (same(p.shape)
          ? "; for one-hot labels use losses.categoricalCrossentropy"
          : yTrue.ndim === p.ndim + 1
          ? "; labels come first, predictions second"
          : ""),
    );
  }
  return yTrue.astype("int32");
}

/** Options of {@link binaryCrossentropy}. */
export interface BinaryCrossentropyOptions extends LossOptions {
  /** Whether predictions are logits; default false, probabilities. */
  fromLogits?: boolean | undefined;
  /** Moves labels towards 0.5 by this part; default 0. */
  labelSmoothing?: number | undefined;
  /** The axis that is averaged before the reduction; default the last. */
  axis?: number | undefined;
}

/**
 * Cross-entropy between labels from 0 to 1 and predictions, each for itself.
 *
 * @returns a function of `yTrue` and `yPred` of the same shape
 * @throws {TypeError} when it is called with tensors instead of options
 *
 * @example
 * ```ts
 * import { losses } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const loss = losses.binaryCrossentropy({ fromLogits: true });
 * assertAlmostEquals(loss([1, 0, 1], [0.5, -1, 2]).item(), 0.30475556, 1e-6);
 * ```
 */
export function binaryCrossentropy(options: BinaryCrossentropyOptions = {}): Loss {
  const factory = "binaryCrossentropy";
  const { fromLogits = false, labelSmoothing = 0, axis = -1 } = options ?? {};
  const loss = makeLoss(
    factory,
    options,
    ["fromLogits", "labelSmoothing", "axis"],
    (yTrue, yPred) => {
      const [aligned, p] = align(yTrue, yPred);
      needSameShape(aligned, p, factory);
      let y = aligned.astype(p.dtype);
      if (labelSmoothing !== 0) y = y.mul(1 - labelSmoothing).add(0.5 * labelSmoothing);
      const no = y.neg().add(1);
      const q = fromLogits ? p : clipped(p);
      const each = fromLogits
        ? y.mul(softplus(q.neg())).add(no.mul(softplus(q)))
        : y.mul(q.log()).add(no.mul(q.neg().add(1).log())).neg();
      return { values: each.mean({ axis }), mask: null };
    },
  );
  yesOrNo(fromLogits, "fromLogits", factory);
  within(labelSmoothing, 0, 1, "labelSmoothing", factory);
  checkAxis(axis, factory);
  return loss;
}
