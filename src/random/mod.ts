/**
 * Random numbers as JAX draws them: a function of a key and a shape, never of hidden state, and the
 * same bits everywhere.
 *
 * @module
 */
export * from "./binomial.ts";
export * from "./bits.ts";
export * from "./categorical.ts";
export * from "./exponential.ts";
export * from "./gamma.ts";
export * from "./gamma_family.ts";
export * from "./integers.ts";
export * from "./inverse.ts";
export * from "./key.ts";
export * from "./normal.ts";
export * from "./of_normal.ts";
export * from "./orthogonal.ts";
export * from "./permutation.ts";
export * from "./poisson.ts";
export * from "./seed_generator.ts";
export * from "./uniform.ts";
export type * from "./types.ts";
