/**
 * Clipping: updates that are too large, made smaller.
 *
 * @module
 */
import { emit, literal, type Tensor } from "../core/mod.ts";
import { scalar } from "./check.ts";
import { floatLeavesOf } from "./leaves.ts";
import { leafwise } from "./leafwise.ts";
import type { GradientTransformation, Scalar } from "./types.ts";

/**
 * The root of the sum of squares of all elements of a tree: a scalar. That of no element is 0.
 *
 * @throws {TypeError} when a leaf is not floating point; it names its path
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(optax.globalNorm({ a: np.array([3]), b: [np.array(4)] }).item(), 5);
 * ```
 */
export function globalNorm(updates: unknown): Tensor {
  return normOf(floatLeavesOf(updates, "updates", "take the norm").tensors);
}

function normOf(leaves: readonly Tensor[]): Tensor {
  if (leaves.length === 0) return literal(0, "float32");
  return leaves.map((g) => g.mul(g).sum()).reduce((a, b) => a.add(b)).sqrt();
}

/**
 * Keeps each element between `-maxDelta` and `maxDelta`.
 *
 * @throws {TypeError | RangeError} when `maxDelta` is no number, at least 0
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const tx = optax.clip(1);
 * assertEquals(tx.update(np.array([-3, 0.5, 2]), tx.init(null))[0].toArray(), [-1, 0.5, 1]);
 * ```
 */
export function clip(maxDelta: Scalar): GradientTransformation<null> {
  const c = scalar(maxDelta, "maxDelta", "clip", 0);
  const low = typeof c === "number" ? -c : c.neg();
  return leafwise<null>({ kind: "clip", rule: () => (g) => g.maximum(low).minimum(c) });
}

/**
 * Scales all updates down together so that their global norm is at most `maxNorm`.
 *
 * @throws {TypeError | RangeError} when `maxNorm` is no number, at least 0
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.clipByGlobalNorm(1);
 * const [updates] = tx.update({ a: np.array([3]), b: np.array([4]) }, tx.init(null));
 * assertAlmostEquals(updates.b.at(0).item(), 0.8, 1e-6);
 * ```
 */
export function clipByGlobalNorm(maxNorm: Scalar): GradientTransformation<null> {
  const c = scalar(maxNorm, "maxNorm", "clipByGlobalNorm", 0);
  return leafwise<null>({
    kind: "clipByGlobalNorm",
    rule: ({ grads }) => {
      const norm = normOf(grads);
      const [small, inverse] = [norm.lt(c), norm.reciprocal()];
      return (g) =>
        emit("where", [small, g, g.mul(inverse.astype(g.dtype)).mul(c).astype(g.dtype)]);
    },
  });
}

/**
 * Scales each leaf down so that the root of the mean of its squares is at most `threshold`.
 *
 * @throws {TypeError | RangeError} when `threshold` is no number, at least 0
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const tx = optax.clipByBlockRms(1);
 * const [updates] = tx.update([np.array([4, -4]), np.array([0.5])], tx.init(null));
 * assertEquals(updates.map((u) => u.toArray()), [[1, -1], [0.5]]);
 * ```
 */
export function clipByBlockRms(threshold: Scalar): GradientTransformation<null> {
  const c = scalar(threshold, "threshold", "clipByBlockRms", 0);
  return leafwise<null>({
    kind: "clipByBlockRms",
    rule: () => (g) => {
      const rms = g.mul(g).mean().sqrt();
      return g.mul(rms.div(c).maximum(1).reciprocal());
    },
  });
}
