/**
 * What is done when gradients are not finite.
 *
 * @module
 */
import { emit, literal, type Tensor } from "../core/mod.ts";
import type { Gradients } from "../transform/types.ts";
import { transformation, whole } from "./check.ts";
import { safeIncrement, zeroCount } from "./counting.ts";
import { leafwise } from "./leafwise.ts";
import { choose, floatLeavesOf, member, memberTensor, rebuilt } from "./leaves.ts";
import type { GradientTransformation, OptState } from "./types.ts";

/** The state of {@link zeroNans}. */
export type ZeroNansState = {
  /** Which leaves held a NaN at the last update: a tree of booleans like the parameters. */
  foundNan: unknown;
};

/** The state of {@link applyIfFinite}. */
export type ApplyIfFiniteState<S = OptState> = {
  /** Bad updates in a row, an int32 scalar. */
  notfiniteCount: Tensor;
  /** Whether the last update was finite, a bool scalar. */
  lastFinite: Tensor;
  /** Bad updates so far, an int32 scalar. */
  totalNotfinite: Tensor;
  /** The state of the transformation. */
  innerState: S;
};

/**
 * Puts zeros in the place of NaN.
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const tx = optax.zeroNans();
 * const params = np.array([1, 2]);
 * const [updates] = tx.update(np.array([NaN, 3]), tx.init(params));
 * assertEquals(updates.toArray(), [0, 3]);
 * ```
 */
export function zeroNans(): GradientTransformation<ZeroNansState> {
  return leafwise<ZeroNansState, "foundNan">({
    kind: "zeroNans",
    loose: true,
    slots: { foundNan: (p) => p.zeros([]).astype("bool") },
    rule: () => (g) => {
      const bad = g.isnan();
      return [emit("where", [bad, g.zeros([]), g]), { foundNan: bad.any() }];
    },
  });
}

/**
 * Skips updates that hold NaN or infinities: they become zeros and the state stays. After more than
 * `maxConsecutiveErrors` in a row they are applied nevertheless.
 *
 * @throws {TypeError} when `inner` is no transformation
 * @throws {RangeError} when the number is no integer, at least 0
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const tx = optax.applyIfFinite(optax.sgd(1), 5);
 * const params = np.array([1, 2]);
 * const [updates, state] = tx.update(np.array([Infinity, 3]), tx.init(params), params);
 * assertEquals(updates.toArray(), [0, 0]);
 * assertEquals(state.totalNotfinite.item(), 1);
 * ```
 */
export function applyIfFinite<S>(
  inner: GradientTransformation<S>,
  maxConsecutiveErrors: number,
): GradientTransformation<ApplyIfFiniteState<S>> {
  const kind = "applyIfFinite";
  transformation(inner, "inner", kind);
  whole(maxConsecutiveErrors, "maxConsecutiveErrors", kind, 0);
  const action = `update with ${kind}`;
  return {
    init: (params: unknown): ApplyIfFiniteState<S> => ({
      notfiniteCount: zeroCount(),
      lastFinite: literal(1, "bool"),
      totalNotfinite: zeroCount(),
      innerState: inner.init(params),
    }),
    update<U>(
      updates: U,
      state: ApplyIfFiniteState<S>,
      params?: unknown,
    ): [Gradients<U>, ApplyIfFiniteState<S>] {
      const g = floatLeavesOf(updates, "grads", action);
      const before = memberTensor(state, "notfiniteCount", action);
      const total = memberTensor(state, "totalNotfinite", action);
      const old = member(state, "innerState", action) as S;
      const finite = g.tensors.map((t) => t.isfinite().all())
        .reduce((a, b) => emit("and", [a, b]), literal(1, "bool"));
      const count = emit("where", [finite, zeroCount(), safeIncrement(before)]);
      const applied = emit("or", [finite, count.gt(maxConsecutiveErrors)]);
      const [next, innerState] = inner.update(updates, old, params);
      const zeros = rebuilt(g, g.tensors.map((t) => t.zeros()));
      return [choose(applied, next, zeros, action) as Gradients<U>, {
        notfiniteCount: count,
        lastFinite: finite,
        totalNotfinite: emit("where", [finite, total, safeIncrement(total)]),
        innerState: choose(applied, innerState, old, action) as S,
      }];
    },
  };
}
