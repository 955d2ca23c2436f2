/**
 * Weight decay as a transformation.
 *
 * @module
 */
import type { Tensor } from "../core/mod.ts";
import { optionsOf, scalarOrSchedule } from "./check.ts";
import { perDType } from "./counting.ts";
import { leafwise } from "./leafwise.ts";
import { type Mask, masked } from "./masked.ts";
import { valueAt } from "./scale.ts";
import type { CountState, GradientTransformation, OptState, ScalarOrSchedule } from "./types.ts";

/**
 * Adds a part of each weight to its update. Needs params.
 *
 * @param weightDecay the part, a number or a schedule; default 0
 * @param options `mask`: which weights decay: a tree of booleans, or a function that gives it
 * @throws {TypeError | RangeError} when the decay is neither a finite number nor a schedule
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const tx = optax.addDecayedWeights(0.5, { mask: { w: true, b: false } });
 * const params = { w: np.array([4]), b: np.array([4]) };
 * const grads = { w: np.array([1]), b: np.array([1]) };
 * const [updates] = tx.update(grads, tx.init(params), params);
 * assertEquals([updates.w.toArray(), updates.b.toArray()], [[3], [1]]);
 * ```
 */
export function addDecayedWeights(
  weightDecay: ScalarOrSchedule = 0,
  options: { mask?: Mask | null | undefined } = {},
): GradientTransformation<OptState> {
  const { mask = null } = optionsOf(options, ["mask"], "addDecayedWeights");
  return decayAs("addDecayedWeights", weightDecay, mask);
}

/** The same, with the name of the optimizer that it is part of. */
export function decayAs(
  kind: string,
  weightDecay: ScalarOrSchedule,
  mask: Mask | null,
): GradientTransformation<OptState> {
  const decay = scalarOrSchedule(weightDecay, "weightDecay", kind);
  const scheduled = typeof decay === "function";
  const tx = leafwise<CountState | null>({
    kind,
    counted: scheduled,
    needsParams: true,
    rule: ({ before }) => {
      if (decay === 0) return (g) => g;
      if (!scheduled) return (g, _slots, p: Tensor) => g.add(p.mul(decay));
      const part = perDType((dtype) => valueAt(decay, before, dtype, kind));
      return (g, _slots, p: Tensor) => g.add(p.mul(part(p.dtype)));
    },
  });
  return mask === null ? tx : masked(tx, mask);
}
