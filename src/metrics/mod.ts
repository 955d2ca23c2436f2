/**
 * Metrics: running figures over many batches, whose state can live in variables or travel through
 * stateless calls.
 *
 * @module
 */
export * from "./accuracy.ts";
export * from "./mean.ts";
export * from "./metric.ts";
export type * from "./running_mean.ts";
