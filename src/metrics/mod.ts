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
  SparseCategoricalAccuracy,
} from "./accuracy.ts";
export { Mean } from "./mean.ts";
export { Metric, type MetricOptions, type UpdateOptions } from "./metric.ts";
