/**
 * Models: graphs of layers.
 *
 * @module
 */
export { Model, type ModelOptions, type Tensors } from "./model.ts";
export { Sequential } from "./sequential.ts";
export type { SummaryOptions } from "./summary.ts";
