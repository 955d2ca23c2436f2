/**
 * What is done with updates: added to parameters; and means of parameters over steps.
 *
 * @module
 */
import { formatValue } from "../base/mod.ts";
import { emit, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import type { Gradients } from "../transform/types.ts";
import { rest, scalar } from "./check.ts";
import { alike, leavesOf, rebuilt } from "./leaves.ts";
import type { Scalar } from "./types.ts";

/** Joins two trees leaf by leaf, in the dtypes of the first. */
function joined<P>(
  first: readonly [unknown, string],
  second: readonly [unknown, string],
  action: string,
  join: (a: Tensor, b: Tensor) => Tensor,
): Gradients<P> {
  const a = leavesOf(...first, action);
  const b = alike(a, leavesOf(...second, action), action);
  const leaves = a.tensors.map((t, i) => join(t, b.tensors[i]!).astype(t.dtype));
  return rebuilt(a, leaves) as Gradients<P>;
}

/**
 * Adds updates to parameters; the results have the dtypes of the parameters.
 *
 * @throws {TypeError} when the trees differ in structure; it names the path
 * @throws {RangeError} when a shape differs; it names the leaf
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const params = { w: np.array([1, 2]) };
 * const next = optax.applyUpdates(params, { w: np.array([0.5, -1]) });
 * assertEquals(next.w.toArray(), [1.5, 1]);
 * ```
 */
export function applyUpdates<P>(params: P, updates: unknown): Gradients<P> {
  return joined([params, "params"], [updates, "updates"], "apply updates", (p, u) => p.add(u));
}

/**
 * A step from old values towards new ones: `stepSize * new + (1 - stepSize) * old`.
 *
 * @param stepSize how far to go, 0..1
 * @throws {TypeError | RangeError} when the trees differ (it names the leaf), or the step size is no
 * finite number and no scalar
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const mean = optax.incrementalUpdate([np.array(8)], [np.array(0)], 0.25);
 * assertEquals(mean[0]!.item(), 2);
 * ```
 */
export function incrementalUpdate<P>(
  newTensors: P,
  oldTensors: unknown,
  stepSize: Scalar,
): Gradients<P> {
  const step = scalar(stepSize, "stepSize", "incrementalUpdate");
  return joined(
    [newTensors, "newTensors"],
    [oldTensors, "oldTensors"],
    "update incrementally",
    (a, b) => a.mul(step).add(b.mul(rest(step))),
  );
}

/**
 * The new values every so many steps, else the old ones.
 *
 * @param steps how many steps were done, an integer scalar
 * @param updatePeriod new values are taken when `steps` is a multiple of it
 * @throws {TypeError | RangeError} when the trees differ, or the period is no positive integer
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const at = (n: number) => optax.periodicUpdate(np.array(1), np.array(0), n, 3).item();
 * assertEquals([at(3), at(4), at(6)], [1, 0, 1]);
 * ```
 */
export function periodicUpdate<P>(
  newTensors: P,
  oldTensors: unknown,
  steps: TensorLike,
  updatePeriod: number,
): Gradients<P> {
  if (!Number.isSafeInteger(updatePeriod) || updatePeriod < 1) {
    throw new RangeError(
      `Cannot update every ${formatValue(updatePeriod)} steps: wanted a positive integer`,
    );
  }
  const due = toTensor(steps, "count").mod(updatePeriod).eq(0);
  return joined(
    [newTensors, "newTensors"],
    [oldTensors, "oldTensors"],
    "update periodically",
    (a, b) => emit("where", [due, a, b.astype(a.dtype)]),
  );
}
