/**
 * `nn`: the functions that neural networks are made of, as in `jax.nn`.
 *
 * @module
 */
export {
  elu,
  type EluOptions,
  gelu,
  type GeluOptions,
  leakyRelu,
  type LeakyReluOptions,
  logSigmoid,
  mish,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softplus,
  softSign,
  swish,
  tanh,
} from "./activations.ts";
export * from "./attention.ts";
export * from "./classes.ts";
export * from "./conv.ts";
export * from "./pool.ts";
export type { Padding, PerAxis } from "./window.ts";
export { logsumexp } from "../numpy/mod.ts";
