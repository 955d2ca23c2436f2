/**
 * What a gradient transformation is, and what its hyperparameters may be.
 *
 * @module
 */
import type { Tensor, TensorLike } from "../core/mod.ts";
import type { Gradients } from "../transform/types.ts";

/**
 * The state of a transformation: a tree of tensors, to be handed back at the next update. It may go
 * through `jit`, donated or not.
 */
export type OptState = unknown;

/** Turns gradients into updates that are to be added to the parameters. Both functions are pure. */
export interface GradientTransformation<S = OptState> {
  /** The state before the first update. */
  init(params: unknown): S;
  /**
   * The updates, a tree like `updates`, and the next state.
   *
   * @param updates gradients, or what the transformation before this one made of them
   * @param state what `init` or the last `update` returned
   * @param params the parameters; some transformations need them
   */
  update<U>(updates: U, state: S, params?: unknown): [updates: Gradients<U>, state: S];
}

/** A hyperparameter: a number, or a scalar tensor, as `injectHyperparams` passes it. */
export type Scalar = number | Tensor;

/** A hyperparameter as a function of the updates done, which are counted from 0. */
export type Schedule = (count: TensorLike) => Tensor;

/** A hyperparameter that may change: a {@link Schedule}, or any function like one. */
export type ScalarOrSchedule = Scalar | ((count: Tensor) => TensorLike);

/** The state of a transformation that only counts its updates. */
export type CountState = {
  /** Updates done, an int32 scalar. */
  count: Tensor;
};
