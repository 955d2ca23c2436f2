/**
 * Activations: functions of one tensor between the layers of a model, with the names, the defaults
 * and the derivatives at kinks of Keras.
 *
 * @module
 */
export * from "./get.ts";
export * from "./glu.ts";
export * from "./pieces.ts";
export * from "./smooth.ts";
export {
  elu,
  type EluOptions,
  logSigmoid,
  logSoftmax,
  mish,
  relu6,
  selu,
  sigmoid,
  silu,
  softmax,
  type SoftmaxOptions,
  softplus,
  softSign as softsign,
  swish,
  tanh,
} from "../nn/mod.ts";
export type * from "./types.ts";
