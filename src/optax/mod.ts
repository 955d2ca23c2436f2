/**
 * `optax`: gradient transformations, small pure functions that are chained into optimizers, and
 * schedules.
 *
 * @module
 */
export * from "./adabelief.ts";
export * from "./adadelta.ts";
export * from "./adafactor.ts";
export * from "./adagrad.ts";
export { adam, adamw, nadam, nadamw, scaleByAdam } from "./adam.ts";
export type { AdamOptions, AdamState, AdamWOptions, ScaleByAdamState } from "./adam.ts";
export * from "./adamax.ts";
export { addDecayedWeights } from "./add_decayed_weights.ts";
export * from "./add_noise.ts";
export * from "./amsgrad.ts";
export * from "./apply_updates.ts";
export { chain, identity, setToZero } from "./chain.ts";
export * from "./clip.ts";
export { safeIncrement } from "./counting.ts";
export * from "./ema.ts";
export * from "./finite.ts";
export * from "./inject_hyperparams.ts";
export * from "./lion.ts";
export * from "./lookahead.ts";
export { type Mask, masked, type MaskedState } from "./masked.ts";
export * from "./multi_steps.ts";
export * from "./multi_transform.ts";
export * from "./novograd.ts";
export * from "./radam.ts";
export * from "./rms.ts";
export { scale, scaleByLearningRate, scaleBySchedule, scaleBySign } from "./scale.ts";
export * from "./schedules/mod.ts";
export {
  sgd,
  type SgdOptions,
  signSgd,
  trace,
  type TraceOptions,
  type TraceState,
} from "./trace.ts";
export {
  lamb,
  type LambOptions,
  scaleByParamBlockRms,
  scaleByTrustRatio,
  type TrustRatioOptions,
} from "./trust_ratio.ts";
export type * from "./types.ts";
export * from "./yogi.ts";
