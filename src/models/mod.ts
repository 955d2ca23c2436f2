/**
 * Models: graphs of layers.
 *
 * @module
 */
export * from "./model.ts";
export * from "./sequential.ts";
export type * from "./types.ts";
