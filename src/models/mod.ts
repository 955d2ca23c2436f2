/**
 * Models: graphs of layers.
 *
 * @module
 */
export * from "./model.ts";
export * from "./sequential.ts";
export type { SummaryOptions } from "./summary.ts";
