/**
 * Transformations one after the other, and the two simplest ones.
 *
 * @module
 */
import { formatValue } from "../base/mod.ts";
import type { Gradients } from "../transform/types.ts";
import { transformation } from "./check.ts";
import { leafwise } from "./leafwise.ts";
import type { GradientTransformation, OptState } from "./types.ts";

/**
 * Applies transformations one after the other; the order matters. Its state is the list of theirs.
 *
 * @throws {TypeError} when one of them is no transformation
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const tx = optax.chain(optax.clip(1), optax.scale(-0.5));
 * const params = { w: np.array([1, 1]) };
 * const [updates] = tx.update({ w: np.array([8, -0.5]) }, tx.init(params), params);
 * assertEquals(updates.w.toArray(), [-0.5, 0.25]);
 * ```
 */
export function chain<S extends readonly OptState[]>(
  ...transformations: { [K in keyof S]: GradientTransformation<S[K]> }
): GradientTransformation<S> {
  const all = (transformations as unknown[]).map((tx, i) =>
    transformation<OptState>(tx, `argument ${i}`, "chain")
  );
  return {
    init(params: unknown): S {
      return all.map((tx) => tx.init(params)) as unknown as S;
    },
    update<U>(updates: U, state: S, params?: unknown): [Gradients<U>, S] {
      if (!Array.isArray(state) || state.length !== all.length) {
        throw new TypeError(
          `Cannot update with a chain of ${all.length} with the state ${formatValue(state)}: ` +
            `wanted a list of ${all.length} states: give what init(params) or the last update ` +
            `returned`,
        );
      }
      let now: unknown = updates;
      const next = all.map((tx, i) => {
        const [after, s] = tx.update(now, state[i], params);
        now = after;
        return s;
      });
      return [now as Gradients<U>, next as unknown as S];
    },
  };
}

/**
 * Leaves updates as they are.
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const tx = optax.identity();
 * assertEquals(tx.update([np.array(3)], tx.init(null))[0][0]!.item(), 3);
 * ```
 */
export function identity(): GradientTransformation<null> {
  return identityAs("identity");
}

/** The same, with the name of the optimizer that it is part of. */
export function identityAs(kind: string): GradientTransformation<null> {
  return leafwise<null>({ kind, rule: () => (g) => g });
}

/**
 * Makes every update zero: for parameters that are to stay.
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const tx = optax.setToZero();
 * assertEquals(tx.update([np.array([3, 4])], tx.init(null))[0][0]!.toArray(), [0, 0]);
 * ```
 */
export function setToZero(): GradientTransformation<null> {
  return leafwise<null>({ kind: "setToZero", rule: () => (g) => g.zeros() });
}
