/**
 * First values of weights: factories of functions from a shape to a tensor, with the formulas and
 * the numbers of Keras.
 *
 * @module
 */
export {
  constant,
  type ConstantOptions,
  identity,
  type IdentityOptions,
  ones,
  zeros,
} from "./constants.ts";
export {
  type NormalOptions,
  randomNormal,
  randomUniform,
  type RandomUniformOptions,
  truncatedNormal,
} from "./draws.ts";
export { get } from "./get.ts";
export type { Initializer, InitializerOptions, SeedOptions } from "./initializer.ts";
export { orthogonal, type OrthogonalOptions } from "./orthogonal.ts";
export {
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  lecunNormal,
  lecunUniform,
  varianceScaling,
  type VarianceScalingOptions,
} from "./variance_scaling.ts";
