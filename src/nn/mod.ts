/**
 * `nn`: the functions that neural networks are made of, as in `jax.nn`.
 *
 * @module
 */
export * from "./activations.ts";
export * from "./attention.ts";
export * from "./classes.ts";
export * from "./conv.ts";
export * from "./pool.ts";
export { logsumexp } from "../numpy/mod.ts";
export type * from "./types.ts";
