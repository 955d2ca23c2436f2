/**
 * Random numbers as JAX draws them: a function of a key and a shape, never of hidden state, and the
 * same bits everywhere.
 *
 * @module
 */
export { bits, type BitsOptions } from "./bits.ts";
export { exponential, gumbel } from "./exponential.ts";
export {
  categorical,
  type CategoricalOptions,
  permutation,
  randint,
  type RandintOptions,
} from "./integers.ts";
export { foldIn, key, split } from "./key.ts";
export { normal, truncatedNormal } from "./normal.ts";
export type { DrawOptions } from "./options.ts";
export { SeedGenerator, type SeedGeneratorOptions } from "./seed_generator.ts";
export { bernoulli, type BernoulliOptions, uniform, type UniformOptions } from "./uniform.ts";
