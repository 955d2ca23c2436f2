/**
 * Hyperparameters in the state, where they can be read and changed without compiling anew.
 *
 * @module
 */
import { formatValue } from "../base/mod.ts";
import { leaves } from "../base/tree.ts";
import { isLeaf, isTensor, literal, type Tensor, toTensor } from "../core/mod.ts";
import type { Gradients } from "../transform/types.ts";
import { scalarOrSchedule, transformation } from "./check.ts";
import { safeIncrement, zeroCount } from "./counting.ts";
import { member, memberTensor } from "./leaves.ts";
import { valueAt } from "./scale.ts";
import type { CountState, GradientTransformation, OptState, ScalarOrSchedule } from "./types.ts";

/** The state of {@link injectHyperparams}. */
export type InjectHyperparamsState<N extends string, S = OptState> = CountState & {
  /** The hyperparameters in force, scalars; those without a schedule can be replaced. */
  hyperparams: Record<N, Tensor>;
  /** The state of the transformation that they make. */
  innerState: S;
};

/**
 * Keeps the hyperparameters of a transformation in its state.
 *
 * JavaScript has no named arguments, so the factory takes one object of them: it is called at each
 * update with tensors in place of numbers and schedules. Replace one by a tensor,
 * `state.hyperparams.learningRate = np.array(0.01)`; a plain number would compile once more.
 *
 * @param factory makes the transformation of hyperparameters
 * @returns a function that takes the hyperparameters, numbers or schedules, and gives the
 * transformation
 * @throws {TypeError} when the factory gives no transformation, or a hyperparameter is neither number
 * nor schedule
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const inject = optax.injectHyperparams((h) => optax.sgd(h.learningRate!));
 * const tx = inject({ learningRate: 0.5 });
 * const state = tx.init(np.array(0));
 * assertEquals(state.hyperparams.learningRate.item(), 0.5);
 * state.hyperparams.learningRate = np.array(2);
 * assertEquals(tx.update(np.array(3), state)[0].item(), -6);
 * ```
 */
export function injectHyperparams<S>(
  factory: (hyperparams: Readonly<Record<string, Tensor>>) => GradientTransformation<S>,
): <N extends string>(
  hyperparams: Readonly<Record<N, ScalarOrSchedule>>,
) => GradientTransformation<InjectHyperparamsState<N, S>> {
  const kind = "injectHyperparams";
  if (typeof factory !== "function") {
    throw new TypeError(
      `Cannot make ${kind} of ${formatValue(factory)}: wanted a function of hyperparameters, ` +
        `as (h) => optax.adam(h.learningRate)`,
    );
  }
  const made = (hyperparams: Record<string, Tensor>): GradientTransformation<S> =>
    transformation<S>(factory(hyperparams), "the result of the factory", kind);
  return <N extends string>(hyperparams: Readonly<Record<N, ScalarOrSchedule>>) => {
    if (typeof hyperparams !== "object" || hyperparams === null) {
      throw new TypeError(
        `Cannot make ${kind} with ${formatValue(hyperparams)}: wanted hyperparameters by name, ` +
          `as { learningRate: 0.001 }`,
      );
    }
    const given = Object.entries(hyperparams) as [N, ScalarOrSchedule][];
    for (const [name, value] of given) scalarOrSchedule(value, name, kind);
    return {
      init(params: unknown): InjectHyperparamsState<N, S> {
        const wide = leaves(params).some((x) => isLeaf(x) && toTensor(x).dtype === "float64");
        const dtype = wide ? "float64" : "float32";
        const count = zeroCount();
        const values = Object.fromEntries(given.map(([name, value]) => [
          name,
          typeof value === "function"
            ? valueAt(value, count, dtype, kind)
            : isTensor(value)
            ? value
            : literal(value, dtype),
        ])) as Record<N, Tensor>;
        return { count, hyperparams: values, innerState: made(values).init(params) };
      },
      update<U>(
        updates: U,
        state: InjectHyperparamsState<N, S>,
        params?: unknown,
      ): [Gradients<U>, InjectHyperparamsState<N, S>] {
        const action = `update with ${kind}`;
        const count = memberTensor(state, "count", action);
        const held = member(state, "hyperparams", action);
        const values = Object.fromEntries(given.map(([name, value]) => {
          const now = memberTensor(held, name, action);
          const dtype = now.dtype;
          const next = typeof value === "function" ? valueAt(value, count, dtype, kind) : now;
          return [name, next.aval.weak ? next.add(literal(0, dtype)) : next];
        })) as Record<N, Tensor>;
        const inner = member(state, "innerState", action) as S;
        const [after, innerState] = made(values).update(updates, inner, params);
        return [after, { count: safeIncrement(count), hyperparams: values, innerState }];
      },
    };
  };
}
