/**
 * Metrics: running figures over many batches, whose state can live in variables or travel through
 * stateless calls.
 *
 * @module
 */
export {
  BinaryAccuracy,
  type BinaryAccuracyOptions,
  CategoricalAccuracy,
  type MeanOf,
  SparseCategoricalAccuracy,
} from "./accuracy.ts";
export { Mean, type RunningMean } from "./mean.ts";
export * from "./metric.ts";
