/**
 * Gradients of several steps gathered into one update.
 *
 * @module
 */
import { emit, type Tensor, toTensor } from "../core/mod.ts";
import type { Gradients } from "../transform/types.ts";
import { optionsOf, transformation, whole } from "./check.ts";
import { safeIncrement, zeroCount } from "./counting.ts";
import { alike, choose, floatLeavesOf, leavesOf, member, memberTensor, rebuilt } from "./leaves.ts";
import type { GradientTransformation, OptState } from "./types.ts";

/** Options of {@link MultiSteps}. */
export interface MultiStepsOptions {
  /** Whether to update by the mean of gradients, or else by their sum; default true. */
  useGradMean?: boolean | undefined;
}

/** The state of {@link MultiSteps}. */
export type MultiStepsState<S = OptState> = {
  /** Gradients gathered since the last update, an int32 scalar. */
  miniStep: Tensor;
  /** Updates so far, an int32 scalar. */
  gradientStep: Tensor;
  /** The state of the transformation. */
  innerOptState: S;
  /** The gathered gradients, a tree like the parameters. */
  accGrads: unknown;
};

/**
 * Gathers gradients and updates by their mean every so many steps; in between updates are zeros.
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const tx = new optax.MultiSteps(optax.sgd(1), 2);
 * const params = np.array(0);
 * let state = tx.init(params);
 * let updates;
 * [updates, state] = tx.update(np.array(4), state, params);
 * assertEquals([updates.item(), tx.hasUpdated(state).item()], [0, 0]);
 * [updates, state] = tx.update(np.array(8), state, params);
 * assertEquals([updates.item(), tx.hasUpdated(state).item()], [-6, 1]);
 * ```
 */
export class MultiSteps<S = OptState> implements GradientTransformation<MultiStepsState<S>> {
  readonly #inner: GradientTransformation<S>;
  readonly #every: (gradientStep: Tensor) => Tensor | number;
  readonly #useGradMean: boolean;

  /**
   * Makes it.
   *
   * @param opt the transformation that updates
   * @param everyKSchedule how many steps make an update: an integer, or a function of the updates
   * so far
   * @throws {TypeError} when `opt` is no transformation
   * @throws {RangeError} when the number is no positive integer
   */
  constructor(
    opt: GradientTransformation<S>,
    everyKSchedule: number | ((gradientStep: Tensor) => Tensor | number),
    options: MultiStepsOptions = {},
  ) {
    this.#inner = transformation<S>(opt, "opt", "MultiSteps");
    if (typeof everyKSchedule === "function") this.#every = everyKSchedule;
    else {
      const k = whole(everyKSchedule, "everyKSchedule", "MultiSteps", 1);
      this.#every = () => k;
    }
    this.#useGradMean = optionsOf(options, ["useGradMean"], "MultiSteps").useGradMean ?? true;
  }

  /** The state before the first step. */
  init(params: unknown): MultiStepsState<S> {
    const p = floatLeavesOf(params, "params", "initialize MultiSteps");
    return {
      miniStep: zeroCount(),
      gradientStep: zeroCount(),
      innerOptState: this.#inner.init(params),
      accGrads: rebuilt(p, p.tensors.map((t) => t.zeros())),
    };
  }

  /** The updates, which are zeros unless this step completes one, and the next state. */
  update<U>(
    updates: U,
    state: MultiStepsState<S>,
    params?: unknown,
  ): [updates: Gradients<U>, state: MultiStepsState<S>] {
    const action = "update with MultiSteps";
    const g = floatLeavesOf(updates, "grads", action);
    const old = alike(
      g,
      leavesOf(member(state, "accGrads", action), "state.accGrads", action),
      action,
    );
    const mini = memberTensor(state, "miniStep", action);
    const step = memberTensor(state, "gradientStep", action);
    const inner = member(state, "innerOptState", action) as S;
    const k = toTensor(this.#every(step), action).astype("int32");
    const due = mini.eq(k.sub(1));
    const nth = mini.add(1);
    const sums = g.tensors.map((t, i) => {
      const acc = old.tensors[i]!;
      if (!this.#useGradMean) return acc.add(t);
      return acc.add(t.sub(acc).mul(nth.astype(acc.dtype).reciprocal()));
    });
    const gathered = rebuilt(g, sums.map((t, i) => t.astype(g.tensors[i]!.dtype)));
    const [next, after] = this.#inner.update(gathered, inner, params);
    const zeros = rebuilt(g, g.tensors.map((t) => t.zeros()));
    return [choose(due, next, zeros, action) as Gradients<U>, {
      miniStep: safeIncrement(mini).mod(k),
      gradientStep: emit("where", [due, safeIncrement(step), step]),
      innerOptState: choose(due, after, inner, action) as S,
      accGrads: choose(due, rebuilt(old, sums.map((t) => t.zeros())), rebuilt(old, sums), action),
    }];
  }

  /** Whether the last step completed an update, a bool scalar. */
  hasUpdated(state: MultiStepsState<S>): Tensor {
    const action = "ask MultiSteps for its updates";
    return emit("and", [
      memberTensor(state, "miniStep", action).eq(0),
      memberTensor(state, "gradientStep", action).gt(0),
    ]);
  }
}
