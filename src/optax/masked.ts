/**
 * A transformation for some leaves only.
 *
 * @module
 */
import { flatten, leaves, unflatten } from "../base/tree.ts";
import { toTensor } from "../core/mod.ts";
import type { Gradients } from "../transform/types.ts";
import { transformation } from "./check.ts";
import { alike, leavesOf, member } from "./leaves.ts";
import { type Labels, spread } from "./prefix.ts";
import type { GradientTransformation, OptState } from "./types.ts";

/**
 * Which leaves of a tree are meant: a tree of booleans, in which one may stand for a whole branch,
 * or a function that gives it for a tree of parameters or updates.
 */
export type Mask =
  | boolean
  | null
  | readonly Mask[]
  | { readonly [key: string]: Mask }
  | ((tree: unknown) => unknown);

/** The state of {@link masked}. */
export type MaskedState<S = OptState> = {
  /** That of the transformation, of trees in which null stands for what is masked out. */
  innerState: S;
};

const FLAGS: Labels<boolean> = {
  is: (x): x is boolean => typeof x === "boolean",
  words: "booleans",
  root: "mask",
};

/**
 * Applies a transformation to the leaves whose mask is true; the others pass unchanged.
 *
 * @throws {TypeError} when `inner` is no transformation; when the mask does not fit a tree, it names
 * the path
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const tx = optax.masked(optax.scale(10), { w: true, rest: false });
 * const grads = { w: np.array(1), rest: [np.array(2), np.array(3)] };
 * const [updates] = tx.update(grads, tx.init(grads));
 * assertEquals([updates.w.item(), updates.rest[0]!.item()], [10, 2]);
 * ```
 */
export function masked<S>(
  inner: GradientTransformation<S>,
  mask: Mask,
): GradientTransformation<MaskedState<S>> {
  transformation(inner, "inner", "masked");
  return maskedBy(inner, "masked", (tree, action) => {
    const given = typeof mask === "function" ? mask(tree) : mask;
    return spread(given, tree, FLAGS, action);
  });
}

/** The same, with a function that tells for each leaf of a tree, in order, whether it is meant. */
export function maskedBy<S>(
  inner: GradientTransformation<S>,
  kind: string,
  flagsOf: (tree: unknown, action: string) => boolean[],
): GradientTransformation<MaskedState<S>> {
  const keep = (tree: unknown, flags: readonly boolean[]): unknown => {
    const [all, shape] = flatten(tree);
    return unflatten(shape, all.map((leaf, i) => flags[i] ? leaf : null));
  };
  return {
    init(params: unknown): MaskedState<S> {
      const flags = flagsOf(params, `initialize ${kind}`);
      return { innerState: inner.init(keep(params, flags)) };
    },
    update<U>(
      updates: U,
      state: MaskedState<S>,
      params?: unknown,
    ): [Gradients<U>, MaskedState<S>] {
      const action = `update with ${kind}`;
      const flags = flagsOf(updates, action);
      if (params !== undefined && params !== null) {
        alike(leavesOf(updates, "grads", action), leavesOf(params, "params", action), action);
        params = keep(params, flags);
      }
      const [after, innerState] = inner.update(
        keep(updates, flags),
        member(state, "innerState", action) as S,
        params,
      );
      const [all, shape] = flatten(updates);
      const changed = leaves(after);
      let at = 0;
      const merged = all.map((leaf, i) => toTensor((flags[i] ? changed[at++] : leaf) as number));
      return [unflatten(shape, merged) as Gradients<U>, { innerState }];
    },
  };
}
