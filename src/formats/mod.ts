/**
 * File formats of arrays: bytes to HostArrays and back, and files that are read and written whole.
 * Pipelines, datasets, models and `io` share them.
 *
 * @module
 */
export * from "./files.ts";
export { parseIdx } from "./idx.ts";
export { formatNpy, parseNpy } from "./npy.ts";
export { formatNpz, parseNpz } from "./npz.ts";
export * from "./safetensors.ts";
export { formatSealed, isSealed, parseSealed } from "./sealed.ts";
