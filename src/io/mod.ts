/**
 * What is trained can be kept: arrays in npy, npz and safetensors files, and the whole state of a
 * training in checkpoints.
 *
 * @module
 */
export * from "./arrays.ts";
export type { Safetensors } from "../formats/safetensors.ts";
export * from "./checkpoint.ts";
export * from "./manager.ts";
