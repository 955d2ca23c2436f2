/**
 * The frame of transformations that treat each leaf alike: state, counter and checks are here, the
 * formula is the caller's.
 *
 * @module
 */
import type { Tensor } from "../core/mod.ts";
import type { Gradients } from "../transform/types.ts";
import { safeIncrement, zeroCount } from "./counting.ts";
import { alike, floatLeavesOf, leavesOf, member, memberTensor, rebuilt } from "./leaves.ts";
import type { GradientTransformation } from "./types.ts";

/** What holds for all leaves of one update. */
export interface Update {
  /** The number of this update, from 1; 0 where updates are not counted. */
  readonly count: Tensor;
  /** Updates before this one. */
  readonly before: Tensor;
  /** All leaves of the gradients. */
  readonly grads: readonly Tensor[];
}

/** The values that belong to one leaf, by name. */
export type Slots<N extends string> = Readonly<Record<N, Tensor>>;

/** The formula for one leaf: the update, and the slots that change. */
export type Formula<N extends string> = (
  g: Tensor,
  slots: Slots<N>,
  p: Tensor,
) => Tensor | readonly [Tensor, Slots<N>];

/** A transformation in terms of leaves. */
export interface Rule<N extends string> {
  /** Its name in messages. */
  readonly kind: string;
  /** What each leaf of the state starts as, by the name of the member that holds it. */
  readonly slots?: (Readonly<Record<N, (p: Tensor) => Tensor>>) | undefined;
  /** Whether slots have other shapes than the parameters. */
  readonly loose?: boolean | undefined;
  /** Whether updates are counted. */
  readonly counted?: boolean | undefined;
  /** Whether the formula reads the parameters. */
  readonly needsParams?: boolean | undefined;
  /** What is computed once per update; returns the formula. */
  readonly rule: (update: Update) => Formula<N>;
}

/** Throws a TypeError that says how to give the parameters. */
export function missingParams(kind: string): never {
  throw new TypeError(
    `Cannot update with ${kind} without params: it needs their values: ` +
      `call tx.update(grads, state, params)`,
  );
}

/** Makes a transformation. Its state has a member per slot and `count`; it is null without any. */
export function leafwise<S, N extends string = never>(rule: Rule<N>): GradientTransformation<S> {
  const { kind, loose = false, counted = false } = rule;
  const makers = Object.entries(rule.slots ?? {}) as [N, (p: Tensor) => Tensor][];
  const stateless = makers.length === 0 && !counted;
  const action = `update with ${kind}`;
  return {
    init(params: unknown): S {
      if (stateless) return null as S;
      const state: Record<string, unknown> = counted ? { count: zeroCount() } : {};
      if (makers.length > 0) {
        const p = floatLeavesOf(params, "params", `initialize ${kind}`);
        for (const [name, make] of makers) state[name] = rebuilt(p, p.tensors.map(make));
      }
      return state as S;
    },

    update<U>(updates: U, state: S, params?: unknown): [Gradients<U>, S] {
      const g = floatLeavesOf(updates, "grads", action);
      const old = makers.map(([name]) =>
        alike(g, leavesOf(member(state, name, action), `state.${name}`, action), action, loose)
      );
      let p = g;
      if (rule.needsParams) {
        if (params === undefined || params === null) missingParams(kind);
        p = alike(g, leavesOf(params, "params", action), action);
      }
      const before = counted ? memberTensor(state, "count", action) : zeroCount();
      const count = counted ? safeIncrement(before) : before;
      const formula = rule.rule({ count, before, grads: g.tensors });
      const next: Tensor[][] = makers.map(() => []);
      const out = g.tensors.map((t, i) => {
        const slots = Object.fromEntries(makers.map(([name], k) => [name, old[k]!.tensors[i]!]));
        const result = formula(t, slots as Slots<N>, p.tensors[i]!);
        const [update, after] = Array.isArray(result)
          ? result as [Tensor, Slots<N>]
          : [result as Tensor, slots as Slots<N>];
        makers.forEach(([name], k) => next[k]!.push(after[name].astype(slots[name]!.dtype)));
        return update.astype(t.dtype);
      });
      const after: Record<string, unknown> = counted ? { count } : {};
      makers.forEach(([name], k) => after[name] = rebuilt(old[k]!, next[k]!));
      return [rebuilt(g, out) as Gradients<U>, (stateless ? null : after) as S];
    },
  };
}
