/**
 * Lookahead: slow parameters that follow fast ones.
 *
 * @module
 */
import { emit, type Tensor } from "../core/mod.ts";
import type { Gradients } from "../transform/types.ts";
import { number, optionsOf, transformation, whole } from "./check.ts";
import { zeroCount } from "./counting.ts";
import { alike, choose, leavesOf, member, memberTensor, rebuilt } from "./leaves.ts";
import { missingParams } from "./leafwise.ts";
import type { GradientTransformation, OptState } from "./types.ts";

/** Two sets of parameters of the same structure, or updates of them. */
export type LookaheadParams<P = unknown> = {
  /** Those that are trained, and that gradients are taken of. */
  fast: P;
  /** Those that follow, for use after training. */
  slow: P;
};

/** The state of {@link lookahead}. */
export type LookaheadState<S = OptState> = {
  /** The state of the transformation of the fast parameters. */
  fastState: S;
  /** Steps since the last meeting, an int32 scalar. */
  stepsSinceSync: Tensor;
};

/** A transformation of two sets of parameters. */
export interface LookaheadTransformation<S> {
  /** The state before the first update; takes both sets. */
  init(params: LookaheadParams): LookaheadState<S>;
  /** Updates of both sets, from gradients of the fast one. */
  update<U>(
    updates: U,
    state: LookaheadState<S>,
    params: LookaheadParams,
  ): [updates: LookaheadParams<Gradients<U>>, state: LookaheadState<S>];
}

/**
 * Both sets of parameters, equal at the start.
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const params = optax.lookaheadParams({ w: np.array(1) });
 * assertEquals([params.fast.w.item(), params.slow.w.item()], [1, 1]);
 * ```
 */
export function lookaheadParams<P>(params: P): LookaheadParams<P> {
  return { fast: params, slow: params };
}

/**
 * Lookahead (Zhang and others, 2019): every so many steps the slow parameters go a part of the way to
 * the fast ones, which start anew from there.
 *
 * @param fastOptimizer the transformation of the fast parameters
 * @param syncPeriod steps between meetings
 * @param slowStepSize the part of the way, 0..1
 * @param options `resetState`: whether the transformation starts anew as well; default false
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const tx = optax.lookahead(optax.sgd(1), 1, 0.5);
 * const params = optax.lookaheadParams(np.array(1));
 * const [updates] = tx.update(np.array(4), tx.init(params), params);
 * const next = optax.applyUpdates(params, updates);
 * assertEquals([next.fast.item(), next.slow.item()], [-1, -1]);
 * ```
 */
export function lookahead<S>(
  fastOptimizer: GradientTransformation<S>,
  syncPeriod: number,
  slowStepSize: number,
  options: { resetState?: boolean | undefined } = {},
): LookaheadTransformation<S> {
  const kind = "lookahead";
  transformation(fastOptimizer, "fastOptimizer", kind);
  whole(syncPeriod, "syncPeriod", kind, 1);
  number(slowStepSize, "slowStepSize", kind, 0, 1);
  const { resetState = false } = optionsOf(options, ["resetState"], kind);
  const action = `update with ${kind}`;
  return {
    init: (params: LookaheadParams): LookaheadState<S> => ({
      fastState: fastOptimizer.init(member(params, "fast", `initialize ${kind}`)),
      stepsSinceSync: zeroCount(),
    }),
    update<U>(
      updates: U,
      state: LookaheadState<S>,
      params: LookaheadParams,
    ): [LookaheadParams<Gradients<U>>, LookaheadState<S>] {
      if (params === undefined || params === null) missingParams(kind);
      const steps = memberTensor(state, "stepsSinceSync", action);
      const old = member(state, "fastState", action) as S;
      const fast = leavesOf(params.fast, "params.fast", action);
      const slow = alike(fast, leavesOf(params.slow, "params.slow", action), action);
      const [u, next] = fastOptimizer.update(updates, old, params.fast);
      const step = alike(fast, leavesOf(u, "updates", action), action);
      const due = steps.eq(syncPeriod - 1);
      const pairs = step.tensors.map((t, i) => {
        const away = fast.tensors[i]!.add(t).sub(slow.tensors[i]!);
        return {
          fast: emit("where", [due, t.sub(away.mul(1 - slowStepSize)).astype(t.dtype), t]),
          slow: emit("where", [due, away.mul(slowStepSize), away.zeros()]),
        };
      });
      const both = {
        fast: rebuilt(step, pairs.map((p) => p.fast)) as Gradients<U>,
        slow: rebuilt(step, pairs.map((p) => p.slow)) as Gradients<U>,
      };
      const fastState = resetState
        ? choose(due, fastOptimizer.init(params.fast), next, action) as S
        : next;
      return [both, { fastState, stepsSinceSync: steps.add(1).mod(syncPeriod) }];
    },
  };
}
