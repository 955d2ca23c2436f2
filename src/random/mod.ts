/**
 * Random numbers as JAX draws them: a function of a key and a shape, never of hidden state, and the
 * same bits everywhere.
 *
 * @module
 */
export { binomial, multinomial } from "./binomial.ts";
export { bits, type BitsOptions } from "./bits.ts";
export { categorical, type CategoricalOptions } from "./categorical.ts";
export { exponential, gumbel, type GumbelOptions } from "./exponential.ts";
export { gamma, loggamma } from "./gamma.ts";
export {
  ball,
  type BallOptions,
  beta,
  chisquare,
  dirichlet,
  f,
  generalizedNormal,
  t,
} from "./gamma_family.ts";
export { type CountOptions, geometric } from "./geometric.ts";
export { rademacher, type RademacherOptions, randint, type RandintOptions } from "./integers.ts";
export { cauchy, laplace, logistic, pareto, rayleigh, triangular, weibullMin } from "./inverse.ts";
export { foldIn, key, keyData, split, wrapKeyData } from "./key.ts";
export { normal, truncatedNormal } from "./normal.ts";
export { doubleSidedMaxwell, lognormal, maxwell, wald } from "./of_normal.ts";
export type { DrawOptions } from "./options.ts";
export { orthogonal, type OrthogonalOptions } from "./orthogonal.ts";
export { choice, type ChoiceOptions, permutation, type PermutationOptions } from "./permutation.ts";
export { poisson } from "./poisson.ts";
export { SeedGenerator, type SeedGeneratorOptions } from "./seed_generator.ts";
export { bernoulli, type BernoulliOptions, uniform, type UniformOptions } from "./uniform.ts";
