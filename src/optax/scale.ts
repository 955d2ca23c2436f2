/**
 * Updates times a number: a step size, fixed or scheduled.
 *
 * @module
 */
import { type DType, formatShape } from "../base/mod.ts";
import { type Tensor, toTensor } from "../core/mod.ts";
import { identityAs } from "./chain.ts";
import { optionsOf, scalar, scalarOrSchedule } from "./check.ts";
import { perDType } from "./counting.ts";
import { leafwise } from "./leafwise.ts";
import type { CountState, GradientTransformation, Scalar, ScalarOrSchedule } from "./types.ts";

/**
 * Multiplies updates by a number.
 *
 * @throws {TypeError | RangeError} when the step size is no finite number
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const tx = optax.scale(-0.5);
 * const [updates] = tx.update({ w: np.array([2, 4]) }, tx.init(null));
 * assertEquals(updates.w.toArray(), [-1, -2]);
 * ```
 */
export function scale(stepSize: Scalar): GradientTransformation<null> {
  return scaleAs("scale", scalar(stepSize, "stepSize", "scale"));
}

function scaleAs(kind: string, factor: Scalar): GradientTransformation<null> {
  return leafwise<null>({ kind, rule: () => (g) => g.mul(factor) });
}

/** A schedule's value at a count, a scalar of the dtype. */
export function valueAt(
  schedule: (count: Tensor) => unknown,
  count: Tensor,
  dtype: DType,
  kind: string,
): Tensor {
  // beside float64 leaves a schedule is computed in float64 too
  const at = schedule(dtype === "float64" ? count.astype("float64") : count);
  const value = toTensor(at as Tensor, `update with ${kind} by a schedule's value`);
  if (value.shape.length > 0) {
    throw new TypeError(
      `Cannot update with ${kind}: its schedule gave a value of shape ` +
        `${formatShape(value.shape)}: wanted a scalar`,
    );
  }
  return value.astype(dtype);
}

/**
 * Multiplies updates by a schedule's value, which is called with 0 at the first update.
 *
 * @throws {TypeError} when no function is given, or at the update when it gives no scalar
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const tx = optax.scaleBySchedule((count) => count.add(10));
 * let state = tx.init(null);
 * let updates;
 * [updates, state] = tx.update([np.array(1)], state);
 * assertEquals(updates[0]!.item(), 10);
 * [updates, state] = tx.update([np.array(1)], state);
 * assertEquals(updates[0]!.item(), 11);
 * ```
 */
export function scaleBySchedule(
  stepSizeFn: (count: Tensor) => unknown,
): GradientTransformation<CountState> {
  if (typeof stepSizeFn !== "function") {
    throw new TypeError(
      "Cannot make scaleBySchedule without a function: wanted a schedule; " +
        "for a number there is optax.scale(number)",
    );
  }
  return scheduled("scaleBySchedule", stepSizeFn, 1);
}

function scheduled(
  kind: string,
  schedule: (count: Tensor) => unknown,
  sign: 1 | -1,
): GradientTransformation<CountState> {
  return leafwise<CountState>({
    kind,
    counted: true,
    rule: ({ before }) => {
      const factor = perDType((dtype) => {
        const value = valueAt(schedule, before, dtype, kind);
        return sign === 1 ? value : value.neg();
      });
      return (g) => g.mul(factor(g.dtype));
    },
  });
}

/**
 * Multiplies updates by minus the learning rate: the last step of an optimizer, after which updates
 * are added to the parameters.
 *
 * @param learningRate a number, a schedule, or null for none
 * @param options `flipSign`: whether the sign changes; default true
 * @throws {TypeError | RangeError} when it is neither a finite number nor a schedule
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const tx = optax.scaleByLearningRate(0.5);
 * assertEquals(tx.update([np.array(4)], tx.init(null))[0][0]!.item(), -2);
 * ```
 */
export function scaleByLearningRate(
  learningRate: ScalarOrSchedule | null,
  options: { flipSign?: boolean | undefined } = {},
): GradientTransformation<CountState | null> {
  optionsOf(options, ["flipSign"], "scaleByLearningRate");
  const kind = "scaleByLearningRate";
  if (learningRate === null) return identityAs(kind);
  return byLearningRate(learningRate, kind, options.flipSign ?? true);
}

/** The same, with the name of the optimizer that it ends. */
export function byLearningRate(
  learningRate: ScalarOrSchedule,
  kind: string,
  flipSign = true,
): GradientTransformation<CountState | null> {
  const rate = scalarOrSchedule(learningRate, "learningRate", kind);
  if (typeof rate === "function") return scheduled(kind, rate, flipSign ? -1 : 1);
  if (!flipSign) return scaleAs(kind, rate);
  return scaleAs(kind, typeof rate === "number" ? -rate : rate.neg());
}

/**
 * Replaces each element of an update by its sign.
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const tx = optax.scaleBySign();
 * assertEquals(tx.update(np.array([3, -2, 0]), tx.init(null))[0].toArray(), [1, -1, 0]);
 * ```
 */
export function scaleBySign(): GradientTransformation<null> {
  return leafwise<null>({ kind: "scaleBySign", rule: () => (g) => g.sign() });
}
