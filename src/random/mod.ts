/**
 * Random numbers as JAX draws them: a function of a key and a shape, never of hidden state, and the
 * same bits everywhere.
 *
 * @module
 */
export * from "./binomial.ts";
export { bits, type BitsOptions } from "./bits.ts";
export * from "./categorical.ts";
export { exponential, gumbel, type GumbelOptions } from "./exponential.ts";
export { gamma, loggamma } from "./gamma.ts";
export * from "./gamma_family.ts";
export { type CountOptions, geometric } from "./geometric.ts";
export { rademacher, type RademacherOptions, randint, type RandintOptions } from "./integers.ts";
export * from "./inverse.ts";
export { foldIn, key, keyData, split, wrapKeyData } from "./key.ts";
export { normal, truncatedNormal } from "./normal.ts";
export * from "./of_normal.ts";
export * from "./orthogonal.ts";
export * from "./permutation.ts";
export * from "./poisson.ts";
export * from "./seed_generator.ts";
export { bernoulli, type BernoulliOptions, uniform, type UniformOptions } from "./uniform.ts";
export type * from "./types.ts";
