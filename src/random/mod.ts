/**
 * Random numbers as JAX draws them: a function of a key and a shape, never of hidden state, and the
 * same bits everywhere.
 *
 * @module
 */
export { bits } from "./bits.ts";
export { foldIn, key, split } from "./key.ts";
export { normal, truncatedNormal } from "./normal.ts";
export type { DrawOptions } from "./options.ts";
export { SeedGenerator, type SeedGeneratorOptions } from "./seed_generator.ts";
export { bernoulli, type BernoulliOptions, uniform, type UniformOptions } from "./uniform.ts";
