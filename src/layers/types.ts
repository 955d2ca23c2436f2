/**
 * What layers take: the options that they share, inputs, and regularizers.
 *
 * @module
 */
import type { DType } from "../base/dtype.ts";
import type { Tensor, TensorLike } from "../core/mod.ts";
import type { Initializer } from "../initializers/mod.ts";

/** What every layer takes. */
export interface LayerOptions {
  /** Its name; default the class name in snake_case, made unique by a number. */
  name?: string | undefined;
  /** Whether its weights are trained; default true. */
  trainable?: boolean | undefined;
  /** Element type of its weights and of the floats it computes with; default "float32". */
  dtype?: DType | undefined;
  /** Whether floating-point inputs are converted to its dtype; default true. */
  autocast?: boolean | undefined;
  /** A penalty on the output, divided by the batch size and added to the losses. */
  activityRegularizer?: RegularizerLike | null | undefined;
}

/** What `call` is told beside its input. */
export interface CallOptions {
  /**
   * Whether this is a training step: Dropout drops, BatchNormalization uses batch statistics. Left
   * out when nobody said, so that `{ training = true }` gives a layer a default of its own.
   */
  training?: boolean | undefined;
}

/** What a weight is made with. */
export interface WeightOptions {
  /** Its shape; default a scalar. */
  shape?: readonly number[] | undefined;
  /** Its first values: an initializer or its name; default glorotUniform (zeros for integers). */
  initializer?: Initializer | string | undefined;
  /** Element type; default the layer's. */
  dtype?: DType | undefined;
  /** Whether optimizers may change it; default true. */
  trainable?: boolean | undefined;
  /** Its name; default "variable", made unique by a number. */
  name?: string | undefined;
  /** A penalty on the weight, added to the losses while it is trainable. */
  regularizer?: RegularizerLike | null | undefined;
}

/** What `statelessCall` takes beside variables and input. */
export interface StatelessCallOptions extends CallOptions {
  /** Whether the losses that layers added are returned as well. */
  returnLosses?: boolean | undefined;
}

/** The sizes of an input, -1 for those that are not known: the batch. */
export type InputShape = readonly number[];

/** An input of type `T` in which every Tensor may be anything that a tensor can be made of. */
export type LayerInput<T> = T extends Tensor ? TensorLike
  : T extends readonly unknown[] ? { readonly [K in keyof T]: LayerInput<T[K]> }
  : T extends object ? { readonly [K in keyof T]: LayerInput<T[K]> }
  : T;

/** A function from a tensor to the scalar that is added to the losses. */
export type Regularizer = (x: Tensor) => Tensor;

/**
 * A penalty: a function, factors of the sum of absolute values (`l1`) and of squares (`l2`), or "l1"
 * or "l2" for a factor of 0.01.
 */
export type RegularizerLike =
  | Regularizer
  | { l1?: number | undefined; l2?: number | undefined }
  | "l1"
  | "l2";

/** What {@link input} takes. */
export interface InputOptions {
  /** Sizes of one example, without the batch axis. */
  shape: readonly number[];
  /** Its name; default "input_layer", made unique by a number. */
  name?: string | undefined;
  /** Element type that given data is converted to; default "float32". */
  dtype?: DType | undefined;
}
